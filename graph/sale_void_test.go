package graph_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const voidSale = `mutation($id: ID!, $reason: String!) { saleVoid(id: $id, input: {reason: $reason}) {
	sale { id status receiptNumber voidedAt voidedBy { id } voidReason total { amount }
		lines { returnedQuantity returnableQuantity } } userErrors { code field message } } }`

func (b *bundle) void(t testing.TB, token string, sale any, reason string) *answer {
	t.Helper()
	return b.post(t, token, voidSale, vars{"id": fmt.Sprint(sale), "reason": reason}).ok(t)
}

func (b *bundle) stock(t testing.TB, store id.Store, product id.Product) int {
	t.Helper()
	return pgtest.Value[int](t, b.db, "select quantity from inventory_levels where store_id = $1 and product_id = $2",
		store.UUID(), product.UUID())
}

func TestSaleVoid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.A.Products[0]
	a := b.sell(t, b.cashier(t, 0), order(store.Registers[0].ID, "k", "500", item(product, "2"), item(b.A.Products[1], "1")))
	sale := a.at("saleRecord", "sale", "id")
	if got := b.stock(t, store.ID, product); got != 48000 {
		t.Fatalf("the level is %d", got)
	}
	done := b.void(t, b.manager(t), sale, " wrong customer ")
	if len(done.codes("saleVoid")) > 0 || done.texts("status receiptNumber voidReason total", "saleVoid", "sale") != "VOIDED 2 wrong customer 280.00" {
		t.Fatal(done.Raw)
	}
	same(t, done.at("saleVoid", "sale", "voidedBy", "id"), b.A.Manager.String())
	same(t, done.at("saleVoid", "sale", "lines"), []vars{
		{"returnedQuantity": "2", "returnableQuantity": "0"}, {"returnedQuantity": "1", "returnableQuantity": "0"},
	})
	if got := b.stock(t, store.ID, product); got != 50000 {
		t.Errorf("the level is %d", got)
	}
	movements := pgtest.Values[string](t, b.db, `select concat_ws(' ', kind, m.quantity, quantity_after) from stock_movements m
		join sales s on s.id = m.sale_id where s.receipt_number = 2 and m.product_id = $1 order by m.recorded_at`, product.UUID())
	if want := []string{"SALE -2000 48000", "VOID 2000 50000"}; !slices.Equal(movements, want) {
		t.Errorf("movements %v, not %v", movements, want)
	}
	// Again, by somebody else and for another reason: it stays as it is.
	before := b.books(t)
	again := b.void(t, b.owner(t), sale, "another")
	same(t, again.at("saleVoid"), done.at("saleVoid"))
	b.unchanged(t, before)
	listed := b.post(t, b.owner(t), `{ sales(filter: {status: VOIDED}) { totalCount nodes { id voidReason } } rest: sales(filter: {status: COMPLETED}) { totalCount } }`, nil).ok(t)
	same(t, listed.at("sales"), vars{"totalCount": 1, "nodes": []vars{{"id": sale, "voidReason": "wrong customer"}}})
	same(t, listed.at("rest", "totalCount"), 4)
	b.logs.quiet(t)
}

func TestSaleVoidRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	today := b.sell(t, b.cashier(t, 0), order(register, "today", "100", item(b.A.Products[0], "1"))).at("saleRecord", "sale", "id")
	other := order(register, "other", "100", item(b.A.Products[0], "1"))
	other["occurredAt"] = time.Now().Add(-30 * time.Hour).UTC().Format(time.RFC3339)
	yesterday := b.sell(t, b.cashier(t, 0), other).at("saleRecord", "sale", "id")
	tokens := map[string]string{"a cashier": b.cashier(t, 0), "a register": b.device(t, b.A, b.A.Stores[0].Registers[0])}
	before := b.books(t)
	for _, c := range []struct {
		name, reason string
		sale         any
		want         []string
	}{
		{"without a reason", " ", today, []string{"INVALID reason"}},
		{"yesterday's", "x", yesterday, []string{"OTHER_DAY id"}},
		{"yesterday's without a reason", "", yesterday, []string{"INVALID reason", "OTHER_DAY id"}},
		{"nobody's", "x", fresh[id.Sale](), []string{"NOT_FOUND id"}},
		{"another store's", "x", b.A.Stores[1].Registers[0].Sale, []string{"NOT_FOUND id"}},
		{"another company's", "x", b.B.Stores[0].Registers[0].Sale, []string{"NOT_FOUND id"}},
	} {
		a := b.void(t, b.manager(t), c.sale, c.reason)
		if got := a.codes("saleVoid"); !slices.Equal(got, c.want) || a.at("saleVoid", "sale") != nil {
			t.Errorf("%s: %s", c.name, a.Raw)
		}
	}
	for who, token := range tokens {
		if a := b.post(t, token, voidSale, vars{"id": today, "reason": "x"}); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", who, a.Raw)
		}
	}
	b.unchanged(t, before)
	b.db.Exec(t, "update companies set status = 'SUSPENDED' where slug = 'acme'")
	if a := b.void(t, b.manager(t), today, "x"); !slices.Equal(a.codes("saleVoid"), []string{"COMPANY_SUSPENDED "}) {
		t.Errorf("suspended: %s", a.Raw)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sales where status = 'VOIDED'"); n != 0 {
		t.Errorf("%d sales were voided", n)
	}
}

// A day begins in the store's time zone: at 21:30 UTC it is the next day in Nairobi.
func TestSaleVoidGoesByTheStoresDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 20, 30, 0, 0, time.UTC)
	clock := now
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	register := b.A.Stores[0].Registers[0].ID
	token := b.manager(t)
	sales := make([]any, 2)
	for i := range sales {
		sales[i] = b.sell(t, token, order(register, fmt.Sprint(i), "100", item(b.A.Products[0], "1"))).at("saleRecord", "sale", "id")
	}
	clock = now.Add(29 * time.Minute) // 23:59 there
	if a := b.void(t, token, sales[0], "x"); len(a.codes("saleVoid")) > 0 {
		t.Error(a.Raw)
	}
	clock = now.Add(30 * time.Minute)
	if a := b.void(t, token, sales[1], "x"); !slices.Equal(a.codes("saleVoid"), []string{"OTHER_DAY id"}) {
		t.Error(a.Raw)
	}
}

func TestSaleVoidTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	tokens := []string{b.manager(t), b.owner(t)}
	for round := range 10 {
		sale := b.sell(t, tokens[0], order(store.Registers[0].ID, fmt.Sprint(round), "300", item(b.A.Products[0], "3"))).at("saleRecord", "sale", "id")
		answers := together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), tokens[i%2], voidSale, vars{"id": sale, "reason": fmt.Sprint(i)})
		})
		for _, a := range answers {
			if a.ok(t); !reflect.DeepEqual(a.Data, answers[0].Data) || a.at("saleVoid", "sale", "status") != "VOIDED" {
				t.Errorf("%s\nand %s", a.Raw, answers[0].Raw)
			}
		}
		if got := b.stock(t, store.ID, b.A.Products[0]); got != 50000 {
			t.Fatalf("round %d: the level is %d", round, got)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from stock_movements where kind = 'VOID'"); n != 10 {
		t.Errorf("%d movements", n)
	}
}

// What voiding costs doesn't grow with the lines: who asks, the sale, and two to write.
func TestSaleVoidStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.warm(t)
	products := b.manyProducts(t, b.A, 200)
	for _, n := range []int{1, 200} {
		lines := make([]vars, n)
		for i := range lines {
			lines[i] = item(products[i], "1")
		}
		sale := b.sell(t, b.manager(t), order(b.A.Stores[0].Registers[0].ID, fmt.Sprint(n), fmt.Sprint(n), lines...)).at("saleRecord", "sale", "id")
		a := b.post(t, b.manager(t), `mutation($id: ID!) { saleVoid(id: $id, input: {reason: "x"}) { sale { status } userErrors { code } } }`, vars{"id": sale}).ok(t)
		if want := (cost{Statements: 19, RoundTrips: 3}); a.cost != want || a.at("saleVoid", "sale", "status") != "VOIDED" {
			t.Errorf("%d lines: %+v, not %+v: %s", n, a.cost, want, a.Raw)
		}
	}
}
