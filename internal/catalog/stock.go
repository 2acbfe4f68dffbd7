package catalog

import "github.com/tillgraph/tillgraph/internal/money"

// Stocked says that stores keep a level of the product.
func (p *Product) Stocked() bool { return p.Type.Stocked() }

// MayRunShort says whether more may be sold than is there: the product's own word, or else the company's.
func (p *Product) MayRunShort(company bool) bool {
	if p.NegativeStockAllowed != nil {
		return *p.NegativeStockAllowed
	}
	return company
}

// Cost is what one unit costs where no receipt of goods says so, nil where it isn't known or is in another currency
// than the store's.
func (p *Priced) Cost() *money.Cost {
	if p.CostMinor == nil || p.CurrencyCode != p.StoreCurrency {
		return nil
	}
	cost := money.CostOf(*p.CostMinor)
	return &cost
}
