package seed

// reset empties the columns and keeps their memory for the next rows.
func (r *saleRows) reset() {
	s, l, p, m := &r.sales, &r.lines, &r.payments, &r.movements
	empty(&s.registers, &s.ids, &s.cashiers, &l.registers, &l.ids, &l.sales, &l.products, &p.registers, &p.ids, &p.sales,
		&m.registers, &m.ids, &m.levels, &m.sales, &m.cashiers, &m.products, &s.sessions, &s.customers, &s.groups)
	empty(&s.hours, &s.numbers, &s.subtotals, &s.taxes, &s.paid, &l.numbers, &l.quantities, &l.prices, &l.rates, &l.subtotals,
		&l.taxes, &p.positions, &p.tendered, &p.amounts, &m.quantities, &m.after,
		&l.costs, &m.sequences, &m.costs)
	empty(&l.names, &l.skus, &l.units, &l.sources, &p.methods, &p.references)
	t := &r.taxes
	empty(&t.registers, &t.sales, &t.lines)
	empty(&t.names, &t.codes)
	empty(&t.rates, &t.bases, &t.amounts)
	empty(&s.occurred, &m.occurred)
	empty(&s.dates)
}

func empty[S ~[]E, E any](columns ...*S) {
	for _, c := range columns {
		*c = (*c)[:0]
	}
}
