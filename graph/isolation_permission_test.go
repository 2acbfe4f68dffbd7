package graph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
)

type asking struct {
	role, token string
	// self and other are people of the company, of whom the first is who asks.
	self, other id.User
}

func (b *bundle) everyRole(t testing.TB) []asking {
	t.Helper()
	s := b.A.Stores[0]
	return []asking{
		{"OWNER", b.owner(t), b.A.Owner, b.A.Manager},
		{"MANAGER", b.manager(t), b.A.Manager, b.A.Owner},
		{"CASHIER", b.cashier(t, 0), s.Cashier, b.A.Manager},
		{"REGISTER", b.device(t, b.A, s.Registers[0]), id.User{}, b.A.Manager},
	}
}

// TestEachPermission tries every field that needs a permission as every role: it is FORBIDDEN exactly to who has it not.
func TestEachPermission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := schemaOf(t)
	allowed, refused := 0, 0
	for _, who := range b.everyRole(t) {
		viewer := b.post(t, who.token, `{ viewer { role permissions } }`, nil).ok(t)
		same(t, viewer.at("viewer", "role"), who.role)
		held, _ := viewer.at("viewer", "permissions").([]any)
		for _, d := range own(s) {
			for _, f := range fieldsOf(d) {
				needs := f.Directives.ForName("requires")
				if needs == nil {
					continue
				}
				may := slices.Contains(held, any(needs.Arguments.ForName("permission").Value.Raw))
				query := b.reach(s, d, f, who.other)
				a := b.post(t, who.token, query, nil)
				switch {
				case may && a.code() != "":
					t.Errorf("a %s holds it: %s: %s", who.role, query, a.Raw)
				case !may && (len(a.Errors) != 1 || a.code() != "FORBIDDEN"):
					t.Errorf("a %s holds it not: %s: %s", who.role, query, a.Raw)
				case !may && (d == s.Query || d == s.Mutation) && a.Statements != 1:
					t.Errorf("a %s is refused after %d statements: %s", who.role, a.Statements, query)
				}
				if may {
					allowed++
				} else {
					refused++
				}
				if self := needs.ArgumentMap(nil)["orSelf"] == true; self && !who.self.IsZero() {
					query := b.reach(s, d, f, who.self)
					if a := b.post(t, who.token, query, nil); a.code() != "" || f.Type.NonNull && a.at("node", f.Name) == nil {
						t.Errorf("of themselves, a %s: %s: %s", who.role, query, a.Raw)
					}
				}
			}
		}
	}
	if allowed < 30 || refused < 20 {
		t.Errorf("%d were allowed and %d refused", allowed, refused)
	}
	b.logs.quiet(t)
}

// reach writes a document for a field of a type: of the roots, or of an object that every role sees.
func (b *bundle) reach(s *ast.Schema, d *ast.Definition, f *ast.FieldDefinition, user id.User) string {
	g := &examples{schema: s}
	if d == s.Query || d == s.Mutation {
		return strings.ToLower(d.Name) + " { " + g.call(f) + " }"
	}
	if d.Name == "SalesReportFigures" {
		return `{ salesReport(input: {from: "2026-01-01", to: "2035-01-01"}) { report { totals { figures { ` + g.call(f) + ` } } } } }`
	}
	if d.Name == "StockReportRow" || d.Name == "StockReportTotal" {
		field := map[string]string{"StockReportRow": "rows(first: 1)", "StockReportTotal": "totals"}[d.Name]
		return `{ stockReport(input: {from: "2026-01-01", to: "2035-01-01"}) { report { ` + field + ` { ` + g.call(f) + ` } } } }`
	}
	store := b.A.Stores[0]
	seen := map[string]string{
		"Store": store.ID.String(), "Register": store.Registers[0].ID.String(), "Product": b.A.Products[0].String(),
		"User": user.String(), "Category": b.A.Category.String(), "Company": b.A.ID.String(),
		"Sale": store.Registers[0].Sale.String(), "Customer": b.A.Customer.ID.String(), "LedgerEntry": b.A.Customer.Issued.String(),
		"InventoryLevel": store.Levels[0].String(), "StockMovement": store.Receipt.String(), "SaleLine": store.Registers[0].Lines[0].String(),
		"TillSession": store.Registers[0].TillSession.String(), "Approval": store.Approval.String(),
		"ParkedSale": store.Parked.String(),
	}[d.Name]
	return `{ node(id: "` + seen + `") { ... on ` + d.Name + ` { ` + g.call(f) + ` } } }`
}

// TestNodeNeedsThePermissionOfItsList: what lists refuse can't be had by its id.
func TestNodeNeedsThePermissionOfItsList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// No role lacks these today; the check is the resolver's own.
	for _, who := range b.everyRole(t) {
		a := b.post(t, who.token, `{ level: node(id: "`+b.A.Stores[0].Levels[0].String()+`") { id }
			till: node(id: "`+b.A.Stores[0].Registers[0].TillSession.String()+`") { id }
			drawer: node(id: "`+b.A.Stores[0].Registers[0].DrawerMovement.String()+`") { id }
			z: node(id: "`+b.A.Stores[0].Registers[0].ZReport.String()+`") { id }
			sale: node(id: "`+b.A.Stores[0].Registers[0].Sale.String()+`") { id }
			line: node(id: "`+b.A.Stores[0].Registers[0].Lines[0].String()+`") { id }
			payment: node(id: "`+b.A.Stores[0].Registers[0].Payment.String()+`") { id } }`, nil).ok(t)
		for name, object := range a.Data {
			if object == nil {
				t.Errorf("a %s doesn't see its own %s", who.role, name)
			}
		}
	}
}

// TestLoggedOut asks every root field without a token, and with one that is none.
func TestLoggedOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := schemaOf(t)
	public := 0
	for _, d := range []*ast.Definition{s.Query, s.Mutation} {
		for _, f := range fieldsOf(d) {
			query := strings.ToLower(d.Name) + " { " + (&examples{schema: s}).call(f) + " }"
			for _, token := range []string{"", "x", "a.b.c", "tgk_x"} {
				a := b.post(t, token, query, nil)
				if f.Directives.ForName("public") != nil {
					public++
					if a.Status != http.StatusOK || a.code() != "" {
						t.Errorf("public, with the token %q: %d %s", token, a.Status, a.Raw)
					}
					continue
				}
				b.refused(t, a, query)
			}
		}
	}
	if public < 10*4 {
		t.Errorf("%d tries of public fields", public)
	}
	const login = `login(input: {companySlug: "acme", email: "a@b", password: "x"}) { userErrors { code } }`
	for _, query := range []string{
		`{ __typename viewer { role } }`, `{ a: viewer { role } }`, `{ ...F } fragment F on Query { viewer { role } }`,
		`{ ... { ... on Query { stores { totalCount } } } }`, `{ __schema { types { name } } company { name } }`,
		`mutation { ` + login + ` logout { loggedOut } }`, `mutation { login: logout { loggedOut } }`,
		`mutation { ` + login + ` ...F } fragment F on Mutation { storeRemove: storePriceRemove(storeId: "` + fresh[id.Store]() +
			`", productId: "` + fresh[id.Product]() + `") { product { id } } }`,
	} {
		b.refused(t, b.post(t, "", query, nil), query)
	}
	for _, query := range []string{`{ __typename }`, `{ __type(name: "Store") { name } }`, `mutation { __typename ` + login + ` }`} {
		if a := b.post(t, "", query, nil); a.code() != "" || a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", query, a.Status, a.Raw)
		}
	}
	b.logs.quiet(t)
}

func (b *bundle) refused(t testing.TB, a *answer, query string) {
	t.Helper()
	if a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || len(a.Errors) != 1 || a.Data != nil ||
		a.Statements != 0 || a.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%s: %d %v %s", query, a.Status, a.cost, a.Raw)
	}
}
