package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tax"
)

func (l *loaders) taxCategories() loader.Loader[id.TaxCategory, *tax.Category] { return l.taxCategory }

func taxCategoryRelations() relations[tax.Category] {
	key := func(c *tax.Category) id.TaxCategory { return c.ID }
	return relations[tax.Category]{"TaxCategory", map[string]ask[tax.Category]{
		"rates":       to(func(l *loaders) loader.Loader[id.TaxCategory, []*tax.Rate] { return l.taxRatesNow }, key),
		"rateHistory": pages(func(l *loaders) *loader.Pages[id.TaxCategory, tax.Rate] { return l.taxRatesOf }, key),
		"storeRates":  pages(func(l *loaders) *loader.Pages[id.TaxCategory, tax.StoreRate] { return l.storeTaxRatesOf }, key),
	}}
}

func taxRateRelations() relations[tax.Rate] {
	return relations[tax.Rate]{"TaxRate", map[string]ask[tax.Rate]{
		"category": to((*loaders).taxCategories, func(r *tax.Rate) id.TaxCategory { return r.CategoryID }),
	}}
}

func storeTaxRateRelations() relations[tax.StoreRate] {
	return relations[tax.StoreRate]{"StoreTaxRate", map[string]ask[tax.StoreRate]{
		"store":    to((*loaders).stores, func(r *tax.StoreRate) id.Store { return r.StoreID }),
		"category": to((*loaders).taxCategories, func(r *tax.StoreRate) id.TaxCategory { return r.CategoryID }),
	}}
}

func discountRelations() relations[sale.AppliedDiscount] {
	return relations[sale.AppliedDiscount]{"SaleDiscount", map[string]ask[sale.AppliedDiscount]{
		"givenBy": maybe(func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user },
			func(d *sale.AppliedDiscount) *id.User { return d.GivenByID }),
	}}
}
