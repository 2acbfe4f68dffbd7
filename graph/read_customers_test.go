package graph_test

import (
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

func (b *bundle) readCustomers(t *testing.T, ask asker) {
	x := b.A.Customer
	double, sold := id.New[id.Customer](), b.A.Stores[0].Registers[0].Sale
	b.db.Exec(t, `insert into customers (tenant_id, id, currency_code, merged_into_id) values ($1, $2, 'KES', $3)`,
		b.A.ID.UUID(), double.UUID(), x.ID.UUID())
	b.db.Exec(t, `update customers set tax_number = 'P051', notes = 'Likes tea.', external_reference = 'C-1', version = 4, points = -3
		where id = $1`, x.ID.UUID())
	b.db.Exec(t, "update sales set customer_id = $1 where id = $2", double.UUID(), sold.UUID())
	entry := id.New[id.LedgerEntry]()
	b.db.Exec(t, `insert into ledger_entries (tenant_id, id, ledger, reason, customer_id, amount, balance_after, spend, sale_id, occurred_at)
		values ($1, $2, 'LOYALTY_POINTS', 'EARNED', $3, -3, -3, 20000, $4, '2026-03-08T22:30:00Z')`,
		b.A.ID.UUID(), entry.UUID(), double.UUID(), sold.UUID())
	b.db.Exec(t, "update payments set method = 'GIFT_CARD', gift_card_id = $1 where id = $2",
		x.GiftCard.UUID(), b.A.Stores[0].Registers[1].Payment.UUID())
	b.db.Exec(t, "update sale_lines set gift_card_id = $1 where id = $2",
		x.GiftCard.UUID(), b.A.Stores[0].Registers[0].Lines[0].UUID())
	b.db.Exec(t, "update gift_cards set expires_on = '2027-01-31' where id = $1", x.GiftCard.UUID())
	gone := id.New[id.Customer]()
	b.db.Exec(t, `insert into customers (tenant_id, id, currency_code, erased_at) values ($1, $2, 'KES', '2026-03-09T00:00:00Z')`,
		b.A.ID.UUID(), gone.UUID())
	a := ask(t, b.owner(t), `{ customer(id: "`+x.ID.String()+`") { id name phone email taxNumber notes externalReference
			storeCredit { amount currencyCode } accountBalance { amount currencyCode } creditLimit { amount currencyCode } loyaltyPoints
			mergedInto { id } erasedAt version createdAt updatedAt sales `+pages+`
			purchases { sales total { amount currencyCode } lastAt } ledgerEntries `+pages+` }
		gone: customer(id: "`+gone.String()+`") { name erasedAt }
		double: customer(id: "`+double.String()+`") { mergedInto { name } }
		customers(filter: {search: "BUYERA buy", externalReference: "C-1"}, sort: CREATED_AT_DESC) `+pages+`
		sale(id: "`+sold.String()+`") { customer { id } payments { giftCard { id } } lines { giftCard { id } } }
		paid: sale(id: "`+b.A.Stores[0].Registers[1].Sale.String()+`") { customer { id } payments { giftCard { id } } }
		giftCard(id: "`+x.GiftCard.String()+`") { id lastFour balance { amount currencyCode } status expiresOn note version createdAt
			updatedAt ledgerEntries(first: 1) { nodes { giftCard { id } customer { id } note } } }
		giftCardByCode(code: "card-0001 acme") { id }
		giftCards(filter: {status: ACTIVE, lastFour: "ACME"}) `+pages+`
		node(id: "`+entry.String()+`") { ... on LedgerEntry { id ledger reason amount balanceAfter currencyCode customer { id }
			giftCard { id } sale { id } user { id } note occurredAt } }
		credit: node(id: "`+x.Credit.String()+`") { ... on LedgerEntry { ledger reason amount balanceAfter currencyCode user { id } note } } }`)
	who, _ := a.at("customer").(vars)
	for _, list := range []string{"sales", "ledgerEntries"} {
		delete(who, list)
	}
	same(t, who, vars{
		"id": x.ID, "name": "Buyer acme", "phone": x.Phone, "email": "buyer@acme.example", "taxNumber": "P051", "notes": "Likes tea.",
		"externalReference": "C-1", "storeCredit": kes("500.00"), "accountBalance": kes("960.00"), "creditLimit": kes("2000.00"),
		"loyaltyPoints": -3, "mergedInto": nil, "erasedAt": nil, "version": 4,
		"createdAt": b.when(t, "created_at", "customers", x.ID), "updatedAt": b.when(t, "updated_at", "customers", x.ID),
		"purchases": []vars{{"sales": 1, "total": kes("200.00"), "lastAt": "2026-03-08T22:30:00.25Z"}},
	})
	same(t, a.at("gone"), vars{"name": "", "erasedAt": "2026-03-09T00:00:00Z"})
	b.readLedgers(t, a, sold, double, entry)
}

func (b *bundle) readLedgers(t *testing.T, a *answer, sold id.Sale, double id.Customer, entry id.LedgerEntry) {
	t.Helper()
	x := b.A.Customer
	same(t, a.at("double"), vars{"mergedInto": vars{"name": "Buyer acme"}})
	same(t, a.at("customers", "nodes"), []vars{{"id": x.ID}})
	same(t, a.at("customers", "totalCount"), 1)
	same(t, a.at("sale"), vars{
		"customer": vars{"id": x.ID}, "payments": []vars{{"giftCard": nil}},
		"lines": []vars{{"giftCard": vars{"id": x.GiftCard}}, {"giftCard": nil}},
	})
	same(t, a.at("paid"), vars{"customer": nil, "payments": []vars{{"giftCard": vars{"id": x.GiftCard}}}})
	same(t, a.at("giftCard"), vars{
		"id": x.GiftCard, "lastFour": "ACME", "balance": kes("250.00"), "status": "ACTIVE", "expiresOn": "2027-01-31",
		"note": "card of acme", "version": 1,
		"createdAt": b.when(t, "created_at", "gift_cards", x.GiftCard), "updatedAt": b.when(t, "updated_at", "gift_cards", x.GiftCard),
		"ledgerEntries": vars{"nodes": []vars{{"giftCard": vars{"id": x.GiftCard}, "customer": nil, "note": "issued by acme"}}},
	})
	same(t, a.at("giftCardByCode"), vars{"id": x.GiftCard})
	same(t, a.at("giftCards", "nodes"), []vars{{"id": x.GiftCard}})
	same(t, a.at("node"), vars{
		"id": entry, "ledger": "LOYALTY_POINTS", "reason": "EARNED", "amount": "-3", "balanceAfter": "-3", "currencyCode": nil,
		"customer": vars{"id": x.ID}, "giftCard": nil, "sale": vars{"id": sold}, "user": nil, "note": "",
		"occurredAt": "2026-03-08T22:30:00Z",
	})
	same(t, a.at("credit"), vars{
		"ledger": "STORE_CREDIT", "reason": "ADJUSTMENT", "amount": "500.00", "balanceAfter": "500.00", "currencyCode": "KES",
		"user": vars{"id": b.A.Owner}, "note": "credit of acme",
	})
	again := b.post(t, b.owner(t), `{ customer(id: "`+x.ID.String()+`") { sales `+pages+` ledgerEntries `+pages+` }
		double: customer(id: "`+double.String()+`") { sales { totalCount } ledgerEntries { totalCount } } }`, nil).ok(t)
	same(t, again.at("customer", "sales", "nodes"), []vars{{"id": sold}})
	same(t, again.at("customer", "sales", "totalCount"), 1)
	if n := again.at("customer", "ledgerEntries", "totalCount"); n != 7.0 {
		t.Errorf("%v entries of the customer and the double", n)
	}
	nodes, _ := again.at("customer", "ledgerEntries", "nodes").([]any)
	if !slices.ContainsFunc(nodes, func(n any) bool { return n.(vars)["id"] == entry.String() }) {
		t.Errorf("the entry of the double is not among %v", nodes)
	}
	same(t, again.at("double"), vars{"sales": vars{"totalCount": 1}, "ledgerEntries": vars{"totalCount": 1}})
}
