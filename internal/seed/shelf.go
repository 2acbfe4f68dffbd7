package seed

// kind says how a product is sold and taxed.
type kind int

const (
	taxed kind = iota
	exempt
	// weighed goods are fresh food, which none of the demo's countries tax.
	weighed
)

// item is a product on a shelf.
type item struct {
	sku, name string
	price     int64
	// popularity as in productSpec.
	popularity int
	kind       kind
}

// shelf puts items into a category; factor brings their prices to minor units.
func shelf(category string, factor int64, items ...item) []productSpec {
	products := make([]productSpec, len(items))
	for i, v := range items {
		unit := unitEach
		if v.kind == weighed {
			unit = unitKilogram
		}
		products[i] = productSpec{
			sku: v.sku, name: v.name, category: category, unit: unit, price: v.price * factor,
			taxable: v.kind == taxed, popularity: v.popularity,
		}
	}
	return products
}
