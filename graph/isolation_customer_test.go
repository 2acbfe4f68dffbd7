package graph_test

import (
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func customerNothings() things {
	return things{
		"customer": fresh[id.Customer](), "gift-card": fresh[id.GiftCard](), "entry": fresh[id.LedgerEntry](),
		"gift-code": "MADEUPCODE", "buyer": "nobody",
	}
}

func customerThings(c *pgtest.Company) things {
	x := c.Customer
	return things{
		"customer": x.ID.String(), "gift-card": x.GiftCard.String(), "entry": x.Credit.String(), "gift-code": x.Code,
		"buyer": "buyer" + c.Slug,
	}
}

// customerProbes are the places of customers, gift cards and their codes.
func customerProbes(own things) []probe {
	var list []probe
	add := func(control bool, kind, place, query string) {
		list = append(list, probe{kind: kind, place: place, query: query, control: control})
	}
	for kind, typ := range map[string]string{"customer": "Customer", "gift-card": "GiftCard", "entry": "LedgerEntry"} {
		add(true, kind, "Query.node(id)", `query($id: ID!) { node(id: $id) { id ... on `+typ+` { `+details[typ]+` } } }`)
		add(true, kind, "Query.nodes(ids)", `query($id: ID!) { nodes(ids: [$id]) { id ... on `+typ+` { `+details[typ]+` } } }`)
	}
	add(true, "customer", "Query.customer(id)", `query($id: ID!) { customer(id: $id) { id `+details["Customer"]+` } }`)
	add(true, "gift-card", "Query.giftCard(id)", `query($id: ID!) { giftCard(id: $id) { id `+details["GiftCard"]+` } }`)
	// The hash of a code has the company in it.
	add(false, "gift-code", "Query.giftCardByCode(code)", `query($id: String!) { giftCardByCode(code: $id) { id `+details["GiftCard"]+` } }`)
	add(true, "buyer", "CustomerFilter.search", `query($id: String!) { customers(filter: {search: $id}) { totalCount nodes { name } } }`)
	change := func(kind, place, field, result string) {
		text := "ID!"
		if kind == "gift-code" {
			text = "String!"
		}
		add(false, kind, place, `mutation($id: `+text+`) { `+field+` { `+result+` userErrors { code field message } } }`)
	}
	customer, register := own["customer"], own["register"]
	change("customer", "Mutation.customerUpdate(id)", `customerUpdate(id: $id, input: {version: 1, name: "x"})`, `customer { name }`)
	change("customer", "Mutation.customerMerge(id)", `customerMerge(id: $id, intoId: "`+customer+`")`, `customer { name }`)
	change("customer", "Mutation.customerMerge(intoId)", `customerMerge(id: "`+customer+`", intoId: $id)`, `customer { name }`)
	change("customer", "Mutation.customerErase(id)", `customerErase(id: $id, force: true)`, `customer { name }`)
	change("customer", "Mutation.customerCreditLimitSet(id)", `customerCreditLimitSet(id: $id, version: 1, creditLimit: "1")`, `customer { name }`)
	change("customer", "CustomerCreditAdjustInput.customerId",
		`customerCreditAdjust(input: {idempotencyKey: "p", customerId: $id, ledger: ACCOUNT, amount: "1", reason: "x"})`, `customer { name }`)
	change("customer", "CustomerAccountPayInput.customerId",
		`customerAccountPay(input: {idempotencyKey: "p", customerId: $id, registerId: "`+register+`", method: CASH, amount: "1"})`, `customer { name }`)
	change("filter-register", "CustomerAccountPayInput.registerId",
		`customerAccountPay(input: {idempotencyKey: "p", customerId: "`+customer+`", registerId: $id, method: CASH, amount: "1"})`, `customer { name }`)
	change("gift-card", "Mutation.giftCardBlock(id)", `giftCardBlock(id: $id)`, `giftCard { lastFour }`)
	lines := `lines: [{productId: "` + own["product"] + `", quantity: "1"}]`
	change("customer", "SaleRecordInput.customerId",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", customerId: $id, `+lines+`, payments: [{method: CASH, amount: "1000"}]})`,
		`sale { id }`)
	change("customer", "ParkedSaleCreateInput.customerId",
		`parkedSaleCreate(input: {idempotencyKey: "p", registerId: "`+register+`", customerId: $id, `+lines+`})`, `parkedSale { id }`)
	change("customer", "ParkedSaleUpdateInput.customerId",
		`parkedSaleUpdate(id: "`+own["parked"]+`", input: {version: 1, customerId: $id})`, `parkedSale { id }`)
	change("gift-code", "PaymentInput.giftCardCode",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", `+lines+`, payments: [{method: GIFT_CARD, amount: "90", giftCardCode: $id}]})`,
		`sale { id }`)
	return list
}
