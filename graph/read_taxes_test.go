package graph_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func (b *bundle) readTaxes(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	b.db.Exec(t, "update tax_categories set external_reference = 'ERP-T1' where id = $1", b.A.TaxCategory.UUID())
	b.db.Exec(t, "update store_tax_rates set valid_until = '2030-01-01T00:00:00Z' where id = $1", s.TaxRate.UUID())
	const rate = `id category { id } position name code rate compound validFrom`
	a := ask(t, b.owner(t), `{ taxCategory(id: "`+b.A.TaxCategory.String()+`") { id name externalReference version createdAt updatedAt
		rates { `+rate+` } rateHistory `+pages+` storeRates `+pages+` }
		taxCategories `+pages+`
		nodes(ids: ["`+s.TaxRate.String()+`", "`+b.A.TaxRate.String()+`"]) { ... on StoreTaxRate { `+rate+` store { id } validUntil }
			... on TaxRate { validFrom } } }`)
	own := vars{
		"id": b.A.TaxRate, "category": vars{"id": b.A.TaxCategory}, "position": 1, "name": "VAT acme", "code": "", "rate": "8",
		"compound": false, "validFrom": "2000-01-01T00:00:00Z",
	}
	category, _ := a.at("taxCategory").(vars)
	history, stores := category["rateHistory"], category["storeRates"]
	delete(category, "rateHistory")
	delete(category, "storeRates")
	same(t, category, vars{
		"id": b.A.TaxCategory, "name": "Reduced acme", "externalReference": "ERP-T1", "version": 1, "rates": []vars{own},
		"createdAt": b.when(t, "created_at", "tax_categories", b.A.TaxCategory),
		"updatedAt": b.when(t, "updated_at", "tax_categories", b.A.TaxCategory),
	})
	same(t, history.(vars)["nodes"], []vars{{"id": b.A.TaxRate}})
	same(t, stores.(vars)["totalCount"], 2)
	same(t, a.at("taxCategories", "nodes"), []vars{{"id": b.A.TaxCategory}})
	same(t, a.at("nodes"), []vars{{
		"id": s.TaxRate, "category": vars{"id": b.A.TaxCategory}, "position": 1, "name": "VAT acme", "code": "", "rate": "9",
		"compound": false, "validFrom": "2000-01-01T00:00:00Z", "store": vars{"id": s.ID}, "validUntil": "2030-01-01T00:00:00Z",
	}, {"validFrom": "2000-01-01T00:00:00Z"}})

	b.db.Exec(t, "update products set tax_category_id = $2 where id = $1", b.A.Products[0].UUID(), b.A.TaxCategory.UUID())
	b.db.Exec(t, `update sale_lines set price_source = 'MANUAL', price_reason = 'worn', gross = 11000, discount = 700, order_discount = 300
		where id = $1`, r.Lines[0].UUID())
	off := id.New[id.SaleDiscount]()
	b.db.Exec(t, `insert into sale_discounts (tenant_id, store_id, register_id, id, sale_id, sale_line_id, position, kind, rate_ppm,
			currency_code, amount, reason, given_by_id)
		select tenant_id, store_id, register_id, $2, sale_id, id, 2, 'PERCENT', 63600, 'KES', 700, 'dented', $3 from sale_lines where id = $1`,
		r.Lines[0].UUID(), off.UUID(), s.Cashier.UUID())
	b.db.Exec(t, "update sale_line_taxes set code = 'A' where sale_id = $1", r.Sale.UUID())
	const tax = `taxes { name code rate compound inclusive base { amount } amount { amount currencyCode } }`
	const discounts = `discounts { id kind rate amount { amount } reason givenBy { id } }`
	a = ask(t, b.owner(t), `{ product(id: "`+b.A.Products[0].String()+`") { taxCategory { id } }
		sale(id: "`+r.Sale.String()+`") { discount { amount } rounding { amount } `+tax+` `+discounts+`
		lines { priceReason gross { amount } discount { amount } orderDiscount { amount } `+tax+` `+discounts+` } } }`)
	same(t, a.at("product", "taxCategory"), vars{"id": b.A.TaxCategory})
	taxes := func(base, amount string) []vars {
		return []vars{{
			"name": "VAT acme", "code": "A", "rate": "16", "compound": false, "inclusive": true, "base": vars{"amount": base}, "amount": kes(amount),
		}}
	}
	whole := pgtest.Value[string](t, b.db, "select amount::text from sale_discounts where id = $1", r.Discount.UUID())
	same(t, whole, "0")
	same(t, a.at("sale", "discounts"), []vars{{
		"id": r.Discount, "kind": "FIXED", "rate": nil, "amount": vars{"amount": "0.00"}, "reason": "because of acme",
		"givenBy": vars{"id": s.Cashier},
	}})
	same(t, a.at("sale", "taxes"), taxes("172.42", "27.58"))
	same(t, a.at("sale", "lines", 0), vars{
		"priceReason": "worn", "gross": vars{"amount": "110.00"}, "discount": vars{"amount": "7.00"},
		"orderDiscount": vars{"amount": "3.00"}, "taxes": taxes("86.21", "13.79"), "discounts": []vars{{
			"id": off, "kind": "PERCENT", "rate": "6.36", "amount": vars{"amount": "7.00"}, "reason": "dented", "givenBy": vars{"id": s.Cashier},
		}},
	})
}

func (b *bundle) readCalculation(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	b.db.Exec(t, "update stores set cash_rounding = 100, tax_rate_ppm = 160000 where id = $1", s.ID.UUID())
	b.db.Exec(t, `update company_settings set discount_limit_ppm = 100000, loyalty_point_value = 100, loyalty_spend_per_point = 100,
		payment_methods = '{CASH,CARD,STORE_CREDIT,LOYALTY_POINTS}', negative_stock_allowed = true, till_session_required = false where tenant_id = $1`, b.A.ID.UUID())
	product := b.product(t, b.A, goods{price: 10_050})
	a := ask(t, b.owner(t), `{ saleCalculate(input: {registerId: "`+s.Registers[0].ID.String()+`",
		lines: [{productId: "`+product.String()+`", quantity: "2", discounts: [{kind: FIXED, value: "1.00", reason: "dented"}]}],
		discounts: [{kind: PERCENT, value: "10", reason: "a friend"}], payments: [{method: CASH, amount: "100"}]}) {
		calculation { currencyCode pricesIncludeTax discount { amount } subtotal { amount } tax { amount } rounding { amount } total { amount }
			cashTotal { amount } tendered { amount } amountDue { amount currencyCode } change { amount } taxes { name amount { amount } }
			discounts { kind rate amount { amount } reason }
			lines { lineNumber kind product { id } productName sku unit quantity unitPrice { amount } priceSource taxRate taxes { base { amount } }
				gross { amount } discount { amount } orderDiscount { amount } subtotal { amount } tax { amount } total { amount }
				discounts { kind rate amount { amount } reason } } }
		userErrors { code message field amountDue { amount } maximumDiscount { amount } } } }`)
	of := func(amount string) vars { return vars{"amount": amount} }
	same(t, a.at("saleCalculate"), vars{"userErrors": []vars{}, "calculation": vars{
		"currencyCode": "KES", "pricesIncludeTax": true, "discount": of("21.00"), "subtotal": of("155.17"), "tax": of("24.83"),
		"rounding": of("0.00"), "total": of("180.00"), "cashTotal": of("180.00"), "tendered": of("100.00"), "amountDue": kes("80.00"),
		"change": of("0.00"), "taxes": []vars{{"name": "Tax", "amount": of("24.83")}},
		"discounts": []vars{{"kind": "PERCENT", "rate": "10", "amount": of("20.00"), "reason": "a friend"}},
		"lines": []vars{{
			"lineNumber": 1, "kind": "SALE", "product": vars{"id": product}, "productName": "Goods", "sku": product, "unit": "EACH", "quantity": "2",
			"unitPrice": of("100.50"), "priceSource": "BASE", "taxRate": "16", "taxes": []vars{{"base": of("155.17")}},
			"gross": of("201.00"), "discount": of("1.00"), "orderDiscount": of("20.00"), "subtotal": of("155.17"), "tax": of("24.83"),
			"total":     of("180.00"),
			"discounts": []vars{{"kind": "FIXED", "rate": nil, "amount": of("1.00"), "reason": "dented"}},
		}},
	}})
	a = ask(t, b.cashier(t, 0), `{ saleCalculate(input: {registerId: "`+s.Registers[0].ID.String()+`",
		lines: [{productId: "`+product.String()+`", quantity: "1", discounts: [{kind: PERCENT, value: "50", reason: "x"}]}]
		payments: [{method: CARD, amount: "1000"}]}) { calculation { total { amount } }
		userErrors { code message field amountDue { amount } maximumDiscount { amount currencyCode } } } }`)
	same(t, a.at("saleCalculate", "calculation"), nil)
	same(t, a.at("saleCalculate", "userErrors", 0, "code"), "DISCOUNT_TOO_LARGE")
	same(t, a.at("saleCalculate", "userErrors", 0, "maximumDiscount"), kes("10.05"))
	b.db.Exec(t, "update company_settings set negative_stock_allowed = false where tenant_id = $1", b.A.ID.UUID())
	a = ask(t, b.cashier(t, 0), `{ saleCalculate(input: {registerId: "`+s.Registers[0].ID.String()+`",
		lines: [{productId: "`+product.String()+`", quantity: "1"}]
		returns: [{saleLineId: "`+s.Registers[0].Lines[0].String()+`", quantity: "2", restock: true}]}) {
		userErrors { code quantityAvailable quantityReturnable nextReceiptNumber } } }`)
	same(t, a.at("saleCalculate", "userErrors", 0, "code"), "RETURN_TOO_LATE")
	b.db.Exec(t, "update company_settings set negative_stock_allowed = true where tenant_id = $1", b.A.ID.UUID())
	a = ask(t, b.cashier(t, 0), `{ saleCalculate(input: {registerId: "`+s.Registers[0].ID.String()+`",
		lines: [{productId: "`+product.String()+`", quantity: "1"}], payments: [{method: CARD, amount: "1000"}]}) {
		userErrors { code amountDue { amount } } } }`)
	same(t, a.at("saleCalculate", "userErrors"), []vars{{"code": "CHANGE_NOT_ALLOWED", "amountDue": of("-899.50")}})
	a = ask(t, b.cashier(t, 0), `{ saleCalculate(input: {registerId: "`+s.Registers[0].ID.String()+`", customerId: "`+b.A.Customer.ID.String()+`",
		lines: [{productId: "`+product.String()+`", quantity: "100000"}], payments: [{method: STORE_CREDIT, amount: "10000000"}
			{method: LOYALTY_POINTS, amount: "50000"}]}) { userErrors { code balanceAvailable { currencyCode } pointsAvailable } } }`)
	same(t, a.at("saleCalculate", "userErrors", 0), vars{
		"code": "BALANCE_TOO_LOW", "balanceAvailable": vars{"currencyCode": "KES"}, "pointsAvailable": nil,
	})
	same(t, a.at("saleCalculate", "userErrors", 1, "code"), "BALANCE_TOO_LOW")
}
