package graph_test

import "testing"

const saleRecord = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id receiptNumber total { amount } tax { amount } subtotal { amount } change { amount } tendered { amount } cashier { name }
		lines { lineNumber quantity total { amount } priceSource } payments { method amount { amount } tendered { amount } } }
	userErrors { code field message amountDue { amount } } } }`

func TestSaleRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	input := vars{
		"idempotencyKey": "one", "registerId": register.ID.String(),
		"lines": []vars{
			{"productId": b.A.Products[0].String(), "quantity": "2"}, {"barcode": b.A.Barcodes[1], "quantity": "1"},
		},
		"payments": []vars{{"method": "CASH", "amount": "500"}},
	}
	a := b.post(t, b.cashier(t, 0), saleRecord, vars{"input": input})
	t.Log(a.Raw)
	a.ok(t)
	a = b.post(t, b.cashier(t, 0), saleRecord, vars{"input": input})
	t.Log(a.Raw)
	input["registerId"] = nil
	input["idempotencyKey"] = "two"
	a = b.post(t, b.device(t, b.A, register), saleRecord, vars{"input": input})
	t.Log(a.Raw)
	a = b.post(t, b.device(t, b.A, register), saleRecord, vars{"input": vars{"idempotencyKey": "", "lines": []vars{
		{"productId": b.B.Products[0].String(), "quantity": "-2"}, {"barcode": b.A.Barcodes[1], "quantity": "1.5"},
		{"barcode": b.B.Barcodes[1], "quantity": "1"},
	}, "payments": []vars{{"method": "CASH", "amount": "1.001"}}}})
	t.Log(a.Raw)
	a = b.post(t, b.device(t, b.A, register), saleRecord, vars{"input": vars{"idempotencyKey": "3", "lines": []vars{
		{"productId": b.A.Products[0].String(), "quantity": "2"}}, "payments": []vars{{"method": "CARD", "amount": "1"}}}})
	t.Log(a.Raw)
	for _, m := range []string{
		`mutation { storeCreate(input: {code: "N1", name: "New", timeZone: "Africa/Nairobi", taxRate: "8.875", pricesIncludeTax: false}) { store { id code taxRate currencyCode registers { totalCount } } userErrors { code field message } } }`,
		`mutation { storeUpdate(id: "` + b.A.Stores[0].ID.String() + `", input: {version: 1, name: "Renamed", phone: null}) { store { name version } userErrors { code field message } } }`,
		`mutation { storeUpdate(id: "` + b.A.Stores[0].ID.String() + `", input: {version: 1, name: "Again"}) { store { name version } userErrors { code field message } } }`,
		`mutation { registerCreate(input: {storeId: "` + b.A.Stores[0].ID.String() + `", code: "R9", name: "Nine"}) { register { id store { name } } userErrors { code field message } } }`,
		`mutation { registerKeyRotate(id: "` + register.ID.String() + `") { deviceKey register { keyRotatedAt } userErrors { code field message } } }`,
		`mutation { productCreate(input: {sku: "X", name: "Crème Brûlée", basePrice: "12.5", barcodes: ["1234"], categoryId: "` + b.A.Category.String() + `"}) { product { id name barcodes basePrice { amount } category { name } } userErrors { code field message } } }`,
		`{ products(filter: {search: "BRUL crem"}) { nodes { name } } productByBarcode(barcode: "1234") { sku } }`,
		`mutation { productUpdate(id: "` + b.A.Products[0].String() + `", input: {version: 1, basePrice: "1", barcodes: ["99"], categoryId: null}) { product { basePrice { amount } barcodes category { name } } userErrors { code field message } } }`,
		`mutation { storePriceSet(input: {storeId: "` + b.A.Stores[1].ID.String() + `", productId: "` + b.A.Products[1].String() + `", price: "7"}) { storePrice { version price { amount } product { price(storeId: "` + b.A.Stores[1].ID.String() + `") { source price { amount } } } } userErrors { code field message } } }`,
		`mutation { storePriceRemove(storeId: "` + b.A.Stores[1].ID.String() + `", productId: "` + b.A.Products[1].String() + `") { product { price(storeId: "` + b.A.Stores[1].ID.String() + `") { source } } userErrors { code field message } } }`,
		`mutation { logout { loggedOut } }`,
		`mutation { login(input: {companySlug: "acme", email: "x@y", password: "z"}) { tokens { accessToken } userErrors { code field message } } }`,
		`mutation { tokenRefresh(refreshToken: "") { tokens { accessToken } userErrors { code field message } } }`,
	} {
		a := b.post(t, b.owner(t), m, nil)
		t.Log(a.Raw)
	}
}
