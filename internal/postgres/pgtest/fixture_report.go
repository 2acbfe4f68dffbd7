package pgtest

// reports gives a store a row in each table of sums, of a day long ago on which nothing was sold, and one of its sales
// that waits to be folded.
func (b *batch) reports(c *Company, s *Store, name string) {
	for _, r := range s.Registers {
		b.add("insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'SALE')",
			c.ID.UUID(), s.ID.UUID(), r.Sale.UUID())
	}
	b.add("update sale_lines set category_id = $1 where tenant_id = $2 and store_id = $3",
		c.Category.UUID(), c.ID.UUID(), s.ID.UUID())
	const (
		lines  = "sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided"
		zeroes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
	)
	day := func(table, columns, values string, args ...any) {
		b.add("insert into "+table+" (tenant_id, store_id, business_date, currency_code, "+columns+
			") values ($1, $2, '2000-01-01', 'KES', "+values+")", append([]any{c.ID.UUID(), s.ID.UUID()}, args...)...)
	}
	register, cashier := s.Registers[0].ID.UUID(), s.Cashier.UUID()
	day("report_days", "rounding, "+lines, "0, "+zeroes)
	day("report_hours", "hour, at_register_id, cashier_id, rounding, "+lines, "9, $3, $4, 0, "+zeroes, register, cashier)
	day("report_products", "product_id, category_id, "+lines, "$3, $4, "+zeroes, c.Products[0].UUID(), c.Category.UUID())
	day("report_categories", "category_id, "+lines, "$3, "+zeroes, c.Category.UUID())
	day("report_tenders", "at_register_id, cashier_id, method, sale_count, amount", "$3, $4, 'CASH', 0, 0", register, cashier)
	day("report_taxes", "tax_name, tax_code, tax_rate_ppm, sale_count, net, tax", "$3, '', 160000, 0, 0, 0", "Tax "+name)
	day("report_reasons", "cashier_id, reason, sale_count, discount", "$3, $4, 0, 0", cashier, "reason "+name)
}
