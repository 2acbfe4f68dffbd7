package catalog

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/money"
)

// Stocked says that stores keep a level of the product.
func (p *Product) Stocked() bool { return p.Type.Stocked() && !p.HasVariants() }

// MayRunShort says whether more may be sold than is there: the product's own word, or else the company's.
func (p *Product) MayRunShort(company bool) bool {
	if p.NegativeStockAllowed != nil {
		return *p.NegativeStockAllowed
	}
	return company
}

// CostIn is what one unit costs where no receipt of goods says so; nil where it isn't known or is in another currency.
func (p *Product) CostIn(currency money.Currency) *money.Cost {
	if p.CostMinor == nil || p.CurrencyCode != currency {
		return nil
	}
	cost := money.CostOf(*p.CostMinor)
	return &cost
}

// Cost is CostIn in money; nil where it isn't known.
func (p *Product) Cost() *money.Money {
	if p.CostMinor == nil {
		return nil
	}
	return &money.Money{Minor: *p.CostMinor, Currency: p.CurrencyCode}
}

// setCost sets what one unit costs, nil where it isn't known.
func (p *Product) setCost(problems *errs.Problems, cost *money.Decimal) {
	p.CostMinor = nil
	if cost != nil {
		minor := form.Price(problems, *cost, p.CurrencyCode, "cost")
		p.CostMinor = &minor
	}
}
