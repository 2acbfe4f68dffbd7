package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

const (
	createRole = `mutation($input: CustomRoleCreateInput!) { customRoleCreate(input: $input) {
		customRole { id name permissions version } userErrors { code field message } } }`
	updateRole = `mutation($id: ID!, $input: CustomRoleUpdateInput!) { customRoleUpdate(id: $id, input: $input) {
		customRole { id name description permissions version } userErrors { code field message } } }`
	deleteRole = `mutation($id: ID!) { customRoleDelete(id: $id) { deletedId userErrors { code field message } } }`
	setRoles   = `mutation($id: ID!, $input: UserRolesSetInput!) { userRolesSet(id: $id, input: $input) {
		user { id role version allStores customRole { id } storeRoles { store { id } role customRole { id } } }
		userErrors { code field message } } }`
)

func (b *bundle) setRoles(t testing.TB, token string, user id.User, input vars) *answer {
	t.Helper()
	if input["version"] == nil {
		var version int
		if err := b.db.Super().QueryRow(t.Context(), "select version from users where id = $1", user.UUID()).Scan(&version); err != nil {
			t.Fatal(err)
		}
		input["version"] = version
	}
	return b.post(t, token, setRoles, vars{"id": user, "input": input})
}

func at(store id.Store, role string) vars { return vars{"storeId": store, "role": role} }

func TestCustomRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	made := b.post(t, owner, createRole, vars{"input": vars{
		"name": " Weekend ", "permissions": []string{"SALE_RECORD", "SALE_READ", "SALE_READ"},
	}}).done(t, "customRoleCreate")
	role := made.at("customRoleCreate", "customRole", "id")
	same(t, made.at("customRoleCreate", "customRole"), vars{
		"id": role, "name": "Weekend", "permissions": []string{"SALE_READ", "SALE_RECORD"}, "version": 1,
	})
	for want, input := range map[string]vars{
		"TAKEN name":          {"name": "Weekend", "permissions": []string{"SALE_READ"}},
		"INVALID name":        {"name": " ", "permissions": []string{"SALE_READ"}},
		"INVALID permissions": {"name": "Empty", "permissions": []string{}},
	} {
		b.post(t, owner, createRole, vars{"input": input}).refused(t, "customRoleCreate", "customRole", want)
	}
	b.post(t, owner, createRole, vars{"input": vars{"name": "", "permissions": []string{}}}).
		refused(t, "customRoleCreate", "customRole", "INVALID name", "INVALID permissions")
	// The cashier of the first store holds it, and can sell and not return from the next request on.
	cashier := b.A.Stores[0].Cashier
	b.setRoles(t, owner, cashier, vars{
		"role": "CUSTOM", "customRoleId": role, "stores": []vars{{"storeId": b.A.Stores[0].ID}},
	}).done(t, "userRolesSet")
	held := b.post(t, b.cashier(t, 0), `{ viewer { role permissions } }`, nil).ok(t)
	same(t, held.at("viewer"), vars{"role": "CUSTOM", "permissions": []string{"SALE_READ", "SALE_RECORD"}})
	if a := b.post(t, b.cashier(t, 0), `{ stores { nodes { inventory { totalCount } } } }`, nil); a.code() != "FORBIDDEN" {
		t.Errorf("without INVENTORY_READ: %s", a.Raw)
	}
	b.post(t, owner, deleteRole, vars{"id": role}).refused(t, "customRoleDelete", "deletedId", "IN_USE id")
	// A token from before the change has what the role has now.
	old := b.cashier(t, 0)
	b.post(t, owner, updateRole, vars{"id": role, "input": vars{"version": 1, "permissions": []string{"INVENTORY_READ"}}}).
		done(t, "customRoleUpdate")
	same(t, b.post(t, old, `{ viewer { permissions } }`, nil).ok(t).at("viewer", "permissions"), []string{"INVENTORY_READ"})
	stale := b.post(t, owner, updateRole, vars{"id": role, "input": vars{"version": 1, "name": "x"}}).ok(t)
	if got := stale.codes("customRoleUpdate"); !slices.Equal(got, []string{"CONFLICT version"}) ||
		stale.at("customRoleUpdate", "customRole", "version") != 2.0 {
		t.Error(stale.Raw)
	}
	b.setRoles(t, owner, cashier, vars{"role": "CASHIER", "stores": []vars{{"storeId": b.A.Stores[0].ID}}}).done(t, "userRolesSet")
	gone := b.post(t, owner, deleteRole, vars{"id": role}).done(t, "customRoleDelete")
	same(t, gone.at("customRoleDelete", "deletedId"), role)
	b.post(t, owner, deleteRole, vars{"id": role}).refused(t, "customRoleDelete", "deletedId", "NOT_FOUND id")
}

// TestRolesByStore: a manager here is a cashier there, and each field reaches the stores alone where it may.
func TestRolesByStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := &b.A.Stores[0], &b.A.Stores[1]
	b.setRoles(t, b.owner(t), b.A.Manager, vars{"role": "MANAGER", "stores": []vars{{"storeId": one.ID}, at(two.ID, "STOCK_KEEPER")}}).
		done(t, "userRolesSet")
	a := b.post(t, b.manager(t), `query($one: ID!, $two: ID!, $sale: ID!) {
		viewer { here: permissions(storeId: $one) there: permissions(storeId: $two) }
		stores { nodes { code inventory { totalCount } sales { totalCount } } }
		sales { nodes { store { code } } }
		sale(id: $sale) { id }
		node(id: $sale) { id }
	}`, vars{"one": one.ID, "two": two.ID, "sale": two.Registers[0].Sale}).ok(t)
	here, _ := a.at("viewer", "here").([]any)
	if !slices.Contains(here, any("SALE_READ")) {
		t.Errorf("in the first store: %v", here)
	}
	same(t, a.at("viewer", "there"), []string{"INVENTORY_READ", "STOCK_ADJUST"})
	same(t, a.at("stores", "nodes"), []vars{
		{"code": "S1", "inventory": vars{"totalCount": 2}, "sales": vars{"totalCount": 2}},
		{"code": "S2", "inventory": vars{"totalCount": 2}, "sales": vars{"totalCount": 0}},
	})
	same(t, a.at("sales", "nodes"), []vars{{"store": vars{"code": "S1"}}, {"store": vars{"code": "S1"}}})
	if a.at("sale") != nil || a.at("node") != nil {
		t.Errorf("a sale of the store without SALE_READ: %s", a.Raw)
	}
	// Selling there is as selling in a store that isn't: the register can't be had.
	sold := b.post(t, b.manager(t), recordSale, vars{"input": vars{
		"idempotencyKey": "k", "registerId": two.Registers[0].ID,
		"lines": []vars{item(b.A.Products[1], "1")}, "payments": []vars{pay("CASH", "1000")},
	}})
	sold.refused(t, "saleRecord", "sale", "REGISTER_NOT_FOUND registerId")
}

// TestNobodyGivesMoreThanTheyHave tries the ways up.
func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := &b.A.Stores[0], &b.A.Stores[1]
	owner, manager := b.owner(t), b.manager(t)
	for name, try := range map[string]struct {
		token string
		user  id.User
		input vars
		want  []string
	}{
		"oneself": {manager, b.A.Manager, vars{"role": "MANAGER", "stores": []vars{{"storeId": one.ID}}}, []string{"OWN_ROLE id"}},
		"an owner of oneself": {
			manager, b.A.Manager, vars{"role": "OWNER"}, []string{"OWN_ROLE id", "ROLE_TOO_HIGH input.role"},
		},
		"an owner's own role": {owner, b.A.Owner, vars{"role": "CASHIER"}, []string{"OWN_ROLE id", "LAST_OWNER input.role"}},
		"a manager of a cashier, everywhere": {
			manager, one.Cashier, vars{"role": "MANAGER", "allStores": true}, []string{"ROLE_TOO_HIGH input.role"},
		},
		"a cashier, everywhere": {
			manager, one.Cashier, vars{"role": "CASHIER", "allStores": true}, []string{"ROLE_TOO_HIGH input.role"},
		},
		"an accountant's costs are fine, a merchandiser's prices too": {
			manager, one.Cashier, vars{"role": "MERCHANDISER", "stores": []vars{{"storeId": one.ID}}}, nil,
		},
		"in another store": {
			manager, one.Cashier, vars{"role": "CASHIER", "stores": []vars{at(two.ID, "CASHIER")}}, []string{"STORE_NOT_FOUND input.stores.0.storeId"},
		},
		"somebody of another store": {manager, two.Cashier, vars{"role": "CASHIER"}, []string{"NOT_FOUND id"}},
		"the owner":                 {manager, b.A.Owner, vars{"role": "CASHIER"}, []string{"ROLE_TOO_HIGH id", "LAST_OWNER input.role"}},
		"a register's role":         {owner, one.Cashier, vars{"role": "REGISTER"}, []string{"INVALID input.role"}},
		"a custom role of none":     {owner, one.Cashier, vars{"role": "CUSTOM"}, []string{"INVALID input.customRoleId"}},
		"a custom role for another": {
			owner, one.Cashier, vars{"role": "CASHIER", "customRoleId": b.A.CustomRole}, []string{"INVALID input.customRoleId"},
		},
		"an owner of one store": {
			owner, one.Cashier,
			vars{"role": "CASHIER", "stores": []vars{at(one.ID, "OWNER")}},
			[]string{"INVALID input.stores.0.role"},
		},
		"a store twice": {
			owner, one.Cashier,
			vars{"role": "CASHIER", "stores": []vars{{"storeId": one.ID}, {"storeId": one.ID}}},
			[]string{"INVALID input.stores.1.storeId"},
		},
	} {
		a := b.setRoles(t, try.token, try.user, try.input)
		if try.want == nil {
			a.done(t, "userRolesSet")
			continue
		}
		a.ok(t)
		got := a.codes("userRolesSet")
		slices.Sort(got)
		slices.Sort(try.want)
		if !slices.Equal(got, try.want) {
			t.Errorf("%s: %q, want %q", name, got, try.want)
		}
	}
	for _, token := range []string{b.cashier(t, 0), b.device(t, b.A, one.Registers[0])} {
		if a := b.setRoles(t, token, two.Cashier, vars{"role": "CASHIER"}); a.code() != "FORBIDDEN" {
			t.Errorf("%s", a.Raw)
		}
	}
	// Who may manage roles without being an owner makes none with what they lack.
	maker := b.post(t, owner, createRole, vars{"input": vars{
		"name": "Maker", "permissions": []string{"ROLE_MANAGE", "ROLE_ASSIGN", "SALE_READ", "USER_READ"},
	}}).done(t, "customRoleCreate").at("customRoleCreate", "customRole", "id")
	b.setRoles(t, owner, b.A.Manager, vars{"role": "CUSTOM", "customRoleId": maker, "allStores": true}).done(t, "userRolesSet")
	b.post(t, manager, createRole, vars{"input": vars{"name": "More", "permissions": []string{"SALE_READ", "COST_READ"}}}).
		refused(t, "customRoleCreate", "customRole", "PERMISSION_NOT_HELD permissions.1")
	a := b.post(t, manager, updateRole, vars{"id": maker, "input": vars{"version": 1, "permissions": []string{"ROLE_MANAGE", "COST_READ"}}})
	if got := a.codes("customRoleUpdate"); !slices.Equal(got, []string{"PERMISSION_NOT_HELD permissions.1"}) {
		t.Errorf("one's own role: %s", a.Raw)
	}
	if a := b.setRoles(t, manager, one.Cashier, vars{"role": "OWNER"}); !strings.Contains(a.Raw, "ROLE_TOO_HIGH") {
		t.Errorf("an owner by who isn't one: %s", a.Raw)
	}
}

// TestTheLastOwnerStays also when two owners demote each other at once.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.setRoles(t, b.owner(t), b.A.Manager, vars{"role": "OWNER"}).done(t, "userRolesSet")
	tokens := []string{b.owner(t), b.manager(t)}
	demoted := []id.User{b.A.Manager, b.A.Owner}
	inputs := []vars{{"role": "CASHIER", "version": 2}, {"role": "CASHIER", "version": 1}}
	answers := make([]*answer, 2)
	var wait sync.WaitGroup
	for i := range 2 {
		wait.Go(func() { answers[i] = b.setRoles(t, tokens[i], demoted[i], inputs[i]) })
	}
	wait.Wait()
	var got []string
	for _, a := range answers {
		// Who came second is no owner any more, when the first one was quicker than their request's own check.
		got = append(got, fmt.Sprint(a.code(), a.codes("userRolesSet")))
	}
	var owners int
	if err := b.db.Super().QueryRow(t.Context(), `select count(*) from users where role = 'OWNER' and status = 'ACTIVE'
		and tenant_id = $1`, b.A.ID.UUID()).Scan(&owners); err != nil || owners != 1 {
		t.Errorf("%d owners, %v: %q", owners, err, got)
	}
}
