package tenancy

import (
	"slices"
	"sync"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
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
	StockApprove    Permission = "STOCK_APPROVE"
	ApprovalDecide  Permission = "APPROVAL_DECIDE"
	CostRead        Permission = "COST_READ"
	TaxWrite        Permission = "TAX_WRITE"
	SettingsWrite   Permission = "SETTINGS_WRITE"
	CustomerRead    Permission = "CUSTOMER_READ"
	CustomerWrite   Permission = "CUSTOMER_WRITE"
	CustomerErase   Permission = "CUSTOMER_ERASE"
	CreditAdjust    Permission = "CREDIT_ADJUST"
	GiftCardIssue   Permission = "GIFT_CARD_ISSUE"

	RoleManage Permission = "ROLE_MANAGE"
	RoleAssign Permission = "ROLE_ASSIGN"
	UserManage Permission = "USER_MANAGE"
	TimeWrite  Permission = "TIME_WRITE"
	ReportRead Permission = "REPORT_READ"

	AuditRead   Permission = "AUDIT_READ"
	AuditVerify Permission = "AUDIT_VERIFY"

	AppManage Permission = "APP_MANAGE"
	TraceRead Permission = "TRACE_READ"
)

// Permissions are all there are, sorted.
func Permissions() []Permission {
	return []Permission{
		ApprovalDecide, AppManage, AuditRead, AuditVerify, CostRead, CreditAdjust, CustomerErase, CustomerRead, CustomerWrite,
		DiscountLarge, GiftCardIssue, InventoryRead, PriceOverride, PriceWrite, ProductWrite, RegisterManage, ReportRead, ReturnNoReceipt, RoleAssign,
		RoleManage, SaleRead, SaleRecord, SaleRefund, SaleVoid, SettingsWrite, StockAdjust, StockApprove, StoreCreate,
		StoreUpdate, TaxWrite, TillApprove, TillUse, TimeWrite, TraceRead, UserManage, UserRead,
	}
}

// companyWide says that a permission is about what belongs to the company and to none of its stores: only a role
// for all stores brings it.
func companyWide(p Permission) bool {
	switch p {
	case AppManage, AuditVerify, CustomerErase, ProductWrite, RoleManage, SettingsWrite, StoreCreate, TaxWrite:
		return true
	default:
		return false
	}
}

// Permissions are what the actor may do in at least one of the scope's stores.
func (s *Scope) Permissions() []Permission {
	all := slices.Clone(s.held)
	for _, store := range s.stores.ids {
		all = append(all, s.at[store]...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(p Permission) bool { return !s.Can(p) })
}

// PermissionsAt are what the actor may do in one of the scope's stores.
func (s *Scope) PermissionsAt(store id.Store) []Permission {
	return slices.DeleteFunc(s.Permissions(), func(p Permission) bool { return !s.CanAt(p, store) })
}

// Can says whether the actor has a permission, somewhere: in all stores where it is about the company, else in one
// of the scope's stores at least. Narrowing a request to a store doesn't change what the actor is.
func (s *Scope) Can(p Permission) bool {
	if companyWide(p) {
		return s.ofCompany && slices.Contains(s.held, p)
	}
	if slices.Contains(s.held, p) && (len(s.at) == 0 || s.allStores) {
		return true
	}
	return slices.ContainsFunc(s.stores.ids, func(store id.Store) bool { return s.CanAt(p, store) })
}

// CanAt says whether the actor has a permission in a store. What the scope hasn't is never permitted.
func (s *Scope) CanAt(p Permission, store id.Store) bool {
	if !s.HasStore(store) {
		return false
	}
	if companyWide(p) {
		return s.Can(p)
	}
	held, differs := s.at[store]
	if !differs {
		held = s.held
	}
	return slices.Contains(held, p)
}

// Require is nil when the actor has a permission somewhere.
func (s *Scope) Require(p Permission) error {
	if s.Can(p) {
		return nil
	}
	return errs.New(errs.Forbidden, "This needs the permission %s.", p)
}

// Within narrows the scope to the stores where the actor has a permission: what a field that needs it may reach.
// Most actors hold a role in all of their stores alike, and get the scope itself back.
//
// Errors: FORBIDDEN where the actor has the permission nowhere.
func (s *Scope) Within(p Permission) (*Scope, error) {
	if err := s.Require(p); err != nil {
		return nil, err
	}
	if len(s.at) == 0 || companyWide(p) {
		return s, nil
	}
	stores := slices.DeleteFunc(s.Stores(), func(store id.Store) bool { return !s.CanAt(p, store) })
	if len(stores) == len(s.stores.ids) {
		return s, nil
	}
	return s.within.of(s, stores), nil
}

// narrowings are the scopes that were made of one, by their stores.
type narrowings struct {
	mu   sync.Mutex
	made []*Scope
}

func (n *narrowings) of(s *Scope, stores []id.Store) *Scope {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, made := range n.made {
		if slices.Equal(made.stores.ids, stores) {
			return made
		}
	}
	made := s.only(stores)
	n.made = append(n.made, made)
	return made
}

// CanEverywhere says whether the actor has a permission in every store of the company, those to come among them.
func (s *Scope) CanEverywhere(p Permission) bool {
	if !s.ofCompany || !slices.Contains(s.held, p) {
		return false
	}
	for _, held := range s.at {
		if !slices.Contains(held, p) {
			return false
		}
	}
	return true
}

// Covers says whether the actor has all that a grant brings, in a store; in all stores where none is named.
func (s *Scope) Covers(g Grant, store *id.Store) bool {
	if g.Role == Owner && s.Role != Owner {
		return false // an owner has what later versions bring, too
	}
	for _, p := range g.permissions() {
		if store == nil && !s.CanEverywhere(p) {
			return false
		}
		if store != nil && !companyWide(p) && !s.CanAt(p, *store) {
			return false
		}
	}
	return true
}

// CompanyWide says that the actor's role is for the company and not for some of its stores, however far the request
// is narrowed.
func (s *Scope) CompanyWide() bool { return s.ofCompany }
