package graph_test

// customerAttacks are those on customers, gift cards, ledgers, taxes and discounts. Customers, cards and tax categories
// are the company's, so that another store's people have them too.
func customerAttacks(x target) map[string]string {
	const errors = ` userErrors { code field message } } }`
	sell := func(what string) string {
		return `(input: {idempotencyKey: "` + x.Key + `", registerId: "` + x.Register + `", ` + what +
			` lines: [{productId: "` + x.Product + `", quantity: "1"}]`
	}
	return map[string]string{
		"company's customer":          `{ customer(id: "` + x.Customer + `") { id name storeCredit { amount } sales { totalCount } } }`,
		"company's customer search":   `{ customers(filter: {search: "` + x.Phone + `"}) { totalCount nodes { name } } }`,
		"company's customer update":   `mutation { customerUpdate(id: "` + x.Customer + `", input: {version: 1, name: "Taken over"}) { customer { name }` + errors,
		"company's customer merge":    `mutation { customerMerge(id: "` + x.Customer + `", intoId: "` + x.Customer + `") { customer { name }` + errors,
		"company's customer erase":    `mutation { customerErase(id: "` + x.Customer + `", force: true) { customer { name }` + errors,
		"company's customer limit":    `mutation { customerCreditLimitSet(id: "` + x.Customer + `", version: 1, creditLimit: "1") { customer { name }` + errors,
		"company's customer credit":   `mutation { customerCreditAdjust(input: {idempotencyKey: "a", customerId: "` + x.Customer + `", ledger: ACCOUNT, amount: "1", reason: "x"}) { customer { name }` + errors,
		"company's gift card":         `{ giftCard(id: "` + x.GiftCard + `") { id lastFour balance { amount } ledgerEntries { totalCount } } }`,
		"company's gift card code":    `{ giftCardByCode(code: "` + x.GiftCode + `") { id lastFour } }`,
		"company's gift card block":   `mutation { giftCardBlock(id: "` + x.GiftCard + `") { giftCard { lastFour }` + errors,
		"company's tax category":      `{ taxCategory(id: "` + x.TaxCategory + `") { id name rates { name } storeRates { totalCount } } }`,
		"company's tax update":        `mutation { taxCategoryUpdate(id: "` + x.TaxCategory + `", input: {version: 1, name: "x"}) { taxCategory { name }` + errors,
		"company's tax rates":         `mutation { taxRatesSet(input: {taxCategoryId: "` + x.TaxCategory + `", rates: [{name: "x", rate: "1"}]}) { taxCategory { name }` + errors,
		"company's product's tax":     `mutation { productCreate(input: {sku: "x", name: "x", basePrice: "1", taxCategoryId: "` + x.TaxCategory + `"}) { product { id }` + errors,
		"company's customer node":     `{ nodes(ids: ["` + x.Customer + `", "` + x.GiftCard + `", "` + x.Entry + `"]) { __typename id } }`,
		"company's tax node":          `{ nodes(ids: ["` + x.TaxCategory + `", "` + x.TaxRate + `"]) { __typename id } }`,
		"store tax node":              `{ nodes(ids: ["` + x.StoreTaxRate + `", "` + x.Discount + `"]) { __typename id } node(id: "` + x.StoreTaxRate + `") { id } }`,
		"store tax set":               `mutation { storeTaxRatesSet(input: {storeId: "` + x.Store + `", taxCategoryId: "` + x.TaxCategory + `", rates: [{name: "x", rate: "1"}]}) { taxCategory { name }` + errors,
		"store tax end":               `mutation { storeTaxRatesEnd(storeId: "` + x.Store + `", taxCategoryId: "` + x.TaxCategory + `") { taxCategory { name }` + errors,
		"account paid there":          `mutation { customerAccountPay(input: {idempotencyKey: "a", customerId: "` + x.Customer + `", registerId: "` + x.Register + `", method: CASH, amount: "1"}) { customer { name }` + errors,
		"sell there to a customer":    `mutation { saleRecord` + sell(`customerId: "`+x.Customer+`",`) + `, payments: [{method: CASH, amount: "1000"}]}) { sale { id }` + errors,
		"sell there by card":          `mutation { saleRecord` + sell("") + `, payments: [{method: GIFT_CARD, amount: "1", giftCardCode: "` + x.GiftCode + `"}]}) { sale { id }` + errors,
		"park there for a customer":   `mutation { parkedSaleCreate` + sell(`customerId: "`+x.Customer+`",`) + `}) { parkedSale { id }` + errors,
		"calculate there":             `{ saleCalculate(input: {registerId: "` + x.Register + `", parkedSaleId: "` + x.Parked + `", customerId: "` + x.Customer + `", lines: [{productId: "` + x.Product + `", quantity: "1"}]}) { calculation { total { amount } }` + errors,
		"the receipt of another sale": `{ sale(id: "` + x.Sale + `") { receipt { text html reference balances { giftCardLastFour } } } }`,
		"late payments of a till":     `{ tillSession(id: "` + x.Till + `") { accountPaymentAmendments { totalCount nodes { note } } } }`,
	}
}
