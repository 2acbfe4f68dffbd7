package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// declared are the directives that say who may use a field of a root: exactly one of them stands at each.
var declared = []string{"public", "member", "self", "owner", "requires"}

// TestEachFieldIsDeclared: a field that doesn't say who may use it is a hole that nobody decided on. What hangs on an
// object is as open as the object, unless it says otherwise.
func TestEachFieldIsDeclared(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	for _, d := range own(s) {
		for _, f := range fieldsOf(d) {
			var said []string
			for _, name := range declared {
				if f.Directives.ForName(name) != nil {
					said = append(said, name)
				}
			}
			root := d == s.Query || d == s.Mutation
			switch {
			case root && len(said) != 1:
				t.Errorf("%s.%s says %v, and must say exactly one of @%s", d.Name, f.Name, said, strings.Join(declared, ", @"))
			case !root && len(said) > 0 && !slices.Equal(said, []string{"requires"}):
				t.Errorf("%s.%s says %v, which is for the roots' fields", d.Name, f.Name, said)
			}
		}
	}
}

// ofTheCompany are the permissions that a role for some stores doesn't bring.
var ofTheCompany = []tenancy.Permission{
	tenancy.AppManage, tenancy.AuditVerify, tenancy.CustomerErase, tenancy.ProductWrite, tenancy.RoleManage, tenancy.SettingsWrite, tenancy.StoreCreate, tenancy.TaxWrite,
}

// member is somebody of company A who holds a role, in the first store or in all.
type member struct {
	name, token string
	may         []tenancy.Permission
	person      bool
}

// members are all roles that there are: each preset in one store and in all of them, a role of the company's own, and a
// register.
func (b *bundle) members(t testing.TB) []member {
	t.Helper()
	one := b.A.Stores[0]
	own := []tenancy.Permission{tenancy.SaleRead, tenancy.StockAdjust, tenancy.TaxWrite}
	b.db.Exec(t, "update custom_roles set permissions = '{SALE_READ,STOCK_ADJUST,TAX_WRITE}' where id = $1", b.A.CustomRole.UUID())
	list := []member{{"REGISTER", b.device(t, b.A, one.Registers[0]), tenancy.PermissionsOf(tenancy.Register), false}}
	for _, role := range append(tenancy.Presets(), tenancy.Custom) {
		for _, everywhere := range []bool{true, false} {
			if role == tenancy.Owner && !everywhere {
				continue
			}
			held := tenancy.PermissionsOf(role)
			var custom any
			if role == tenancy.Custom {
				held, custom = own, b.A.CustomRole.UUID()
			}
			name := string(role) + " of all stores"
			if !everywhere {
				name = string(role) + " of one store"
				held = slices.DeleteFunc(slices.Clone(held), func(p tenancy.Permission) bool { return slices.Contains(ofTheCompany, p) })
			}
			user := id.New[id.User]()
			b.db.Exec(t, `insert into users (tenant_id, id, email, name, role, all_stores, custom_role_id)
				values ($1, $2, $3, $4, $5, $6, $7)`,
				b.A.ID.UUID(), user.UUID(), user.UUID().String()+"@acme.example", name, string(role), everywhere && role != tenancy.Owner, custom)
			if !everywhere {
				b.db.Exec(t, "insert into user_stores (tenant_id, store_id, user_id) values ($1, $2, $3)",
					b.A.ID.UUID(), one.ID.UUID(), user.UUID())
			}
			list = append(list, member{name, b.token(t, b.A, user), held, true})
		}
	}
	return list
}

// TestMatrix tries every field that says who may use it as every role, and holds the answer against the directive: it is
// FORBIDDEN exactly to who hasn't what the schema says.
func TestMatrix(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := schemaOf(t)
	tried := map[bool]int{}
	for _, who := range b.members(t) {
		for _, d := range own(s) {
			root := d == s.Query || d == s.Mutation
			for _, f := range fieldsOf(d) {
				if !root && f.Directives.ForName("requires") == nil || f.Directives.ForName("public") != nil {
					continue
				}
				may := who.mayUse(f)
				if strings.HasPrefix(d.Name, "SalesReport") || strings.HasPrefix(d.Name, "StockReport") { // which are reached by a report alone
					may = may && slices.Contains(who.may, tenancy.ReportRead)
				}
				tried[may]++
				a := b.post(t, who.token, b.reach(s, d, f, b.A.Manager), nil)
				hidden := !root && a.code() == "" && a.at("node") == nil // the object itself isn't theirs to see
				switch {
				case may && (a.code() == "FORBIDDEN" || a.code() == "UNAUTHENTICATED" || a.code() == "INTERNAL"):
					t.Errorf("%s may, and is refused %s.%s: %s", who.name, d.Name, f.Name, a.Raw)
				case !may && !hidden && a.code() != "FORBIDDEN":
					t.Errorf("%s may not, and is answered %s.%s: %s", who.name, d.Name, f.Name, a.Raw)
				case !may && root && a.Data[f.Name] != nil:
					t.Errorf("%s may not, and gets %s.%s: %s", who.name, d.Name, f.Name, a.Raw)
				}
			}
		}
	}
	if tried[true] < 1000 || tried[false] < 1000 {
		t.Errorf("%v were tried", tried)
	}
}

// mayUse reads a field's directive.
func (m member) mayUse(f *ast.FieldDefinition) bool {
	if needs := f.Directives.ForName("requires"); needs != nil {
		return slices.Contains(m.may, tenancy.Permission(needs.Arguments.ForName("permission").Value.Raw))
	}
	if f.Directives.ForName("owner") != nil {
		return m.name == "OWNER of all stores"
	}
	return f.Directives.ForName("self") == nil || m.person
}

// An area manager of one store may do there what its manager may, and no more: who manages a store gives nothing away by
// inviting one.
func TestAreaManagersOfOneStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	permissions := map[string]any{}
	for _, who := range b.members(t) {
		if strings.HasSuffix(who.name, "MANAGER of one store") && !strings.HasPrefix(who.name, "ASSISTANT") {
			permissions[who.name] = b.post(t, who.token, `{ viewer { permissions } }`, nil).ok(t).at("viewer", "permissions")
		}
	}
	same(t, permissions["AREA_MANAGER of one store"], permissions["MANAGER of one store"])
	b.post(t, b.manager(t), invite, vars{"input": vars{
		"email": "area@acme.example", "name": "Area", "role": "AREA_MANAGER", "storeIds": []string{b.A.Stores[0].ID.String()},
	}}).done(t, "userInvite")
	b.post(t, b.manager(t), invite, vars{"input": vars{
		"email": "wide@acme.example", "name": "Wide", "role": "AREA_MANAGER", "allStores": true,
	}}).refused(t, "userInvite", "invitation", "NOT_ALLOWED role")
}

// A token says who somebody is, and never what they may do: one from before a change has what they have now.
func TestTokensFromBeforeTheChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.A.Stores[0], b.A.Stores[1]
	old := b.manager(t)
	adjust := `{ users { totalCount } }`
	b.post(t, old, adjust, nil).ok(t)
	b.setRoles(t, b.owner(t), b.A.Manager, vars{"role": "CASHIER", "stores": []vars{{"storeId": two.ID}}}).done(t, "userRolesSet")
	if a := b.post(t, old, adjust, nil); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	stores := b.post(t, old, `query($id: ID!) { viewer { role stores { nodes { id } } } store(id: $id) { name } }`, vars{"id": one.ID.String()}).ok(t)
	same(t, stores.Data, vars{"viewer": vars{"role": "CASHIER", "stores": vars{"nodes": []vars{{"id": two.ID}}}}, "store": nil})
	if a := b.post(t, old, `{ viewer { role } }`, nil, "X-Store-ID", one.ID.String()); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	b.db.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", b.A.Manager.UUID())
	if a := b.post(t, old, `{ viewer { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Error(a.Raw)
	}
}

// Nobody claims more by a token of their own making, nor by one of another purpose.
func TestTokensClaimNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[1].Registers[0]
	// A person's token that claims a register which they never logged in at.
	token, err := b.issuer.Issue(auth.Claims{
		Tenant: b.A.ID.UUID(), Subject: b.A.Stores[0].Cashier.UUID(), Register: register.ID.UUID(), Session: b.A.Session.UUID(),
		ExpiresAt: time.Now().Add(time.Hour),
	})
	must(t, err)
	if a := b.post(t, token, `{ viewer { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Error(a.Raw)
	}
	// Another's login.
	token, err = b.issuer.Issue(auth.Claims{
		Tenant: b.A.ID.UUID(), Subject: b.A.Manager.UUID(), Session: b.A.Session.UUID(), ExpiresAt: time.Now().Add(time.Hour),
	})
	must(t, err)
	if a := b.post(t, token, `{ viewer { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Error(a.Raw)
	}
	// A person of another company.
	token, err = b.issuer.Issue(auth.Claims{Tenant: b.B.ID.UUID(), Subject: b.A.Owner.UUID(), ExpiresAt: time.Now().Add(time.Hour)})
	must(t, err)
	if a := b.post(t, token, `{ viewer { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Error(a.Raw)
	}
}
