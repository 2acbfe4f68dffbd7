// Package customer has who buys: what a company knows of them, and the balances that it keeps for them: store credit,
// an account, loyalty points. Customers are the company's, and so are known in all of its stores.
//
// A balance is changed under the lock of its customer's row, together with an entry in the ledger. Store credit and
// points can't be spent below zero, and nothing is bought on account beyond the limit. Points that a return or a void
// takes back may already be spent: then the points are below zero, and count up from there.
//
// A double is merged into the customer it stands for: its balances move there, and what it bought stays in its name
// and is read through the other one. So an old id still sells, to the customer it has become.
package customer

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any {
	return []any{(*Customer)(nil), (*Group)(nil), (*Word)(nil), (*AccountPayment)(nil)}
}

// Customer is somebody who buys.
type Customer struct {
	bun.BaseModel `bun:"table:customers,alias:customer"`
	postgres.TenantOwned

	ID                id.Customer `bun:"id,pk"`
	Name              string      `bun:"name"`
	Phone             string      `bun:"phone"`
	Email             string      `bun:"email"`
	TaxNumber         string      `bun:"tax_number"`
	Notes             string      `bun:"notes"`
	ExternalReference *string     `bun:"external_reference"`
	// CustomerGroupID is nil for who is in no group.
	CustomerGroupID  *id.CustomerGroup `bun:"customer_group_id"`
	CurrencyCode     money.Currency    `bun:"currency_code"`
	StoreCreditMinor int64             `bun:"store_credit"`
	// OwedMinor is what the customer owes, below zero when the shop owes.
	OwedMinor        int64 `bun:"account_owed"`
	CreditLimitMinor int64 `bun:"credit_limit"`
	PointsBalance    int64 `bun:"points"`
	// PointsSpendMinor is what was spent since the last whole point.
	PointsSpendMinor int64 `bun:"points_spend"`
	// MergedIntoID is the customer that this one is the double of; that one is no double itself.
	MergedIntoID *id.Customer `bun:"merged_into_id"`
	ErasedAt     *time.Time   `bun:"erased_at"`
	Version      int          `bun:"version"`
	CreatedAt    time.Time    `bun:"created_at"`
	UpdatedAt    time.Time    `bun:"updated_at"`
}

// StoreCredit is what the shop owes the customer.
func (c *Customer) StoreCredit() *money.Money { return c.amount(c.StoreCreditMinor) }

// AccountBalance is what the customer owes.
func (c *Customer) AccountBalance() *money.Money { return c.amount(c.OwedMinor) }

// CreditLimit is how much the customer may owe.
func (c *Customer) CreditLimit() *money.Money { return c.amount(c.CreditLimitMinor) }

// LoyaltyPoints are those that the customer has.
func (c *Customer) LoyaltyPoints() int { return int(c.PointsBalance) }

func (c *Customer) amount(minor int64) *money.Money {
	return &money.Money{Minor: minor, Currency: c.CurrencyCode}
}

// IsNode marks Customer as the schema's Node.
func (*Customer) IsNode() {}

// Word is one that a customer is found by.
type Word struct {
	bun.BaseModel `bun:"table:customer_words,alias:word"`
	postgres.TenantOwned

	Word       string      `bun:"word"`
	CustomerID id.Customer `bun:"customer_id"`
}

// AccountPayment is money that a customer brought for their account: what is in a drawer without a sale. It has the
// id of its entry in the ledger.
type AccountPayment struct {
	bun.BaseModel `bun:"table:account_payments,alias:account_payment"`
	postgres.RegisterOwned

	ID            id.LedgerEntry  `bun:"id,pk"`
	EntryID       id.LedgerEntry  `bun:"entry_id"`
	CustomerID    id.Customer     `bun:"customer_id"`
	TillSessionID *id.TillSession `bun:"till_session_id"`
	// TillAmendment says that the payment came when its session was closed.
	TillAmendment bool             `bun:"till_amendment"`
	CashierID     *id.User         `bun:"cashier_id"`
	Method        AccountPayMethod `bun:"method"`
	CurrencyCode  money.Currency   `bun:"currency_code"`
	AmountMinor   int64            `bun:"amount"`
	Reference     string           `bun:"reference"`
	OccurredAt    time.Time        `bun:"occurred_at"`
	RecordedAt    time.Time        `bun:"recorded_at"`
}

// AccountPayMethod is a way to pay towards an account.
type AccountPayMethod string

// mobileMoney needs its reference.
const mobileMoney AccountPayMethod = "MOBILE_MONEY"

// Purchases are what a customer bought in one currency.
type Purchases struct {
	CustomerID id.Customer    `bun:"customer_id"`
	Currency   money.Currency `bun:"currency_code"`
	TotalMinor int64          `bun:"total"`
	Sales      int            `bun:"receipts"`
	LastAt     time.Time      `bun:"last_at"`
}

// Total is what was bought less what was returned.
func (p *Purchases) Total() *money.Money {
	return &money.Money{Minor: p.TotalMinor, Currency: p.Currency}
}

// The pages of this package's lists, as the schema names them.
type (
	CustomerConnection = page.Connection[Customer] //nolint:revive // the schema's name
	CustomerEdge       = page.Edge[Customer]       //nolint:revive // the schema's name
)

// Sort is the order of a list of customers.
type Sort string

// The orders.
const (
	NameAsc       Sort = "NAME_ASC"
	NameDesc      Sort = "NAME_DESC"
	CreatedAtAsc  Sort = "CREATED_AT_ASC"
	CreatedAtDesc Sort = "CREATED_AT_DESC"
)

func (s Sort) order() page.Order[Customer] {
	by := page.Column[Customer]{Name: "name", Type: page.Text, Value: func(c *Customer) string { return c.Name }}
	if s == CreatedAtAsc || s == CreatedAtDesc {
		by = page.Column[Customer]{Name: "created_at", Type: page.Instant, Value: func(c *Customer) string {
			return page.InstantText(c.CreatedAt)
		}}
	}
	return page.Order[Customer]{
		Name: "customer-" + string(s), Desc: s == NameDesc || s == CreatedAtDesc, Columns: []page.Column[Customer]{
			by, {Name: "id", Type: page.UUID, Value: func(c *Customer) string { return c.ID.UUID().String() }},
		},
	}
}

// Move changes a balance by an entry, and says in the entry what it did. The customer's row is locked.
func (c *Customer) Move(e *ledger.Entry) {
	e.ID, e.CustomerID = id.New[id.LedgerEntry](), &c.ID
	switch e.Ledger {
	case ledger.StoreCredit:
		c.StoreCreditMinor += e.AmountMinor
		e.BalanceMinor, e.Currency = c.StoreCreditMinor, &c.CurrencyCode
	case ledger.Account:
		c.OwedMinor += e.AmountMinor
		e.BalanceMinor, e.Currency = c.OwedMinor, &c.CurrencyCode
	case ledger.Points:
		c.PointsBalance += e.AmountMinor
		e.BalanceMinor, e.Currency = c.PointsBalance, nil
	case ledger.GiftCard:
		panic("a gift card's entry moved a customer's balance")
	}
}

// Earn gives points for what was spent, a point for each per minor units, and takes them back where spent is below
// zero. What doesn't make a whole point counts towards the next: what is bought and brought back in any parts ends
// where it began. The entry has neither points nor spend when there is nothing to tell.
func (c *Customer) Earn(spent, per int64) (points int64) {
	sum := c.PointsSpendMinor + spent
	points = sum / per
	if sum%per < 0 {
		points--
	}
	c.PointsSpendMinor = sum - points*per
	return points
}

// Locked is a customer whose row is locked, as the database has it then.
type Locked struct{ named, survivor *Customer }

// Statements lock the customer that an id names, and the one that it was merged into.
func (l *Locked) Statements(h *postgres.Handle, customer id.Customer) []postgres.Statement {
	into := h.Select((*Customer)(nil)).Column("merged_into_id").Where("?TableAlias.id = ?", customer)
	return []postgres.Statement{
		postgres.Row(&l.named, h.Select((*Customer)(nil)).Where("?TableAlias.id = ?", customer).For("UPDATE")),
		// A statement of its own, which sees a merge that the first one had to wait for.
		postgres.Row(&l.survivor, h.Select((*Customer)(nil)).Where("customer.id = (?)", into).For("UPDATE")),
	}
}

// Customer is the one that counts, nil where there is none.
func (l *Locked) Customer() *Customer {
	if l.survivor != nil {
		return l.survivor
	}
	if l.named != nil && l.named.MergedIntoID != nil {
		return nil
	}
	return l.named
}

// Find builds the statement that reads the customer that an id names, or the one that it was merged into.
func Find(h *postgres.Handle, customer id.Customer, c **Customer) postgres.Statement {
	into := h.Select((*Customer)(nil)).Column("merged_into_id").Where("?TableAlias.id = ?", customer)
	return postgres.Row(c, h.Select((*Customer)(nil)).
		Where("(?TableAlias.id = ? OR ?TableAlias.id = (?))", customer, into).
		Where("?TableAlias.merged_into_id IS NULL"))
}

// Save builds the statement that writes the balances of a locked customer.
func Save(h *postgres.Handle, c *Customer) postgres.Statement {
	return postgres.Exec(nil, h.Update((*Customer)(nil)).
		Set("store_credit = ?", c.StoreCreditMinor).Set("account_owed = ?", c.OwedMinor).
		Set("points = ?", c.PointsBalance).Set("points_spend = ?", c.PointsSpendMinor).
		Where("?TableAlias.id = ?", c.ID))
}

// Own limits a list, read for each of several customers, to the rows whose column names the customer or a double
// of theirs.
func Own(h *postgres.Handle, column string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		doubles := h.Select((*Customer)(nil)).Column("id").Where("?TableAlias.merged_into_id = parent.id")
		return q.Where("?TableAlias.? = ANY (ARRAY(SELECT parent.id UNION ALL ?))", bun.Ident(column), doubles)
	}
}
