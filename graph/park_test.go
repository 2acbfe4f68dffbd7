package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	parkedFields = `parkedSale { id status label note version sale { id } lines { quantity product { id } } } userErrors { code field message }`

	parkSale    = `mutation($input: ParkedSaleCreateInput!) { parkedSaleCreate(input: $input) { ` + parkedFields + ` } }`
	parkChange  = `mutation($id: ID!, $input: ParkedSaleUpdateInput!) { parkedSaleUpdate(id: $id, input: $input) { ` + parkedFields + ` } }`
	parkDiscard = `mutation($id: ID!) { parkedSaleDiscard(id: $id) { ` + parkedFields + ` } }`
)

func parking(register id.Register, key, label string, lines ...vars) vars {
	return vars{"idempotencyKey": key, "registerId": register.String(), "label": label, "lines": lines}
}

func (b *bundle) park(t testing.TB, token string, input vars) *answer {
	t.Helper()
	return b.post(t, token, parkSale, vars{"input": input}).ok(t)
}

func carryOn(register id.Register, key string, parked any, product id.Product) vars {
	in := order(register, key, "90", item(product, "1"))
	in["parkedSaleId"] = parked
	return in
}

func TestParkedSale(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	first, second := store.Registers[0].ID, store.Registers[1]
	levels := b.stock(t, store.ID, product)
	a := b.park(t, b.cashier(t, 0), parking(first, "k", " Table 4 ", item(product, "2"), item(b.A.Products[1], "1")))
	if len(a.codes("parkedSaleCreate")) > 0 || a.texts("status label version", "parkedSaleCreate", "parkedSale") != "PARKED Table 4 1" {
		t.Fatal(a.Raw)
	}
	parked := a.at("parkedSaleCreate", "parkedSale", "id")
	if again := b.park(t, b.cashier(t, 0), parking(first, "k", " Table 4 ", item(product, "2.0"), item(b.A.Products[1], "1"))); again.Raw != a.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	if other := b.park(t, b.cashier(t, 0), parking(first, "k", "Table 5", item(product, "2"))); !slices.Equal(
		other.codes("parkedSaleCreate"), []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
		t.Errorf("another under the key: %s", other.Raw)
	}
	// Another register of the store sees it, changes it and carries it on.
	device := b.device(t, b.A, second)
	listed := b.post(t, device, `{ parkedSales { totalCount nodes { id label lines { quantity } } } }`, nil).ok(t)
	same(t, listed.at("parkedSales", "totalCount"), 2) // and the fixture's
	same(t, listed.at("parkedSales", "nodes", 0), vars{"id": parked, "label": "Table 4", "lines": []vars{{"quantity": "2"}, {"quantity": "1"}}})
	changed := b.post(t, device, parkChange, vars{"id": parked, "input": vars{"version": 1, "note": "hurry", "lines": []vars{item(product, "1")}}}).ok(t)
	same(t, changed.at("parkedSaleUpdate", "parkedSale"), vars{
		"id": parked, "status": "PARKED", "label": "Table 4", "note": "hurry", "version": 2, "sale": nil,
		"lines": []vars{{"quantity": "1", "product": vars{"id": product.String()}}},
	})
	stale := b.post(t, b.cashier(t, 0), parkChange, vars{"id": parked, "input": vars{"version": 1, "label": "x"}}).ok(t)
	if !slices.Equal(stale.codes("parkedSaleUpdate"), []string{"CONFLICT version"}) {
		t.Errorf("stale: %s", stale.Raw)
	}
	same(t, stale.at("parkedSaleUpdate", "parkedSale"), changed.at("parkedSaleUpdate", "parkedSale"))
	if got := b.stock(t, store.ID, product); got != levels {
		t.Errorf("parking moved the stock to %d", got)
	}
	done := b.sell(t, device, carryOn(second.ID, "s", parked, product))
	node := b.post(t, b.owner(t), `query($id: ID!) { node(id: $id) { ... on ParkedSale { status sale { id } } } parkedSales { totalCount } }`, vars{"id": parked}).ok(t)
	same(t, node.at("node"), vars{"status": "COMPLETED", "sale": vars{"id": done.at("saleRecord", "sale", "id")}})
	same(t, node.at("parkedSales", "totalCount"), 2) // the fixture's, of two stores
	for name, answer := range map[string]*answer{
		"parkedSaleUpdate":  b.post(t, device, parkChange, vars{"id": parked, "input": vars{"version": 3, "label": "x"}}),
		"parkedSaleDiscard": b.post(t, device, parkDiscard, vars{"id": parked}),
	} {
		if got := answer.ok(t).codes(name); !slices.Equal(got, []string{"PARKED_SALE_GONE id"}) || answer.at(name, "parkedSale", "status") != "COMPLETED" {
			t.Errorf("%s of what is sold: %s", name, answer.Raw)
		}
	}
	// The sale's key answers with the sale, although its parked sale has ended.
	if again := b.sell(t, device, carryOn(second.ID, "s", parked, product)); again.Raw != done.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	b.logs.quiet(t)
}

func TestParkedSaleEnds(t *testing.T) {
	t.Parallel()
	start := time.Now()
	clock := start
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	store, product, token := b.A.Stores[0], b.A.Products[0], b.cashier(t, 0)
	register := store.Registers[0].ID
	b.db.Exec(t, "update company_settings set parked_sale_hours = 1 where tenant_id = $1", b.A.ID.UUID())
	b.db.Exec(t, "delete from parked_sales where id = $1", store.Parked.UUID())
	ids := make([]any, 2)
	for i := range ids {
		ids[i] = b.park(t, token, parking(register, fmt.Sprint(i), "", item(product, "1"))).at("parkedSaleCreate", "parkedSale", "id")
	}
	gone := b.post(t, token, parkDiscard, vars{"id": ids[0]}).ok(t)
	if len(gone.codes("parkedSaleDiscard")) > 0 || gone.at("parkedSaleDiscard", "parkedSale", "status") != "DISCARDED" {
		t.Error(gone.Raw)
	}
	if again := b.post(t, token, parkDiscard, vars{"id": ids[0]}).ok(t); again.Raw != gone.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	clock = start.Add(59 * time.Minute)
	same(t, b.post(t, token, `{ parkedSales { nodes { id } } }`, nil).ok(t).at("parkedSales", "nodes"), []vars{{"id": ids[1]}})
	clock = start.Add(time.Hour)
	same(t, b.post(t, token, `{ parkedSales { nodes { id } totalCount } }`, nil).ok(t).at("parkedSales"), vars{"nodes": []vars{}, "totalCount": 0})
	before := b.books(t)
	for name, parked := range map[string]any{"given up": ids[0], "expired": ids[1], "another store's": b.A.Stores[1].Parked.String(), "made up": fresh[id.ParkedSale]()} {
		a := b.post(t, b.owner(t), recordSale, vars{"input": carryOn(register, "s", parked, product)}).ok(t)
		if got := a.codes("saleRecord"); !slices.Equal(got, []string{"PARKED_SALE_GONE parkedSaleId"}) {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	a := b.post(t, token, parkChange, vars{"id": ids[1], "input": vars{"version": 1, "label": "x"}}).ok(t)
	if !slices.Equal(a.codes("parkedSaleUpdate"), []string{"PARKED_SALE_GONE id"}) || a.at("parkedSaleUpdate", "parkedSale", "status") != "EXPIRED" {
		t.Errorf("change: %s", a.Raw)
	}
	b.unchanged(t, before)
}

func TestParkedSaleRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, register, product := b.cashier(t, 0), b.A.Stores[0].Registers[0].ID, b.A.Products[0]
	before := b.books(t)
	long := string(make([]byte, 101))
	for name, c := range map[string]struct {
		input vars
		want  []string
	}{
		"everything": {
			parking(register, "", long, item(product, "0"), item(fresh2(), "1"), item(product, "1.5"), item(product, "0.0001")),
			[]string{
				"INVALID idempotencyKey", "INVALID label", "QUANTITY_NOT_POSITIVE lines.0.quantity", "PRODUCT_NOT_FOUND lines.1.productId",
				"QUANTITY_NOT_WHOLE lines.2.quantity", "TOO_PRECISE lines.3.quantity",
			},
		},
		"nothing":          {vars{"idempotencyKey": "k", "registerId": register.String(), "lines": []vars{}}, []string{"INVALID lines"}},
		"another register": {parking(b.A.Stores[1].Registers[0].ID, "k", "", item(product, "1")), []string{"REGISTER_NOT_FOUND registerId"}},
		"no register":      {vars{"idempotencyKey": "k", "lines": []vars{item(product, "1")}}, []string{"REGISTER_REQUIRED registerId"}},
	} {
		if a := b.park(t, token, c.input); !slices.Equal(a.codes("parkedSaleCreate"), c.want) {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	parked := b.A.Stores[0].Parked
	a := b.post(t, token, parkChange, vars{"id": parked.String(), "input": vars{"version": 1, "label": nil, "lines": []vars{item(product, "-1")}}}).ok(t)
	if !slices.Equal(a.codes("parkedSaleUpdate"), []string{"INVALID label", "QUANTITY_NOT_POSITIVE lines.0.quantity"}) {
		t.Error(a.Raw)
	}
	b.unchanged(t, before)
	b.db.Exec(t, "update companies set status = 'SUSPENDED'")
	b.db.Exec(t, "update registers set status = 'CLOSED'")
	if a := b.park(t, token, parking(register, "k", "", item(product, "1"))); !slices.Equal(a.codes("parkedSaleCreate"), []string{"COMPANY_SUSPENDED ", "REGISTER_CLOSED registerId"}) {
		t.Error(a.Raw)
	}
	if a := b.post(t, token, parkChange, vars{"id": parked.String(), "input": vars{"version": 1}}).ok(t); !slices.Equal(a.codes("parkedSaleUpdate"), []string{"COMPANY_SUSPENDED "}) {
		t.Error(a.Raw)
	}
}

func fresh2() id.Product { return id.New[id.Product]() }

// Two tills carry the same parked sale on, and a third gives it up: one of them does.
func TestParkedSaleOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	token := b.cashier(t, 0)
	sold := 0
	for round := range 12 {
		parked := b.park(t, token, parking(store.Registers[0].ID, fmt.Sprint(round), "", item(product, "1"))).at("parkedSaleCreate", "parkedSale", "id")
		answers := together(t, 3, func(i int) (*answer, error) {
			if i == 2 {
				return b.ask(t.Context(), token, parkDiscard, vars{"id": parked})
			}
			return b.ask(t.Context(), token, recordSale, vars{"input": carryOn(store.Registers[i].ID, fmt.Sprint("s", round), parked, product)})
		})
		won := 0
		for i, a := range answers {
			field, code := "saleRecord", "PARKED_SALE_GONE parkedSaleId"
			if i == 2 {
				field, code = "parkedSaleDiscard", "PARKED_SALE_GONE id"
			}
			switch codes := a.ok(t).codes(field); {
			case len(codes) == 0:
				won++
				if i < 2 {
					sold++
				}
			case !slices.Equal(codes, []string{code}):
				t.Errorf("%s", a.Raw)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d did", round, won)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from parked_sales where status = 'COMPLETED'"); n != sold {
		t.Errorf("%d of %d sales ended a parked one", n, sold)
	}
	b.sound(t)
}

// What parking costs doesn't grow with the lines.
func TestParkedSaleStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	products := b.manyProducts(t, b.A, 200)
	b.everywhere(t, b.A)
	register := b.A.Stores[0].Registers[0].ID
	b.warm(t, register)
	const bare = `mutation($input: ParkedSaleCreateInput!) { parkedSaleCreate(input: $input) { parkedSale { id } userErrors { code } } }`
	for _, n := range []int{1, 200} {
		lines := make([]vars, n)
		for i := range lines {
			lines[i] = item(products[i], "1")
		}
		a := b.post(t, b.cashier(t, 0), bare, vars{"input": parking(register, fmt.Sprint(n), "", lines...)}).ok(t)
		if want := (cost{Statements: 9, RoundTrips: 2}); a.cost != want || len(a.codes("parkedSaleCreate")) > 0 {
			t.Errorf("%d lines: %+v, not %+v: %s", n, a.cost, want, a.Raw)
		}
		parked := a.at("parkedSaleCreate", "parkedSale", "id")
		in := order(register, fmt.Sprint("s", n), fmt.Sprint(n), lines...)
		in["parkedSaleId"] = parked
		done := b.post(t, b.cashier(t, 0), recordBare, vars{"input": in}).ok(t)
		if want := (cost{Statements: lookedUp.Statements + 4, RoundTrips: lookedUp.RoundTrips}); done.cost != want || len(done.codes("saleRecord")) > 0 {
			t.Errorf("carrying on %d lines: %+v, not %+v: %s", n, done.cost, want, done.Raw)
		}
	}
	// The list: who asks and the page; its lines, their products and the registers once each.
	var costs []cost
	for _, first := range []int{1, 3} {
		a := b.post(t, b.cashier(t, 0), `query($n: Int!) { parkedSales(first: $n) { nodes { id register { name } parkedBy { name } lines { quantity product { name } } } } }`, vars{"n": first}).ok(t)
		costs = append(costs, a.cost)
	}
	if costs[0] != costs[1] {
		t.Errorf("lists cost %v", costs)
	}
}

// Where the company says so, a parked sale's goods are put aside: until it is carried on, changed, given up or expired.
func TestParkedSaleReserves(t *testing.T) {
	t.Parallel()
	start := time.Now()
	clock := start
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	store, product, token := b.A.Stores[0], b.A.Products[1], b.cashier(t, 0)
	register := store.Registers[0].ID
	b.db.Exec(t, "update company_settings set parked_sale_reserves = true, negative_stock_allowed = false, parked_sale_hours = 1 where tenant_id = $1", b.A.ID.UUID())
	there := b.stock(t, store.ID, product) / 1000
	reserved := func(want int) {
		t.Helper()
		got := pgtest.Value[string](t, b.db, "select concat_ws(' ', quantity, reserved) from inventory_levels where store_id = $1 and product_id = $2",
			store.ID.UUID(), product.UUID())
		if got != fmt.Sprint(there*1000, want*1000) {
			t.Errorf("the level is %s; want %d of %d reserved", got, want, there)
		}
	}
	park := func(key string, n int) any {
		t.Helper()
		a := b.park(t, token, parking(register, key, "", item(product, fmt.Sprint(n))))
		if len(a.codes("parkedSaleCreate")) > 0 {
			t.Fatal(a.Raw)
		}
		return a.at("parkedSaleCreate", "parkedSale", "id")
	}
	first, second := park("1", 5), park("2", 3)
	reserved(8)
	// What is put aside is nobody else's: neither to be put aside nor to be sold.
	before := b.books(t)
	if a := b.park(t, token, parking(register, "3", "", item(product, fmt.Sprint(there-7)))); !slices.Equal(a.codes("parkedSaleCreate"), []string{"STOCK_INSUFFICIENT lines.0.quantity"}) {
		t.Error(a.Raw)
	}
	much := order(register, "much", fmt.Sprint(100*there), item(product, fmt.Sprint(there-7)))
	if a := b.post(t, token, recordSale, vars{"input": much}).ok(t); !slices.Equal(a.codes("saleRecord"), []string{"STOCK_INSUFFICIENT lines.0.quantity"}) {
		t.Error(a.Raw)
	}
	if a := b.post(t, token, parkChange, vars{"id": second, "input": vars{"version": 1, "lines": []vars{item(product, fmt.Sprint(there-4))}}}).ok(t); !slices.Equal(
		a.codes("parkedSaleUpdate"), []string{"STOCK_INSUFFICIENT lines.0.quantity"}) {
		t.Error(a.Raw)
	}
	b.unchanged(t, before)
	if a := b.post(t, token, parkChange, vars{"id": second, "input": vars{"version": 1, "lines": []vars{item(product, fmt.Sprint(there-5))}}}).ok(t); len(a.codes("parkedSaleUpdate")) > 0 {
		t.Error(a.Raw)
	}
	reserved(there)
	// A change of its label alone leaves its goods where they are.
	if a := b.post(t, token, parkChange, vars{"id": second, "input": vars{"version": 2, "label": "x"}}).ok(t); len(a.codes("parkedSaleUpdate")) > 0 {
		t.Error(a.Raw)
	}
	reserved(there)
	// Its own goods are there for the one who carries it on.
	in := order(register, "s", "500", item(product, "5"))
	in["parkedSaleId"] = first
	b.sell(t, token, in)
	there -= 5
	reserved(there)
	if a := b.post(t, token, parkDiscard, vars{"id": second}).ok(t); len(a.codes("parkedSaleDiscard")) > 0 {
		t.Error(a.Raw)
	}
	reserved(0)
	// Nobody comes back for these: the next sale has them, and so has the next that is parked.
	park("4", there)
	clock = start.Add(time.Hour)
	in = order(register, "t", "100", item(product, "1"))
	b.sell(t, token, in)
	there--
	reserved(0)
	park("5", there)
	clock = start.Add(2 * time.Hour)
	park("6", 2)
	reserved(2)
	if n := pgtest.Value[int](t, b.db, "select count(*) from parked_sales where status = 'EXPIRED'"); n != 2 {
		t.Errorf("%d have expired", n)
	}
	b.logs.quiet(t)
}
