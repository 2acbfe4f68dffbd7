package graph_test

import "fmt"

// catalogueProbes are the places of ids in the catalogue.
func catalogueProbes(own things) []probe {
	var list []probe
	read := func(kind, place, query string) {
		list = append(list, probe{kind: kind, place: place, query: query, control: true})
	}
	product, store := own["product"], own["store"]
	read("price-list", "Query.priceList(id)", `query($id: ID!) { priceList(id: $id) { id `+details["PriceList"]+` } }`)
	read("store", "PriceListFilter.storeId", `query($id: ID!) { priceLists(filter: {storeId: $id}) { totalCount nodes { name } } }`)
	read("category", "CategoryFilter.parentId", `query($id: ID!) { categories(filter: {parentId: $id}) { totalCount nodes { name } }
		products(filter: {categoryId: $id, includeSubcategories: true}) { totalCount nodes { name } } }`)
	read("store", "ProductFilter.soldInStoreId", `query($id: ID!) { products(filter: {soldInStoreId: $id}) { totalCount nodes { name } } }`)
	read("store", "Product.soldInStore(storeId)", `query($id: ID!) { product(id: "`+product+`") { soldInStore(storeId: $id) }
		products { nodes { soldInStore(storeId: $id) price(storeId: $id, at: "2020-01-15T00:00:00Z") { source priceList { name } } } } }`)
	read("store", "Query.productByScan(storeId)", `query($id: ID!) { productByScan(barcode: "`+own["barcode"]+`", storeId: $id) { product { name } price { source } } }`)
	read("barcode", "Query.productByScan(barcode)", `query($id: String!) { productByScan(barcode: $id, storeId: "`+store+`") { product { name } } }`)
	return append(list, catalogueMutations(own)...)
}

func catalogueMutations(own things) []probe {
	var list []probe
	add := func(kind, place, field, result string) {
		text := "ID!"
		if kind == "prefix" {
			text = "String!"
		}
		list = append(list, probe{kind: kind, place: place, query: fmt.Sprintf(
			`mutation($id: %s) { %s { %s userErrors { code field message } } }`, text, field, result)})
	}
	product, store, category, list1 := own["product"], own["store"], own["category"], own["price-list"]
	add("category", "CategoryCreateInput.parentId", `categoryCreate(input: {name: "x", parentId: $id})`, `category { id }`)
	add("category", "CategoryUpdateInput.parentId", `categoryUpdate(id: "`+category+`", input: {version: 1, parentId: $id})`, `category { id }`)
	add("category", "Mutation.categoryUpdate(id)", `categoryUpdate(id: $id, input: {version: 1, name: "x"})`, `category { name }`)
	add("category", "Mutation.categoryDelete(id)", `categoryDelete(id: $id)`, `deletedId`)
	add("product", "ProductCreateInput.parentId",
		`productCreate(input: {sku: "x", name: "x", basePrice: "1", parentId: $id, optionValues: ["x"]})`, `product { id }`)
	add("category", "ProductUpsertRow.categoryId",
		`productsUpsert(input: {by: SKU, rows: [{sku: "x", name: "x", basePrice: "1", categoryId: $id}]})`, `results { action }`)
	add("product", "ProductAvailabilitySetInput.productId", `productAvailabilitySet(input: {productId: $id, storeId: "`+store+`", sold: false})`, `product { name }`)
	add("store", "ProductAvailabilitySetInput.storeId", `productAvailabilitySet(input: {productId: "`+product+`", storeId: $id, sold: false})`, `product { name }`)
	add("store", "PriceListCreateInput.storeIds", `priceListCreate(input: {name: "x", storeIds: [$id]})`, `priceList { id }`)
	add("store", "PriceListUpdateInput.storeIds", `priceListUpdate(id: "`+list1+`", input: {version: 1, storeIds: [$id]})`, `priceList { id }`)
	add("price-list", "Mutation.priceListUpdate(id)", `priceListUpdate(id: $id, input: {version: 1, name: "x"})`, `priceList { name }`)
	add("price-list", "Mutation.priceListDelete(id)", `priceListDelete(id: $id)`, `deletedId`)
	add("price-list", "Mutation.priceListItemsSet(id)",
		`priceListItemsSet(id: $id, input: {items: [{productId: "`+product+`", price: "1"}]})`, `priceList { name }`)
	add("product", "PriceListItemInput.productId",
		`priceListItemsSet(id: "`+list1+`", input: {items: [{productId: $id, price: "1"}]})`, `priceList { name }`)
	add("price-list", "Mutation.priceListItemsRemove(id)",
		`priceListItemsRemove(id: $id, input: {productIds: ["`+product+`"]})`, `priceList { name }`)
	add("product", "PriceListItemsRemoveInput.productIds",
		`priceListItemsRemove(id: "`+list1+`", input: {productIds: [$id]})`, `priceList { name }`)
	add("prefix", "Mutation.barcodeRuleRemove(prefix)", `barcodeRuleRemove(prefix: $id)`, `barcodeRule { prefix }`)
	return list
}
