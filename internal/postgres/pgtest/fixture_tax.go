package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// taxes adds a category that no product is in, with a rate of the company, and one of each store.
func (b *batch) taxes(c *Company, name string) {
	c.TaxCategory, c.TaxRate = id.New[id.TaxCategory](), id.New[id.TaxRate]()
	b.add("insert into tax_categories (tenant_id, id, name) values ($1, $2, $3)", c.ID.UUID(), c.TaxCategory.UUID(),
		"Reduced "+name)
	b.add(`insert into tax_rates (tenant_id, id, tax_category_id, valid_from, position, name, rate_ppm)
		values ($1, $2, $3, '2000-01-01', 1, $4, 80000)`, c.ID.UUID(), c.TaxRate.UUID(), c.TaxCategory.UUID(), "VAT "+name)
	for i := range c.Stores {
		s := &c.Stores[i]
		s.TaxRate = id.New[id.StoreTaxRate]()
		b.add(`insert into store_tax_rates (tenant_id, store_id, id, tax_category_id, valid_from, position, name, rate_ppm)
			values ($1, $2, $3, $4, '2000-01-01', 1, $5, 90000)`,
			c.ID.UUID(), s.ID.UUID(), s.TaxRate.UUID(), c.TaxCategory.UUID(), "VAT "+s.called(name, i))
		for j := range s.Registers {
			b.saleTaxes(c, s, &s.Registers[j], s.called(name, i))
		}
	}
}

// called is a name with the canary of every store but the first.
func (*Store) called(name string, number int) string {
	if number > 0 {
		name += " " + CanaryA2
	}
	return name
}

// saleTaxes adds the taxes of the sale's lines, and a discount that takes nothing off.
func (b *batch) saleTaxes(c *Company, s *Store, r *Register, name string) {
	for _, line := range r.Lines {
		b.add(`insert into sale_line_taxes (tenant_id, store_id, register_id, sale_id, sale_line_id, position, name,
				rate_ppm, compound, inclusive, currency_code, base, amount)
			values ($1, $2, $3, $4, $5, 1, $6, 160000, false, true, 'KES', 8621, 1379)`,
			c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Sale.UUID(), line.UUID(), "VAT "+name)
	}
	r.Discount = id.New[id.SaleDiscount]()
	b.add(`insert into sale_discounts (tenant_id, store_id, register_id, id, sale_id, position, kind, value,
			currency_code, amount, reason, given_by_id)
		values ($1, $2, $3, $4, $5, 1, 'FIXED', 0, 'KES', 0, $6, $7)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Discount.UUID(), r.Sale.UUID(), "because of "+name, s.Cashier.UUID())
}
