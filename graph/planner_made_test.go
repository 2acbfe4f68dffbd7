package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

// belongings adds what belongs to sales, customers and stock: taxes of several rates, costs that are known in part, goods
// that came back, batches, a customer who became another, a till that is open.
func (w *twoWays) belongings(t *testing.T) {
	t.Helper()
	a, register := w.A.ID.UUID(), w.A.Stores[0].Registers[0]
	double := id.New[id.Customer]()
	w.db.Exec(t, `insert into customers (tenant_id, id, name, currency_code, merged_into_id) values ($1, $2, 'Double', 'KES', $3)`,
		a, double.UUID(), w.A.Customer.ID.UUID())
	w.db.Exec(t, `update sales set customer_id = case receipt_number % 3 when 0 then $2::uuid when 1 then $3::uuid end
		where tenant_id = $1 and id::text like '018f0000-0006%'`, a, double.UUID(), w.A.Customer.ID.UUID())
	w.db.Exec(t, `update sales set till_session_id = $2 where tenant_id = $1 and register_id = $3 and receipt_number % 4 = 0`,
		a, register.TillSession.UUID(), register.ID.UUID())
	w.db.Exec(t, `insert into ledger_entries (tenant_id, id, ledger, reason, customer_id, amount, balance_after, sale_id, occurred_at)
		select tenant_id, ('018f0000-0030-7000-8000-' || right(id::text, 12))::uuid, 'LOYALTY_POINTS', 'EARNED', customer_id, 3, 3, id, occurred_at
		from sales where tenant_id = $1 and customer_id is not null and receipt_number % 2 = 0 and id::text like '018f0000-0006%'`, a)
	w.db.Exec(t, `insert into sale_line_taxes (tenant_id, store_id, register_id, sale_id, sale_line_id, position, name, code, rate_ppm, compound,
			inclusive, currency_code, base, amount)
		select tenant_id, store_id, register_id, sale_id, id, n, 'VAT ' || n, 'ABC', 80000 * n, n = 2, true, 'KES', 50, n
		from sale_lines, generate_series(1, 2) n where tenant_id = $1 and id::text like '018f0000-000%' and (n = 1 or line_number = 2)`, a)
	w.db.Exec(t, `update sale_lines set cost = 30 + line_number where tenant_id = $1 and id::text like '018f0000-000%'
		and (line_number = 1 or right(id::text, 1) < '8')`, a)
	w.db.Exec(t, `update sale_lines set batches = '[{"batch": "018f0000-0031-7000-8000-000000000001", "lot": "L1", "expires": "2027-01-02", "quantity": 400},
			{"batch": "018f0000-0031-7000-8000-000000000002", "lot": "L2", "quantity": 600}]'
		where tenant_id = $1 and id::text like '018f0000-0007%' and right(id::text, 1) < '4'`, a)
	w.db.Exec(t, `insert into returned_quantities (tenant_id, sale_line_id, sold, returned, voided)
		select tenant_id, id, 1000, case right(id::text, 1) when '1' then 0 else 250 end, right(id::text, 1) = '1'
		from sale_lines where tenant_id = $1 and id::text like '018f0000-0007%' and right(id::text, 1) in ('1', '2', '3')`, a)
	w.db.Exec(t, `insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, kind, original_line_id, restocked, product_id,
			product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross)
		select b.tenant_id, b.store_id, b.register_id, overlay(gen_random_uuid()::text placing '7' from 15)::uuid, b.id, row_number() over (partition by b.id order by l.id), 'RETURN', l.id, true,
			l.product_id, 'Tea', 'N', 'EACH', 'KES', -250, 50, 'ORIGINAL', 0, -12, 0, -12, -12
		from sales b, sale_lines l where b.tenant_id = $1 and b.receipt_number between 5001 and 5003 and l.register_id = b.register_id
			and l.id::text like '018f0000-0007%' and right(l.id::text, 2) in ('02', '03')`, a)
	w.db.Exec(t, "update inventory_levels set average_cost = 12345678 where tenant_id = $1 and quantity % 3 = 0", a)
	w.db.Exec(t, `insert into till_sessions (tenant_id, store_id, register_id, id, number, status, currency_code, opening_float, business_date, opened_at)
		values ($1, $2, $3, overlay(gen_random_uuid()::text placing '7' from 15)::uuid, 77, 'OPEN', 'KES', 700, '2026-07-01', '2026-07-01T05:00:00Z')`,
		a, w.A.Stores[0].ID.UUID(), register.ID.UUID())
}

// TestWhatIsMadeOfRowsIsReadWhole, in as many statements for one row as for fifty.
func TestWhatIsMadeOfRowsIsReadWhole(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	owner := w.people(t)["owner"]
	w.alike(t, owner, `{ viewer { role } }`, nil) // who is known is not asked about again
	const entry = 1
	in := fmt.Sprintf(`filter: {storeId: %q}`, w.A.Stores[0].ID)
	for name, test := range map[string]struct {
		query string
		want  int64
		has   string // what one of fifty answers with
	}{
		"taxes of sales":    {`sales(first: $n, ` + in + `) { nodes { taxes { name code rate compound inclusive base { amount } amount { amount } } } }`, 2, `"VAT 2"`},
		"costs and margins": {`sales(first: $n, ` + in + `) { nodes { cost { amount } margin { amount currencyCode } m: margin { amount } } }`, 2, `"cost":{"amount":"0.63"}`},
		"till sessions of sales": {
			`sales(first: $n, ` + in + `) { nodes { tillSession { number openedBy { name } } } }`, 1, `"tillSession":{"number":1`,
		},
		"what came back": {
			`sales(first: $n, sort: OCCURRED_AT_ASC, ` + in + `) { nodes { returns { receiptNumber lines { originalLine { id } } } lines { returnedQuantity returnableQuantity
				batches { lotNumber expiresOn quantity } } } }`, 5, `"returns":[{"receiptNumber":500`,
		},
		"of customers": {
			`customers(first: $n) { nodes { name sales(first: 7) { totalCount nodes { receiptNumber lines { id } } } ledgerEntries(last: 3) { edges { cursor
				node { ledger amount balanceAfter currencyCode sale { receiptNumber } } } pageInfo { hasPreviousPage } } } }`, 5, `"LOYALTY_POINTS"`,
		},
		"of stock": {
			`store(id: "` + w.A.Stores[0].ID.String() + `") { inventory(first: $n) { nodes { averageCost { amount currencyCode } movements(first: 2) { nodes { kind quantityAfter
				unitCost { amount } batches { quantity batch { lotNumber } } sale { receiptNumber } } } } } }`, 4, `"averageCost":{"amount":"12.345678"`,
		},
		"of registers": {
			`registers(first: $n) { nodes { nextReceiptNumber lastReceiptNumber tillSession { number status openingFloat { amount } } receiptGaps { nodes { from to
				missing } } receiptConflicts { nodes { receiptNumber total { amount } sale { id } } } } }`, 5, `"number":77`,
		},
		"of variants":   {`products(first: $n) { nodes { options { name value } parent { optionNames } } }`, 1, `"options":[{"name"`},
		"of tax groups": {`taxCategories(first: $n) { nodes { rateHistory { nodes { name rate } } storeRates { totalCount nodes { store { name } } } } }`, 4, `"rate":`},
	} {
		for _, n := range []int{1, 50} {
			whole, left := w.counted(t)
			a := w.alike(t, owner, "query($n: Int) { "+test.query+" }", vars{"n": n})
			a.ok(t)
			if now, resolved := w.counted(t); now != whole+1 || resolved != left {
				t.Errorf("%s: %d as a whole and %d not", name, now-whole, resolved-left)
			}
			if n > 1 && !strings.Contains(a.Raw, test.has) {
				t.Errorf("%s: no %s in %.900s", name, test.has, a.Raw)
			}
			if want := (cost{Statements: entry + test.want, RoundTrips: 1}); a.cost != want {
				t.Errorf("%s, %d: %+v, want %+v", name, n, a.cost, want)
			}
		}
	}
}
