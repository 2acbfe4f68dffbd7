package graph_test

import (
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// taxThings are those of taxes and discounts.
func taxThings(c *pgtest.Company, store, register int) things {
	if c == nil {
		return things{
			"tax-category": fresh[id.TaxCategory](), "tax-rate": fresh[id.TaxRate](), "store-tax-rate": fresh[id.StoreTaxRate](),
			"discount": fresh[id.SaleDiscount](),
		}
	}
	s := c.Stores[store]
	return things{
		"tax-category": c.TaxCategory.String(), "tax-rate": c.TaxRate.String(), "store-tax-rate": s.TaxRate.String(),
		"discount": s.Registers[register].Discount.String(),
	}
}

// taxDetails are what is asked of a thing, by type.
func taxDetails() map[string]string {
	return map[string]string{
		"TaxCategory":  `name rates { name } rateHistory { nodes { name } } storeRates { totalCount nodes { name store { name } } }`,
		"TaxRate":      `name category { name }`,
		"StoreTaxRate": `name store { name } category { name }`,
		"SaleDiscount": `reason givenBy { name }`,
	}
}

// taxProbes are the places of what can be named of taxes and discounts.
func taxProbes(own things) []probe {
	category, store, product := own["tax-category"], own["store"], own["product"]
	const rates = `rates: [{name: "x", rate: "1"}]`
	list := []probe{
		{"tax-category", "Query.taxCategory(id)", `query($id: ID!) { taxCategory(id: $id) { id ` + taxDetails()["TaxCategory"] + ` } }`, true},
	}
	for _, kind := range []string{"tax-category", "tax-rate", "store-tax-rate", "discount"} {
		list = append(list, probe{kind, "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true})
	}
	for _, p := range []struct{ kind, place, field, result string }{
		{"tax-category", "Mutation.taxCategoryUpdate(id)", `taxCategoryUpdate(id: $id, input: {version: 1, name: "x"})`, `taxCategory { name }`},
		{"tax-category", "TaxRatesSetInput.taxCategoryId", `taxRatesSet(input: {taxCategoryId: $id, ` + rates + `})`, `taxCategory { name }`},
		{
			"tax-category", "StoreTaxRatesSetInput.taxCategoryId",
			`storeTaxRatesSet(input: {storeId: "` + store + `", taxCategoryId: $id, ` + rates + `})`, `taxCategory { name }`,
		},
		{
			"store", "StoreTaxRatesSetInput.storeId",
			`storeTaxRatesSet(input: {storeId: $id, taxCategoryId: "` + category + `", ` + rates + `})`, `taxCategory { name }`,
		},
		{
			"store", "Mutation.storeTaxRatesEnd(storeId)",
			`storeTaxRatesEnd(storeId: $id, taxCategoryId: "` + category + `")`, `taxCategory { name }`,
		},
		{
			"tax-category", "Mutation.storeTaxRatesEnd(taxCategoryId)",
			`storeTaxRatesEnd(storeId: "` + store + `", taxCategoryId: $id)`, `taxCategory { name }`,
		},
		{
			"tax-category", "ProductCreateInput.taxCategoryId",
			`productCreate(input: {sku: "x", name: "x", basePrice: "1", taxCategoryId: $id})`, `product { id }`,
		},
		{
			"tax-category", "ProductUpdateInput.taxCategoryId",
			`productUpdate(id: "` + product + `", input: {version: 1, taxCategoryId: $id})`, `product { id }`,
		},
	} {
		list = append(list, probe{kind: p.kind, place: p.place, query: `mutation($id: ID!) { ` + p.field + ` { ` + p.result +
			` userErrors { code field message } } }`})
	}
	list = append(list, probe{
		"customer", "SaleCalculateInput.customerId", `query($id: ID!) { saleCalculate(input: {registerId: "` + own["register"] +
			`", customerId: $id, lines: [{productId: "` + product +
			`", quantity: "1"}]}) { calculation { total { amount } } userErrors { code field message } } }`, true,
	})
	list = append(list, probe{
		"parked", "SaleCalculateInput.parkedSaleId", `query($id: ID!) { saleCalculate(input: {registerId: "` + own["register"] +
			`", parkedSaleId: $id, lines: [{productId: "` + product +
			`", quantity: "1"}]}) { calculation { total { amount } } userErrors { code field message } } }`, false,
	})
	return append(list, probe{
		"filter-register", "SaleCalculateInput.registerId", `query($id: ID!) { saleCalculate(input: {registerId: $id, lines: [{productId: "` +
			product + `", quantity: "1"}]}) { calculation { lines { productName } } userErrors { code field message } } }`, true,
	})
}
