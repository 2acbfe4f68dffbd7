package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// connection is a place where the schema has a page, and how to get there.
type connection struct{ name, before, args, after string }

// connections are all of them.
func (b *bundle) connections(t testing.TB) []connection {
	t.Helper()
	s := schemaOf(t)
	store := b.A.Stores[0]
	seen := map[string]string{
		"Store": store.ID.String(), "Register": store.Registers[0].ID.String(), "Product": b.A.Products[0].String(),
		"Category": b.A.Category.String(), "Company": b.A.ID.String(),
		"Customer": b.A.Customer.ID.String(), "GiftCard": b.A.Customer.GiftCard.String(),
		"PriceList": b.A.PriceList.String(), "InventoryLevel": store.Levels[0].String(),
		"TillSession": store.Registers[0].TillSession.String(),
		"TaxCategory": b.A.TaxCategory.String(),
		"User":        store.Cashier.String(), "Sale": store.Registers[0].Sale.String(), "SupportAccess": b.A.Support.String(), "App": b.A.App.String(),
	}
	// needed are the arguments that a list can't do without.
	needed := map[string]string{
		"expiringBatches": `expiresBefore: "2100-01-01"`,
		"salesOfLot":      `lotNumber: "none", productId: "` + b.A.Products[0].String() + `"`,
	}
	var list []connection
	for _, d := range own(s) {
		for _, f := range fieldsOf(d) {
			if d.Kind != ast.Object || !strings.HasSuffix(f.Type.Name(), "Connection") {
				continue
			}
			c := connection{name: d.Name + "." + f.Name, before: "{ ", after: " }"}
			switch {
			case d.Name == "Viewer":
				c.before, c.after = "{ viewer { ", " } }"
			case d != s.Query:
				c.before, c.after = `{ node(id: "`+seen[d.Name]+`") { ... on `+d.Name+" { ", " } } }"
			}
			c.before += f.Name
			if args := needed[f.Name]; args != "" {
				c.args = args + ", "
			}
			list = append(list, c)
		}
	}
	return list
}

// TestPageArguments tries what is wrong with a page on every list that there is.
func TestPageArguments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sales := b.post(t, b.owner(t), `{ sales(first: 1, sort: OCCURRED_AT_ASC) { pageInfo { endCursor } } }`, nil).ok(t)
	wrong := []string{
		"first: 251", "first: -1", "last: 251", "last: -1", "first: 1, last: 1", "first: 2147483647", "first: 1, before: \"x\"",
		`after: "x", before: "x"`, `last: 1, after: "x"`, `before: "x"`, `after: ""`, `after: "garbage"`, `after: "WyJ4Il0"`,
		`last: 2, before: "` + strings.Repeat("A", 3000) + `"`,
		`after: "` + b.foreignCursor(t) + `"`, fmt.Sprintf(`after: "%v"`, sales.at("sales", "pageInfo", "endCursor")),
	}
	tried := 0
	for _, c := range b.connections(t) {
		for _, args := range wrong {
			query := c.before + "(" + c.args + args + ") { totalCount nodes { __typename } pageInfo { endCursor } }" + c.after
			a := b.post(t, b.owner(t), query, nil)
			if a.code() != "BAD_USER_INPUT" || len(a.Errors) != 1 || a.Status != 200 {
				t.Errorf("%s(%s): %.300s", c.name, args, a.Raw)
			}
			tried++
		}
		for _, args := range []string{"", "first: 0", "last: 0", "first: 250", "last: 250", "first: null, last: null, after: null"} {
			if args = c.args + args; args != "" {
				args = "(" + args + ")"
			}
			b.post(t, b.owner(t), c.before+args+" { totalCount edges { cursor } pageInfo { hasNextPage } }"+c.after, nil).ok(t)
		}
	}
	if tried < 15*len(wrong) {
		t.Errorf("only %d were tried", tried)
	}
	b.logs.quiet(t)
}

// TestWalks goes through lists of the graph whose sort keys repeat, forward and backward, in pages of random sizes.
func TestWalks(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 20 })
	b.fill(t)
	a := b.A.ID.UUID()
	store, register := b.A.Stores[0], b.A.Stores[0].Registers[0]
	lists := map[string]struct {
		field, before, after, order string
		path                        []any
	}{
		"sales": {"sales", "{ ", " }", "select id from sales where tenant_id = $1 order by occurred_at desc, id desc", []any{"sales"}},
		"sales from the oldest": {
			"sales: sales", "{ ", " }", "select id from sales where tenant_id = $1 order by occurred_at, id", []any{"sales"},
		},
		"sales of a store": {
			"sales", `{ store(id: "` + store.ID.String() + `") { `, " } }",
			"select id from sales where tenant_id = $1 and store_id = '" + store.ID.UUID().String() + "' order by occurred_at desc, id desc",
			[]any{"store", "sales"},
		},
		"sales of a register": {
			"sales", `{ register(id: "` + register.ID.String() + `") { `, " } }",
			"select id from sales where tenant_id = $1 and register_id = '" + register.ID.UUID().String() + "' order by occurred_at desc, id desc",
			[]any{"register", "sales"},
		},
		"stores": {"stores", "{ ", " }", "select id from stores where tenant_id = $1 order by name, id", []any{"stores"}},
		"products of a category": {
			"products", `{ category(id: "` + b.A.Category.String() + `") { `, " } }",
			"select id from products where tenant_id = $1 order by name, id",
			[]any{"category", "products"},
		},
	}
	token := b.owner(t)
	want := map[string][]string{}
	names := []string{}
	for name, list := range lists {
		for _, v := range pgtest.Values[[16]byte](t, b.db, list.order, a) {
			want[name] = append(want[name], fmt.Sprintf("%x", v))
		}
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "list")
		list, backward := lists[name], rapid.Bool().Draw(rt, "backward")
		var got []string
		cursor := "null"
		for more := true; more; {
			n := rapid.IntRange(20, 250).Draw(rt, "size")
			args := fmt.Sprintf("first: %d, after: %s", n, cursor)
			if backward {
				args = fmt.Sprintf("last: %d, before: %s", n, cursor)
			}
			if name == "sales from the oldest" {
				args += ", sort: OCCURRED_AT_ASC"
			}
			answer := b.post(t, token, list.before+list.field+"("+args+`) { totalCount edges { cursor node { id } }
				pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`+list.after, nil).ok(t)
			page, _ := answer.at(list.path...).(vars)
			if page["totalCount"] != float64(len(want[name])) {
				rt.Fatalf("%v in total, want %d", page["totalCount"], len(want[name]))
			}
			edges, _ := page["edges"].([]any)
			var rows []string
			for _, edge := range edges {
				ref := parsed(rt, edge.(vars)["node"].(vars)["id"].(string))
				rows = append(rows, ref)
			}
			info, _ := page["pageInfo"].(vars)
			if backward {
				got = append(rows, got...)
				more, cursor = info["hasPreviousPage"].(bool), fmt.Sprintf("%q", info["startCursor"])
			} else {
				got = append(got, rows...)
				more, cursor = info["hasNextPage"].(bool), fmt.Sprintf("%q", info["endCursor"])
			}
			if more != (len(got) < len(want[name])) {
				rt.Fatalf("more: %v, after %d of %d", more, len(got), len(want[name]))
			}
		}
		if !slices.Equal(got, want[name]) {
			rt.Fatalf("%s: met %d rows in another order or number than the %d that there are", name, len(got), len(want[name]))
		}
	})
	b.logs.quiet(t)
}

// TestPagesOfManyStores: what one statement answers for all stores is what each store answers alone.
func TestPagesOfManyStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	const pages = `registers(first: 3) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
		sales(last: 4) { totalCount edges { cursor node { id } } pageInfo { hasPreviousPage startCursor } }
		inventory(first: 2) { totalCount nodes { id } }`
	all := b.post(t, b.owner(t), `{ stores(first: 30) { nodes { id `+pages+` } } }`, nil).ok(t)
	stores, _ := all.at("stores", "nodes").([]any)
	if len(stores) != 22 {
		t.Fatalf("%d stores", len(stores))
	}
	for _, store := range stores {
		alone := b.post(t, b.owner(t), `query($id: ID!) { store(id: $id) { id `+pages+` } }`, vars{"id": store.(vars)["id"]}).ok(t)
		same(t, alone.at("store"), store)
	}
}

// parsed gives an id in the database's form.
func parsed(t *rapid.T, text string) string {
	ref, err := id.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", ref.UUID[:])
}

// foreignCursor is the end of company B's list of products.
func (b *bundle) foreignCursor(t testing.TB) string {
	t.Helper()
	a := b.post(t, b.token(t, b.B, b.B.Owner), `{ products(first: 1) { pageInfo { endCursor } } }`, nil).ok(t)
	cursor, _ := a.at("products", "pageInfo", "endCursor").(string)
	return cursor
}
