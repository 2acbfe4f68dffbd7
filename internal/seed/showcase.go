package seed

import (
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/catalog"
)

const (
	// prefixScale begins the barcodes that the demo's scales print: 21, five digits of item, the weight in grams.
	prefixScale = "21"
	// scaleValue is how many numbers a weight in grams has.
	scaleValue = 100_000
)

// scaleBarcode is what weighed goods are known by to the scales: their barcode without a weight.
func (p *product) scaleBarcode() string {
	if p.unit == unitEach {
		return ""
	}
	return ean13(prefixScale, p.item*scaleValue)
}

// codes are all barcodes of a product.
func (p *product) codes() []string {
	codes := []string{p.barcode}
	if code := p.scaleBarcode(); code != "" {
		codes = append(codes, code)
	}
	return codes
}

// addShowcase adds what a catalogue can do beside plain products: a rule for scales, a bag in two sizes, and a price
// list that begins when the demo's own sales are over.
func addShowcase(rows *inserts, c *company) {
	rows.add(`insert into barcode_rules (tenant_id, prefix, item_digits, value_digits, value_kind, decimals, created_at, updated_at)
		values ($1, $2, 5, 5, 'WEIGHT', 3, $3, $3)`, c.id, prefixScale, c.opened)
	var codes, keys texts
	var weighedIDs uuids
	var fresh []*product
	for i := range c.products {
		p := &c.products[i]
		if code := p.scaleBarcode(); code != "" {
			codes, keys = append(codes, code), append(keys, catalog.ScanKey(code))
			weighedIDs, fresh = append(weighedIDs, column(p.id)), append(fresh, p)
		}
	}
	rows.add(`insert into product_barcodes (tenant_id, barcode, code, product_id)
		select $1, b.barcode, b.code, b.product_id from unnest($2::text[], $3::text[], $4::uuid[]) as b(barcode, code, product_id)`,
		c.id, codes, keys, weighedIDs)
	if c.measured() {
		return
	}
	addBags(rows, c)
	if len(fresh) > 0 {
		addPriceList(rows, c, fresh[0])
	}
}

// addBags adds a product with two variants.
func addBags(rows *inserts, c *company) {
	const insert = `insert into products (tenant_id, id, sku, name, unit, currency_code, price, taxable, option_names,
			parent_id, option_values, variant_key, created_at, updated_at)
		values ($1, $2, $3, $4, 'EACH', $5, $6, true, $7, $8, $9, $10, $11, $11)`
	const price, larger = 1500, 2500
	bag := func(id uuid.UUID, sku, name string, price int64, parent *uuid.UUID, options, values texts, key *string) {
		rows.add(insert, c.id, id, sku, name, string(c.currency), price, options, optional(parent), values, key, c.opened)
		for _, word := range catalog.Words(name, sku) {
			rows.add("insert into product_words (tenant_id, word, product_id) values ($1, $2, $3)", c.id, word, id)
		}
	}
	small, large := "small", "large"
	parent := c.ids.next(c.opened)
	bag(parent, "BAG", "Shopping Bag", price, nil, texts{"Size"}, texts{}, nil)
	bag(c.ids.next(c.opened), "BAG-S", "Shopping Bag, small", price, &parent, texts{}, texts{"Small"}, &small)
	bag(c.ids.next(c.opened), "BAG-L", "Shopping Bag, large", larger, &parent, texts{}, texts{"Large"}, &large)
}

// addPriceList makes one of the weighed goods cheaper in the first store, after all sales of the demo.
func addPriceList(rows *inserts, c *company, p *product) {
	const reduced, whole = 9, 10
	list := c.ids.next(c.opened)
	rows.add(`insert into price_lists (tenant_id, id, name, currency_code, priority, valid_from, created_at, updated_at)
		values ($1, $2, 'Fresh for less', $3, 10, $4, $5, $5)`, c.id, list, string(c.currency), c.closes, c.opened)
	rows.add(`insert into price_list_stores (tenant_id, store_id, price_list_id) values ($1, $2, $3)`,
		c.id, c.stores[0].id, list)
	rows.add(`insert into price_list_items (tenant_id, price_list_id, product_id, currency_code, price)
		values ($1, $2, $3, $4, $5)`, c.id, list, p.id, string(c.currency), p.price*reduced/whole)
}
