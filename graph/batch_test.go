package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	sellLots = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
		sale { id lines { id batches { lotNumber expiresOn quantity } } } userErrors { code field message quantityAvailable } } }`
	adjustLots = `mutation($input: StockAdjustInput!) { stockAdjust(input: $input) { approval { id lines { lotNumber change } }
		levels { quantity unbatched } movements { quantity batches { quantity batch { lotNumber } } }
		userErrors { code field message quantityAvailable } } }`
	readLots = `query($product: ID!) { stockBatches(filter: {productId: $product}) { totalCount nodes { lotNumber expiresOn quantity } } }`
)

// tracked makes a product whose goods have batches, in a company that tracks them.
func (b *bundle) tracked(t testing.TB) id.Product {
	t.Helper()
	b.db.Exec(t, "update company_settings set batch_tracking_enabled = true where tenant_id = $1", b.A.ID.UUID())
	product := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set batch_tracked = true where id = $1", product.UUID())
	return product
}

// lot is a line about goods of a lot; days are from today.
func lot(product id.Product, number, name, value string, days ...int) vars {
	of := vars{"number": number}
	if len(days) > 0 {
		of["expiresOn"] = inDays(days[0])
	}
	return vars{"productId": product.String(), "lot": of, name: value}
}

// inDays is a day of the fixture's stores, whose day begins before the server's clock's.
func inDays(n int) string {
	place, _ := time.LoadLocation("Africa/Nairobi")
	return time.Now().In(place).AddDate(0, 0, n).Format(time.DateOnly)
}

func costing(line vars) vars {
	line["unitCost"] = "1"
	return line
}

// receiveLots takes lots of a product in.
func (b *bundle) receiveLots(t testing.TB, store id.Store, lines ...vars) {
	t.Helper()
	for _, line := range lines {
		costing(line)
	}
	a := b.post(t, b.owner(t), receiveStock, stockInput(store, id.New[id.Product]().String(), nil, lines...)).ok(t)
	if codes := a.codes("stockReceive"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
}

// shelf are the lots of a product with what is there of them, and then what is of none.
func (b *bundle) shelf(t testing.TB, product id.Product) []string {
	t.Helper()
	lots := pgtest.Values[string](t, b.db, `select lot_number || ' ' || quantity / 1000 from stock_batches
		where product_id = $1 order by lot_number, store_id`, product.UUID())
	// What a batch has is the sum of its parts, whatever happened.
	if n := pgtest.Value[int](t, b.db, `select count(*) from stock_batches b where quantity <> coalesce(
		(select sum(quantity) from stock_batch_parts p where p.tenant_id = b.tenant_id and p.batch_id = b.id), 0)`); n != 0 {
		t.Errorf("%d batches are not the sum of their parts", n)
	}
	return append(lots, pgtest.Value[string](t, b.db, `select 'none ' || ((coalesce((select sum(quantity) from inventory_levels where product_id = $1), 0) -
		coalesce((select sum(quantity) from stock_batches where product_id = $1), 0)) / 1000)::bigint`, product.UUID()))
}

func (b *bundle) has(t testing.TB, product id.Product, want ...string) {
	t.Helper()
	if got := b.shelf(t, product); !slices.Equal(got, want) {
		t.Errorf("there are %q, not %q", got, want)
	}
}

// A pharmacy's day: what expires first is sold first, the lot that a line names is the one that is sold, what comes back
// and what is voided goes where it came from, and what has expired or is in quarantine isn't sold.
func TestBatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, other, product := b.A.Stores[0], b.A.Stores[1], b.tracked(t)
	manager, register := b.manager(t), b.A.Stores[0].Registers[0].ID
	sell := func(key string, lines ...vars) *answer {
		return b.post(t, manager, sellLots, vars{"input": order(register, key, "5000", lines...)}).ok(t)
	}
	refused := func(a *answer, field string, want ...string) {
		t.Helper()
		if got := a.codes(field); !slices.Equal(got, want) {
			t.Errorf("%q, not %q: %s", got, want, a.Raw)
		}
	}
	named := func(number, quantity string) vars {
		line := item(product, quantity)
		line["lotNumber"] = number
		return line
	}
	b.receiveLots(t, store.ID, lot(product, "B", "quantity", "10", 60), lot(product, "A", "quantity", "5", 30), lot(product, "OLD", "quantity", "4", -1),
		lot(product, "EVER", "quantity", "10"))
	b.has(t, product, "A 5", "B 10", "EVER 10", "OLD 4", "none 0")

	a := sell("1", item(product, "7"), named("EVER", "2"))
	refused(a, "saleRecord")
	same(t, a.at("saleRecord", "sale", "lines", 0, "batches"), []vars{
		{"lotNumber": "A", "expiresOn": inDays(30), "quantity": "5"}, {"lotNumber": "B", "expiresOn": inDays(60), "quantity": "2"},
	})
	same(t, a.at("saleRecord", "sale", "lines", 1, "batches"), []vars{{"lotNumber": "EVER", "expiresOn": nil, "quantity": "2"}})
	b.has(t, product, "A 0", "B 8", "EVER 8", "OLD 4", "none 0")
	sale, line := a.at("saleRecord", "sale", "id"), fmt.Sprint(a.at("saleRecord", "sale", "lines", 0, "id"))

	books := b.books(t)
	refused(sell("2", named("OLD", "1"), named("NONE", "1"), item(product, "17")), "saleRecord",
		"BATCH_EXPIRED lines.0.lotNumber", "LOT_NOT_FOUND lines.1.lotNumber", "BATCH_EXPIRED lines.2.quantity")
	refused(sell("3", vars{"productId": b.A.Products[0].String(), "quantity": "1", "lotNumber": "LOT acme"}), "saleRecord", "LOT_NOT_TRACKED lines.0.lotNumber")
	b.unchanged(t, books)

	// Back come those that were sold first, but for a lot that is named.
	back := func(key, quantity, cash string, more vars) *answer {
		r := vars{"saleLineId": line, "quantity": quantity, "restock": true}
		maps.Copy(r, more)
		return b.post(t, manager, sellLots, vars{"input": vars{
			"idempotencyKey": key, "registerId": register.String(), "returns": []vars{r}, "payments": []vars{pay("CASH", cash)},
		}}).ok(t)
	}
	returned := back("4", "6", "6", nil)
	refused(returned, "saleRecord")
	same(t, returned.at("saleRecord", "sale", "lines", 0, "batches"), []vars{
		{"lotNumber": "A", "expiresOn": inDays(30), "quantity": "-5"}, {"lotNumber": "B", "expiresOn": inDays(60), "quantity": "-1"},
	})
	b.has(t, product, "A 5", "B 9", "EVER 8", "OLD 4", "none 0")
	refused(back("5", "1", "1", vars{"lotNumber": "EVER"}), "saleRecord", "LOT_NOT_FOUND returns.0.lotNumber")
	refused(b.void(t, manager, returned.at("saleRecord", "sale", "id"), "slip"), "saleVoid")
	b.has(t, product, "A 0", "B 8", "EVER 8", "OLD 4", "none 0")
	refused(b.void(t, manager, sale, "slip"), "saleVoid")
	b.has(t, product, "A 5", "B 10", "EVER 10", "OLD 4", "none 0")

	// Without a receipt a lot is needed.
	noReceipt := func(key string, more vars) *answer {
		r := vars{"productId": product.String(), "quantity": "1", "restock": true}
		maps.Copy(r, more)
		return b.post(t, manager, sellLots, vars{"input": vars{
			"idempotencyKey": key, "registerId": register.String(), "returns": []vars{r}, "payments": []vars{pay("CASH", "1")},
		}}).ok(t)
	}
	refused(noReceipt("6", nil), "saleRecord", "LOT_REQUIRED returns.0.lotNumber")
	refused(noReceipt("7", vars{"lotNumber": "A"}), "saleRecord")
	b.has(t, product, "A 6", "B 10", "EVER 10", "OLD 4", "none 0")

	// A recalled lot is put into quarantine, is not sold, and who has it is found.
	found := b.post(t, manager, `query($product: ID!) { stockBatches(filter: {productId: $product, lotNumber: "B"}) { nodes { id version } }
		salesOfLot(productId: $product, lotNumber: "A") { totalCount nodes { id } } }`, vars{"product": product.String()}).ok(t)
	if n := found.at("salesOfLot", "totalCount"); n != float64(3) {
		t.Errorf("%v sales had the lot: %s", n, found.Raw)
	}
	const update = `mutation($id: ID!, $input: StockBatchUpdateInput!) { stockBatchUpdate(id: $id, input: $input) {
		batch { quarantined version quantity note expiresOn } userErrors { code field message } } }`
	batch := found.at("stockBatches", "nodes", 0, "id")
	changed := b.post(t, manager, update, vars{"id": batch, "input": vars{"version": 1, "quarantined": true, "note": " recalled "}}).ok(t)
	refused(changed, "stockBatchUpdate")
	same(t, changed.at("stockBatchUpdate", "batch"), vars{"quarantined": true, "version": 2, "quantity": "10", "note": "recalled", "expiresOn": inDays(60)})
	late := b.post(t, manager, update, vars{"id": batch, "input": vars{"version": 1, "quarantined": false}}).ok(t)
	refused(late, "stockBatchUpdate", "CONFLICT version")
	same(t, late.at("stockBatchUpdate", "batch", "version"), 2)
	refused(b.post(t, manager, update, vars{"id": batch, "input": vars{"version": 2, "quarantined": nil, "manufacturedOn": inDays(61)}}).ok(t),
		"stockBatchUpdate", "INVALID quarantined", "INVALID manufacturedOn")
	refused(sell("8", named("B", "1"), item(product, "17")), "saleRecord", "BATCH_QUARANTINED lines.0.lotNumber", "BATCH_QUARANTINED lines.1.quantity")

	// Sold offline: it has happened, whichever lot it was.
	offline := order(register, "9", "100", named("OLD", "1"), named("B", "1"), named("UNKNOWN", "2"), item(product, "20"))
	offline["receiptNumber"] = 500
	refused(b.post(t, manager, sellLots, vars{"input": offline}).ok(t), "saleRecord")
	b.has(t, product, "A 0", "B 9", "EVER 0", "OLD 3", "UNKNOWN -2", "none -4")

	// Adjustments: written off, counted, and what is of no batch put where it belongs.
	adjust := func(key string, lines ...vars) *answer {
		return b.post(t, manager, adjustLots, stockInput(store.ID, key, vars{"reason": "EXPIRED"}, lines...)).ok(t)
	}
	refused(adjust("a1", stockLine(product, "change", "1"), lot(b.A.Products[0], "X", "change", "1"), lot(product, "B", "change", "-10"),
		lot(product, "A", "change", "1", 31)), "stockAdjust", "LOT_REQUIRED lines.0.lot", "LOT_NOT_TRACKED lines.1.lot")
	refused(adjust("a2", lot(product, "B", "change", "-10"), lot(product, "A", "change", "1", 31)), "stockAdjust",
		"STOCK_INSUFFICIENT lines.0.change", "LOT_DATES_DIFFER lines.1.lot")
	loose := stockLine(product, "change", "4")
	loose["unbatched"] = true
	done := adjust("a3", lot(product, "OLD", "count", "0"), lot(product, "B", "change", "-4"), loose)
	refused(done, "stockAdjust")
	same(t, done.at("stockAdjust", "levels", 0), vars{"quantity": "3", "unbatched": "0"})
	same(t, done.at("stockAdjust", "movements"), []vars{
		{"quantity": "-3", "batches": []vars{{"quantity": "-3", "batch": vars{"lotNumber": "OLD"}}}},
		{"quantity": "-4", "batches": []vars{{"quantity": "-4", "batch": vars{"lotNumber": "B"}}}},
		{"quantity": "4", "batches": []vars{}},
	})
	same(t, adjust("a3", lot(product, "OLD", "count", "0"), lot(product, "B", "change", "-4"), loose).at("stockAdjust", "movements"), done.at("stockAdjust", "movements"))
	b.has(t, product, "A 0", "B 5", "EVER 0", "OLD 0", "UNKNOWN -2", "none 0")

	// Another store has batches of its own.
	b.receiveLots(t, other.ID, lot(product, "A", "quantity", "3", 30))
	expiring := b.post(t, manager, `query($before: Date!, $store: ID) { all: expiringBatches(expiresBefore: $before) { nodes { quantity } }
		mine: expiringBatches(expiresBefore: $before, storeId: $store) { nodes { lotNumber } } }`,
		vars{"before": inDays(31), "store": store.ID.String()}).ok(t)
	same(t, expiring.at("mine", "nodes"), []vars{})
	b.logs.quiet(t)
}

// A sale of goods with batches asks as many statements however many lines, products and batches it is of; one of goods
// without is what it was.
func TestStatementsOfBatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	plain := b.product(t, b.A, goods{price: 100})
	var products []id.Product
	var lines []vars
	for range 6 {
		product := b.tracked(t)
		products = append(products, product)
		for n := range 3 {
			lines = append(lines, lot(product, fmt.Sprint(n), "quantity", "2", n+1))
		}
	}
	b.receiveLots(t, store.ID, lines...)
	sell := func(key string, lines ...vars) cost {
		t.Helper()
		a := b.post(t, b.cashier(t, 0), recordBare, vars{"input": order(store.Registers[0].ID, key, "5000", lines...)}).ok(t)
		if codes := a.codes("saleRecord"); len(codes) > 0 {
			t.Fatal(a.Raw)
		}
		return a.cost
	}
	b.warm(t, store.Registers[0].ID)
	sell("warm", item(plain, "1"))
	if got := sell("plain", item(plain, "1")); got != recording {
		t.Errorf("goods without batches: %+v", got)
	}
	// The batches, once it is known that there are some; what is left of them, and which the goods were of.
	want := cost{Statements: recording.Statements + 3, RoundTrips: recording.RoundTrips + 1}
	if got := sell("one", item(products[0], "1")); got != want {
		t.Errorf("one line: %+v, not %+v", got, want)
	}
	var many []vars
	for _, product := range products {
		many = append(many, item(product, "2"), item(product, "1"), item(plain, "1"))
	}
	if got := sell("many", many...); got != want {
		t.Errorf("many lines: %+v, not %+v", got, want)
	}
	b.decide(t, vars{"batchTrackingEnabled": false})
	b.warm(t, store.Registers[0].ID)
	sell("warm again", item(plain, "1"))
	if got := sell("off", item(products[1], "1")); got != recording {
		t.Errorf("switched off: %+v", got)
	}
}

// Where batches are not tracked, or the company hasn't the module, nothing needs a lot and nothing takes one; what an
// approval waits for keeps its lot; goods of one lot sold at two tills at once are each taken once.
func TestBatchesSwitched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, product := b.A.Stores[0], b.tracked(t)
	manager := b.manager(t)
	b.receiveLots(t, store.ID, lot(product, "A", "quantity", "10", 9), lot(product, "B", "quantity", "10", 10))
	answers := together(t, 8, func(i int) (*answer, error) {
		return b.ask(t.Context(), manager, recordBare, vars{"input": order(store.Registers[i%2].ID, fmt.Sprint(i), "100", item(product, "2"))})
	})
	for _, a := range answers {
		if codes := a.ok(t).codes("saleRecord"); len(codes) > 0 {
			t.Error(a.Raw)
		}
	}
	b.has(t, product, "A 0", "B 4", "none 0")

	b.decide(t, vars{"stockApprovalRequired": true})
	input := stockInput(store.ID, "w", vars{"reason": "FOUND"}, lot(product, "C", "change", "2", 20))
	asked := b.post(t, manager, adjustLots, input).ok(t)
	same(t, asked.at("stockAdjust", "approval", "lines"), []vars{{"lotNumber": "C", "change": "2"}})
	b.has(t, product, "A 0", "B 4", "none 0")
	decided := b.post(t, b.owner(t), `mutation($id: ID!) { approvalApprove(id: $id) { approval { status } userErrors { code field message } } }`,
		vars{"id": asked.at("stockAdjust", "approval", "id")}).ok(t)
	if codes := decided.codes("approvalApprove"); len(codes) > 0 {
		t.Fatal(decided.Raw)
	}
	b.has(t, product, "A 0", "B 4", "C 2", "none 0")
	b.decide(t, vars{"stockApprovalRequired": false, "batchTrackingEnabled": false})

	named := item(product, "1")
	named["lotNumber"] = "B"
	a := b.post(t, manager, sellLots, vars{"input": order(store.Registers[0].ID, "off", "5000", named)}).ok(t)
	if codes := a.codes("saleRecord"); !slices.Equal(codes, []string{"LOT_NOT_TRACKED lines.0.lotNumber"}) {
		t.Errorf("%q", codes)
	}
	b.receive(t, store.ID, product, "1", "1")
	b.sell(t, manager, order(store.Registers[0].ID, "plain", "5000", item(product, "2")))
	b.has(t, product, "A 0", "B 4", "C 2", "none -1")

	b.db.Exec(t, "insert into company_features (tenant_id, feature, enabled) values ($1, 'BATCH_TRACKING', false)", b.A.ID.UUID())
	off := b.post(t, manager, readLots, vars{"product": product.String()})
	if codes := off.code(); codes != "FEATURE_OFF" {
		t.Errorf("%q: %s", codes, off.Raw)
	}
	version := b.post(t, b.owner(t), `{ company { settings { version } } }`, nil).ok(t).at("company", "settings", "version")
	refused := b.post(t, b.owner(t), updateSettings, vars{"input": vars{"version": version, "batchTrackingEnabled": true}}).ok(t)
	if codes := refused.codes("companySettingsUpdate"); !slices.Equal(codes, []string{"FEATURE_OFF batchTrackingEnabled"}) {
		t.Errorf("%q", codes)
	}
	b.logs.quiet(t)
}
