package graph_test

import (
	"fmt"
	"testing"
)

// fill makes a big company of the fixture's A, with plain inserts: 20 more stores with 5 registers each, 200 sales at
// the first register and 5 at each new one, all of two lines and a payment; and 200 products in two categories, with a
// barcode, a price and stock in the first store.
func (b *bundle) fill(t testing.TB) {
	t.Helper()
	a, first := b.A.ID.UUID(), b.A.Stores[0]
	const newID = `('018f0000-%s-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid`
	uuid := func(kind, n string) string { return fmt.Sprintf(newID, kind, n) }
	exec := func(sql string, args ...any) { b.db.Exec(t, sql, append([]any{a}, args...)...) }

	exec(`insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax)
		select $1, ` + uuid("0001", "n") + `, 'N' || n, 'Store ' || n % 3, 'Africa/Nairobi', 'KES', 160000, true
		from generate_series(1, 20) n`)
	exec(`insert into registers (tenant_id, store_id, id, code, name)
		select $1, ` + uuid("0001", "n / 5 + 1") + `, ` + uuid("0002", "n") + `, 'T' || n, 'Till ' || n % 2
		from generate_series(0, 99) n`)
	exec(`insert into products (tenant_id, id, sku, name, category_id, unit, currency_code, price)
		select $1, `+uuid("0003", "n")+`, 'N' || n, 'Tea ' || n % 10, $2, 'EACH', 'KES', 100 * n
		from generate_series(1, 200) n`, b.A.Category.UUID())
	exec(`insert into product_barcodes (tenant_id, barcode, code, product_id)
		select $1, 'code' || n, 'code' || n, ` + uuid("0003", "n") + ` from generate_series(1, 200) n`)
	exec(`insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price)
		select $1, $2, `+uuid("0004", "n")+`, `+uuid("0003", "n")+`, 'KES', 50 from generate_series(1, 200, 2) n`, first.ID.UUID())
	exec(`insert into inventory_levels (tenant_id, store_id, id, product_id, quantity)
		select $1, $2, `+uuid("0005", "n")+`, `+uuid("0003", "n")+`, n from generate_series(1, 200) n`, first.ID.UUID())

	sales := `insert into sales (tenant_id, store_id, register_id, id, receipt_number, cashier_id, currency_code,
			prices_include_tax, subtotal, tax_total, total, tendered, change, occurred_at, business_date)
		select $1, %s, %s, ` + uuid("0006", "n") + `, n + 100, $2, 'KES', true, 100, 0, 100, 100, 0,
			'2026-01-01T00:00:00Z'::timestamptz + (n %% 50) * interval '1 hour', '2026-01-01' from generate_series(%d, %d) n`
	exec(fmt.Sprintf(sales, "$3::uuid", "$4::uuid", 1, 200), first.Cashier.UUID(), first.ID.UUID(), first.Registers[0].ID.UUID())
	exec(fmt.Sprintf(sales, uuid("0001", "(n - 1000) / 25 + 1"), uuid("0002", "(n - 1000) / 5"), 1000, 1499), first.Cashier.UUID())
	for line := 1; line <= 2; line++ {
		exec(fmt.Sprintf(`insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id,
				product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross)
			select $1, store_id, register_id, ('018f0000-000%d-7000-8000-' || right(id::text, 12))::uuid, id, %d, %s,
				'Tea', 'N', 'EACH', 'KES', 1000, 50, 'BASE', 0, 50, 0, 50, 50 from sales where id::text like '018f0000-0006%%'`,
			6+line, line, uuid("0003", "receipt_number % 100 + "+fmt.Sprint(line))))
	}
	exec(`insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code, tendered, amount)
		select $1, store_id, register_id, ('018f0000-0009-7000-8000-' || right(id::text, 12))::uuid, id, 1, 'CASH', 'KES', 100, 100
		from sales where id::text like '018f0000-0006%'`)
	b.db.Exec(t, "analyze")
}
