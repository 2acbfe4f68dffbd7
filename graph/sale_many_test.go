package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestSaleKeyReplays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	register := store.Registers[0].ID
	input := func() vars {
		in := order(register, "k", "", item(b.A.Products[0], "1"), vars{"barcode": b.A.Barcodes[1], "quantity": "2"})
		in["payments"] = []vars{{"method": "CARD", "amount": "290", "reference": "r"}}
		in["note"], in["occurredAt"] = "n", "2026-03-01T10:00:00Z"
		return in
	}
	first := b.sell(t, b.cashier(t, 0), input())
	same := input()
	same["lines"].([]vars)[0]["quantity"], same["occurredAt"] = "1.000", "2026-03-01T13:00:00+03:00"
	same["payments"].([]vars)[0]["amount"] = "290.00"
	for name, in := range map[string]vars{"the same": input(), "the same in other words": same} {
		if a := b.sell(t, b.cashier(t, 0), in); a.Raw != first.Raw {
			t.Errorf("%s: %s; the first was %s", name, a.Raw, first.Raw)
		}
	}
	// A register that acts by itself sells under the same numbers, and so under the same keys.
	byItself := input()
	delete(byItself, "registerId")
	if a := b.sell(t, b.device(t, b.A, store.Registers[0]), byItself); a.Raw != first.Raw {
		t.Errorf("by the register: %s", a.Raw)
	}
	before := b.books(t)
	for name, change := range map[string]func(vars){
		"another quantity":  func(in vars) { in["lines"].([]vars)[0]["quantity"] = "2" },
		"another order":     func(in vars) { slices.Reverse(in["lines"].([]vars)) },
		"a line fewer":      func(in vars) { in["lines"] = in["lines"].([]vars)[:1] },
		"by barcode":        func(in vars) { in["lines"].([]vars)[0] = vars{"barcode": b.A.Barcodes[0], "quantity": "1"} },
		"another amount":    func(in vars) { in["payments"].([]vars)[0]["amount"] = "291" },
		"another method":    func(in vars) { in["payments"].([]vars)[0]["method"] = "MOBILE_MONEY" },
		"another reference": func(in vars) { in["payments"].([]vars)[0]["reference"] = "s" },
		"another note":      func(in vars) { in["note"] = "m" },
		"no note":           func(in vars) { delete(in, "note") },
		"another time":      func(in vars) { in["occurredAt"] = "2026-03-01T10:00:01Z" },
		"no time":           func(in vars) { delete(in, "occurredAt") },
	} {
		in := input()
		change(in)
		a := b.post(t, b.cashier(t, 0), recordSale, vars{"input": in}).ok(t)
		if got := a.codes("saleRecord"); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) || a.at("saleRecord", "sale") != nil {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	b.unchanged(t, before)
	// A till that lost the answer gets it whatever became of the product and the store in the meantime.
	b.db.Exec(t, "update products set status = 'ARCHIVED'")
	b.db.Exec(t, "update stores set status = 'CLOSED'")
	b.db.Exec(t, "update registers set status = 'CLOSED'")
	if a := b.sell(t, b.owner(t), input()); a.Raw != first.Raw {
		t.Errorf("after all is closed: %s", a.Raw)
	}
}

// A key names a sale of one register. At another it is another sale, in the same store and in another company.
func TestSaleKeyBelongsToRegister(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sales := map[any]bool{}
	for _, c := range []pgtest.Company{b.A, b.B} {
		for _, store := range c.Stores {
			for _, register := range store.Registers {
				a := b.sell(t, b.token(t, c, c.Owner), order(register.ID, "k", "100", item(c.Products[1], "1")))
				sales[a.at("saleRecord", "sale", "id")] = true
			}
		}
	}
	if len(sales) != 6 {
		t.Errorf("%d sales at 6 registers", len(sales))
	}
	b.sound(t)
}

func TestSaleKeyTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	tokens := []string{b.cashier(t, 0), b.device(t, b.A, register)}
	for round := range 15 {
		answers := together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), tokens[i%2], recordSale, vars{"input": order(register.ID, fmt.Sprint(round), "200",
				item(b.A.Products[i/2], "1"))})
		})
		var sold, reused []string
		for i, a := range answers {
			switch codes := a.ok(t).codes("saleRecord"); {
			case len(codes) == 0:
				sold = append(sold, fmt.Sprint(i/2, a.at("saleRecord", "sale", "id")))
			case slices.Equal(codes, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}):
				reused = append(reused, fmt.Sprint(i/2))
			default:
				t.Error(a.Raw)
			}
		}
		// One of the two inputs won, and both who sent it have its sale.
		if len(sold) != 2 || sold[0] != sold[1] || len(reused) != 2 {
			t.Fatalf("sold %q, reused %q", sold, reused)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select next_number - 2 from receipt_counters where register_id = $1", register.ID.UUID()); n != 15 {
		t.Errorf("%d receipts for 15 keys", n)
	}
	b.sound(t)
}

// Two hundred at once on one register, fifty of which are sent twice.
func TestSalesAtOnceOnOneRegister(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const requests, keys = 200, 150
	register := b.A.Stores[0].Registers[0].ID
	token := b.cashier(t, 0)
	answers := together(t, requests, func(i int) (*answer, error) {
		key := i % keys
		return b.ask(t.Context(), token, recordSale, vars{"input": order(register, fmt.Sprint(key), "2000",
			item(b.A.Products[key%2], fmt.Sprint(1+key%5)), item(b.A.Products[1-key%2], "1"))})
	})
	sales, numbers := map[int]any{}, map[any]int{}
	for i, a := range answers {
		a.ok(t)
		if codes := a.codes("saleRecord"); len(codes) > 0 {
			t.Fatal(a.Raw)
		}
		sale, number := a.at("saleRecord", "sale", "id"), a.at("saleRecord", "sale", "receiptNumber")
		if other, again := sales[i%keys]; again && other != sale {
			t.Errorf("key %d is of %v and of %v", i%keys, other, sale)
		}
		sales[i%keys] = sale
		numbers[number]++
	}
	if len(sales) != keys || len(numbers) != keys {
		t.Errorf("%d sales with %d numbers for %d keys", len(sales), len(numbers), keys)
	}
	for n := range keys {
		if numbers[float64(n+2)] == 0 {
			t.Errorf("no receipt %d", n+2)
		}
	}
	var want [2]int
	for key := range keys {
		want[key%2] += 1 + key%5
		want[1-key%2]++
	}
	for i, product := range b.A.Products {
		level := pgtest.Value[int](t, b.db, "select quantity from inventory_levels where store_id = $1 and product_id = $2",
			b.A.Stores[0].ID.UUID(), product.UUID())
		if level != 50000-1000*want[i] {
			t.Errorf("level %d after selling %d", level, want[i])
		}
	}
	b.sound(t)
	b.logs.quiet(t)
}

// recording is what a sale of products asks of the database, where the settings and the till are known: who asks, the facts,
// key, number, stock and till; the sale and the commit. One that was rolled back and tried again costs more.
var recording = cost{Statements: 16, RoundTrips: 2}

// lookedUp is recording of a sale about more than products, whose facts are read before.
var lookedUp = cost{Statements: recording.Statements + 1, RoundTrips: recording.RoundTrips + 1}

// Two registers sell the same products in opposite order: each sale locks the levels in one order all the same.
func TestSalesAtOnceInOppositeOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	b.warm(t, store.Registers[0].ID, store.Registers[1].ID)
	products := b.manyProducts(t, b.A, 12)
	b.everywhere(t, b.A)
	token := b.cashier(t, 0)
	sell := func(i int) (*answer, error) {
		lines := make([]vars, len(products))
		for j, p := range products {
			lines[j] = item(p, "1")
		}
		if i%2 == 1 {
			slices.Reverse(lines)
		}
		return b.ask(t.Context(), token, recordBare, vars{"input": order(store.Registers[i%2].ID, fmt.Sprint(i), "12", lines...)})
	}
	smooth := func(answers []*answer) {
		t.Helper()
		for _, a := range answers {
			if a.ok(t); len(a.codes("saleRecord")) > 0 || a.cost != recording {
				t.Errorf("%+v: %s", a.cost, a.Raw)
			}
		}
	}
	smooth(together(t, 2, sell))
	// Both are stopped halfway, holding what they have got, and then let go.
	for round := range 3 {
		release := b.hold(t, "select from inventory_levels where product_id = $1 and quantity <> 0 for update", products[6].UUID())
		done := make(chan []*answer)
		go func() { done <- together(t, 2, func(i int) (*answer, error) { return sell(2 + 2*round + i) }) }()
		b.eventually(t, "both wait", func() bool { return b.waits(t) == 2 })
		release()
		smooth(<-done)
	}
	smooth(together(t, 52, func(i int) (*answer, error) { return sell(8 + i) }))
	if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where quantity = -60000"); n != len(products) {
		t.Errorf("%d of %d levels are right", n, len(products))
	}
	b.sound(t)
	b.logs.quiet(t)
}

// Goods that a store never had are sold at several registers at once, in opposite order: each sale finds the levels that
// another one has just added, and their numbers are right. Alone, that is one round trip more.
func TestNewGoodsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	b.warm(t, store.Registers[0].ID, store.Registers[1].ID)
	token := b.cashier(t, 0)
	for round := range 8 {
		products := b.manyProducts(t, b.A, 6)
		sell := func(i int) (*answer, error) {
			var lines []vars
			for _, p := range append(products[i%4:], b.A.Products[0]) {
				lines = append(lines, item(p, "1"))
			}
			if i%2 == 1 {
				slices.Reverse(lines)
			}
			in := order(store.Registers[i%2].ID, fmt.Sprint(round, "-", i), "500", lines...)
			return b.ask(t.Context(), token, recordBare, vars{"input": in})
		}
		for _, a := range together(t, 8, sell) {
			if a.ok(t); len(a.codes("saleRecord")) > 0 {
				t.Error(a.Raw)
			}
		}
		for i, product := range products {
			want := -2000 * min(i+1, 4)
			if got := pgtest.Values[int](t, b.db, "select quantity from inventory_levels where product_id = $1", product.UUID()); !slices.Equal(got, []int{want}) {
				t.Errorf("round %d: %d of product %d, want %d", round, got, i, want)
			}
		}
	}
	one := item(b.manyProducts(t, b.A, 1)[0], "1")
	for _, want := range []cost{{Statements: recording.Statements + 2, RoundTrips: recording.RoundTrips + 1}, recording} {
		in := order(store.Registers[0].ID, fmt.Sprint("alone", want), "1", one)
		if a := b.post(t, token, recordBare, vars{"input": in}).ok(t); a.cost != want || len(a.codes("saleRecord")) > 0 {
			t.Errorf("alone: %+v, want %+v: %s", a.cost, want, a.Raw)
		}
	}
	b.sound(t)
	b.logs.quiet(t)
}

// What a sale asks of the database doesn't grow with its lines.
func TestSaleCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	b.warm(t, register)
	products := b.manyProducts(t, b.A, 200)
	b.everywhere(t, b.A)
	sale := func(n int, key string) vars {
		lines := make([]vars, n)
		for i := range lines {
			lines[i] = item(products[i], "1")
		}
		return vars{"input": order(register, key, fmt.Sprint(n), lines...)}
	}
	for name, c := range map[string]struct {
		query string
		want  cost
	}{
		"the sale alone": {recordBare, recording},
		// And the store, register, cashier, lines and payments. Not the lines' products: on a busy machine the fields of
		// 200 lines don't all ask within the loader's millisecond.
		"the whole receipt": {
			strings.ReplaceAll(recordSale, "product { sku }", ""), cost{Statements: 26, RoundTrips: 7},
		},
	} {
		for _, lines := range []int{1, 200} {
			key := fmt.Sprint(name, lines)
			a := b.post(t, b.cashier(t, 0), c.query, sale(lines, key)).ok(t)
			if len(a.codes("saleRecord")) > 0 {
				t.Fatal(a.Raw)
			}
			if a.cost != c.want {
				t.Errorf("%s of %d lines: %+v; want %+v", name, lines, a.cost, c.want)
			}
			if c.query != recordBare {
				continue
			}
			// What stops at the key, the key, the sale.
			again := b.post(t, b.cashier(t, 0), c.query, sale(lines, key)).ok(t)
			if again.Raw != a.Raw || again.cost != (cost{Statements: 13, RoundTrips: 4}) {
				t.Errorf("again with %d lines: %+v", lines, again.cost)
			}
			// What is wrong is found in between; the key is new.
			refused := sale(lines, "no")
			refused["input"].(vars)["payments"] = []vars{}
			if a := b.post(t, b.cashier(t, 0), c.query, refused).ok(t); a.cost != (cost{Statements: 9, RoundTrips: 2}) {
				t.Errorf("refused with %d lines: %+v", lines, a.cost)
			}
			calculated := calculable(sale(lines, "")["input"].(vars)) //nolint:errcheck,forcetypeassert // it is one
			const ask = `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation { total { amount }
				taxes { name } lines { taxes { amount { amount } } } } userErrors { code } } }`
			// Who asks, the facts, and the stock and the till as they are now.
			if a := b.post(t, b.cashier(t, 0), ask, vars{"input": calculated}).ok(t); a.cost != (cost{Statements: 6, RoundTrips: 2}) {
				t.Errorf("calculated with %d lines: %+v", lines, a.cost)
			}
		}
	}
	// Made-up products cost no more than those that are there.
	unknown := make([]vars, 500)
	for i := range unknown {
		unknown[i] = item(id.New[id.Product](), "1")
	}
	a := b.post(t, b.cashier(t, 0), recordBare, vars{"input": order(register, "x", "1", unknown...)}).ok(t)
	if a.Status != http.StatusOK || a.cost != (cost{Statements: 9, RoundTrips: 2}) {
		t.Errorf("500 unknown products: %+v", a.cost)
	}
}
