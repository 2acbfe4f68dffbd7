package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestSaleRecordByEveryRole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	for i, c := range []struct {
		name, token, cashier string
	}{
		{"cashier", b.cashier(t, 0), "cashier1 of acme"},
		{"manager", b.manager(t), "manager of acme"},
		{"owner", b.owner(t), "owner of acme"},
		{"register", b.device(t, b.A, register), "<nil>"},
	} {
		input := order(register.ID, c.name, "500", item(b.A.Products[0], "2"), vars{"barcode": b.A.Barcodes[1], "quantity": "1"})
		if c.name == "register" {
			delete(input, "registerId")
		}
		a := b.sell(t, c.token, input)
		if got := a.texts("name", "saleRecord", "sale", "cashier"); got != c.cashier {
			t.Errorf("%s: the cashier is %s", c.name, got)
		}
		// Two at the store's own price of 90, one at the base price of 100.
		if got := a.texts("receiptNumber status subtotal tax total tendered change", "saleRecord", "sale"); got !=
			fmt.Sprint(i+2, " COMPLETED 241.38 38.62 280.00 500.00 220.00") {
			t.Errorf("%s: %s", c.name, got)
		}
		for j, want := range []string{"1 SKU-1 2 90.00 STORE 16 155.17 24.83 180.00", "2 SKU-2 1 100.00 BASE 16 86.21 13.79 100.00"} {
			if got := a.texts("lineNumber sku quantity unitPrice priceSource taxRate subtotal tax total",
				"saleRecord", "sale", "lines", j); got != want {
				t.Errorf("%s: line %d is %s", c.name, j, got)
			}
		}
		if got := a.texts("position method amount tendered reference", "saleRecord", "sale", "payments", 0); got !=
			"1 CASH 280.00 500.00 " {
			t.Errorf("%s: the payment is %s", c.name, got)
		}
	}
	b.sound(t)
}

// What the mutation answered is what a query reads, to the last field.
func TestSaleRecordAnswersWhatIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	input := order(b.A.Stores[0].Registers[1].ID, "k", "300", item(b.A.Products[1], "1"), item(b.A.Products[0], "1"))
	input["note"], input["occurredAt"] = "  a note\nof two lines ", "2026-03-01T00:30:00.123456789+03:00"
	a := b.sell(t, b.cashier(t, 0), input)
	kept := b.post(t, b.owner(t), `query($id: ID!) { sale(id: $id) { `+receipt+` } }`,
		vars{"id": a.at("saleRecord", "sale", "id")}).ok(t)
	if got, want := fmt.Sprint(kept.at("sale")), fmt.Sprint(a.at("saleRecord", "sale")); got != want {
		t.Errorf("read:\n%s\nanswered:\n%s", got, want)
	}
	// Half past midnight in Nairobi, though it is still yesterday in London.
	if got := a.texts("businessDate occurredAt", "saleRecord", "sale"); got != "2026-03-01 2026-02-28T21:30:00.123456Z" {
		t.Error(got)
	}
	if note := a.at("saleRecord", "sale", "note"); note != "a note\nof two lines" {
		t.Errorf("the note is %q", note)
	}
	b.sound(t)
}

func TestSaleRecordTotals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type sold struct {
		goods
		quantity string
	}
	for name, c := range map[string]struct {
		currency  string
		tax       int
		inclusive bool
		lines     []sold
		payments  []vars
		want      string // subtotal tax total tendered change
		paid      string // what of each payment stayed
	}{
		"16 % inside": {
			"KES", 160000, true,
			[]sold{{goods{price: 11600}, "1"}},
			[]vars{pay("CASH", "116")},
			"100.00 16.00 116.00 116.00 0.00", "116.00",
		},
		"16 % inside, rounded": {
			"KES", 160000, true,
			[]sold{{goods{price: 999}, "3"}},
			[]vars{pay("CASH", "50.00")},
			"25.84 4.13 29.97 50.00 20.03", "29.97",
		},
		"8.875 % on top": {
			"USD", 88750, false,
			[]sold{{goods{price: 1999, currency: "USD"}, "1"}},
			[]vars{pay("CARD", "21.76")},
			"19.99 1.77 21.76 21.76 0.00", "21.76",
		},
		"beside goods that are not taxable": {
			"USD", 88750, false,
			[]sold{{goods{price: 1999, currency: "USD"}, "1"}, {goods{price: 500, currency: "USD", untaxed: true}, "2"}},
			[]vars{pay("CARD", "20"), pay("CASH", "20")},
			"29.99 1.77 31.76 40.00 8.24", "20.00 11.76",
		},
		"weighed": {
			"USD", 88750, false,
			[]sold{{goods{price: 12345, currency: "USD", unit: "KILOGRAM"}, "1.234"}},
			[]vars{pay("CASH", "165.86")},
			"152.34 13.52 165.86 165.86 0.00", "165.86",
		},
		"no decimals": {
			"UGX", 180000, true,
			[]sold{{goods{price: 5000, currency: "UGX"}, "1"}, {goods{price: 4500, currency: "UGX", unit: "LITRE"}, "0.333"}},
			[]vars{pay("CASH", "10000")},
			"5507 992 6499 10000 3501", "6499",
		},
		"three decimals": {
			"KWD", 50000, false,
			[]sold{{goods{price: 1250, currency: "KWD"}, "3"}},
			[]vars{pay("CASH", "4.000")},
			"3.750 0.188 3.938 4.000 0.062", "3.938",
		},
		"tax is rounded by the line": {
			"USD", 100000, false, []sold{
				{goods{price: 5, currency: "USD"}, "1"}, {goods{price: 5, currency: "USD"}, "1"}, {goods{price: 5, currency: "USD"}, "1"},
			}, []vars{pay("CASH", "1")}, "0.15 0.03 0.18 1.00 0.82", "0.18",
		},
		"half a cent goes up": {
			"KES", 0, true,
			[]sold{{goods{price: 1, unit: "METRE"}, "0.5"}},
			[]vars{pay("CASH", "0.01")},
			"0.01 0.00 0.01 0.01 0.00", "0.01",
		},
		"for nothing": {
			"KES", 160000, true, []sold{{goods{}, "1"}}, nil, "0.00 0.00 0.00 0.00 0.00", "",
		},
		"less than a cent is nothing": {
			"KES", 160000, true, []sold{{goods{price: 1, unit: "KILOGRAM"}, "0.499"}}, nil, "0.00 0.00 0.00 0.00 0.00", "",
		},
		"change comes out of the last cash first": {
			"KES", 0, true,
			[]sold{{goods{price: 10000}, "1"}},
			[]vars{pay("CASH", "70"), pay("CARD", "20"), pay("CASH", "25")},
			"100.00 0.00 100.00 115.00 15.00", "70.00 20.00 10.00",
		},
		"change out of two": {
			"KES", 0, true,
			[]sold{{goods{price: 10000}, "1"}},
			[]vars{pay("CASH", "90"), pay("CARD", "20"), pay("CASH", "5")},
			"100.00 0.00 100.00 115.00 15.00", "80.00 20.00 0.00",
		},
		"mobile money": {
			"KES", 160000, true,
			[]sold{{goods{price: 11600}, "2"}},
			[]vars{{"method": "MOBILE_MONEY", "amount": "232.000", "reference": " QK1 "}},
			"200.00 32.00 232.00 232.00 0.00", "232.00",
		},
		"the largest quantity and price": {
			"KES", 1000000, true,
			[]sold{{goods{price: 1_000_000_000_000}, "1"}},
			[]vars{pay("CASH", "10000000000")},
			"5000000000.00 5000000000.00 10000000000.00 10000000000.00 0.00", "10000000000.00",
		},
	} {
		till := b.till(t, b.A, c.currency, c.tax, c.inclusive)
		input := vars{"idempotencyKey": name, "registerId": till.register.String(), "payments": c.payments}
		var lines []vars
		for _, line := range c.lines {
			lines = append(lines, item(b.product(t, b.A, line.goods), line.quantity))
		}
		input["lines"] = lines
		if c.payments == nil {
			delete(input, "payments")
		}
		a := b.sell(t, b.owner(t), input)
		if got := a.texts("subtotal tax total tendered change", "saleRecord", "sale"); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
		if got := a.at("saleRecord", "sale", "subtotal", "currencyCode"); got != c.currency {
			t.Errorf("%s: in %v", name, got)
		}
		var paid []string
		for i := range c.payments {
			paid = append(paid, a.texts("amount", "saleRecord", "sale", "payments", i))
		}
		if got := strings.Join(paid, " "); got != c.paid {
			t.Errorf("%s: paid %s; want %s", name, got, c.paid)
		}
	}
	b.sound(t)
}

// A store that sells in another currency than the catalogue's sells what it has a price of its own for.
func TestSaleInTheStoresCurrency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kampala := b.till(t, b.A, "UGX", 180000, true)
	b.storePrice(t, b.A, kampala.store, b.A.Products[0], "UGX", 2700)
	b.storePrice(t, b.A, b.A.Stores[0].ID, b.A.Products[1], "KES", 1)
	a := b.sell(t, b.owner(t), order(kampala.register, "k", "6000", item(b.A.Products[0], "2")))
	if got := a.texts("subtotal tax total tendered change", "saleRecord", "sale"); got != "4576 824 5400 6000 600" {
		t.Error(got)
	}
	if got := a.texts("unitPrice priceSource", "saleRecord", "sale", "lines", 0); got != "2700 STORE" {
		t.Error(got)
	}
	// One store's own price is no other's.
	a = b.sell(t, b.owner(t), order(b.A.Stores[1].Registers[0].ID, "k", "100", item(b.A.Products[1], "1")))
	if got := a.texts("unitPrice priceSource", "saleRecord", "sale", "lines", 0); got != "100.00 BASE" {
		t.Error(got)
	}
	b.sound(t)
}

// Later changes of the product and of the store don't reach a receipt.
func TestSaleIsKeptAsSold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.sell(t, b.owner(t), order(b.A.Stores[0].Registers[0].ID, "k", "90", item(b.A.Products[0], "1")))
	b.db.Exec(t, "update products set name = 'Other', sku = id::text, price = 1, taxable = false")
	b.db.Exec(t, "update stores set tax_rate_ppm = 1, prices_include_tax = false")
	b.db.Exec(t, "delete from store_prices")
	kept := b.post(t, b.owner(t), `query($id: ID!) { sale(id: $id) { `+receipt+` } }`,
		vars{"id": a.at("saleRecord", "sale", "id")}).ok(t)
	if got := kept.texts("productName sku unitPrice priceSource taxRate total", "sale", "lines", 0); got !=
		"Cola 1 acme SKU-1 90.00 STORE 16 90.00" {
		t.Error(got)
	}
	if got := kept.texts("pricesIncludeTax tax", "sale"); got != "true 12.41" {
		t.Error(got)
	}
}

// One product on several lines moves its stock once, by the sum; a product that the store never had goes below zero.
func TestSaleMovesStock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fresh := b.product(t, b.A, goods{price: 100, unit: "KILOGRAM"})
	store := b.A.Stores[0]
	b.sell(t, b.owner(t), order(store.Registers[0].ID, "k", "1000",
		item(b.A.Products[0], "1"), item(fresh, "0.25"), vars{"barcode": b.A.Barcodes[0], "quantity": "2"}, item(fresh, "1.5")))
	level := func(product any) int {
		return pgtest.Value[int](t, b.db, "select quantity from inventory_levels where store_id = $1 and product_id = $2",
			store.ID.UUID(), product)
	}
	if got := level(b.A.Products[0].UUID()); got != 47000 {
		t.Errorf("%d left of 50000", got)
	}
	if got := level(fresh.UUID()); got != -1750 {
		t.Errorf("%d of what was never there", got)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from stock_movements m join sales s on s.id = m.sale_id where s.receipt_number = 2"); n != 2 {
		t.Errorf("%d movements of two products", n)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where store_id <> $1 and quantity <> 50000", store.ID.UUID()); n != 0 {
		t.Errorf("%d levels of other stores moved", n)
	}
	b.sound(t)
}
