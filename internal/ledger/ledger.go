// Package ledger has the entries behind every balance that a company keeps for somebody: store credit, accounts,
// loyalty points and gift cards. A balance stands beside its ledger, is changed in the same transaction under the
// lock of its row, and is the sum of its entries at every moment. Entries are never changed.
package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any { return []any{(*Entry)(nil), (*idempotencyKey)(nil)} }

// Kind says which balance an entry changes.
type Kind string

// The kinds of ledgers.
const (
	// StoreCredit is what the shop owes a customer.
	StoreCredit Kind = "STORE_CREDIT"
	// Account is what a customer owes the shop.
	Account Kind = "ACCOUNT"
	// Points are a customer's loyalty points.
	Points Kind = "LOYALTY_POINTS"
	// GiftCard is what a card is worth.
	GiftCard Kind = "GIFT_CARD"
)

// Reason says why a balance changed.
type Reason string

// The reasons.
const (
	// Sale is what a sale was paid with, what it put on a card, or what was refunded.
	Sale Reason = "SALE"
	// Earned is what a sale earned in points, or what a return takes back of them.
	Earned Reason = "EARNED"
	// Void takes back what a voided sale did.
	Void Reason = "VOID"
	// Issued is what a gift card was issued with.
	Issued Reason = "ISSUED"
	// Payment is what a customer paid towards their account.
	Payment Reason = "PAYMENT"
	// Adjustment is a change by hand.
	Adjustment Reason = "ADJUSTMENT"
	// Merge moves a balance to the customer that a double became.
	Merge Reason = "MERGE"
	// Erasure writes a balance off with the personal data.
	Erasure Reason = "ERASURE"
)

// Entry is one change of a balance.
type Entry struct {
	bun.BaseModel `bun:"table:ledger_entries,alias:entry"`
	postgres.TenantOwned

	ID         id.LedgerEntry `bun:"id,pk"`
	Ledger     Kind           `bun:"ledger"`
	Reason     Reason         `bun:"reason"`
	CustomerID *id.Customer   `bun:"customer_id"`
	GiftCardID *id.GiftCard   `bun:"gift_card_id"`
	// AmountMinor is in minor units, or in points.
	AmountMinor  int64 `bun:"amount"`
	BalanceMinor int64 `bun:"balance_after"`
	// SpendMinor is what points were earned on; it adds up to the next point where it made none.
	SpendMinor int64 `bun:"spend"`
	// Currency is nil for points.
	Currency   *money.Currency `bun:"currency_code"`
	SaleID     *id.Sale        `bun:"sale_id"`
	UserID     *id.User        `bun:"user_id"`
	Note       string          `bun:"note"`
	OccurredAt time.Time       `bun:"occurred_at"`
	RecordedAt time.Time       `bun:"recorded_at"`

	// Owner is whose list the entry was read for: the customer's own, or of one that became it; or a till session's.
	Owner id.Customer `bun:"owner_id,scanonly"`
}

// CurrencyCode is the currency of the amounts; nil for points.
func (e *Entry) CurrencyCode() *money.Currency { return e.Currency }

// Amount is the change, in the ledger's currency or in points.
func (e *Entry) Amount() money.Decimal { return e.decimal(e.AmountMinor) }

// BalanceAfter is the balance with this change in it.
func (e *Entry) BalanceAfter() money.Decimal { return e.decimal(e.BalanceMinor) }

func (e *Entry) decimal(minor int64) money.Decimal {
	if e.Currency != nil {
		return money.Money{Minor: minor, Currency: *e.Currency}.Amount()
	}
	return money.Whole(minor)
}

// IsNode marks Entry as the schema's Node.
func (*Entry) IsNode() {}

// The pages of this package's lists, as the schema names them.
type (
	EntryConnection = page.Connection[Entry]
	EntryEdge       = page.Edge[Entry]
)

// NewestFirst is the order of lists. It goes by the ids, which are made under the lock of the balance and so in its order.
func NewestFirst() page.Order[Entry] {
	return page.Order[Entry]{Name: "entry", Desc: true, Columns: []page.Column[Entry]{
		{Name: "id", Type: page.UUID, Value: func(e *Entry) string { return e.ID.UUID().String() }},
	}}
}

// OfSale builds the statement that reads what a sale did to balances, in the order in which it did.
func OfSale(h *postgres.Handle, sale id.Sale, entries *[]*Entry) postgres.Statement {
	return postgres.Rows(entries, h.Select((*Entry)(nil)).Where("?TableAlias.sale_id = ?", sale).
		OrderExpr("?TableAlias.id"))
}

// Insert builds the statement that writes entries down.
func Insert(h *postgres.Handle, entries *[]*Entry) postgres.Statement {
	return h.Add(entries)
}

// Ledgers reads entries.
type Ledgers struct{ db *postgres.DB }

// New makes Ledgers.
func New(db *postgres.DB) *Ledgers { return &Ledgers{db: db} }

// ByID gives those of the entries that are the company's.
func (l *Ledgers) ByID(ctx context.Context, ids []id.LedgerEntry) ([]*Entry, error) {
	h, err := l.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Entry](ctx, h, "id", ids)
}

// OfCards lists the entries of each of several gift cards, the newest first.
func (l *Ledgers) OfCards(
	ctx context.Context, cards []id.GiftCard, a page.Args,
) (map[id.GiftCard]*EntryConnection, error) {
	h, err := l.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Entry, id.GiftCard]{
		Column: "gift_card_id", Of: func(e *Entry) id.GiftCard { return *e.GiftCardID },
	}
	return page.PerParent(ctx, h, cards, parents,
		func() *bun.SelectQuery { return h.Select((*Entry)(nil)) }, NewestFirst(), a)
}

// idempotencyKey is what was asked under a key, and the entry that came of it.
type idempotencyKey struct {
	bun.BaseModel `bun:"table:ledger_idempotency_keys,alias:idempotency_key"`
	postgres.TenantOwned

	ActorID     uuid.UUID      `bun:"actor_id,type:uuid"`
	Key         string         `bun:"key"`
	RequestHash []byte         `bun:"request_hash"`
	EntryID     id.LedgerEntry `bun:"entry_id"`
	CreatedAt   time.Time      `bun:"created_at"`
}

// Request is one that may come twice: a key of the asker's own, and what was asked.
type Request struct {
	Key  string
	Hash [sha256.Size]byte
}

// NewRequest makes a Request of a key and of everything that the request says. Numbers that are equal say the same,
// however they are written.
func NewRequest(key string, says ...any) Request {
	says = slices.Clone(says)
	for i, said := range says {
		if number, is := said.(money.Decimal); is {
			says[i] = number.Canonical()
		}
	}
	return Request{Key: key, Hash: sha256.Sum256(fmt.Appendf(nil, "%q", says))}
}

// Earlier is what an earlier request under a key did.
type Earlier struct{ key *idempotencyKey }

// Entry is what came of it; false where there was none.
func (e *Earlier) Entry() (id.LedgerEntry, bool) {
	if e.key == nil {
		return id.LedgerEntry{}, false
	}
	return e.key.EntryID, true
}

// Same says that the earlier request was the same.
func (e *Earlier) Same(r Request) bool { return string(e.key.RequestHash) == string(r.Hash[:]) }

// Look builds the statement that finds an earlier request under the same key of the same person or register.
func (r Request) Look(h *postgres.Handle, e *Earlier) postgres.Statement {
	return postgres.Row(&e.key, h.Select((*idempotencyKey)(nil)).
		Where("?TableAlias.actor_id = ?", actor(h.Scope())).Where("?TableAlias.key = ?", r.Key))
}

// Keep builds the statement that remembers what came of a request. It collides where another was faster.
func (r Request) Keep(h *postgres.Handle, entry id.LedgerEntry, now time.Time) postgres.Statement {
	return h.Add(&idempotencyKey{
		ActorID: actor(h.Scope()), Key: r.Key, RequestHash: r.Hash[:], EntryID: entry, CreatedAt: now,
	})
}

func actor(s *tenancy.Scope) uuid.UUID {
	if s.User.IsZero() {
		return s.Register.UUID()
	}
	return s.User.UUID()
}
