package pgtest

import (
	"github.com/tillgraph/tillgraph/internal/id"
)

// catalogue adds a price list that has ended, a rule for barcodes, and what each store sells.
func (b *batch) catalogue(c *Company, name string) {
	c.Prefix = map[bool]string{true: "29", false: "28"}[c.Slug == "acme"]
	b.add(`insert into barcode_rules (tenant_id, prefix, item_digits, value_digits, value_kind, decimals)
		values ($1, $2, 5, 5, 'WEIGHT', 3)`, c.ID.UUID(), c.Prefix)
	c.PriceList = id.New[id.PriceList]()
	b.add(`insert into price_lists (tenant_id, id, name, currency_code, valid_from, valid_until)
		values ($1, $2, $3, 'KES', '2020-01-01', '2020-02-01')`, c.ID.UUID(), c.PriceList.UUID(), "Prices of "+name)
	b.add(`insert into price_list_items (tenant_id, price_list_id, product_id, currency_code, price) values ($1, $2, $3, 'KES', 8000)`,
		c.ID.UUID(), c.PriceList.UUID(), c.Products[1].UUID())
	for i := range c.Stores {
		b.add(`insert into price_list_stores (tenant_id, store_id, price_list_id) values ($1, $2, $3)`,
			c.ID.UUID(), c.Stores[i].ID.UUID(), c.PriceList.UUID())
		b.add(`insert into product_availability (tenant_id, store_id, product_id, sold) values ($1, $2, $3, true)`,
			c.ID.UUID(), c.Stores[i].ID.UUID(), c.Products[0].UUID())
	}
}
