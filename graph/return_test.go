package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	recordReturn = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id receiptNumber total { amount } subtotal { amount } tax { amount } tendered { amount } change { amount } refunded { amount }
		lines { id kind quantity unitPrice { amount } priceSource restocked returnReason originalLine { id }
			subtotal { amount } tax { amount } total { amount } }
		payments { method amount { amount } tendered { amount } } }
	userErrors { code field message quantityReturnable } } }`
	forReturn = `query($id: ID, $receipt: ReceiptInput) { saleForReturn(saleId: $id, receipt: $receipt) {
	saleId storeCode lines { saleLineId quantityReturnable amountRefundable { amount } } } }`
)

func back(line any, quantity string, restock bool) vars {
	return vars{"saleLineId": line, "quantity": quantity, "restock": restock}
}

// returning is the input of a return that is paid out in cash.
func returning(register id.Register, key, cash string, returns ...vars) vars {
	input := vars{"idempotencyKey": key, "registerId": register.String(), "returns": returns}
	if cash != "" {
		input["payments"] = []vars{pay("CASH", cash)}
	}
	return input
}

func (b *bundle) back(t testing.TB, token string, input vars) *answer {
	t.Helper()
	return b.post(t, token, recordReturn, vars{"input": input}).ok(t)
}

// sold is the id of a sale and those of its lines.
func (b *bundle) sold(t testing.TB, token string, input vars) (sale any, lines []any) {
	t.Helper()
	a := b.sell(t, token, input)
	for _, line := range a.at("saleRecord", "sale", "lines").([]any) {
		lines = append(lines, line.(vars)["id"])
	}
	return a.at("saleRecord", "sale", "id"), lines
}

func TestReturn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	sale, lines := b.sold(t, b.cashier(t, 0), order(store.Registers[0].ID, "k", "370", item(product, "3"), item(b.A.Products[1], "1")))
	before := b.stock(t, store.ID, product)
	in := returning(store.Registers[1].ID, "r", "180", back(lines[0], "1", true), back(lines[0], "1", false))
	in["returns"].([]vars)[1]["reason"] = " torn "
	// The other register of the store takes it back, by itself.
	device := b.device(t, b.A, store.Registers[1])
	a := b.back(t, device, in)
	if len(a.codes("saleRecord")) > 0 {
		t.Fatal(a.Raw)
	}
	if got := a.texts("receiptNumber total subtotal tax tendered change refunded", "saleRecord", "sale"); got != "2 -180.00 -155.17 -24.83 0.00 0.00 180.00" {
		t.Errorf("the return is %s", got)
	}
	same(t, a.at("saleRecord", "sale", "payments"), []vars{{"method": "CASH", "amount": vars{"amount": "-180.00"}, "tendered": vars{"amount": "-180.00"}}})
	for i, want := range []string{"RETURN -1 90.00 ORIGINAL true <nil> -77.59 -12.41 -90.00", "RETURN -1 90.00 ORIGINAL false torn -77.58 -12.42 -90.00"} {
		if got := a.texts("kind quantity unitPrice priceSource restocked returnReason subtotal tax total", "saleRecord", "sale", "lines", i); got != want {
			t.Errorf("line %d is %s, not %s", i, got, want)
		}
	}
	if again := b.back(t, device, in); again.Raw != a.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	if got := b.stock(t, store.ID, product); got != before+1000 {
		t.Errorf("the level went from %d to %d", before, got)
	}
	read := b.post(t, b.owner(t), `query($id: ID!) { sale(id: $id) { returns { id lines { originalLine { id } } } lines { returnedQuantity returnableQuantity } } }`, vars{"id": sale}).ok(t)
	same(t, read.at("sale"), vars{
		"returns": []vars{{
			"id":    a.at("saleRecord", "sale", "id"),
			"lines": []vars{{"originalLine": vars{"id": lines[0]}}, {"originalLine": vars{"id": lines[0]}}},
		}},
		"lines": []vars{{"returnedQuantity": "2", "returnableQuantity": "1"}, {"returnedQuantity": "0", "returnableQuantity": "1"}},
	})
	left := b.post(t, device, forReturn, vars{"id": sale}).ok(t)
	same(t, left.at("saleForReturn"), vars{"saleId": sale, "storeCode": "S1", "lines": []vars{
		{"saleLineId": lines[0], "quantityReturnable": "1", "amountRefundable": vars{"amount": "90.00"}},
		{"saleLineId": lines[1], "quantityReturnable": "1", "amountRefundable": vars{"amount": "100.00"}},
	}})
	b.logs.quiet(t)
}

// The parts of what was paid add up, whatever the steps: discounts, and amounts that don't divide.
func TestReturnInParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, inclusive := range map[string]bool{"with tax": true, "before tax": false} {
		tl := b.till(t, b.A, "KES", 82500, inclusive)
		product := b.product(t, b.A, goods{price: 333})
		_, lines := b.sold(t, b.owner(t), order(tl.register, "k", "100", item(product, "7")))
		// 0.40 came off the line and 0.11 was its share of the order's.
		b.db.Exec(t, `update sale_lines set discount = 40, order_discount = 11, subtotal = 2100, tax = 180, total = 2280 where sale_id in
			(select id from sales where register_id = $1)`, tl.register.UUID())
		var total, tax int64
		for i, quantity := range []string{"1", "3", "2", "1"} {
			sums := pgtest.Values[int64](t, b.db, "select unnest(array[coalesce(sum(total), 0), coalesce(sum(tax), 0)])::bigint from sale_lines where kind = 'RETURN' and register_id = $1", tl.register.UUID())
			total, tax = sums[0], sums[1]
			for _, cash := range b.refundable(t, tl, fmt.Sprint(i), lines[0], quantity) {
				a := b.back(t, b.owner(t), returning(tl.register, fmt.Sprint(i), cash, back(lines[0], quantity, true)))
				if len(a.codes("saleRecord")) > 0 {
					t.Fatalf("%s: %s", name, a.Raw)
				}
			}
		}
		sums := pgtest.Values[int64](t, b.db, `select unnest(array[sum(total), sum(tax), sum(subtotal), sum(discount), sum(order_discount)])::bigint
			from sale_lines where kind = 'RETURN' and register_id = $1`, tl.register.UUID())
		if want := []int64{-2280, -180, -2100, -40, -11}; !slices.Equal(sums, want) {
			t.Errorf("%s: %v came back, not %v (after three parts %d, %d)", name, sums, want, total, tax)
		}
		if n := pgtest.Value[int](t, b.db, `select count(*) from sale_lines l join sales s on s.id = l.sale_id where l.register_id = $1 and kind = 'RETURN' and
			gross - discount - order_discount <> case when s.prices_include_tax then l.total else l.subtotal end`, tl.register.UUID()); n != 0 {
			t.Errorf("%s: %d lines don't add up", name, n)
		}
	}
}

// refundable is what a return comes to: the server says so when too little is refunded.
func (b *bundle) refundable(t testing.TB, tl till, key string, line any, quantity string) []string {
	t.Helper()
	query := strings.Replace(recordReturn, "quantityReturnable }", "amountDue { amount } }", 1)
	a := b.post(t, b.owner(t), query, vars{"input": returning(tl.register, key, "0.01", back(line, quantity, true))}).ok(t)
	due, _ := a.at("saleRecord", "userErrors", 0, "amountDue", "amount").(string)
	if !strings.HasPrefix(due, "-") {
		t.Fatalf("nothing is due: %s", a.Raw)
	}
	// One cent more than is missing.
	var whole, cents int
	if _, err := fmt.Sscanf(due, "-%d.%d", &whole, &cents); err != nil {
		t.Fatal(err)
	}
	cents++
	return []string{fmt.Sprintf("%d.%02d", whole+cents/100, cents%100)}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	register := store.Registers[0].ID
	_, lines := b.sold(t, b.cashier(t, 0), order(register, "k", "270", item(product, "3")))
	for i, c := range []struct{ item, cash, want string }{
		{"1", "10", "10.00 10.00 0.00 0.00"},     // dearer goods: 100 for 90
		{"", "", "0.00 0.00 0.00 0.00"},          // the same again
		{"back", "90", "-90.00 0.00 0.00 90.00"}, // nothing else
	} {
		in := returning(register, fmt.Sprint(i), c.cash, back(lines[0], "1", true))
		switch c.item {
		case "1":
			in["lines"] = []vars{item(b.A.Products[1], "1")}
		case "":
			in["lines"] = []vars{item(product, "1")}
		}
		a := b.back(t, b.cashier(t, 0), in)
		if got := a.texts("total tendered change refunded", "saleRecord", "sale"); got != c.want {
			t.Errorf("%d: %s, not %s: %s", i, got, c.want, a.Raw)
		}
	}
	movements := pgtest.Values[string](t, b.db, `select concat_ws(' ', kind, m.quantity) from stock_movements m join sales s on s.id = m.sale_id
		where s.receipt_number = 4 and s.register_id = $1 order by m.sequence`, register.UUID())
	if want := []string{"RETURN 1000", "SALE -1000"}; !slices.Equal(movements, want) {
		t.Errorf("movements %v, not %v", movements, want)
	}
	if got := b.stock(t, store.ID, product); got != 50000-2000-3000+3000-1000+2000 && got != pgtest.Value[int](t, b.db,
		"select sum(quantity)::int from stock_movements where store_id = $1 and product_id = $2", store.ID.UUID(), product.UUID()) {
		t.Errorf("the level is %d", got)
	}
}

func TestReturnRefuses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return now } })
	register, product := b.A.Stores[0].Registers[0].ID, b.A.Products[0]
	token := b.manager(t)
	b.db.Exec(t, "update company_settings set return_days = 14 where tenant_id = $1", b.A.ID.UUID())
	_, lines := b.sold(t, token, order(register, "k", "180", item(product, "2")))
	old := order(register, "old", "90", item(product, "1"))
	old["occurredAt"] = "2026-02-23T20:00:00Z" // 15 days ago in Nairobi
	_, oldLines := b.sold(t, token, old)
	last := order(register, "last", "90", item(product, "1"))
	last["occurredAt"] = "2026-02-23T22:00:00Z" // 14 days ago in Nairobi
	_, lastLines := b.sold(t, token, last)
	voided, voidedLines := b.sold(t, token, order(register, "void", "90", item(product, "1")))
	if a := b.void(t, token, voided, "x"); len(a.codes("saleVoid")) > 0 {
		t.Fatal(a.Raw)
	}
	done := b.back(t, token, returning(register, "r", "90", back(lines[0], "1", true)))
	returned := done.at("saleRecord", "sale", "lines", 0, "id")
	_, cardLines := b.sold(t, token, order(register, "card", "90", item(product, "1")))
	b.db.Exec(t, `update sale_lines set gift_card_id = (select id from gift_cards where tenant_id = $2 limit 1) where sale_id in
		(select id from sales where register_id = $1 and receipt_number = 7)`, register.UUID(), b.A.ID.UUID())
	dollars := b.till(t, b.A, "USD", 0, true)
	b.db.Exec(t, "update company_settings set returns_across_stores = true where tenant_id = $1", b.A.ID.UUID())
	without := func(in vars) vars {
		return vars{"idempotencyKey": "x", "registerId": register.String(), "returns": []vars{in}}
	}
	before := b.books(t)
	for name, c := range map[string]struct {
		token string
		input vars
		want  []string
	}{
		"more than is left":       {token, returning(register, "x", "1", back(lines[0], "2", true)), []string{"RETURN_TOO_MUCH returns.0.quantity"}},
		"in two parts":            {token, returning(register, "x", "1", back(lines[0], "1", true), back(lines[0], "1", true)), []string{"RETURN_TOO_MUCH returns.1.quantity"}},
		"what came back":          {token, returning(register, "x", "1", back(returned, "1", true)), []string{"RETURN_OF_RETURN returns.0.saleLineId"}},
		"of a voided sale":        {token, returning(register, "x", "1", back(voidedLines[0], "1", true)), []string{"RETURN_SALE_VOIDED returns.0.saleLineId"}},
		"money on a gift card":    {token, returning(register, "x", "1", back(cardLines[0], "1", true)), []string{"RETURN_OF_GIFT_CARD returns.0.saleLineId"}},
		"too late":                {token, returning(register, "x", "1", back(oldLines[0], "1", true)), []string{"RETURN_TOO_LATE returns.0.saleLineId"}},
		"made up":                 {token, returning(register, "x", "1", back(fresh[id.SaleLine](), "1", true)), []string{"RETURN_LINE_NOT_FOUND returns.0.saleLineId"}},
		"in another currency":     {b.owner(t), returning(dollars.register, "x", "1", back(lines[0], "1", true)), []string{"RETURN_OTHER_CURRENCY returns.0.saleLineId"}},
		"a half":                  {token, returning(register, "x", "1", back(lines[0], "0.5", true)), []string{"QUANTITY_NOT_WHOLE returns.0.quantity"}},
		"none":                    {token, returning(register, "x", "1", back(lines[0], "0", true)), []string{"QUANTITY_NOT_POSITIVE returns.0.quantity"}},
		"nothing at all":          {token, vars{"idempotencyKey": "x", "registerId": register.String()}, []string{"INVALID lines"}},
		"neither line nor goods":  {token, without(vars{"quantity": "1", "restock": true}), []string{"INVALID returns.0"}},
		"a price with a receipt":  {token, without(vars{"saleLineId": lines[0], "quantity": "1", "restock": true, "unitPrice": "1"}), []string{"INVALID returns.0.unitPrice", "PAYMENT_TOO_SMALL"}},
		"no receipt, a cashier":   {b.cashier(t, 0), without(vars{"productId": product.String(), "quantity": "1", "restock": true}), []string{"RECEIPT_REQUIRED returns.0.productId"}},
		"no receipt, no product":  {token, without(vars{"productId": fresh2().String(), "quantity": "1", "restock": true}), []string{"PRODUCT_NOT_FOUND returns.0.productId"}},
		"no receipt, less than 0": {token, without(vars{"productId": product.String(), "quantity": "1", "restock": true, "unitPrice": "-1"}), []string{"INVALID returns.0.unitPrice"}},
		"no receipt, half cents":  {token, without(vars{"productId": product.String(), "quantity": "1", "restock": true, "unitPrice": "0.005"}), []string{"TOO_PRECISE returns.0.unitPrice"}},
	} {
		a := b.back(t, c.token, c.input)
		got := a.codes("saleRecord")
		if len(c.want) > 0 && c.want[len(c.want)-1] == "PAYMENT_TOO_SMALL" {
			got, c.want = got[:min(len(got), 1)], c.want[:1] // what is refunded is another matter
		}
		if !slices.Equal(got, c.want) || a.at("saleRecord", "sale") != nil {
			t.Errorf("%s: %s", name, a.Raw)
		}
		b.foretells(t, name, c.token, c.input, a.codes("saleRecord"))
		if name == "more than is left" && a.at("saleRecord", "userErrors", 0, "quantityReturnable") != "1" {
			t.Errorf("how much is left: %s", a.Raw)
		}
	}
	b.unchanged(t, before)
	if a := b.back(t, token, returning(register, "l", "90", back(lastLines[0], "1", true))); len(a.codes("saleRecord")) > 0 {
		t.Errorf("on the last day: %s", a.Raw)
	}
	for i, in := range []vars{
		{"productId": product.String(), "quantity": "1", "restock": false},
		{"productId": product.String(), "quantity": "1", "restock": false, "unitPrice": "90"},
	} {
		in := without(in)
		in["idempotencyKey"], in["payments"] = fmt.Sprint("no", i), []vars{pay("CASH", "90")}
		a := b.back(t, token, in)
		if want := []string{"RETURN -1 90.00 STORE", "RETURN -1 90.00 MANUAL"}[i]; a.texts("kind quantity unitPrice priceSource", "saleRecord", "sale", "lines", 0) != want {
			t.Errorf("without a receipt: %s", a.Raw)
		}
	}
}

// Goods come back in another store where the company says so, and are as good as made up where it doesn't.
func TestReturnAcrossStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, lines := b.sold(t, b.cashier(t, 1), order(b.A.Stores[1].Registers[0].ID, "k", "180", item(b.A.Products[0], "2")))
	foreign := b.B.Stores[0].Registers[0]
	number := func(code string, n int) vars {
		return vars{"receipt": vars{"storeCode": code, "registerCode": "R1", "receiptNumber": n}}
	}
	here := b.A.Stores[0].Registers[0]
	ask := func(token, key string, line any) *answer {
		return b.back(t, token, returning(here.ID, key, "90", back(line, "1", true)))
	}
	for _, across := range []bool{false, true} {
		b.db.Exec(t, "update company_settings set returns_across_stores = $1", across)
		device := b.device(t, b.A, here)
		for i, token := range []string{b.cashier(t, 0), device} {
			nothing := ask(token, "x", fresh[id.SaleLine]())
			if got := nothing.codes("saleRecord"); !slices.Equal(got, []string{"RETURN_LINE_NOT_FOUND returns.0.saleLineId"}) {
				t.Fatal(nothing.Raw)
			}
			if a := ask(token, "x", foreign.Lines[0].String()); a.Raw != nothing.Raw {
				t.Errorf("another company's: %s", a.Raw)
			}
			if a := b.post(t, token, forReturn, vars{"id": foreign.Sale.String()}).ok(t); a.at("saleForReturn") != nil {
				t.Errorf("another company's: %s", a.Raw)
			}
			none := b.post(t, token, forReturn, number("S2", 77)).ok(t)
			there := b.post(t, token, forReturn, number("S2", 2)).ok(t)
			a := ask(token, fmt.Sprint("k", i), lines[0])
			if !across {
				if a.Raw != nothing.Raw || there.Raw != none.Raw {
					t.Errorf("another store's: %s\nand %s", a.Raw, there.Raw)
				}
				continue
			}
			if there.at("saleForReturn", "lines", 0, "saleLineId") != lines[0] {
				t.Errorf("by its receipt: %s", there.Raw)
			}
			if len(a.codes("saleRecord")) > 0 || a.texts("refunded", "saleRecord", "sale") != "90.00" {
				t.Errorf("another store's: %s", a.Raw)
			}
			// It isn't theirs to see all the same.
			if line := a.at("saleRecord", "sale", "lines", 0, "originalLine"); line != nil {
				t.Errorf("the original is shown: %s", a.Raw)
			}
		}
	}
	// It went on the shelf where it came back.
	if n := pgtest.Value[int](t, b.db, "select count(*) from stock_movements where kind = 'RETURN' and store_id = $1", b.A.Stores[0].ID.UUID()); n != 2 {
		t.Errorf("%d movements", n)
	}
	read := b.post(t, b.cashier(t, 1), `query($id: ID!) { node(id: $id) { ... on SaleLine { returnedQuantity returnableQuantity } } }`, vars{"id": lines[0]}).ok(t)
	same(t, read.at("node"), vars{"returnedQuantity": "2", "returnableQuantity": "0"})
	b.logs.quiet(t)
}

// Two tills take the same goods back at once, and a manager voids the sale: one of them does.
func TestReturnOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	token, manager := b.cashier(t, 0), b.manager(t)
	voids, returns := 0, 0
	for round := range 12 {
		sale, lines := b.sold(t, token, order(store.Registers[0].ID, fmt.Sprint(round), "90", item(product, "1")))
		answers := together(t, 3, func(i int) (*answer, error) {
			if i == 2 {
				return b.ask(t.Context(), manager, voidSale, vars{"id": sale, "reason": "x"})
			}
			return b.ask(t.Context(), token, recordReturn,
				vars{"input": returning(store.Registers[i].ID, fmt.Sprint("r", round), "90", back(lines[0], "1", true))})
		})
		won := 0
		for i, a := range answers {
			field, allowed := "saleRecord", []string{"RETURN_TOO_MUCH returns.0.quantity", "RETURN_SALE_VOIDED returns.0.saleLineId"}
			if i == 2 {
				field, allowed = "saleVoid", []string{"ALREADY_RETURNED id"}
			}
			switch codes := a.ok(t).codes(field); {
			case len(codes) == 0 && i == 2:
				won++
				voids++
			case len(codes) == 0:
				won++
				returns++
			case len(codes) != 1 || !slices.Contains(allowed, codes[0]):
				t.Errorf("%s", a.Raw)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d did", round, won)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select sum(returned)::int from returned_quantities"); n != returns*1000 {
		t.Errorf("%d came back in %d returns", n, returns)
	}
	t.Logf("%d voids, %d returns", voids, returns)
}

// Two tills take parts of one line back at once, and there is enough: both do, and the parts add up.
func TestReturnPartsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	token := b.cashier(t, 0)
	_, lines := b.sold(t, token, order(store.Registers[0].ID, "k", "720", item(b.A.Products[0], "8")))
	answers := together(t, 8, func(i int) (*answer, error) {
		return b.ask(t.Context(), token, recordReturn,
			vars{"input": returning(store.Registers[i%2].ID, fmt.Sprint("r", i), "90", back(lines[0], "1", true))})
	})
	for _, a := range answers {
		if len(a.ok(t).codes("saleRecord")) > 0 {
			t.Error(a.Raw)
		}
	}
	got := pgtest.Value[string](t, b.db, "select concat_ws(' ', returned, subtotal + tax) from returned_quantities where returned > 0")
	if got != "8000 72000" {
		t.Errorf("what came back is %s", got)
	}
}

func TestVoidOfReturn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	token := b.manager(t)
	sale, lines := b.sold(t, token, order(store.Registers[0].ID, "k", "180", item(product, "2")))
	first := b.back(t, token, returning(store.Registers[0].ID, "r", "180", back(lines[0], "1", true), back(lines[0], "1", false)))
	level := b.stock(t, store.ID, product)
	if a := b.void(t, token, sale, "x"); !slices.Equal(a.codes("saleVoid"), []string{"ALREADY_RETURNED id"}) {
		t.Errorf("the sale: %s", a.Raw)
	}
	if a := b.void(t, token, first.at("saleRecord", "sale", "id"), "x"); len(a.codes("saleVoid")) > 0 {
		t.Fatal(a.Raw)
	}
	if got := b.stock(t, store.ID, product); got != level-1000 {
		t.Errorf("the level went from %d to %d", level, got)
	}
	read := b.post(t, token, forReturn, vars{"id": sale}).ok(t)
	same(t, read.at("saleForReturn", "lines"), []vars{{"saleLineId": lines[0], "quantityReturnable": "2", "amountRefundable": vars{"amount": "180.00"}}})
	if a := b.void(t, token, sale, "x"); len(a.codes("saleVoid")) > 0 {
		t.Errorf("the sale after its return: %s", a.Raw)
	}
	if got := b.stock(t, store.ID, product); got != level+1000 {
		t.Errorf("the level is %d", got)
	}
}

// What a return costs doesn't grow with its lines: beside a sale's, the gate, and the lines with their sales.
func TestReturnStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.warm(t, b.A.Stores[0].Registers[0].ID)
	products := b.manyProducts(t, b.A, 200)
	register := b.A.Stores[0].Registers[0].ID
	for _, n := range []int{1, 200} {
		items := make([]vars, n)
		for i := range items {
			items[i] = item(products[i], "1")
		}
		_, lines := b.sold(t, b.cashier(t, 0), order(register, fmt.Sprint(n), fmt.Sprint(n), items...))
		returns := make([]vars, n)
		for i := range returns {
			returns[i] = back(lines[i], "1", true)
		}
		a := b.post(t, b.cashier(t, 0), recordBare, vars{"input": returning(register, fmt.Sprint("r", n), fmt.Sprint(n), returns...)}).ok(t)
		if want := (cost{Statements: lookedUp.Statements + 8, RoundTrips: lookedUp.RoundTrips + 2}); a.cost != want || len(a.codes("saleRecord")) > 0 {
			t.Errorf("%d lines: %+v, not %+v: %s", n, a.cost, want, a.Raw[:min(len(a.Raw), 500)])
		}
	}
	a := b.post(t, b.cashier(t, 0), forReturn, vars{"receipt": vars{"storeCode": "S1", "registerCode": "R1", "receiptNumber": 4}}).ok(t)
	if want := (cost{Statements: 8, RoundTrips: 2}); a.cost != want {
		t.Errorf("looking 200 lines up: %+v, not %+v", a.cost, want)
	}
}
