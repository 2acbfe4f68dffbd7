package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const stockFields = `levels { product { id } quantity available averageCost { amount } lowStockThreshold }
	movements { sequence kind reason note quantity quantityAfter unitCost { amount } supplierReference user { id } }
	userErrors { code field message `

const adjustStock = `mutation($input: StockAdjustInput!) { stockAdjust(input: $input) { ` + stockFields + ` quantityAvailable } } }`

const receiveStock = `mutation($input: StockReceiveInput!) { stockReceive(input: $input) { ` + stockFields + ` } } }`

const openStock = `mutation($input: StockOpeningInput!) { stockOpening(input: $input) { ` + stockFields + ` } } }`

func stockInput(store id.Store, key string, more vars, lines ...vars) vars {
	input := vars{"idempotencyKey": key, "storeId": store.String(), "lines": append([]vars{}, lines...)}
	maps.Copy(input, more)
	return vars{"input": input}
}

func stockLine(product id.Product, name, value string, more ...string) vars {
	line := vars{"productId": product.String(), name: value}
	for i := 0; i+1 < len(more); i += 2 {
		line[more[i]] = more[i+1]
	}
	return line
}

// A product's first count, deliveries and adjustments; each sent twice is done once.
func TestStockChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, manager := b.A.Stores[0].ID, b.manager(t)
	tea, rice := b.product(t, b.A, goods{price: 100}), b.product(t, b.A, goods{price: 100, unit: "KILOGRAM"})
	because := func(reason, note string) vars { return vars{"reason": reason, "note": note} }
	for _, step := range []struct {
		field, query string
		input        vars
		levels       []vars
		movements    []vars
	}{
		{
			"stockOpening", openStock,
			stockInput(store, "1", vars{"note": "first"}, stockLine(tea, "quantity", "10", "unitCost", "2.5"), stockLine(rice, "quantity", "1.25")),
			[]vars{{"quantity": "10", "averageCost": vars{"amount": "2.50"}}, {"quantity": "1.25", "averageCost": nil}},
			[]vars{
				{"sequence": 1, "kind": "OPENING", "note": "first", "quantity": "10", "quantityAfter": "10", "unitCost": vars{"amount": "2.50"}},
				{"sequence": 1, "kind": "OPENING", "quantity": "1.25", "unitCost": nil},
			},
		},
		{
			"stockReceive", receiveStock,
			stockInput(store, "2", vars{"supplierReference": "INV 7"}, stockLine(tea, "quantity", "20", "unitCost", "4.000001"), stockLine(rice, "quantity", "3", "unitCost", "0")),
			// (10 * 2.5 + 20 * 4.000001) / 30, and rice whose cost wasn't known.
			[]vars{{"quantity": "30", "averageCost": vars{"amount": "3.500001"}}, {"quantity": "4.25", "averageCost": vars{"amount": "0.00"}}},
			[]vars{
				{"sequence": 2, "kind": "RECEIPT", "supplierReference": "INV 7", "quantityAfter": "30", "unitCost": vars{"amount": "4.000001"}},
				{"sequence": 2, "kind": "RECEIPT", "unitCost": vars{"amount": "0.00"}},
			},
		},
		{
			"stockAdjust", adjustStock,
			stockInput(store, "3", because("DAMAGE", " fell "), stockLine(rice, "change", "-0.25"), stockLine(tea, "count", "28")),
			[]vars{{"quantity": "4"}, {"quantity": "28", "averageCost": vars{"amount": "3.500001"}}},
			[]vars{
				{"sequence": 3, "kind": "ADJUSTMENT", "reason": "DAMAGE", "note": "fell", "quantity": "-0.25", "user": vars{"id": b.A.Manager}},
				{"sequence": 3, "kind": "ADJUSTMENT", "quantity": "-2", "quantityAfter": "28", "unitCost": vars{"amount": "3.500001"}},
			},
		},
		{ // what is found doesn't change what it cost, and a count that confirms moves nothing
			"stockAdjust", adjustStock,
			stockInput(store, "4", because("FOUND", ""), stockLine(rice, "count", "4"), stockLine(tea, "change", "2")),
			[]vars{{"quantity": "4"}, {"quantity": "30", "averageCost": vars{"amount": "3.500001"}}},
			[]vars{{"sequence": 4, "quantity": "2", "unitCost": vars{"amount": "3.500001"}}},
		},
	} {
		a := b.post(t, manager, step.query, step.input).ok(t)
		if codes := a.codes(step.field); len(codes) > 0 {
			t.Fatalf("%s: %s", step.field, a.Raw)
		}
		contains(t, a.at(step.field, "levels"), step.levels)
		contains(t, a.at(step.field, "movements"), step.movements)
		books := b.books(t)
		if again := b.post(t, manager, step.query, step.input).ok(t); again.Raw != a.Raw {
			t.Errorf("again: %s\nfirst: %s", again.Raw, a.Raw)
		}
		other := step.input["input"].(vars)
		other["note"] = "another"
		if a := b.post(t, manager, step.query, step.input); !slices.Equal(a.codes(step.field), []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
			t.Errorf("another input: %s", a.Raw)
		}
		b.unchanged(t, books)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// contains compares the fields of objects that are wanted.
func contains(t *testing.T, got any, want []vars) {
	t.Helper()
	list, _ := got.([]any)
	if len(list) != len(want) {
		t.Errorf("%d of %d: %v", len(list), len(want), got)
		return
	}
	for i, fields := range want {
		for name, value := range fields {
			same(t, list[i].(map[string]any)[name], value)
		}
	}
}

// All that is wrong is said at once, and nothing is written.
func TestStockChangesRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, manager := b.A.Stores[0].ID, b.manager(t)
	tea, service := b.product(t, b.A, goods{price: 100}), b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set type = 'SERVICE' where id = $1", service.UUID())
	b.db.Exec(t, "update products set negative_stock_allowed = false where id = $1", b.A.Products[1].UUID())
	b.db.Exec(t, "update inventory_levels set reserved = 30000 where id = $1", b.A.Stores[0].Levels[1].UUID())
	many := make([]vars, 501)
	for i := range many {
		many[i] = stockLine(id.New[id.Product](), "change", "1")
	}
	device := b.device(t, b.A, b.A.Stores[0].Registers[0])
	books := b.books(t)
	for _, c := range []struct {
		name, field, query string
		input              vars
		want               []string
	}{
		{
			"of everything", "stockAdjust", adjustStock,
			stockInput(store, " ", vars{"reason": "OTHER"},
				stockLine(tea, "change", "1.5"), stockLine(service, "change", "1"), stockLine(id.New[id.Product](), "change", "1"),
				stockLine(tea, "change", "0"), stockLine(b.A.Products[0], "change", "1", "count", "1"),
				vars{"productId": b.B.Products[0].String(), "count": "-1"}, stockLine(b.B.Products[1], "change", "0.0001"),
				stockLine(id.New[id.Product](), "count", "1000000.001")),
			[]string{
				"INVALID idempotencyKey", "INVALID note", "INVALID lines.3.change", "INVALID lines.4", "INVALID lines.5.count",
				"TOO_PRECISE lines.6.change", "TOO_LARGE lines.7.count", "INVALID lines.3.productId",
				"QUANTITY_NOT_WHOLE lines.0.change", "PRODUCT_NOT_STOCKED lines.1.productId", "PRODUCT_NOT_FOUND lines.2.productId",
				"PRODUCT_NOT_FOUND lines.5.productId", "PRODUCT_NOT_FOUND lines.6.productId", "PRODUCT_NOT_FOUND lines.7.productId",
			},
		},
		{"of nothing", "stockAdjust", adjustStock, stockInput(store, "k", vars{"reason": "COUNT"}), []string{"INVALID lines"}},
		{"of too much", "stockAdjust", adjustStock, stockInput(store, "k", vars{"reason": "COUNT"}, many...), []string{"INVALID lines"}},
		{
			"of another store", "stockAdjust", adjustStock,
			stockInput(b.A.Stores[1].ID, "k", vars{"reason": "COUNT"}, stockLine(tea, "change", "1")),
			[]string{"STORE_NOT_FOUND storeId"},
		},
		{
			"of what is put aside", "stockAdjust", adjustStock,
			stockInput(store, "k", vars{"reason": "THEFT"}, stockLine(tea, "change", "-1"), stockLine(b.A.Products[1], "change", "-21")),
			[]string{"STOCK_INSUFFICIENT lines.1.change"},
		},
		{
			"a delivery", "stockReceive", receiveStock,
			stockInput(store, "k", vars{"supplierReference": fmt.Sprintf("%0101d", 1)},
				stockLine(tea, "quantity", "0", "unitCost", "-1"), stockLine(service, "quantity", "1", "unitCost", "1.0000001")),
			[]string{
				"INVALID supplierReference", "INVALID lines.0.unitCost", "INVALID lines.0.quantity",
				"PRODUCT_NOT_STOCKED lines.1.productId", "TOO_PRECISE lines.1.unitCost",
			},
		},
		{
			"a second first count", "stockOpening", openStock,
			stockInput(store, "k", nil, stockLine(tea, "quantity", "1"), stockLine(b.A.Products[0], "quantity", "1")),
			[]string{"ALREADY_COUNTED lines.1.productId"},
		},
	} {
		a := b.post(t, manager, c.query, c.input).ok(t)
		if codes := a.codes(c.field); !slices.Equal(codes, c.want) {
			t.Errorf("%s: %q", c.name, codes)
		}
		same(t, a.at(c.field, "levels"), []vars{})
		same(t, a.at(c.field, "movements"), []vars{})
		if c.name == "of what is put aside" {
			same(t, a.at(c.field, "userErrors", 0, "quantityAvailable"), "20")
		}
	}
	for _, token := range []string{b.cashier(t, 0), device} {
		a := b.post(t, token, adjustStock, stockInput(store, "k", vars{"reason": "COUNT"}, stockLine(tea, "change", "1")))
		if a.code() != "FORBIDDEN" {
			t.Error(a.Raw)
		}
	}
	after := b.books(t)
	for i := range books {
		if books[i] != after[i] && !slices.Contains([]string{"register_keys", "audit_events"}, firstWord(books[i])) {
			t.Errorf("something was written: %s is now %s", books[i], after[i])
		}
	}
}

func firstWord(text string) string {
	var word string
	_, _ = fmt.Sscan(text, &word)
	return word
}

// What a change of stock asks of the database doesn't grow with its lines.
func TestStockChangesCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.warm(t)
	store, manager := b.A.Stores[0].ID, b.manager(t)
	products := b.manyProducts(t, b.A, 500)
	const bare = ` { levels { quantity } movements { quantity } userErrors { code } } }`
	for key, n := range []int{1, 500} {
		for field, c := range map[string]struct {
			typ  string
			line []string
			more vars
		}{
			"stockReceive": {"StockReceiveInput", []string{"quantity", "5", "unitCost", "2"}, nil},
			"stockAdjust":  {"StockAdjustInput", []string{"change", "-1"}, vars{"reason": "EXPIRED"}},
		} {
			lines := make([]vars, n)
			for i := range lines {
				lines[i] = stockLine(products[i], c.line[0], c.line[1], c.line[2:]...)
			}
			a := b.post(t, manager, `mutation($input: `+c.typ+`!) { `+field+`(input: $input)`+bare,
				stockInput(store, fmt.Sprint(field, key), c.more, lines...)).ok(t)
			if levels, _ := a.at(field, "levels").([]any); len(levels) != n {
				t.Errorf("%s of %d: %.300s", field, n, a.Raw)
			}
			// Who asks; the scope and the facts; begin, the scope, the key, levels and locks; levels, movements, commit.
			if want := (cost{Statements: 12, RoundTrips: 3}); a.cost != want {
				t.Errorf("%s of %d: %+v, not %+v", field, n, a.cost, want)
			}
		}
		lines := make([]vars, n)
		for i := range lines {
			lines[i] = stockLine(products[i], "threshold", "4")
		}
		a := b.post(t, manager, `mutation($input: LowStockThresholdSetInput!) { lowStockThresholdSet(input: $input) {
			levels { lowStockThreshold } userErrors { code } } }`,
			vars{"input": vars{"storeId": store.String(), "lines": lines}}).ok(t)
		if want := (cost{Statements: 8, RoundTrips: 2}); a.cost != want || a.at("lowStockThresholdSet", "levels", n-1, "lowStockThreshold") != "4" {
			t.Errorf("thresholds of %d: %+v, not %+v: %.300s", n, a.cost, want, a.Raw)
		}
	}
	for _, query := range []string{
		`{ lowStock(first: %d) { nodes { store { name } product { name } averageCost { amount } movements(first: 2) { nodes { unitCost { amount } user { name } } } } } }`,
		`{ stockMovements(first: %d) { nodes { store { name } product { name } unitCost { amount } level { quantity } sale { note } register { name } } } }`,
	} {
		one, all := b.post(t, manager, fmt.Sprintf(query, 1), nil).ok(t), b.post(t, manager, fmt.Sprintf(query, 200), nil).ok(t)
		if all.Statements > one.Statements+4 || all.Statements > 20 {
			t.Errorf("%s: %+v of one and %+v of many", query, one.cost, all.cost)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where low_stock"); n != 499+3 {
		t.Errorf("%d levels are low", n) // all but the product that was received twice, and the fixture's
	}
	b.sound(t)
}
