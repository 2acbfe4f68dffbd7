// Package tenancy says on whose behalf a request runs: the Scope, made once per request and carried in its
// context. Nothing reads or writes a company's data without one.
package tenancy

import (
	"context"
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Role is what a person or a device is in a company.
type Role string

// The roles.
const (
	Owner    Role = "OWNER"
	Manager  Role = "MANAGER"
	Cashier  Role = "CASHIER"
	Register Role = "REGISTER"
)

// Permission is one thing that a role may do. The schema's @requires names them.
type Permission string

// The permissions.
const (
	SaleRecord     Permission = "SALE_RECORD"
	SaleRead       Permission = "SALE_READ"
	ProductWrite   Permission = "PRODUCT_WRITE"
	PriceWrite     Permission = "PRICE_WRITE"
	StoreCreate    Permission = "STORE_CREATE"
	StoreUpdate    Permission = "STORE_UPDATE"
	RegisterManage Permission = "REGISTER_MANAGE"
	InventoryRead  Permission = "INVENTORY_READ"
	UserRead       Permission = "USER_READ"

	SaleRefund      Permission = "SALE_REFUND"
	SaleVoid        Permission = "SALE_VOID"
	ReturnNoReceipt Permission = "RETURN_NO_RECEIPT"
	DiscountLarge   Permission = "DISCOUNT_LARGE"
	PriceOverride   Permission = "PRICE_OVERRIDE"
	TillUse         Permission = "TILL_USE"
	TillApprove     Permission = "TILL_APPROVE"
	StockAdjust     Permission = "STOCK_ADJUST"
	CostRead        Permission = "COST_READ"
	TaxWrite        Permission = "TAX_WRITE"
	SettingsWrite   Permission = "SETTINGS_WRITE"
	CustomerRead    Permission = "CUSTOMER_READ"
	CustomerWrite   Permission = "CUSTOMER_WRITE"
	CustomerErase   Permission = "CUSTOMER_ERASE"
	CreditAdjust    Permission = "CREDIT_ADJUST"
	GiftCardIssue   Permission = "GIFT_CARD_ISSUE"
)

// permissions says what each role may do, within its stores.
func permissions(r Role) []Permission {
	switch r {
	case Owner:
		return []Permission{
			CostRead, CreditAdjust, CustomerErase, CustomerRead, CustomerWrite, DiscountLarge, GiftCardIssue,
			InventoryRead, PriceOverride, PriceWrite, ProductWrite, RegisterManage, ReturnNoReceipt, SaleRead,
			SaleRecord, SaleRefund, SaleVoid, SettingsWrite, StockAdjust, StoreCreate, StoreUpdate, TaxWrite,
			TillApprove, TillUse, UserRead,
		}
	case Manager:
		return []Permission{
			CostRead, CreditAdjust, CustomerRead, CustomerWrite, DiscountLarge, GiftCardIssue, InventoryRead,
			PriceOverride, PriceWrite, RegisterManage, ReturnNoReceipt, SaleRead, SaleRecord, SaleRefund, SaleVoid,
			StockAdjust, StoreUpdate, TillApprove, TillUse, UserRead,
		}
	case Cashier, Register:
		return []Permission{
			CustomerRead, CustomerWrite, InventoryRead, SaleRead, SaleRecord, SaleRefund, TillUse,
		}
	default:
		return nil
	}
}

// Scope is the company, the stores and the actor of one request. It is never changed: narrowing makes another.
type Scope struct {
	Company     id.Company
	CompanySlug string
	Role        Role
	// Suspended companies read and do not sell.
	Suspended bool

	// User is the person, zero when a register acts by itself.
	User id.User
	// Register is the device, zero when a person acts without one.
	Register id.Register
	// Session is the login behind the token, zero for tokens that were minted by an operator.
	Session id.Session

	stores []id.Store
	// allStores says that the actor has every store of the company, not only those listed when the request came.
	allStores bool
}

// Spec is what a Scope is made of.
type Spec struct {
	Company     id.Company
	CompanySlug string
	Role        Role
	Suspended   bool
	User        id.User
	Register    id.Register
	Session     id.Session
	Stores      []id.Store
}

// New makes a Scope. It is called by who has just checked the actor against the database, and by nobody else.
func New(s Spec) *Scope {
	stores := slices.Clone(s.Stores)
	slices.SortFunc(stores, compare)
	return &Scope{
		Company: s.Company, CompanySlug: s.CompanySlug, Role: s.Role, Suspended: s.Suspended,
		User: s.User, Register: s.Register, Session: s.Session,
		stores: slices.Compact(stores), allStores: s.Role == Owner,
	}
}

func compare(a, b id.Store) int { return slices.Compare(a[:], b[:]) }

// Stores are those that the request may see, in the order of their ids.
func (s *Scope) Stores() []id.Store { return slices.Clone(s.stores) }

// HasStore says whether the request may see a store.
func (s *Scope) HasStore(store id.Store) bool {
	_, ok := slices.BinarySearchFunc(s.stores, store, compare)
	return ok
}

// AllStores says that the actor has every store of the company, and has not narrowed the request to one.
func (s *Scope) AllStores() bool { return s.allStores }

// Permissions are what the actor may do.
func (s *Scope) Permissions() []Permission { return permissions(s.Role) }

// Can says whether the actor has a permission.
func (s *Scope) Can(p Permission) bool { return slices.Contains(permissions(s.Role), p) }

// Require is nil when the actor has a permission.
func (s *Scope) Require(p Permission) error {
	if s.Can(p) {
		return nil
	}
	return errs.New(errs.Forbidden, "This needs the permission %s.", p)
}

// Narrow limits the scope to one of its stores. A store that isn't among them is answered as one that doesn't
// exist.
func (s *Scope) Narrow(store id.Store) (*Scope, error) {
	if !s.HasStore(store) {
		return nil, ErrNoSuchStore()
	}
	narrowed := *s
	narrowed.stores = []id.Store{store}
	narrowed.allStores = false
	return &narrowed, nil
}

// ErrNoSuchStore is the answer to every X-Store-ID that isn't one of the caller's stores, whatever it is instead.
func ErrNoSuchStore() error {
	return errs.New(errs.Forbidden, "X-Store-ID does not name a store of yours.")
}

// WithNewStore widens the scope by a store that is about to be created in it. It and ForReceipts are the only places
// where a scope grows. Only who has all stores of the company may do so.
func (s *Scope) WithNewStore(store id.Store) (*Scope, error) {
	if !s.allStores {
		return nil, errs.New(errs.Forbidden, "Only who has all stores may add one.")
	}
	widened := *s
	widened.stores = append(slices.Clone(s.stores), store)
	slices.SortFunc(widened.stores, compare)
	return &widened, nil
}

// ForReceipts gives a scope that sees PAST the caller's own: every register of the given stores, whoever asks.
//
// It exists because goods come back to another till, or another store, than the one that sold them, while a
// register sees its own receipts alone and a cashier those of their stores. Handle with care:
//
//   - stores come from postgres.ReturnableLines or ReturnableSale, which ask the database whether a receipt of
//     theirs may be looked at from here, and from nowhere else: never from what a client sent.
//   - it is for READING the lines that come back and their sale, named by id. Whatever is written is written in
//     the caller's own scope, which this leaves as it is.
//   - what is read goes to nobody but as far as a return needs it.
func (s *Scope) ForReceipts(stores []id.Store) *Scope {
	widened := *s
	widened.stores = slices.Clone(stores)
	slices.SortFunc(widened.stores, compare)
	widened.stores = slices.Compact(widened.stores)
	widened.allStores = false
	widened.Register = id.Register{}
	return &widened
}

type contextKey struct{}

// With puts the scope into a request's context.
func With(ctx context.Context, s *Scope) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// From gives the request's scope. A missing scope is an error, never an empty company.
func From(ctx context.Context) (*Scope, error) {
	s, ok := ctx.Value(contextKey{}).(*Scope)
	if !ok || s == nil || s.Company.IsZero() {
		return nil, errs.New(errs.Unauthenticated, "Log in, or send a register's key.")
	}
	return s, nil
}
