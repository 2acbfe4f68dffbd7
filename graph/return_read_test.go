package graph_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func (b *bundle) readReturns(t *testing.T, ask asker) {
	r := b.A.Stores[0].Registers[1]
	b.db.Exec(t, "update company_settings set return_days = 30 where tenant_id = $1", b.A.ID.UUID())
	a := ask(t, b.owner(t), `{ sale(id: "`+r.Sale.String()+`") { voidedAt voidedBy { id } voidReason refunded { amount currencyCode }
		returns { id } lines { kind originalLine { id } restocked returnReason returnedQuantity returnableQuantity } } }`)
	line := vars{
		"kind": "SALE", "originalLine": nil, "restocked": nil, "returnReason": nil,
		"returnedQuantity": "0", "returnableQuantity": "1",
	}
	same(t, a.at("sale"), vars{
		"voidedAt": nil, "voidedBy": nil, "voidReason": nil, "refunded": kes("0.00"), "returns": []vars{},
		"lines": []vars{line, line},
	})
	back, line1 := id.New[id.Sale](), id.New[id.SaleLine]()
	b.db.Exec(t, `insert into sales (tenant_id, store_id, register_id, id, receipt_number, status, currency_code, prices_include_tax,
			subtotal, tax_total, total, tendered, change, refunded, occurred_at, business_date, voided_at, voided_by_id, void_reason)
		select tenant_id, store_id, register_id, $2, 2, 'VOIDED', currency_code, true, -86, -14, -100, 0, 0, 100, occurred_at, business_date,
			'2026-03-04T05:06:07Z', $3, 'mistake' from sales where id = $1`, r.Sale.UUID(), back.UUID(), b.A.Manager.UUID())
	b.db.Exec(t, `insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, kind, original_line_id, restocked,
			return_reason, product_id, product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, gross, subtotal, tax, total)
		select tenant_id, store_id, register_id, $2, $3, 1, 'RETURN', id, false, 'torn', product_id, product_name, sku, unit, currency_code,
			-10, 10000, 'ORIGINAL', tax_rate_ppm, -100, -86, -14, -100 from sale_lines where id = $1`,
		r.Lines[0].UUID(), line1.UUID(), back.UUID())
	a = ask(t, b.owner(t), `{ sale(id: "`+r.Sale.String()+`") { returns { id status voidedAt voidedBy { id } voidReason refunded { amount }
		lines { kind originalLine { id } restocked returnReason quantity returnedQuantity returnableQuantity } } } }`)
	same(t, a.at("sale", "returns"), []vars{{
		"id": back.String(), "status": "VOIDED", "voidedAt": "2026-03-04T05:06:07Z", "voidedBy": vars{"id": b.A.Manager.String()},
		"voidReason": "mistake", "refunded": vars{"amount": "1.00"}, "lines": []vars{{
			"kind": "RETURN", "originalLine": vars{"id": r.Lines[0].String()}, "restocked": false, "returnReason": "torn",
			"quantity": "-0.01", "returnedQuantity": "0", "returnableQuantity": "0",
		}},
	}})
	occurred := pgtest.Value[time.Time](t, b.db, "select occurred_at from sales where id = $1", r.Sale.UUID())
	until := pgtest.Value[string](t, b.db, "select (business_date + 30)::text from sales where id = $1", r.Sale.UUID())
	a = ask(t, b.cashier(t, 0), `{ saleForReturn(receipt: {storeCode: "S1", registerCode: "R2", receiptNumber: 1}) {
		saleId storeCode storeName registerCode receiptNumber status occurredAt returnableUntil
		lines { saleLineId lineNumber productName sku unit quantity quantityReturnable unitPrice { amount } amountRefundable { amount currencyCode } } } }`)
	lines := make([]vars, 2)
	for i := range lines {
		lines[i] = vars{
			"saleLineId": r.Lines[i].String(), "lineNumber": i + 1, "productName": "Cola acme", "sku": "SKU", "unit": "EACH",
			"quantity": "1", "quantityReturnable": "1", "unitPrice": vars{"amount": "100.00"}, "amountRefundable": kes("100.00"),
		}
	}
	same(t, a.at("saleForReturn"), vars{
		"saleId": r.Sale.String(), "storeCode": "S1", "storeName": "acme", "registerCode": "R2", "receiptNumber": 1,
		"status": "COMPLETED", "occurredAt": occurred.UTC().Format(time.RFC3339Nano), "returnableUntil": until, "lines": lines,
	})
}

func (b *bundle) readParked(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	b.db.Exec(t, `update parked_sales set note = 'no ice', version = 3, customer_id = $2,
		discounts = '[{"kind": "PERCENT", "value": "2.5", "reason": "because"}]' where id = $1`, s.Parked.UUID(), b.A.Customer.ID.UUID())
	b.db.Exec(t, `update parked_sale_lines set unit_price = 50, currency_code = 'KES', price_reason = 'worn',
		discounts = '[{"kind": "FIXED", "value": "0.10", "reason": "bent"}]' where parked_sale_id = $1`, s.Parked.UUID())
	a := ask(t, b.cashier(t, 0), `{ parkedSales `+pages+` }`)
	same(t, a.at("parkedSales", "nodes"), []vars{{"id": s.Parked.String()}})
	same(t, a.at("parkedSales", "totalCount"), 1)
	const fields = `... on ParkedSale { id status label note store { id } register { id } parkedBy { id } lines { lineNumber product { id } quantity unitPrice { amount currencyCode } priceReason
			discounts { kind value reason } }
		customer { id } discounts { kind value reason }
		reserved sale { id } version parkedAt updatedAt expiresAt }`
	want := vars{
		"id": s.Parked.String(), "status": "PARKED", "label": "Table of acme", "note": "no ice", "store": vars{"id": s.ID.String()},
		"register": vars{"id": r.ID.String()}, "parkedBy": vars{"id": s.Cashier.String()},
		"lines": []vars{{
			"lineNumber": 1, "product": vars{"id": b.A.Products[0].String()}, "quantity": "2",
			"unitPrice": kes("0.50"), "priceReason": "worn", "discounts": []vars{{"kind": "FIXED", "value": "0.10", "reason": "bent"}},
		}},
		"customer": vars{"id": b.A.Customer.ID.String()}, "discounts": []vars{off("PERCENT", "2.5")},
		"reserved": false, "sale": nil, "version": 3, "parkedAt": b.when(t, "parked_at", "parked_sales", s.Parked),
		"updatedAt": b.when(t, "updated_at", "parked_sales", s.Parked), "expiresAt": b.when(t, "expires_at", "parked_sales", s.Parked),
	}
	same(t, ask(t, b.owner(t), `{ node(id: "`+s.Parked.String()+`") { `+fields+` } }`).at("node"), want)
	b.db.Exec(t, "update parked_sales set status = 'COMPLETED', sale_id = $2 where id = $1", s.Parked.UUID(), r.Sale.UUID())
	want["status"], want["sale"] = "COMPLETED", vars{"id": r.Sale.String()}
	same(t, ask(t, b.owner(t), `{ node(id: "`+s.Parked.String()+`") { `+fields+` } }`).at("node"), want)
}
