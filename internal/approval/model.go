// Package approval has what waits for a second person: adjustments of stock, large discounts, and goods that come back
// without a receipt. Nobody approves what they asked for themselves, what was approved is used once, and either must
// happen in time.
package approval

import (
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
func Models() []any { return []any{(*Approval)(nil)} }

// Kind says what waits.
type Kind string

// The kinds.
const (
	StockAdjustment      Kind = "STOCK_ADJUSTMENT"
	Discount             Kind = "DISCOUNT"
	ReturnWithoutReceipt Kind = "RETURN_WITHOUT_RECEIPT"
)

// needs is the permission that it takes to approve a kind, beside APPROVAL_DECIDE.
func (k Kind) needs() tenancy.Permission {
	switch k {
	case Discount:
		return tenancy.DiscountLarge
	case ReturnWithoutReceipt:
		return tenancy.ReturnNoReceipt
	default:
		return tenancy.StockApprove
	}
}

// Status says what became of it.
type Status string

// The statuses.
const (
	Pending  Status = "PENDING"
	Approved Status = "APPROVED"
	Refused  Status = "REFUSED"
	Used     Status = "USED"
	// Expired was not decided, or not used, in time. The row never says so: the clock does.
	Expired Status = "EXPIRED"
)

// Approval is what waits for a second person, or waited.
type Approval struct {
	bun.BaseModel `bun:"table:approvals,alias:approval"`
	postgres.StoreOwned

	ID   id.Approval `bun:"id,pk"`
	Kind Kind        `bun:"kind"`
	// Recorded is what the row says; Status knows the time as well.
	Recorded Status `bun:"status"`
	// RegisterID is the till that it is good for, nil for stock.
	RegisterID   *id.Register   `bun:"for_register_id"`
	CurrencyCode money.Currency `bun:"currency_code"`
	// AmountMinor is the most that it allows; of stock what it is worth, nil where that isn't known.
	AmountMinor *int64 `bun:"amount"`
	Reason      string `bun:"reason"`
	// RequestKey and RequestHash are those of the mutation that asked, StockReason and Lines what is to move.
	RequestKey     *string    `bun:"request_key"`
	RequestHash    []byte     `bun:"request_hash"`
	StockReason    *string    `bun:"stock_reason"`
	Lines          []*Line    `bun:"lines,type:jsonb"`
	RequestedByID  id.User    `bun:"requested_by_id"`
	RequestedAt    time.Time  `bun:"requested_at"`
	ExpiresAt      time.Time  `bun:"expires_at"`
	DecidedByID    *id.User   `bun:"decided_by_id"`
	DecidedAt      *time.Time `bun:"decided_at"`
	DecisionReason string     `bun:"decision_reason"`
	UsedAt         *time.Time `bun:"used_at"`
	SaleID         *id.Sale   `bun:"sale_id"`

	Status Status `bun:"-"`
}

// Line is one product whose level waits to be put right.
type Line struct {
	Product uuid.UUID `json:"product"`
	// Milli is what is to come in, or below zero to go out, in thousandths.
	Milli int64 `json:"change"`
	// Lot is the batch of the goods, with its days as text; empty for goods that have none. Loose says that they are of
	// no known batch of a product that has batches.
	Lot            string `json:"lot,omitempty"`
	ExpiresOn      string `json:"expires,omitempty"`
	ManufacturedOn string `json:"manufactured,omitempty"`
	Loose          bool   `json:"unbatched,omitempty"`
}

// LotNumber is the lot of the goods, nil for goods that have no batches.
func (l *Line) LotNumber() *string {
	if l.Lot == "" {
		return nil
	}
	return &l.Lot
}

// ProductID is the product.
func (l *Line) ProductID() id.Product { return id.Product(l.Product) }

// Change is what is to come in, or below zero to go out.
func (l *Line) Change() money.Decimal { return money.Quantity(l.Milli) }

// IsNode marks Approval as the schema's Node.
func (*Approval) IsNode() {}

// Amount is the most that it allows, or what the stock is worth.
func (a *Approval) Amount() *money.Money {
	if a.AmountMinor == nil {
		return nil
	}
	return &money.Money{Minor: *a.AmountMinor, Currency: a.CurrencyCode}
}

// At sets the status as of an instant.
func (a *Approval) At(now time.Time) *Approval {
	a.Status = a.Recorded
	if (a.Recorded == Pending || a.Recorded == Approved) && !a.ExpiresAt.After(now) {
		a.Status = Expired
	}
	return a
}

// The pages of this package's lists, as the schema names them.
type (
	Connection = page.Connection[Approval]
	Edge       = page.Edge[Approval]
)

func byTime() page.Order[Approval] {
	return page.Order[Approval]{Name: "approval-time", Desc: true, Columns: []page.Column[Approval]{
		{Name: "requested_at", Type: page.Instant, Value: func(a *Approval) string { return page.InstantText(a.RequestedAt) }},
		{Name: "id", Type: page.UUID, Value: func(a *Approval) string { return a.ID.UUID().String() }},
	}}
}
