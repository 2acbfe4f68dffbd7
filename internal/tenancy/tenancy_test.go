package tenancy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TestWhatEachRoleMay is the table that people agreed on: changing it is changing what people may do.
func TestWhatEachRoleMay(t *testing.T) {
	t.Parallel()
	const (
		owner = 1 << iota
		manager
		cashier
		register
	)
	roles := map[tenancy.Role]int{
		tenancy.Owner: owner, tenancy.Manager: manager, tenancy.Cashier: cashier, tenancy.Register: register, "CLEANER": 0, "": 0,
	}
	table := map[tenancy.Permission]int{
		tenancy.SaleRecord:     owner | manager | cashier | register,
		tenancy.SaleRead:       owner | manager | cashier | register,
		tenancy.InventoryRead:  owner | manager | cashier | register,
		tenancy.PriceWrite:     owner | manager,
		tenancy.RegisterManage: owner | manager,
		tenancy.StoreUpdate:    owner | manager,
		tenancy.UserRead:       owner | manager,
		tenancy.UserManage:     owner | manager,
		tenancy.TimeWrite:      owner | manager,
		tenancy.ProductWrite:   owner,
		tenancy.StoreCreate:    owner,

		tenancy.SaleRefund:      owner | manager | cashier | register,
		tenancy.TillUse:         owner | manager | cashier | register,
		tenancy.CustomerRead:    owner | manager | cashier | register,
		tenancy.CustomerWrite:   owner | manager | cashier | register,
		tenancy.SaleVoid:        owner | manager,
		tenancy.ReturnNoReceipt: owner | manager,
		tenancy.DiscountLarge:   owner | manager,
		tenancy.PriceOverride:   owner | manager,
		tenancy.TillApprove:     owner | manager,
		tenancy.StockAdjust:     owner | manager,
		tenancy.StockApprove:    owner | manager,
		tenancy.ApprovalDecide:  owner | manager,
		tenancy.CostRead:        owner | manager,
		tenancy.CreditAdjust:    owner | manager,
		tenancy.GiftCardIssue:   owner | manager,
		tenancy.TaxWrite:        owner,
		tenancy.RoleManage:      owner,
		tenancy.RoleAssign:      owner | manager,
		tenancy.SettingsWrite:   owner,
		tenancy.CustomerErase:   owner,
		tenancy.ReportRead:      owner | manager,
		tenancy.AuditRead:       owner | manager,
		tenancy.AuditVerify:     owner,
		tenancy.AppManage:       owner,
		tenancy.TraceRead:       owner,

		"SOMETHING_ELSE": 0,
	}
	for role, who := range roles {
		s := tenancy.New(tenancy.Spec{Role: role})
		held := 0
		for p, may := range table {
			want := may&who != 0
			if want {
				held++
			}
			if s.Can(p) != want || (s.Require(p) == nil) != want {
				t.Errorf("%q can %s: %v, want %v", role, p, s.Can(p), want)
			}
			if err := s.Require(p); !want && errs.CodeOf(err) != errs.Forbidden {
				t.Errorf("%q without %s: %v", role, p, err)
			}
		}
		if all := s.Permissions(); len(all) != held || !slices.IsSorted(all) {
			t.Errorf("%q has %v", role, all)
		}
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	one, two, other := id.New[id.Store](), id.New[id.Store](), id.New[id.Store]()
	s := tenancy.New(tenancy.Spec{Company: id.New[id.Company](), Role: tenancy.Owner, Stores: []id.Store{two, one, two}})
	if !slices.Equal(s.Stores(), []id.Store{one, two}) || !s.AllStores() || !s.HasStore(one) || s.HasStore(other) {
		t.Fatalf("made of two stores: %v, all %v", s.Stores(), s.AllStores())
	}
	narrowed, err := s.Narrow(two)
	if err != nil || !slices.Equal(narrowed.Stores(), []id.Store{two}) || narrowed.AllStores() || narrowed.HasStore(one) {
		t.Errorf("narrowed: %v, all %v, %v", narrowed.Stores(), narrowed.AllStores(), err)
	}
	if narrowed.Company != s.Company || narrowed.Role != s.Role {
		t.Error("narrowing changed who asks")
	}
	if len(s.Stores()) != 2 || !s.AllStores() {
		t.Error("narrowing changed the scope that it came from")
	}
	for _, store := range []id.Store{one, other, {}} {
		if again, err := narrowed.Narrow(store); err == nil {
			t.Errorf("narrowed to %s: %v", store, again.Stores())
		} else if errs.CodeOf(err) != errs.Forbidden || err.Error() != tenancy.ErrNoSuchStore().Error() {
			t.Errorf("narrowed to %s: %v", store, err)
		}
	}
}

func TestNobodyChangesAScope(t *testing.T) {
	t.Parallel()
	store, foreign := id.New[id.Store](), id.New[id.Store]()
	given := []id.Store{store}
	s := tenancy.New(tenancy.Spec{Role: tenancy.Cashier, Stores: given})
	given[0] = foreign
	s.Stores()[0] = foreign
	if s.HasStore(foreign) || !s.HasStore(store) {
		t.Error("the stores of a scope were changed")
	}
}

func TestWithNewStore(t *testing.T) {
	t.Parallel()
	store, fresh := id.New[id.Store](), id.New[id.Store]()
	owner := tenancy.New(tenancy.Spec{Role: tenancy.Owner, Stores: []id.Store{fresh}})
	widened, err := owner.WithNewStore(store)
	if err != nil || !widened.HasStore(store) || !widened.HasStore(fresh) || owner.HasStore(store) {
		t.Errorf("widened: %v, %v; before %v", widened.Stores(), err, owner.Stores())
	}
	narrowed, _ := widened.Narrow(fresh)
	for name, s := range map[string]*tenancy.Scope{
		"manager": tenancy.New(tenancy.Spec{Role: tenancy.Manager}), "narrowed owner": narrowed,
	} {
		if _, err := s.WithNewStore(store); errs.CodeOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoScopeIsAnError(t *testing.T) {
	t.Parallel()
	for name, ctx := range map[string]context.Context{
		"none": t.Context(), "nil": tenancy.With(t.Context(), nil), "of no company": tenancy.With(t.Context(), &tenancy.Scope{}),
	} {
		if s, err := tenancy.From(ctx); s != nil || errs.CodeOf(err) != errs.Unauthenticated {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	s := tenancy.New(tenancy.Spec{Company: id.New[id.Company]()})
	if got, err := tenancy.From(tenancy.With(t.Context(), s)); got != s || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}
