package seed

import (
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// taxCategory is what is taxed alike: by the standard rate of each store, or not at all.
type taxCategory struct {
	id, rate   uuid.UUID
	name, levy string
	code       string
	standard   bool
}

// addTaxes puts the products into tax categories, where the country has a tax.
func (c *company) addTaxes(ids *idMaker) {
	if c.stores[0].rate == 0 {
		return
	}
	standard := taxCategory{name: "Standard rate", levy: "VAT", code: "A", standard: true}
	zero := taxCategory{name: "Zero-rated", levy: "VAT zero-rated", code: "Z"}
	if c.country == "US" {
		standard.name, standard.levy = "Taxable goods", "Sales tax"
		zero.name, zero.levy, zero.code = "Groceries", "Exempt", "E"
	}
	for _, v := range []taxCategory{standard, zero} {
		v.id, v.rate = ids.next(c.opened), ids.next(c.opened)
		c.taxes = append(c.taxes, v)
	}
	for i := range c.products {
		p := &c.products[i]
		p.taxCategory = &c.taxes[1].id
		if p.taxable {
			p.taxCategory = &c.taxes[0].id
		}
	}
	for _, s := range c.stores {
		if s.rate != c.stores[0].rate {
			s.taxes = []uuid.UUID{ids.next(c.opened)}
		}
	}
}

// levies are the taxes on a product in a store.
func (c *company) levies(s *store, p *product) []tax.Levy {
	for _, v := range c.taxes {
		if v.standard == p.taxable {
			return []tax.Levy{{Name: v.levy, Code: v.code, Rate: v.of(s)}}
		}
	}
	return nil
}

func (v taxCategory) of(s *store) money.PPM {
	if v.standard {
		return s.rate
	}
	return 0
}

// addTaxRows writes the categories, the company's rates and those of the stores that differ.
func addTaxRows(rows *inserts, c *company) {
	for _, v := range c.taxes {
		rows.add(`insert into tax_categories (tenant_id, id, name, created_at, updated_at) values ($1, $2, $3, $4, $4)`,
			c.id, v.id, v.name, c.opened)
		rows.add(`insert into tax_rates (tenant_id, id, tax_category_id, valid_from, position, name, code, rate_ppm, created_at)
			values ($1, $2, $3, '2000-01-01Z', 1, $4, $5, $6, $7)`,
			c.id, v.rate, v.id, v.levy, v.code, int64(v.of(c.stores[0])), c.opened)
	}
	for _, s := range c.stores {
		for i, rate := range s.taxes {
			v := c.taxes[i]
			rows.add(`insert into store_tax_rates (tenant_id, store_id, id, tax_category_id, valid_from, position, name, code,
					rate_ppm, created_at)
				values ($1, $2, $3, $4, '2000-01-01Z', 1, $5, $6, $7, $8)`,
				c.id, s.id, rate, v.id, v.levy, v.code, int64(v.of(s)), c.opened)
		}
	}
}

// taxColumns are the taxes of lines.
type taxColumns struct {
	registers, sales, lines uuids
	names, codes            texts
	rates, bases, amounts   ints
}

func (r *saleRows) addTaxes(totals sale.LineTotals) {
	c, lines := &r.taxes, &r.lines
	last := len(lines.ids) - 1
	for _, t := range totals.Taxes {
		c.registers, c.sales = append(c.registers, lines.registers[last]), append(c.sales, lines.sales[last])
		c.lines, c.names, c.codes = append(c.lines, lines.ids[last]), append(c.names, t.Name), append(c.codes, t.Code)
		c.rates, c.bases = append(c.rates, int64(t.Rate)), append(c.bases, t.Base)
		c.amounts = append(c.amounts, t.Amount)
	}
}

func (r *saleRows) addTaxInsert(rows *inserts) {
	c := &r.taxes
	rows.add(`insert into sale_line_taxes (tenant_id, store_id, register_id, sale_id, sale_line_id, position, name, code,
			rate_ppm, compound, inclusive, currency_code, base, amount)
		select $1, $2, t.register_id, t.sale_id, t.line_id, 1, t.name, t.code, t.rate, false, $3, $4, t.base, t.amount
		from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[])
			as t(register_id, sale_id, line_id, name, code, rate, base, amount)`,
		r.company.id, r.store.id, r.store.inclusive, string(r.company.currency), c.registers, c.sales, c.lines, c.names,
		c.codes, c.rates, c.bases, c.amounts)
}
