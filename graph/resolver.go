// Package graph answers GraphQL: thin resolvers over the domains, the loaders that batch them, and the HTTP
// handler with everything that happens before a resolver.
package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/access"
	"github.com/tillgraph/tillgraph/internal/app"
	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/billing"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/closure"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/receipt"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/support"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
	"github.com/tillgraph/tillgraph/internal/timeclock"
)

// Resolver holds the domains that the fields call.
type Resolver struct {
	companies *company.Companies
	catalog   *catalog.Catalog
	stock     *inventory.Stock
	sales     *sale.Sales
	receipts  *receipt.Receipts
	staff     *staff.Staff
	access    *access.Access
	customers *customer.Customers
	giftCards *giftcard.Cards
	ledgers   *ledger.Ledgers
	tills     *till.Tills
	devices   *company.Devices
	domains   *company.Domains
	support   *support.Support
	clock     *timeclock.Clock
	signUps   *signup.SignUps
	closures  *closure.Closures
	taxes     *tax.Taxes
	reports   *report.Reports
	files     *report.Files
	approvals *approval.Approvals
	trail     *audit.Trail
	signals   *signal.Signals
	apps      *app.Apps
}

// Models are all tables of all domains.
func Models() []any {
	var models []any
	for _, of := range [][]any{
		company.Models(), staff.Models(), access.Models(), approval.Models(), catalog.Models(), sale.Models(), inventory.Models(), tax.Models(),
		customer.Models(), giftcard.Models(), ledger.Models(),
		till.Models(), timeclock.Models(), report.Models(), billing.Models(), support.Models(), audit.Models(),
		signal.Models(), app.Models(),
	} {
		models = append(models, of...)
	}
	return models
}

// pageOf gathers a connection's arguments, and whether its total was asked for.
func pageOf(ctx context.Context, first *int, after *string, last *int, before *string) page.Args {
	a := page.Args{First: first, After: after, Last: last, Before: before}
	op, f := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field
	for _, field := range reading.Selected(op, f.Selections) {
		a.Total = a.Total || field.Name == "totalCount"
	}
	return a
}

// nodeLoader finds the objects of one type by their ids.
type nodeLoader struct {
	// needs is the permission that the type's lists need, "" where they need none.
	needs tenancy.Permission
	// module is the feature that the type belongs to, "" for what every company has.
	module tenancy.Feature
	ahead  func(ctx context.Context, keys []uuid.UUID)
	get    func(ctx context.Context, key uuid.UUID) (id.Node, error)
}

func nodesOf[K ~[16]byte, T any, N interface {
	*T
	id.Node
}](needs tenancy.Permission, of func(*loaders) loader.Loader[K, N]) nodeLoader {
	return nodeLoader{
		needs: needs,
		ahead: func(ctx context.Context, keys []uuid.UUID) {
			own := make([]K, len(keys))
			for i, key := range keys {
				own[i] = K(key)
			}
			of(load(ctx)).LoadAll(ctx, own)
		},
		get: func(ctx context.Context, key uuid.UUID) (id.Node, error) {
			row, err := of(load(ctx)).Get(ctx, K(key))
			if err != nil || row == nil {
				return nil, err // a nil row would be a node that isn't nil
			}
			return row, nil
		},
	}
}

// of says to which module a type belongs.
func (n nodeLoader) of(module tenancy.Feature) nodeLoader {
	n.module = module
	return n
}

// nodeLoaders are those of all types that implement Node.
func nodeLoaders() map[string]nodeLoader {
	return map[string]nodeLoader{
		"Company":  nodesOf("", func(l *loaders) loader.Loader[id.Company, *company.Company] { return l.company }),
		"Store":    nodesOf("", (*loaders).stores),
		"Register": nodesOf("", (*loaders).registers),
		"CustomRole": nodesOf(tenancy.UserRead,
			func(l *loaders) loader.Loader[id.CustomRole, *access.CustomRole] { return l.customRole }).of(tenancy.CustomRoles),
		"User":      nodesOf("", func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user }),
		"Session":   nodesOf("", func(l *loaders) loader.Loader[id.Session, *staff.Session] { return l.session }),
		"TimeEntry": nodesOf("", func(l *loaders) loader.Loader[id.TimeEntry, *timeclock.Entry] { return l.timeEntry }),
		"UserInvitation": nodesOf(tenancy.UserManage,
			func(l *loaders) loader.Loader[id.UserInvitation, *staff.Invitation] { return l.invitation }),
		"Category": nodesOf("", (*loaders).categories),
		"Brand":    nodesOf("", (*loaders).brands),
		"Supplier": nodesOf("", (*loaders).suppliers),
		"Product":  nodesOf("", (*loaders).products),
		"StorePrice": nodesOf("", func(l *loaders) loader.Loader[id.StorePrice, *catalog.StorePrice] {
			return l.storePrice
		}),
		"PriceList": nodesOf("", func(l *loaders) loader.Loader[id.PriceList, *catalog.PriceList] { return l.priceList }).of(tenancy.PriceLists),
		"StockMovement": nodesOf(tenancy.InventoryRead,
			func(l *loaders) loader.Loader[id.StockMovement, *inventory.Movement] { return l.movement }),
		"StockBatch": nodesOf(tenancy.InventoryRead, (*loaders).batches).of(tenancy.BatchTracking),
		"InventoryLevel": nodesOf(tenancy.InventoryRead,
			func(l *loaders) loader.Loader[id.InventoryLevel, *inventory.Level] { return l.level }),
		"ReceiptConflict": nodesOf(tenancy.SaleRead,
			func(l *loaders) loader.Loader[id.ReceiptConflict, *sale.Conflict] { return l.conflict }),
		"Sale":     nodesOf(tenancy.SaleRead, func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale }),
		"SaleLine": nodesOf(tenancy.SaleRead, func(l *loaders) loader.Loader[id.SaleLine, *sale.Line] { return l.line }),
		"ParkedSale": nodesOf(tenancy.SaleRead,
			func(l *loaders) loader.Loader[id.ParkedSale, *sale.Parked] { return l.parked }).of(tenancy.ParkedSales),
		"Payment":       nodesOf(tenancy.SaleRead, func(l *loaders) loader.Loader[id.Payment, *sale.Payment] { return l.payment }),
		"Customer":      nodesOf(tenancy.CustomerRead, (*loaders).customers),
		"CustomerGroup": nodesOf(tenancy.CustomerRead, (*loaders).groups),
		"GiftCard":      nodesOf(tenancy.SaleRead, (*loaders).giftCards).of(tenancy.GiftCards),
		"LedgerEntry": nodesOf(tenancy.CustomerRead, func(l *loaders) loader.Loader[id.LedgerEntry, *ledger.Entry] {
			return l.entry
		}),
		"TillSession": nodesOf(tenancy.TillUse, (*loaders).tillSessions),
		"DrawerMovement": nodesOf(tenancy.TillUse,
			func(l *loaders) loader.Loader[id.DrawerMovement, *till.Movement] { return l.drawerMovement }),
		"ZReport":     nodesOf(tenancy.TillUse, func(l *loaders) loader.Loader[id.ZReport, *till.ZReport] { return l.zReport }),
		"TaxCategory": nodesOf("", (*loaders).taxCategories),
		"TaxRate":     nodesOf("", func(l *loaders) loader.Loader[id.TaxRate, *tax.Rate] { return l.taxRate }),
		"StoreTaxRate": nodesOf("", func(l *loaders) loader.Loader[id.StoreTaxRate, *tax.StoreRate] {
			return l.storeTaxRate
		}),
		"CompanyDomain": nodesOf(tenancy.SettingsWrite,
			func(l *loaders) loader.Loader[id.CompanyDomain, *company.Domain] { return l.domain }),
		"App": nodesOf(tenancy.AppManage, func(l *loaders) loader.Loader[id.App, *app.App] { return l.app }),
		"SupportAccess": nodesOf(tenancy.SettingsWrite,
			func(l *loaders) loader.Loader[id.SupportAccess, *support.Access] { return l.supportAccess }),
		"Approval":     nodesOf("", func(l *loaders) loader.Loader[id.Approval, *approval.Approval] { return l.approval }),
		"ReportExport": nodesOf(tenancy.ReportRead, func(l *loaders) loader.Loader[id.ReportExport, *report.Export] { return l.export }),
		"ReportSchedule": nodesOf(tenancy.ReportRead,
			func(l *loaders) loader.Loader[id.ReportSchedule, *report.Schedule] { return l.schedule }),
		"ReportAlert":  nodesOf(tenancy.ReportRead, func(l *loaders) loader.Loader[id.ReportAlert, *report.Alert] { return l.alert }),
		"ReportNotice": nodesOf(tenancy.ReportRead, func(l *loaders) loader.Loader[id.ReportNotice, *report.Notice] { return l.notice }),
		"AuditAccess":  nodesOf(tenancy.AuditRead, func(l *loaders) loader.Loader[id.AuditAccess, *audit.Access] { return l.access }),
		"AuditEvent":   nodesOf(tenancy.AuditRead, func(l *loaders) loader.Loader[id.AuditEvent, *audit.Event] { return l.auditEvent }),
		"SaleDiscount": nodesOf(tenancy.SaleRead, func(l *loaders) loader.Loader[id.SaleDiscount, *sale.AppliedDiscount] {
			return l.discount
		}),
	}
}

// findNodes gives the objects with these ids in their order, nil for each that isn't there or isn't the caller's to see.
func findNodes(ctx context.Context, refs ...*id.Any) ([]id.Node, error) {
	if len(refs) > page.Max {
		return nil, errs.New(errs.BadUserInput, "At most %d ids at once.", page.Max)
	}
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	types := nodeLoaders()
	keys, inside := map[string][]uuid.UUID{}, map[string]context.Context{}
	for _, ref := range refs {
		of, ok := types[ref.Type()]
		if !ok {
			continue
		}
		if within, ok := of.within(ctx, scope); ok {
			keys[ref.Type()], inside[ref.Type()] = append(keys[ref.Type()], ref.UUID), within
		}
	}
	for typ, of := range keys {
		types[typ].ahead(inside[typ], of) //nolint:contextcheck // one of its own a type, made of ctx
	}
	nodes := make([]id.Node, len(refs))
	for i, ref := range refs {
		ctx := inside[ref.Type()]
		if ctx == nil {
			continue
		}
		if nodes[i], err = types[ref.Type()].get(ctx, ref.UUID); err != nil { //nolint:contextcheck // made of ctx
			return nil, err
		}
	}
	return nodes, nil
}

// within gives the context in which the caller may look for a type's objects; false where they may nowhere.
func (n nodeLoader) within(ctx context.Context, scope *tenancy.Scope) (context.Context, bool) {
	if n.module != "" && scope.HasFeature(n.module) != nil {
		return ctx, false
	}
	if n.needs == "" {
		return ctx, true
	}
	narrowed, err := scope.Within(n.needs)
	if err != nil {
		return ctx, false
	}
	if narrowed == scope {
		return ctx, true
	}
	return tenancy.With(ctx, narrowed), true
}

// The ids' types under names of this package's own, for the resolvers whose argument is called id as the package is.
type (
	storeKey      = id.Store
	registerKey   = id.Register
	categoryKey   = id.Category
	productKey    = id.Product
	brandKey      = id.Brand
	supplierKey   = id.Supplier
	groupKey      = id.CustomerGroup
	userKey       = id.User
	customRoleKey = id.CustomRole
	saleKey       = id.Sale
	customerKey   = id.Customer
	giftCardKey   = id.GiftCard

	tillSessionKey = id.TillSession
	zReportKey     = id.ZReport
	sessionKey     = id.Session
	inviteKey      = id.UserInvitation
	timeEntryKey   = id.TimeEntry
	taxCategoryKey = id.TaxCategory
	domainKey      = id.CompanyDomain
	appKey         = id.App
)

// one gives the only row of a look-up by one id, or nil.
func one[T any](rows []T, err error) (T, error) {
	if err != nil || len(rows) == 0 {
		var none T
		return none, err
	}
	return rows[0], nil
}
