package graph

import (
	"context"
	"sync"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/access"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/timeclock"
)

// loaders are the look-ups of one request. A relation that others point at adds its line here.
type loaders struct {
	tillLoaders
	auditLoaders

	company    loader.Loader[id.Company, *company.Company]
	store      loader.Loader[id.Store, *company.Store]
	register   loader.Loader[id.Register, *company.Register]
	user       loader.Loader[id.User, *staff.User]
	customRole loader.Loader[id.CustomRole, *access.CustomRole]
	session    loader.Loader[id.Session, *staff.Session]
	invitation loader.Loader[id.UserInvitation, *staff.Invitation]
	security   loader.Loader[id.User, *staff.Security]
	timeEntry  loader.Loader[id.TimeEntry, *timeclock.Entry]
	pauses     loader.Loader[id.TimeEntry, []*timeclock.Break]
	timeChange loader.Loader[id.TimeEntry, []*timeclock.Change]
	category   loader.Loader[id.Category, *catalog.Category]
	product    loader.Loader[id.Product, *catalog.Product]
	storePrice loader.Loader[id.StorePrice, *catalog.StorePrice]
	level      loader.Loader[id.InventoryLevel, *inventory.Level]
	sale       loader.Loader[id.Sale, *sale.Sale]
	line       loader.Loader[id.SaleLine, *sale.Line]
	payment    loader.Loader[id.Payment, *sale.Payment]

	barcodes loader.Loader[id.Product, []string]
	price    loader.Loader[catalog.At, *catalog.Price]
	lines    loader.Loader[id.Sale, []*sale.Line]
	payments loader.Loader[id.Sale, []*sale.Payment]

	returnsLoaders
	receiptLoaders
	taxLoaders
	supportLoaders
	appLoaders
	approvalLoaders
	batchLoaders
	reportLoaders
	storesOfUser loader.Loader[id.User, []*staff.StoreAccess]

	registersOfStore *loader.Pages[id.Store, company.Register]
	salesOfStore     *loader.Pages[id.Store, sale.Sale]
	salesOfRegister  *loader.Pages[id.Register, sale.Sale]
	movement         loader.Loader[id.StockMovement, *inventory.Movement]
	movementsOfLevel *loader.Pages[id.InventoryLevel, inventory.Movement]
	stockOfStore     *loader.Pages[id.Store, inventory.Level]
	stockOfProduct   *loader.Pages[id.Product, inventory.Level]
	pricesOfProduct  *loader.Pages[id.Product, catalog.StorePrice]
	childrenOf       *loader.Pages[id.Category, catalog.Category]
	productsOf       *loader.Pages[id.Category, catalog.Product]

	customerLoaders

	catalogueLoaders
}

func (r *Resolver) newLoaders() *loaders {
	return &loaders{
		tillLoaders: r.newTillLoaders(),

		company:    loader.ByKey(r.companies.Companies, (*company.Company).ID),
		store:      loader.ByKey(warmRows(r.companies.StoresByID, storeRelations()), func(s *company.Store) id.Store { return s.ID }),
		register:   loader.ByKey(warmRows(r.companies.RegistersByID, registerRelations()), func(r *company.Register) id.Register { return r.ID }),
		user:       loader.ByKey(warmRows(r.staff.UsersByID, userRelations()), func(u *staff.User) id.User { return u.ID }),
		customRole: loader.ByKey(r.access.RolesByID, func(r *access.CustomRole) id.CustomRole { return r.ID }),
		session:    loader.ByKey(warmRows(r.staff.SessionsByID, sessionRelations()), func(s *staff.Session) id.Session { return s.ID }),
		invitation: loader.ByKey(warmRows(r.staff.InvitationsByID, invitationRelations()), func(i *staff.Invitation) id.UserInvitation { return i.ID }),
		timeEntry:  loader.ByKey(warmRows(r.clock.EntriesByID, timeEntryRelations()), func(e *timeclock.Entry) id.TimeEntry { return e.ID }),
		pauses:     loader.Grouped(r.clock.BreaksOf, func(b *timeclock.Break) id.TimeEntry { return b.EntryID }),
		timeChange: loader.Grouped(warmRows(r.clock.ChangesOf, timeChangeRelations()), func(c *timeclock.Change) id.TimeEntry { return c.EntryID }),
		security:   loader.ByKey(r.staff.SecurityOf, func(s *staff.Security) id.User { return s.UserID }),
		category:   loader.ByKey(warmRows(r.catalog.CategoriesByID, categoryRelations()), func(c *catalog.Category) id.Category { return c.ID }),
		product:    loader.ByKey(warmRows(r.catalog.ProductsByID, productRelations()), func(p *catalog.Product) id.Product { return p.ID }),
		storePrice: loader.ByKey(warmRows(r.catalog.StorePricesByID, storePriceRelations()), func(p *catalog.StorePrice) id.StorePrice { return p.ID }),
		level:      loader.ByKey(warmRows(r.stock.ByID, levelRelations()), func(l *inventory.Level) id.InventoryLevel { return l.ID }),
		sale:       loader.ByKey(warmRows(r.sales.ByID, saleRelations()), func(s *sale.Sale) id.Sale { return s.ID }),
		line:       loader.ByKey(warmRows(r.sales.LinesByID, lineRelations()), func(l *sale.Line) id.SaleLine { return l.ID }),
		payment:    loader.ByKey(warmRows(r.sales.PaymentsByID, paymentRelations()), func(p *sale.Payment) id.Payment { return p.ID }),

		barcodes: loader.Of(r.catalog.BarcodesOf),
		price:    loader.Of(warmPrices(r.catalog.Prices)),
		lines:    loader.Grouped(warmRows(r.sales.LinesOf, lineRelations()), func(l *sale.Line) id.Sale { return l.SaleID }),
		payments: loader.Grouped(warmRows(r.sales.PaymentsOf, paymentRelations()), func(p *sale.Payment) id.Sale { return p.SaleID }),

		returnsLoaders: r.newReturnsLoaders(),
		receiptLoaders: r.newReceiptLoaders(),
		taxLoaders:     r.newTaxLoaders(),
		supportLoaders: r.newSupportLoaders(),
		appLoaders:     r.newAppLoaders(),

		approvalLoaders: r.newApprovalLoaders(),
		batchLoaders:    r.newBatchLoaders(),
		reportLoaders:   r.newReportLoaders(),
		storesOfUser: loader.Grouped(warmRows(r.access.StoresOf, storeRoleRelations()),
			func(a *staff.StoreAccess) id.User { return a.UserID }),

		registersOfStore: warmed(r.companies.RegistersOfStores, registerRelations()),
		salesOfStore:     warmed(r.sales.OfStores, saleRelations()),
		salesOfRegister:  warmed(r.sales.OfRegisters, saleRelations()),
		movement: loader.ByKey(warmRows(r.stock.MovementsByID, movementRelations()),
			func(m *inventory.Movement) id.StockMovement { return m.ID }),
		movementsOfLevel: warmed(r.stock.MovementsOf, movementRelations()),
		stockOfStore:     warmed(r.stock.OfStores, levelRelations()),
		stockOfProduct:   warmed(r.stock.OfProducts, levelRelations()),
		pricesOfProduct:  warmed(r.catalog.StorePricesOf, storePriceRelations()),
		childrenOf:       warmed(r.catalog.ChildrenOf, categoryRelations()),
		productsOf:       warmed(r.catalog.ProductsOf, productRelations()),

		customerLoaders: r.newCustomerLoaders(),
		auditLoaders:    r.newAuditLoaders(),

		catalogueLoaders: r.newCatalogueLoaders(),
	}
}

// loaderSet are the loaders of one request, or of one mutation in it. They are apart by the scope that asks: a field
// may reach fewer stores than the request, and what one reads isn't another's to see.
type loaderSet struct {
	build func() *loaders

	mu      sync.Mutex
	byScope map[*tenancy.Scope]*loaders
}

func newLoaderSet(build func() *loaders) *loaderSet {
	return &loaderSet{build: build, byScope: map[*tenancy.Scope]*loaders{}}
}

func (s *loaderSet) of(ctx context.Context) *loaders {
	scope, _ := tenancy.From(ctx) // nobody's, for what is public
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.byScope[scope]
	if !ok {
		l = s.build()
		s.byScope[scope] = l
	}
	return l
}

type loadersKey struct{}

func withLoaders(ctx context.Context, s *loaderSet) context.Context {
	return context.WithValue(ctx, loadersKey{}, s)
}

func load(ctx context.Context) *loaders {
	s, ok := ctx.Value(loadersKey{}).(*loaderSet)
	if !ok {
		panic("a field was resolved without the request's loaders")
	}
	return s.of(ctx)
}

// must is for what a row refers to by a foreign key: it is there, unless the request may not see it.
func must[T any](row *T, err error) (*T, error) {
	if err == nil && row == nil {
		return nil, errs.New(errs.NotFound, "There is no such object.")
	}
	return row, err
}
