package graph_test

import (
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestStatements pins what reads ask of the database. Each batch enters the scope (one statement), the first one with the
// question whether what is known of who asks still holds, and is one round trip. The numbers are those of one row and of
// two hundred.
func TestStatements(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	b.fill(t)
	store := b.A.Stores[0].ID.String()
	b.db.Exec(t, "update price_lists set valid_until = null where tenant_id = $1", b.A.ID.UUID())
	b.db.Exec(t, `insert into price_list_items (tenant_id, price_list_id, product_id, currency_code, price)
		select tenant_id, $2, id, 'KES', 100 from products where tenant_id = $1 on conflict do nothing`, b.A.ID.UUID(), b.A.PriceList.UUID())
	var products []string
	for _, v := range pgtest.Values[[16]byte](t, b.db, "select id from products where tenant_id = $1 and sku like 'N%'", b.A.ID.UUID()) {
		products = append(products, id.Product(v).String())
	}
	for _, test := range []struct {
		name, query string
		vars        vars
		// rows are at this path, few of them with n: 1.
		rows []any
		want cost
	}{
		{
			"a product", `query { product(id: "` + products[0] + `") { id sku name basePrice { amount } } }`, nil, nil,
			cost{Statements: 2, RoundTrips: 1},
		},
		{"who asks", `{ viewer { role permissions } }`, nil, nil, cost{Statements: 1, RoundTrips: 1}},
		{
			"sales of a store, flat",
			`query($n: Int) { store(id: "` + store + `") { sales(first: $n) { nodes { id receiptNumber total { amount } occurredAt } } } }`,
			nil,
			[]any{"store", "sales", "nodes"},
			cost{Statements: 3, RoundTrips: 1},
		},
		{
			"sales by filter, flat",
			`query($n: Int) { sales(first: $n, filter: {storeId: "` + store + `"}) { nodes { id receiptNumber total { amount } } } }`,
			nil,
			[]any{"sales", "nodes"},
			cost{Statements: 2, RoundTrips: 1},
		},
		{
			"sales with their total",
			`query($n: Int) { sales(first: $n, filter: {storeId: "` + store + `"}) { totalCount nodes { id } } }`,
			nil,
			[]any{"sales", "nodes"},
			cost{Statements: 3, RoundTrips: 1},
		},
		{
			"sales with all that belongs to them",
			`query($n: Int) { sales(first: $n, filter: {storeId: "` + store + `"}) { nodes { id
				store { name } register { name } cashier { name } payments { method }
				lines { quantity product { name category { name } } } } } }`,
			nil,
			[]any{"sales", "nodes"},
			cost{Statements: 2 + 2, RoundTrips: 1},
		},
		{
			"stores, registers, their last sales, lines, products",
			`query($n: Int) { stores(first: $n) { nodes { name registers(first: $n) { nodes { name
				sales(first: 5) { nodes { receiptNumber lines { quantity product { name } } } } } } } } }`,
			nil,
			[]any{"stores", "nodes"},
			cost{Statements: 2 + 3, RoundTrips: 1},
		},
		{
			"the totals of many lists",
			`query($n: Int) { stores(first: $n) { nodes { registers(first: 1) { totalCount } sales(first: 0) { totalCount } } } }`,
			nil,
			[]any{"stores", "nodes"},
			cost{Statements: 2 + 4, RoundTrips: 1},
		},
		{
			"products with price, barcodes and stock",
			`query($n: Int) { products(first: $n, filter: {status: ACTIVE}) { nodes { name barcodes
				price(storeId: "` + store + `") { source price { amount } } category { name }
				inventory(first: 3) { nodes { quantity store { code } } } storePrices { nodes { price { amount } } } } } }`,
			nil,
			[]any{"products", "nodes"},
			cost{Statements: 2 + 4, RoundTrips: 1},
		},
		{
			"products with variants and the price lists of their prices",
			`query($n: Int) { products(first: $n, filter: {soldInStoreId: "` + store + `"}) { nodes { name soldInStore(storeId: "` + store + `")
				price(storeId: "` + store + `", at: "2026-01-01T00:00:00Z") { source price { amount } validUntil priceList { name stores { name } } }
				parent { name } options { name value } variants(first: 2) { nodes { name } } } } }`,
			nil,
			[]any{"products", "nodes"},
			cost{Statements: 2 + 3*2 + 2 + 2, RoundTrips: 1 + 3 + 1 + 1},
		},
		{
			"price lists with their prices",
			`query($n: Int) { priceLists { nodes { name stores { name } items(first: $n) { totalCount nodes { price { amount } product { name } } } } } }`,
			nil,
			[]any{"priceLists", "nodes", 0, "items", "nodes"},
			cost{Statements: 2 + 2 + 3 + 2, RoundTrips: 1 + 2 + 1},
		},
		{
			"categories by filter", `query($n: Int) { categories(first: $n, filter: {topLevel: true}) { nodes { name parent { name } } } barcodeRules { nodes { prefix } } }`,
			nil, nil,
			cost{Statements: 2 * 2, RoundTrips: 2},
		},
		{
			"a catalogue by category",
			`query($n: Int) { categories { nodes { name children { nodes { name } } products(first: $n) { nodes { sku } } } } }`,
			nil,
			[]any{"categories", "nodes", 0, "products", "nodes"},
			cost{Statements: 2 + 2, RoundTrips: 1},
		},
		{
			"nodes", `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { name category { name } } } }`,
			vars{"ids": products},
			[]any{"nodes"},
			cost{Statements: 2, RoundTrips: 1},
		},
		{
			"the people", `query($n: Int) { users(first: $n) { nodes { name email } } }`, nil,
			[]any{"users", "nodes"},
			cost{Statements: 2, RoundTrips: 1},
		},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) {
			for _, n := range []int{1, 200} {
				variables := vars{"n": n}
				if test.vars != nil {
					variables = vars{"ids": products[:n]}
				}
				if test.rows == nil {
					variables = nil
				}
				a := b.post(t, b.owner(t), test.query, variables).ok(t)
				if rows, _ := a.at(test.rows...).([]any); test.rows != nil && (len(rows) == 1) != (n == 1) {
					t.Errorf("asked for %d, got %d rows", n, len(rows))
				}
				if a.cost != test.want {
					t.Errorf("with %d: %+v, want %+v", n, a.cost, test.want)
				}
			}
		})
	}
	b.logs.quiet(t)
}
