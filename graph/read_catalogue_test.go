package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// whenOf reads an instant of the one row that company A has.
func (b *bundle) whenOf(t testing.TB, what string) string {
	t.Helper()
	return pgtest.Value[time.Time](t, b.db, "select "+what+" where tenant_id = $1", b.A.ID.UUID()).UTC().Format(time.RFC3339Nano)
}

func (b *bundle) readPriceLists(t *testing.T, ask asker) {
	list, second := b.A.PriceList.String(), b.A.Products[1].String()
	b.db.Exec(t, "update price_lists set priority = 7, version = 2, valid_from = '2020-01-01T00:00:00.5Z' where id = $1", b.A.PriceList.UUID())
	const fields = `id name currencyCode status priority validFrom validUntil version createdAt updatedAt stores { name }
		items { edges { cursor node { price { amount currencyCode } } } nodes { product { id } price { amount } updatedAt } totalCount
			pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
	a := ask(t, b.owner(t), `{ priceList(id: "`+list+`") { `+fields+` } priceLists `+pages+` }`)
	got, _ := a.at("priceList").(vars)
	items, _ := got["items"].(vars)
	delete(got, "items")
	same(t, got, vars{
		"id": list, "name": "Prices of acme", "currencyCode": "KES", "status": "ACTIVE", "priority": 7,
		"validFrom": "2020-01-01T00:00:00.5Z", "validUntil": "2020-02-01T00:00:00Z", "version": 2,
		"createdAt": b.when(t, "created_at", "price_lists", b.A.PriceList), "updatedAt": b.when(t, "updated_at", "price_lists", b.A.PriceList),
		"stores": []vars{{"name": "acme"}, {"name": "acme CANARY-A2"}},
	})
	at := b.whenOf(t, "updated_at from price_list_items")
	same(t, items["nodes"], []vars{{"product": vars{"id": second}, "price": vars{"amount": "80.00"}, "updatedAt": at}})
	same(t, items["totalCount"], 1)
	same(t, items["edges"].([]any)[0].(vars)["node"], vars{"price": kes("80.00")})
	same(t, a.at("priceLists", "nodes"), []vars{{"id": list}})

	price := b.A.Stores[0].Price
	b.db.Exec(t, "update store_prices set valid_from = '2020-03-01', valid_until = '2020-04-01' where id = $1", price.UUID())
	a = ask(t, b.owner(t), `{ node(id: "`+price.String()+`") { ... on StorePrice { validFrom validUntil } } }`)
	same(t, a.at("node"), vars{"validFrom": "2020-03-01T00:00:00Z", "validUntil": "2020-04-01T00:00:00Z"})
	b.db.Exec(t, "update store_prices set valid_from = null, valid_until = null where id = $1", price.UUID())

	a = ask(t, b.cashier(t, 1), `{ priceLists(filter: {status: ACTIVE, storeId: "`+b.A.Stores[1].ID.String()+`"}) { nodes { stores { id } } totalCount }
		none: priceLists(filter: {status: INACTIVE}) { totalCount }
		product(id: "`+second+`") {
			in: price(storeId: "`+b.A.Stores[1].ID.String()+`", at: "2020-01-31T23:59:59.999999Z") { source price { amount } validUntil priceList { id } }
			out: price(storeId: "`+b.A.Stores[1].ID.String()+`", at: "2020-02-01T00:00:00Z") { source price { amount } validUntil priceList { id } }
			soldInStore(storeId: "`+b.A.Stores[1].ID.String()+`") other: soldInStore(storeId: "`+b.A.Stores[0].ID.String()+`") } }`)
	same(t, a.at("priceLists"), vars{"nodes": []vars{{"stores": []vars{{"id": b.A.Stores[1].ID}}}}, "totalCount": 1})
	same(t, a.at("none"), vars{"totalCount": 0})
	same(t, a.at("product", "in"), vars{
		"source": "PRICE_LIST", "price": vars{"amount": "80.00"}, "validUntil": "2020-02-01T00:00:00Z", "priceList": vars{"id": list},
	})
	same(t, a.at("product", "out", "source"), "BASE")
	same(t, a.at("product", "soldInStore"), true)
	same(t, a.at("product", "other"), nil)
}

func (b *bundle) readVariants(t *testing.T, ask asker) {
	parent := b.A.Products[0]
	variant := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set option_names = '{Size,Colour}', type = 'SERVICE' where id = $1", parent.UUID())
	b.db.Exec(t, "update products set parent_id = $1, option_values = '{XL,Red}', variant_key = 'x' where id = $2", parent.UUID(), variant.UUID())
	a := ask(t, b.cashier(t, 0), `{ product(id: "`+parent.String()+`") { type optionNames options { name value } parent { id } variants `+pages+` }
		variant: product(id: "`+variant.String()+`") { type optionNames options { name value } parent { id } variants { totalCount } } }`)
	variants, _ := a.at("product", "variants", "nodes").([]any)
	same(t, variants, []vars{{"id": variant}})
	same(t, a.at("product", "variants", "totalCount"), 1)
	same(t, a.at("product", "optionNames"), []string{"Size", "Colour"})
	same(t, a.at("product", "type"), "SERVICE")
	same(t, a.at("product", "parent"), nil)
	same(t, a.at("product", "options"), []vars{})
	same(t, a.at("variant"), vars{
		"type": "GOODS", "optionNames": []string{}, "parent": vars{"id": parent}, "variants": vars{"totalCount": 0},
		"options": []vars{{"name": "Size", "value": "XL"}, {"name": "Colour", "value": "Red"}},
	})
	b.db.Exec(t, "update products set option_names = '{}', type = 'GOODS' where id = $1", parent.UUID())
	b.db.Exec(t, "update products set parent_id = null, option_values = '{}', variant_key = null, status = 'ARCHIVED' where id = $1", variant.UUID())
}

func (b *bundle) readScans(t *testing.T, ask asker) {
	a := ask(t, b.cashier(t, 0), `{ barcodeRules { edges { cursor node { prefix } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
			nodes { prefix itemDigits valueCheckDigit valueDigits valueKind decimals version createdAt updatedAt } } }`)
	rule, _ := a.at("barcodeRules", "nodes", 0).(vars)
	at := b.whenOf(t, "created_at from barcode_rules")
	same(t, rule, vars{
		"prefix": "29", "itemDigits": 5, "valueCheckDigit": false, "valueDigits": 5, "valueKind": "WEIGHT", "decimals": 3,
		"version": 1, "createdAt": at, "updatedAt": at,
	})
	same(t, a.at("barcodeRules", "totalCount"), 1)
	b.db.Exec(t, "insert into product_barcodes (tenant_id, barcode, code, product_id) values ($1, '2912345', '2912345', $2)",
		b.A.ID.UUID(), b.A.Products[1].UUID())
	a = ask(t, b.cashier(t, 0), `{ productByScan(barcode: " 2912345012502 ", storeId: "`+b.A.Stores[0].ID.String()+`") {
		product { id } quantity price { source price { amount } } total { amount } } }`)
	same(t, a.at("productByScan"), vars{
		"product": vars{"id": b.A.Products[1]}, "quantity": "1.25", "price": vars{"source": "BASE", "price": vars{"amount": "0.05"}}, "total": nil,
	})
	b.db.Exec(t, "delete from product_barcodes where barcode = '2912345'")
	b.db.Exec(t, `insert into barcode_rules (tenant_id, prefix, item_digits, value_digits, value_kind, decimals)
		values ($1, '25', 5, 5, 'PRICE', 1)`, b.A.ID.UUID())
	b.db.Exec(t, "insert into product_barcodes (tenant_id, barcode, code, product_id) values ($1, '2554321000006', '02554321000006', $2)",
		b.A.ID.UUID(), b.A.Products[1].UUID())
	a = ask(t, b.cashier(t, 0), `{ productByScan(barcode: "2554321001232", storeId: "`+b.A.Stores[0].ID.String()+`") {
		product { id } quantity total { amount currencyCode } } }`)
	same(t, a.at("productByScan"), vars{"product": vars{"id": b.A.Products[1]}, "quantity": "246", "total": kes("12.30")})
	b.db.Exec(t, "delete from product_barcodes where barcode like '25%'")
	b.db.Exec(t, "delete from barcode_rules where prefix = '25'")
	if strings.Contains(a.Raw, "CANARY") {
		t.Error(a.Raw)
	}
}
