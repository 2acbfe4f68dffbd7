package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// often are fields that a document of random fields would have too seldom.
var often = []string{"price", "soldInStore", "priceList"}

// one is a field of a type.
func (g *documentOf) one(def *ast.Definition) *ast.FieldDefinition {
	if some := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return !slices.Contains(often, f.Name)
	}); len(some) > 0 && g.IntN(6) == 0 {
		return some[g.IntN(len(some))]
	}
	return def.Fields[g.IntN(len(def.Fields))]
}

// priced adds prices of all sources, for all times, and stores that don't sell everything or sell in another currency.
func (w *twoWays) priced(t *testing.T) {
	t.Helper()
	a, first, second := w.A.ID.UUID(), w.A.Stores[0].ID.UUID(), w.A.Stores[1].ID.UUID()
	w.db.Exec(t, `insert into price_lists (tenant_id, id, name, currency_code, status, priority, valid_from, valid_until)
		select $1, ('018f0000-0020-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'List ' || n, 'KES',
			case when n % 5 = 0 then 'INACTIVE' else 'ACTIVE' end, n % 3,
			case when n % 2 = 0 then '2025-06-01T00:00:00Z'::timestamptz + n * interval '1 month' end,
			case when n % 3 <> 0 then '2026-09-01T00:00:00.5Z'::timestamptz + n * interval '1 year' end
		from generate_series(1, 8) n`, a)
	w.db.Exec(t, `insert into price_list_stores (tenant_id, store_id, price_list_id)
		select $1, s, id from price_lists, unnest(array[$2, $3]::uuid[]) s
		where tenant_id = $1 and name like 'List _' and (s = $2 or priority > 0)`, a, first, second)
	w.db.Exec(t, `insert into price_list_items (tenant_id, price_list_id, product_id, currency_code, price)
		select $1, l.id, p.id, 'KES', 1000 * l.priority + 10 * right(l.name, 1)::int + p.price % 7 from price_lists l, products p
		where l.tenant_id = $1 and l.name like 'List _' and p.tenant_id = $1 and p.sku like 'N%'
			and (p.price / 100) % 9 = right(l.name, 1)::int % 4`, a)
	w.db.Exec(t, `insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price, valid_from, valid_until)
		select $1, $2, overlay(gen_random_uuid()::text placing '7' from 15)::uuid, id, 'KES', 33, '2026-06-01T00:00:00Z', case when price % 400 = 0 then '2027-06-01T00:00:00Z'::timestamptz end
		from products where tenant_id = $1 and sku like 'N%' and price % 200 = 0`, a, first)
	w.db.Exec(t, `insert into product_availability (tenant_id, store_id, product_id, sold)
		select $1, $2, id, price % 300 = 0 from products where tenant_id = $1 and sku like 'N%' and price % 500 <> 0`, a, first)
	w.db.Exec(t, "update stores set currency_code = 'USD' where tenant_id = $1 and code = 'N1'", a)
}

// TestPricesOfAPageAreOneStatement, whatever their number and wherever the products stand, in the one round trip.
func TestPricesOfAPageAreOneStatement(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	owner := w.people(t)["owner"]
	here, there := w.A.Stores[0].ID.String(), w.A.Stores[1].ID.String()
	usd := id.Store(pgtest.Values[[16]byte](t, w.db, "select id from stores where tenant_id = $1 and code = 'N1'", w.A.ID.UUID())[0]).String()
	w.alike(t, owner, `{ viewer { role } }`, nil) // who is known is not asked about again
	// entry stands for the statement that enters the company.
	const entry = 1
	for name, test := range map[string]struct {
		query string
		want  int64
	}{
		"one price": {`{ products(first: $n) { nodes { sku price(storeId: "` + here + `") { price { amount currencyCode } source validUntil } } } }`, 2},
		"their price lists": {
			`{ products(first: $n) { nodes { price(storeId: "` + here + `") { source priceList { name priority } } } } }`, 2,
		},
		"several stores and instants": {
			`{ products(first: $n) { nodes { a: price(storeId: "` + here + `") { price { amount } } b: price(storeId: "` + there + `") { price { amount } }
				c: price(storeId: "` + here + `", at: "2026-06-15T00:00:00Z") { price { amount } source } d: price(storeId: "` + usd + `") { source } } } }`, 5,
		},
		"what is sold": {`{ products(first: $n) { nodes { sku soldInStore(storeId: "` + here + `") } } }`, 2},
		"of sold lines": {
			`{ sales(first: $n) { nodes { lines { product { sku price(storeId: "` + here + `") { price { amount } } } } } } }`, 3,
		},
		"of the products of categories": {
			`{ categories(first: $n) { nodes { products(first: 3) { totalCount edges { cursor node { price(storeId: "` + there + `") { price { amount } } } } } } } }`, 4,
		},
		"of what has variants": {
			`{ products(first: $n) { nodes { variants(first: 2) { nodes { price(storeId: "` + here + `") { source } soldInStore(storeId: "` + there + `") } } } } }`, 4,
		},
		"of another's store": {`{ products(first: $n) { nodes { price(storeId: "` + w.B.Stores[0].ID.String() + `") { source } soldInStore(storeId: "` +
			w.B.Stores[0].ID.String() + `") } } }`, 3},
	} {
		for _, n := range []int{1, 50} {
			whole, left := w.counted(t)
			a := w.alike(t, owner, "query($n: Int) "+test.query, vars{"n": n})
			a.ok(t)
			if now, resolved := w.counted(t); now != whole+1 || resolved != left {
				t.Errorf("%s: %d as a whole and %d not", name, now-whole, resolved-left)
			}
			if want := (cost{Statements: entry + test.want, RoundTrips: 1}); a.cost != want {
				t.Errorf("%s, %d: %+v, want %+v", name, n, a.cost, want)
			}
		}
	}
}

// TestPricesAreLeftWhereTheyAreRefused: ids of another type, instants that are none, and modules that a company doesn't have.
func TestPricesAreLeftWhereTheyAreRefused(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	owner := w.people(t)["owner"]
	for _, arguments := range []string{
		fmt.Sprintf("storeId: %q", w.A.Products[0]), `storeId: "nothing"`, `storeId: 7`,
		fmt.Sprintf(`storeId: %q, at: "yesterday"`, w.A.Stores[0].ID), fmt.Sprintf("storeId: %q, at: 7", w.A.Stores[0].ID),
	} {
		_, left := w.counted(t)
		w.alike(t, owner, `{ products(first: 2) { nodes { sku price(`+arguments+`) { source } } } }`, nil)
		if _, now := w.counted(t); now != left+1 {
			t.Errorf("%s: %d were left to the resolvers", arguments, now-left)
		}
	}
}
