package graph_test

import (
	"testing"
)

func TestReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.post(t, b.owner(t), `{
		viewer { role permissions user { name email } company { slug } stores { nodes { code } totalCount } }
		company { name stores(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } } }
		stores(first: 2) { totalCount nodes { id code taxRate registers(first: 3) { totalCount nodes { name store { code } } }
			sales(first: 2) { totalCount nodes { receiptNumber total { amount currencyCode } lines { productName quantity product { sku barcodes price(storeId: "`+b.A.Stores[0].ID.String()+`") { source price { amount } } } } payments { amount { amount } method } cashier { name } store { name } register { name } businessDate occurredAt } }
			inventory(first: 5) { nodes { quantity product { name category { name } } } } } }
		products(filter: {search: "a"}) { nodes { name } totalCount }
		users { nodes { name email role } }
		sales(last: 2) { nodes { id } pageInfo { hasPreviousPage startCursor } }
	}`, nil)
	t.Log(a.Raw)
	a.ok(t)
}
