package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const printedReceipt = `receipt { kind reference companyName header footer taxNumber localTime untaxed { amount currencyCode }
	balances { ledger giftCardLastFour currencyCode change balanceAfter } text narrow: text(columns: 32) html }`

const recordPrinted = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id lines { id } ` + printedReceipt + ` } userErrors { code field message } } }`

// shop gives the first store what is printed above and below receipts.
func (b *bundle) shop(t testing.TB) {
	t.Helper()
	b.db.Exec(t, `update company_settings set tax_number = 'P051234567X', receipt_header = E'Karibu!\nOpen 8 to 8', receipt_footer = 'Asante <sana>.',
		loyalty_spend_per_point = 10000, loyalty_point_value = 200 where tenant_id = $1`, b.A.ID.UUID())
	b.db.Exec(t, `update stores set name = 'Westlands', address = E'12 Ring Road\nNairobi', phone = '+254 20 1', cash_rounding = 100 where id = $1`,
		b.A.Stores[0].ID.UUID())
	b.db.Exec(t, "update customers set name = 'Achieng & Sons', tax_number = 'A009' where id = $1", b.A.Customer.ID.UUID())
	b.db.Exec(t, "update products set name = 'Mango', taxable = false, unit = 'KILOGRAM' where id = $1", b.A.Products[1].UUID())
}

func (b *bundle) readReceipts(t *testing.T, ask asker) {
	r := b.A.Stores[0].Registers[0]
	entry, card := id.New[id.LedgerEntry](), id.New[id.LedgerEntry]()
	b.db.Exec(t, `insert into ledger_entries (tenant_id, id, ledger, reason, customer_id, amount, balance_after, sale_id, occurred_at)
		values ($1, $2, 'LOYALTY_POINTS', 'EARNED', $3, 5, 12, $4, '2026-03-08T22:30:00Z')`,
		b.A.ID.UUID(), entry.UUID(), b.A.Customer.ID.UUID(), r.Sale.UUID())
	b.db.Exec(t, `insert into ledger_entries (tenant_id, id, ledger, reason, gift_card_id, amount, balance_after, currency_code, sale_id, occurred_at)
		values ($1, $2, 'GIFT_CARD', 'SALE', $3, -5, 0, 'KES', $4, '2026-03-08T22:30:00Z')`,
		b.A.ID.UUID(), card.UUID(), b.A.Customer.GiftCard.UUID(), r.Sale.UUID())
	a := ask(t, b.owner(t), `{ sale(id: "`+r.Sale.String()+`") { `+printedReceipt+` } }`)
	if got := a.texts("kind reference companyName taxNumber", "sale", "receipt"); !strings.HasPrefix(got, "SALE S1/R1/1 acme") {
		t.Error(a.Raw)
	}
	same(t, a.at("sale", "receipt", "balances"), []vars{
		{"ledger": "LOYALTY_POINTS", "giftCardLastFour": nil, "currencyCode": nil, "change": "5", "balanceAfter": "12"},
		{"ledger": "GIFT_CARD", "giftCardLastFour": "ACME", "currencyCode": "KES", "change": "-0.05", "balanceAfter": "0.00"},
	})
	b.db.Exec(t, "delete from ledger_entries where id in ($1, $2)", entry.UUID(), card.UUID())
}

// TestReceiptOfASale prints an exchange with all that there can be on one, with the answer to recording it.
func TestReceiptOfASale(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.shop(t)
	store, cashier := b.A.Stores[0], b.cashier(t, 0)
	_, sold := b.sold(t, cashier, order(store.Registers[1].ID, "k", "90", item(b.A.Products[0], "1")))
	in := vars{
		"idempotencyKey": "exchange", "registerId": store.Registers[0].ID.String(), "customerId": b.A.Customer.ID.String(),
		"occurredAt": "2026-03-01T21:30:00Z", "note": "Table 4",
		"lines": []vars{
			{
				"productId": b.A.Products[0].String(), "quantity": "3",
				"discounts": []vars{{"kind": "PERCENT", "value": "5", "reason": "Dented"}},
			},
			item(b.A.Products[1], "0.755"),
		},
		"returns":   []vars{{"saleLineId": sold[0], "quantity": "1", "restock": true, "reason": "torn"}},
		"discounts": []vars{{"kind": "FIXED", "value": "7.5", "reason": "Opening day"}},
		"payments":  []vars{byCard(b.A.Customer.Code, "50"), pay("CASH", "500")},
	}
	a := b.post(t, cashier, recordPrinted, vars{"input": in}).ok(t)
	if codes := a.codes("saleRecord"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
	at := func(field string) string { return fmt.Sprint(a.at("saleRecord", "sale", "receipt", field)) }
	sale := fmt.Sprint(a.at("saleRecord", "sale", "id"))
	day := pgtest.Value[string](t, b.db, "select business_date::text from sales where receipt_number = 2 and register_id = $1", store.Registers[1].ID.UUID())
	const rule = "------------------------------------------------\n"
	want := `                      acme
                    Karibu!
                  Open 8 to 8
                   Westlands
                  12 Ring Road
                    Nairobi
                 Tel. +254 20 1
              Tax no. P051234567X
` + rule + `Exchange 2                       Register 1 acme
2026-03-02 00:30 EAT
No. S1/R1/2
Served by cashier1 of acme
Customer Achieng & Sons
Customer's tax no. A009
` + rule + `Cola 1 acme
  3 x 90.00                               270.00
  Discount 5%: Dented                     -13.50
Mango
  0.755 kg x 100.00                        75.50
Returned: Cola 1 acme
  of S1/R2/2, ` + day + `
  torn
  -1 x 90.00                              -90.00
` + rule + `Sum                                       242.00
Discount: Opening day                      -7.50
Rounding                                    0.50
TOTAL KES                                 235.00
Gift card                                  50.00
Cash                                      500.00
Change                                    315.00
` + rule + `Tax 16% on 138.54                          22.17
Without tax 73.79                           0.00
` + rule + `Gift card ...ACME, left                   200.00
Loyalty points, of this sale                   2
Loyalty points, all                            2
` + rule + `Table 4
` + rule + `                 Asante <sana>.
        ` + sale + `
`
	if at("text") != want {
		t.Errorf("%s\nshould be\n%s", at("text"), want)
	}
	for _, text := range []string{"<th scope=\"row\">TOTAL KES</th><td>235.00</td>", "Asante &lt;sana&gt;.", "Achieng &amp; Sons"} {
		if !strings.Contains(at("html"), text) {
			t.Errorf("no %s in %s", text, at("html"))
		}
	}
	if got := a.texts("kind reference companyName header footer taxNumber localTime untaxed", "saleRecord", "sale", "receipt"); got !=
		"EXCHANGE S1/R1/2 acme Karibu!\nOpen 8 to 8 Asante <sana>. P051234567X 2026-03-02 00:30 EAT 73.79" {
		t.Error(got)
	}
	b.reprinted(t, sale, want)
	b.logs.quiet(t)
}

// reprinted reads a receipt again: it is the same until the sale is voided, and has no customer for who sees none.
func (b *bundle) reprinted(t *testing.T, sale, want string) {
	t.Helper()
	read := func(token string) string {
		t.Helper()
		return fmt.Sprint(b.post(t, token, `query($id: ID!) { sale(id: $id) { receipt { text balances { ledger } } } }`, vars{"id": sale}).
			ok(t).at("sale", "receipt", "text"))
	}
	if got := read(b.owner(t)); got != want {
		t.Errorf("read again, it is\n%s", got)
	}
	b.db.Exec(t, "update users set role = 'TRAINEE' where id = $1", b.A.Stores[0].Cashier.UUID())
	got := read(b.cashier(t, 0))
	for _, text := range []string{"Achieng", "A009", "points"} {
		if strings.Contains(got, text) {
			t.Errorf("a trainee reads %s in\n%s", text, got)
		}
	}
	if !strings.Contains(got, "Gift card ...ACME, left") || !strings.Contains(got, "TOTAL KES") {
		t.Errorf("a trainee reads\n%s", got)
	}
	ref, err := id.Parse(sale)
	must(t, err)
	b.db.Exec(t, "update sales set status = 'VOIDED', voided_at = '2026-03-01T21:40:00Z', voided_by_id = $2, void_reason = 'mistake' where id = $1",
		ref.UUID, b.A.Manager.UUID())
	if got := read(b.owner(t)); strings.Count(got, "*** VOID ***\n              2026-03-02 00:40 EAT\n                    mistake\n") != 2 {
		t.Errorf("voided, it is\n%s", got)
	}
}

// TestReceiptsCostTheSame: a page of receipts takes as many statements as one, and each printed one has its price.
func TestReceiptsCostTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 15_000 })
	b.fill(t)
	const page = `query($n: Int) { sales(first: $n) { nodes { receipt { text balances { change } } } } }`
	b.post(t, b.owner(t), page, vars{"n": 1}).ok(t) // from here on the company's settings are known
	for _, n := range []int{1, 200} {
		a := b.post(t, b.owner(t), page, vars{"n": n}).ok(t)
		if len(a.at("sales", "nodes").([]any)) != n {
			t.Fatal(a.Raw)
		}
		if want := (cost{Statements: 2 + 15, RoundTrips: 2}); a.cost != want {
			t.Errorf("%d receipts cost %+v, not %+v", n, a.cost, want)
		}
	}
	a := b.post(t, b.owner(t), `{ sales(first: 200) { nodes { receipt { text html } } } }`, nil)
	if a.code() != "COMPLEXITY_LIMIT" {
		t.Errorf("twice two hundred: %s", a.code())
	}
}

func TestReceiptWidths(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, columns := range []int{0, -1, 40, 2147483647} {
		a := b.post(t, b.owner(t), `query($id: ID!, $n: Int!) { sale(id: $id) { receipt { text(columns: $n) } } }`,
			vars{"id": b.A.Stores[0].Registers[0].Sale.String(), "n": columns})
		if a.code() != "BAD_USER_INPUT" {
			t.Errorf("%d columns: %s", columns, a.Raw)
		}
	}
}
