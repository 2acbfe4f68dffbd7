package graph_test

// catalogueAttacks are those on the catalogue.
func catalogueAttacks(x target) map[string]string {
	const errors = ` userErrors { code field message } } }`
	list := map[string]string{
		"sold in store":  `{ products(first: 1) { nodes { soldInStore(storeId: "` + x.Store + `") price(storeId: "` + x.Store + `", at: "2020-01-15T00:00:00Z") { source priceList { name } } } } }`,
		"filter sold in": `{ products(filter: {soldInStoreId: "` + x.Store + `"}) { totalCount nodes { name } } }`,
		"lists of store": `{ priceLists(filter: {storeId: "` + x.Store + `"}) { totalCount nodes { name } } }`,
		"scan there":     `{ productByScan(barcode: "` + x.Barcode + `", storeId: "` + x.Store + `") { product { name } price { source } } }`,
		"sold set":       `mutation { productAvailabilitySet(input: {productId: "` + x.Product + `", storeId: "` + x.Store + `", sold: false}) { product { id }` + errors,
		"list create":    `mutation { priceListCreate(input: {name: "x", storeIds: ["` + x.Store + `"]}) { priceList { id }` + errors,

		"company's list":            `{ priceList(id: "` + x.PriceList + `") { id name items { totalCount } stores { name } } }`,
		"company's list node":       `{ node(id: "` + x.PriceList + `") { __typename id } }`,
		"company's list update":     `mutation { priceListUpdate(id: "` + x.PriceList + `", input: {version: 1, name: "x"}) { priceList { name }` + errors,
		"company's list delete":     `mutation { priceListDelete(id: "` + x.PriceList + `") { deletedId` + errors,
		"company's list items":      `mutation { priceListItemsSet(id: "` + x.PriceList + `", input: {items: [{productId: "` + x.Product + `", price: "1"}]}) { priceList { name }` + errors,
		"company's list removal":    `mutation { priceListItemsRemove(id: "` + x.PriceList + `", input: {productIds: ["` + x.Product + `"]}) { priceList { name }` + errors,
		"company's rule removal":    `mutation { barcodeRuleRemove(prefix: "` + x.Prefix + `") { barcodeRule { prefix }` + errors,
		"company's category update": `mutation { categoryUpdate(id: "` + x.Category + `", input: {version: 1, name: "x"}) { category { name }` + errors,
		"company's category delete": `mutation { categoryDelete(id: "` + x.Category + `") { deletedId` + errors,
		"company's category create": `mutation { categoryCreate(input: {name: "x", parentId: "` + x.Category + `"}) { category { id }` + errors,
		"company's category filter": `{ categories(filter: {parentId: "` + x.Category + `"}) { totalCount nodes { name } }
			products(filter: {categoryId: "` + x.Category + `", includeSubcategories: true}) { totalCount } }`,
		"company's upsert": `mutation { productsUpsert(input: {by: SKU, rows: [{sku: "x", name: "x", basePrice: "1", categoryId: "` + x.Category + `"}]}) { results { action }` + errors,
		"company's variant": `mutation { productCreate(input: {sku: "x", name: "x", basePrice: "1", parentId: "` + x.Product +
			`", optionValues: ["x"]}) { product { id }` + errors,
	}
	return list
}
