package sale

import (
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// levies are the taxes on a product in a store.
func levies(store *company.Store, product *catalog.Scanned) []tax.Levy {
	if !product.Taxable || store.TaxRatePPM == 0 {
		return nil
	}
	return []tax.Levy{{Name: storeTax, Rate: store.TaxRatePPM}}
}

// storeTax is what the store's own rate is called on a receipt.
const storeTax = "Tax"
