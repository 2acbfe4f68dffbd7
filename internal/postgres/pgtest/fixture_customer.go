package pgtest

import (
	"crypto/sha256"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

// CustomerRows are what Fixture made of a company's one customer and one gift card. The customer has 500.00 of store
// credit, may owe 2000.00 and owes 1000.00 less 10.00 paid at each register; the card is worth 250.00.
type CustomerRows struct {
	ID       id.Customer
	Phone    string
	GiftCard id.GiftCard
	Code     string
	Credit   id.LedgerEntry
	Issued   id.LedgerEntry
}

func (b *batch) customers(c *Company, name string) {
	x := &c.Customer
	x.ID, x.GiftCard, x.Code = id.New[id.Customer](), id.New[id.GiftCard](), "CARD0001"+map[bool]string{true: "ACME"}[c.Slug == "acme"]
	x.Phone = map[bool]string{true: "+254 700 111 222", false: "+254 700 333 444"}[c.Slug == "acme"]
	const paid = 1000
	registers := 0
	for i := range c.Stores {
		registers += len(c.Stores[i].Registers)
	}
	b.add(`insert into customers (tenant_id, id, name, phone, email, currency_code, store_credit, account_owed, credit_limit)
		values ($1, $2, $3, $4, $5, 'KES', 50000, $6, 200000)`,
		c.ID.UUID(), x.ID.UUID(), "Buyer "+name, x.Phone, "buyer@"+c.Slug+".example", 100_000-paid*registers)
	b.add("insert into customer_words (tenant_id, word, customer_id) values ($1, 'buyer', $2), ($1, $3, $2)",
		c.ID.UUID(), x.ID.UUID(), "buyer"+c.Slug)
	sum := sha256.Sum256([]byte("gift card of " + c.ID.String() + ": " + x.Code))
	b.add(`insert into gift_cards (tenant_id, id, code_hash, last_four, currency_code, balance, note)
		values ($1, $2, $3, $4, 'KES', 25000, $5)`,
		c.ID.UUID(), x.GiftCard.UUID(), sum[:], x.Code[len(x.Code)-4:], "card of "+name)
	x.Credit = b.entry(c, "STORE_CREDIT", "ADJUSTMENT", 50_000, 50_000, "credit of "+name)
	b.entry(c, "ACCOUNT", "ADJUSTMENT", 100_000, 100_000, "debt of "+name)
	x.Issued = b.entry(c, "GIFT_CARD", "ISSUED", 25_000, 25_000, "issued by "+name)
	owed := int64(100_000)
	for i := range c.Stores {
		s := &c.Stores[i]
		reference := "paid to " + name
		if i > 0 {
			reference += " " + CanaryA2
		}
		for _, r := range s.Registers {
			owed -= paid
			entry := b.entry(c, "ACCOUNT", "PAYMENT", -paid, owed, "")
			b.add(`insert into account_payments (tenant_id, store_id, register_id, id, entry_id, customer_id, cashier_id, method,
					currency_code, amount, reference, occurred_at)
				values ($1, $2, $3, $4, $4, $5, $6, 'CASH', 'KES', $7, $8, $9)`,
				c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), entry.UUID(), x.ID.UUID(), s.Cashier.UUID(), paid, reference, time.Now())
		}
	}
	b.add(`insert into ledger_idempotency_keys (tenant_id, actor_id, key, request_hash, entry_id) values ($1, $2, $3, $4, $5)`,
		c.ID.UUID(), c.Owner.UUID(), "key of "+name, hash(x.Credit.UUID()), x.Credit.UUID())
}

func (b *batch) entry(c *Company, ledger, reason string, amount, after int64, note string) id.LedgerEntry {
	entry := id.New[id.LedgerEntry]()
	customer, card, currency := c.Customer.ID.UUID(), c.Customer.GiftCard.UUID(), "KES"
	owner, column := customer, "customer_id"
	if ledger == "GIFT_CARD" {
		owner, column = card, "gift_card_id"
	}
	b.add(`insert into ledger_entries (tenant_id, id, ledger, reason, `+column+`, amount, balance_after, currency_code,
			user_id, note, occurred_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID.UUID(), entry.UUID(), ledger, reason, owner, amount, after, currency, c.Owner.UUID(), note, time.Now())
	return entry
}
