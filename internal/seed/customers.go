package seed

import (
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
)

// customerSpec is a customer, with balances in minor units.
type customerSpec struct {
	name, phone, email  string
	credit, owed, limit int64
	points              int64
	// group names what sort of customer they are, "" for none.
	group string
}

// giftCardSpec is a gift card with its code, which the demo makes no secret of.
type giftCardSpec struct {
	code    string
	balance int64
}

// loyaltySpec is what is spent for a point, and what it pays, in minor units.
type loyaltySpec struct{ spend, value int64 }

func savannaCustomers() []customerSpec {
	return []customerSpec{
		{name: "Amina Wanjiru", phone: "+254 712 000 301", email: "amina@customers.example", credit: 500_00, points: 120, group: "Regulars"},
		{name: "Brian Otieno", phone: "+254 712 000 302", points: 45, group: "Regulars"},
		{name: "Hotel Baraka", email: "orders@baraka.example", owed: 12_400_00, limit: 50_000_00, group: "Hotels and caterers"},
		{name: "Grace Mwende", phone: "+254 712 000 304", email: "grace@customers.example", credit: 150_00},
		{phone: "+254 712 000 305", points: 8},
	}
}

func savannaGiftCards() []giftCardSpec {
	return []giftCardSpec{{"DEMO-GIFT-0001", 1000_00}, {"DEMO-GIFT-0002", 2500_00}}
}

// addSettings writes what a company decided, if it did.
func addSettings(rows *inserts, c *company) {
	if c.loyalty.spend == 0 && c.tills.limit == 0 {
		return
	}
	rows.add(`insert into company_settings (tenant_id, loyalty_spend_per_point, loyalty_point_value, till_variance_limit)
		values ($1, nullif($2, 0), nullif($3, 0), nullif($4, 0))`, c.id, c.loyalty.spend, c.loyalty.value, c.tills.limit)
}

// addCustomers writes the customers with the words that they are found by and the entries of their balances.
func addCustomers(rows *inserts, c *company, ids *idMaker) {
	for _, spec := range c.customers {
		v := ids.next(c.opened)
		c.buyers = append(c.buyers, buyer{column(v), c.groupOf(spec.group)})
		rows.add(`insert into customers (tenant_id, id, name, phone, email, currency_code, store_credit, account_owed,
				credit_limit, points, created_at, updated_at, customer_group_id)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)`, c.id, v, spec.name, spec.phone, spec.email,
			string(c.currency), spec.credit, spec.owed, spec.limit, spec.points, c.opened, c.groupOf(spec.group))
		rows.add(`insert into customer_words (tenant_id, word, customer_id) select $1, w, $3 from unnest($2::text[]) as w`,
			c.id, customer.Words(&customer.Customer{Name: spec.name, Phone: spec.phone, Email: spec.email}), v)
		for _, balance := range []struct {
			kind   string
			amount int64
		}{{"STORE_CREDIT", spec.credit}, {"ACCOUNT", spec.owed}, {"LOYALTY_POINTS", spec.points}} {
			if balance.amount == 0 {
				continue
			}
			entry := ids.next(c.opened)
			rows.add(`insert into ledger_entries (tenant_id, id, ledger, reason, customer_id, amount, balance_after,
					currency_code, note, occurred_at, recorded_at)
				values ($1, $2, $3, 'ADJUSTMENT', $4, $5, $5, nullif($6, ''), 'Brought forward', $7, $7)`,
				c.id, entry, balance.kind, v, balance.amount, currencyOf(c, balance.kind), c.opened)
		}
	}
}

// currencyOf is the currency of a ledger's amounts, "" for points.
func currencyOf(c *company, kind string) string {
	if kind == "LOYALTY_POINTS" {
		return ""
	}
	return string(c.currency)
}

func addGiftCards(rows *inserts, c *company, ids *idMaker) {
	for _, spec := range c.giftCards {
		code, _ := giftcard.ParseCode(spec.code)
		v, entry := ids.next(c.opened), ids.next(c.opened)
		rows.add(`insert into gift_cards (tenant_id, id, code_hash, last_four, currency_code, balance, created_at, updated_at)
			values ($1, $2, $3, $4, $5, $6, $7, $7)`,
			c.id, v, code.Hash(id.Company(c.id)), code.LastFour(), string(c.currency), spec.balance, c.opened)
		rows.add(`insert into ledger_entries (tenant_id, id, ledger, reason, gift_card_id, amount, balance_after,
				currency_code, occurred_at, recorded_at)
			values ($1, $2, 'GIFT_CARD', 'ISSUED', $3, $4, $4, $5, $6, $6)`,
			c.id, entry, v, spec.balance, string(c.currency), c.opened)
	}
}
