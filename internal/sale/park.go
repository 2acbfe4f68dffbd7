package sale

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// ParkedStatus says what became of a parked sale.
type ParkedStatus string

// The statuses of parked sales.
const (
	// ParkedOpen waits to be carried on.
	ParkedOpen ParkedStatus = "PARKED"
	// ParkedCompleted became a sale.
	ParkedCompleted ParkedStatus = "COMPLETED"
	// ParkedDiscarded was given up.
	ParkedDiscarded ParkedStatus = "DISCARDED"
	// ParkedExpired was not carried on in time. The row may say so later than the clock.
	ParkedExpired ParkedStatus = "EXPIRED"
)

// Parked is a sale put aside in a store.
type Parked struct {
	bun.BaseModel `bun:"table:parked_sales,alias:parked"`
	postgres.StoreOwned

	ID         id.ParkedSale `bun:"id,pk"`
	RegisterID id.Register   `bun:"parked_register_id"`
	// ParkedByID is nil where the register parked by itself.
	ParkedByID *id.User     `bun:"parked_by_id"`
	CustomerID *id.Customer `bun:"customer_id"`
	// Discounts are those on the sale as a whole.
	Discounts []*ParkedDiscount `bun:"discounts,type:jsonb"`
	Label     string            `bun:"label"`
	Note      string            `bun:"note"`
	// Recorded is what the row says; Status knows the time as well.
	Recorded ParkedStatus `bun:"status"`
	// Reserved says that its goods are put aside in the levels.
	Reserved       bool      `bun:"reserved"`
	IdempotencyKey string    `bun:"idempotency_key"`
	RequestHash    []byte    `bun:"request_hash"`
	SaleID         *id.Sale  `bun:"sale_id"`
	Version        int       `bun:"version"`
	ParkedAt       time.Time `bun:"parked_at"`
	UpdatedAt      time.Time `bun:"updated_at"`
	ExpiresAt      time.Time `bun:"expires_at"`

	Status ParkedStatus `bun:"-"`
}

// IsNode marks Parked as the schema's Node.
func (*Parked) IsNode() {}

// at sets the status as of an instant.
func (s *Parked) at(now time.Time) *Parked {
	s.Status = s.Recorded
	if s.Recorded == ParkedOpen && !s.ExpiresAt.After(now) {
		s.Status = ParkedExpired
	}
	return s
}

// ParkedLine is one line of a parked sale.
type ParkedLine struct {
	bun.BaseModel `bun:"table:parked_sale_lines,alias:parked_line"`
	postgres.StoreOwned

	ParkedSaleID id.ParkedSale `bun:"parked_sale_id,pk"`
	LineNumber   int           `bun:"line_number,pk"`
	ProductID    id.Product    `bun:"product_id"`
	Milli        int64         `bun:"quantity"`
	// ReservedMilli is how much of it is put aside in the level while the sale waits.
	ReservedMilli int64 `bun:"reserved"`

	// UnitPriceMinor is a price that somebody made up, in CurrencyCode, and PriceReason why; nil where the product's counts.
	UnitPriceMinor *int64            `bun:"unit_price"`
	CurrencyCode   *money.Currency   `bun:"currency_code"`
	PriceReason    *string           `bun:"price_reason"`
	Discounts      []*ParkedDiscount `bun:"discounts,type:jsonb"`

	product *catalog.Product // while it is being parked
}

// Quantity is how much, in the product's unit.
func (l *ParkedLine) Quantity() money.Decimal { return money.Quantity(l.Milli) }

// The pages of this package's lists, as the schema names them.
type (
	ParkedConnection = page.Connection[Parked]
	ParkedEdge       = page.Edge[Parked]
)

func parkedByTime() page.Order[Parked] {
	return page.Order[Parked]{Name: "parked-time", Desc: true, Columns: []page.Column[Parked]{
		{Name: "parked_at", Type: page.Instant, Value: func(s *Parked) string { return page.InstantText(s.ParkedAt) }},
		{Name: "id", Type: page.UUID, Value: func(s *Parked) string { return s.ID.UUID().String() }},
	}}
}

// ParkedFilter says which parked sales to list.
type ParkedFilter struct {
	StoreID *id.Store
}

// Parked lists the parked sales of the request's stores that can be carried on.
func (s *Sales) Parked(ctx context.Context, f *ParkedFilter, a page.Args) (*ParkedConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	base := func() *bun.SelectQuery {
		q := h.Select((*Parked)(nil)).Where("?TableAlias.status = ?", ParkedOpen).Where("?TableAlias.expires_at > ?", now)
		if f != nil && f.StoreID != nil {
			q.Where("?TableAlias.store_id = ?", *f.StoreID)
		}
		return q
	}
	list, err := page.List(ctx, h, base, parkedByTime(), a)
	if err == nil {
		for _, parked := range list.Nodes() {
			parked.at(now)
		}
	}
	return list, err
}

// ParkedByID gives those of the parked sales that the request may see, whatever became of them.
func (s *Sales) ParkedByID(ctx context.Context, ids []id.ParkedSale) ([]*Parked, error) {
	rows, err := byKey[Parked](ctx, s.db, "id", ids, "")
	for _, row := range rows {
		row.at(s.now())
	}
	return rows, err
}

// ParkedLinesOf gives the lines of several parked sales, in their order.
func (s *Sales) ParkedLinesOf(ctx context.Context, parked []id.ParkedSale) ([]*ParkedLine, error) {
	return byKey[ParkedLine](ctx, s.db, "parked_sale_id", parked, "?TableAlias.parked_sale_id, ?TableAlias.line_number")
}
