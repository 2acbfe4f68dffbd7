package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// taxLoaders are those of tax categories, and of the taxes and discounts of sales.
type taxLoaders struct {
	taxCategory     loader.Loader[id.TaxCategory, *tax.Category]
	taxRate         loader.Loader[id.TaxRate, *tax.Rate]
	storeTaxRate    loader.Loader[id.StoreTaxRate, *tax.StoreRate]
	taxRatesNow     loader.Loader[id.TaxCategory, []*tax.Rate]
	taxRatesOf      *loader.Pages[id.TaxCategory, tax.Rate]
	storeTaxRatesOf *loader.Pages[id.TaxCategory, tax.StoreRate]

	discount      loader.Loader[id.SaleDiscount, *sale.AppliedDiscount]
	discounts     loader.Loader[id.Sale, []*sale.AppliedDiscount]
	lineDiscounts loader.Loader[id.SaleLine, []*sale.AppliedDiscount]
	taxes         loader.Loader[id.Sale, []*sale.LineTax]
	lineTaxes     loader.Loader[id.SaleLine, []*sale.LineTax]
}

func (r *Resolver) newTaxLoaders() taxLoaders {
	return taxLoaders{
		taxCategory: loader.ByKey(warmRows(r.taxes.CategoriesByID, taxCategoryRelations()),
			func(c *tax.Category) id.TaxCategory { return c.ID }),
		taxRate: loader.ByKey(warmRows(r.taxes.RatesByID, taxRateRelations()),
			func(r *tax.Rate) id.TaxRate { return r.ID }),
		storeTaxRate: loader.ByKey(warmRows(r.taxes.StoreRatesByID, storeTaxRateRelations()),
			func(r *tax.StoreRate) id.StoreTaxRate { return r.ID }),
		taxRatesNow: loader.Grouped(warmRows(r.taxes.Current, taxRateRelations()),
			func(r *tax.Rate) id.TaxCategory { return r.CategoryID }),
		taxRatesOf:      warmed(r.taxes.RatesOf, taxRateRelations()),
		storeTaxRatesOf: warmed(r.taxes.StoreRatesOf, storeTaxRateRelations()),

		discount: loader.ByKey(warmRows(r.sales.DiscountsByID, discountRelations()),
			func(d *sale.AppliedDiscount) id.SaleDiscount { return d.ID }),
		discounts: loader.Grouped(warmRows(r.sales.DiscountsOf, discountRelations()),
			func(d *sale.AppliedDiscount) id.Sale { return d.SaleID }),
		lineDiscounts: loader.Grouped(warmRows(r.sales.DiscountsOfLines, discountRelations()),
			func(d *sale.AppliedDiscount) id.SaleLine { return *d.LineID }),
		taxes:     loader.Grouped(r.sales.TaxesOf, func(t *sale.LineTax) id.Sale { return t.SaleID }),
		lineTaxes: loader.Grouped(r.sales.TaxesOfLines, func(t *sale.LineTax) id.SaleLine { return t.LineID }),
	}
}
