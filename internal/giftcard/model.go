// Package giftcard has the cards that a company issues and sells, and that pay in all of its stores. A card's code is
// as good as money: the database keeps its hash and its last four characters.
package giftcard

import (
	"encoding/hex"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*GiftCard)(nil)} }

// Status says whether a card pays.
type Status string

// The statuses of cards.
const (
	Active  Status = "ACTIVE"
	Blocked Status = "BLOCKED"
)

// GiftCard is a card with money on it.
type GiftCard struct {
	bun.BaseModel `bun:"table:gift_cards,alias:gift_card"`
	postgres.TenantOwned

	ID           id.GiftCard    `bun:"id,pk"`
	CodeHash     []byte         `bun:"code_hash"`
	LastFour     string         `bun:"last_four"`
	CurrencyCode money.Currency `bun:"currency_code"`
	BalanceMinor int64          `bun:"balance"`
	Status       Status         `bun:"status"`
	// ExpiresOn is the last day that it pays on; nil is for ever.
	ExpiresOn *civil.Date `bun:"expires_on"`
	Note      string      `bun:"note"`
	Version   int         `bun:"version"`
	CreatedAt time.Time   `bun:"created_at"`
	UpdatedAt time.Time   `bun:"updated_at"`
}

// Balance is what the card is worth.
func (c *GiftCard) Balance() *money.Money {
	return &money.Money{Minor: c.BalanceMinor, Currency: c.CurrencyCode}
}

// Expired says that a card does not pay on a day any more.
func (c *GiftCard) Expired(on civil.Date) bool {
	return c.ExpiresOn != nil && on.String() > c.ExpiresOn.String()
}

// IsNode marks GiftCard as the schema's Node.
func (*GiftCard) IsNode() {}

// Move changes the balance by an entry, and says in the entry what it did. The card's row is locked.
func (c *GiftCard) Move(e *ledger.Entry) {
	c.BalanceMinor += e.AmountMinor
	e.ID, e.Ledger, e.GiftCardID, e.Currency = id.New[id.LedgerEntry](), ledger.GiftCard, &c.ID, &c.CurrencyCode
	e.BalanceMinor = c.BalanceMinor
}

// The pages of this package's lists, as the schema names them.
type (
	GiftCardConnection = page.Connection[GiftCard] //nolint:revive // the schema's name
	GiftCardEdge       = page.Edge[GiftCard]       //nolint:revive // the schema's name
)

func newestFirst() page.Order[GiftCard] {
	return page.Order[GiftCard]{Name: "gift-card", Desc: true, Columns: []page.Column[GiftCard]{
		{Name: "id", Type: page.UUID, Value: func(c *GiftCard) string { return c.ID.UUID().String() }},
	}}
}

// ByHash builds the statement that reads the cards with these codes.
func ByHash(h *postgres.Handle, hashes [][]byte, cards *[]*GiftCard) postgres.Statement {
	return postgres.Rows(cards, byHash(h, hashes))
}

// Lock builds the statement that reads the cards with these codes and keeps everybody else from changing them. They
// are locked in the order of their ids, so that two sales don't wait for one another.
func Lock(h *postgres.Handle, hashes [][]byte, cards *[]*GiftCard) postgres.Statement {
	return postgres.Rows(cards, byHash(h, hashes).OrderExpr("?TableAlias.id").For("UPDATE"))
}

// LockByID is Lock by ids.
func LockByID(h *postgres.Handle, ids []id.GiftCard, cards *[]*GiftCard) postgres.Statement {
	return postgres.Rows(cards, h.Select((*GiftCard)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids)).
		OrderExpr("?TableAlias.id").For("UPDATE"))
}

func byHash(h *postgres.Handle, hashes [][]byte) *bun.SelectQuery {
	texts := make([]string, len(hashes))
	for i, hash := range hashes {
		texts[i] = `\x` + hex.EncodeToString(hash)
	}
	return h.Select((*GiftCard)(nil)).Where("?TableAlias.code_hash = ANY (?::bytea[])", postgres.Texts(texts))
}

// Create builds the statement that adds cards, leaving alone those whose code is there already.
func Create(h *postgres.Handle, cards *[]*GiftCard) postgres.Statement {
	return postgres.Exec(nil, h.Insert(cards).On("CONFLICT (tenant_id, code_hash) DO NOTHING"))
}

// Save builds the statement that writes the balances of locked cards.
func Save(h *postgres.Handle, cards []*GiftCard, now time.Time) postgres.Statement {
	ids, balances := make([]id.GiftCard, len(cards)), make([]string, len(cards))
	for i, c := range cards {
		ids[i], balances[i] = c.ID, strconv.FormatInt(c.BalanceMinor, 10)
	}
	return postgres.Exec(nil, h.Update((*GiftCard)(nil)).
		TableExpr("unnest(?::uuid[], ?::bigint[]) AS moved (id, balance)", postgres.UUIDs(ids), postgres.Texts(balances)).
		Set("balance = moved.balance").Set("updated_at = ?", now).
		Where("?TableAlias.id = moved.id"))
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	GiftCardIssueUserErrorCode string //nolint:revive // the schema's name
	GiftCardBlockUserErrorCode string //nolint:revive // the schema's name

	GiftCardIssueUserError = errs.User[GiftCardIssueUserErrorCode] //nolint:revive // the schema's name
	GiftCardBlockUserError = errs.User[GiftCardBlockUserErrorCode] //nolint:revive // the schema's name
)

// GiftCardIssuePayload is what giftCardIssue answers.
type GiftCardIssuePayload struct { //nolint:revive // the schema's name
	GiftCard *GiftCard
	// Code is shown this once.
	Code       *string
	UserErrors []GiftCardIssueUserError
}

// GiftCardBlockPayload is what giftCardBlock answers.
type GiftCardBlockPayload struct { //nolint:revive // the schema's name
	GiftCard   *GiftCard
	UserErrors []GiftCardBlockUserError
}

// Issued makes the answer of giftCardIssue: problems become its user errors.
func Issued(card *GiftCard, code *Code, err error) (*GiftCardIssuePayload, error) {
	users, err := errs.AsUser[GiftCardIssueUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	payload := &GiftCardIssuePayload{GiftCard: card, UserErrors: users}
	if code != nil {
		text := code.String()
		payload.Code = &text
	}
	return payload, nil
}
