// Package inventory has the stock of a store: a level per product, which is the sum of its movements.
//
// Every change is a movement, and a movement is never changed. Moves is the only way to make them: it locks the
// levels in the order of their products, computes what comes of the changes, and writes movements and levels
// together, so that a level is the sum of its movements at every moment. A movement says the level after it and its
// place in the level's history, which has no gap.
package inventory

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any {
	return []any{(*Level)(nil), (*Movement)(nil), (*Batch)(nil), (*Part)(nil), (*idempotencyKey)(nil)}
}

// Level is how much of a product a store has. Quantities are thousandths of the product's unit.
type Level struct {
	bun.BaseModel `bun:"table:inventory_levels,alias:level"`
	postgres.StoreOwned

	ID        id.InventoryLevel `bun:"id,pk"`
	ProductID id.Product        `bun:"product_id"`
	// Milli is below zero when more was sold than was known to be there.
	Milli int64 `bun:"quantity"`
	// ReservedMilli is put aside for parked sales.
	ReservedMilli int64 `bun:"reserved"`
	// Average is the average cost of one unit; nil while no goods came in at a known cost.
	Average *money.Cost `bun:"average_cost"`
	// MovementCount is the sequence of the last movement.
	MovementCount int64 `bun:"movement_count"`
	// ThresholdMilli is what the level is low at; nil never is.
	ThresholdMilli *int64    `bun:"low_stock_threshold"`
	UpdatedAt      time.Time `bun:"updated_at"`
}

// Quantity is the quantity in the product's unit.
func (l *Level) Quantity() money.Decimal { return money.Quantity(l.Milli) }

// Reserved is what is put aside for parked sales.
func (l *Level) Reserved() money.Decimal { return money.Quantity(l.ReservedMilli) }

// Available is the quantity without what is reserved.
func (l *Level) Available() money.Decimal { return money.Quantity(l.AvailableMilli()) }

// AvailableMilli is Available in thousandths.
func (l *Level) AvailableMilli() int64 { return l.Milli - l.ReservedMilli }

// LowStockThreshold is what the level is low at, nil where it never is.
func (l *Level) LowStockThreshold() *money.Decimal {
	if l.ThresholdMilli == nil {
		return nil
	}
	threshold := money.Quantity(*l.ThresholdMilli)
	return &threshold
}

// IsNode marks Level as the schema's Node.
func (*Level) IsNode() {}

// Kind says what moved stock.
type Kind string

// The kinds of movements.
const (
	Opening    Kind = "OPENING"
	Sale       Kind = "SALE"
	Return     Kind = "RETURN"
	Void       Kind = "VOID"
	Adjustment Kind = "ADJUSTMENT"
	Receipt    Kind = "RECEIPT"
)

// Reason says why a person put a level right.
type Reason string

// The reasons of adjustments.
const (
	Damage  Reason = "DAMAGE"
	Theft   Reason = "THEFT"
	Expired Reason = "EXPIRED"
	Count   Reason = "COUNT"
	Found   Reason = "FOUND"
	Other   Reason = "OTHER"
)

// Movement is one entry of the stock ledger. It is never changed.
type Movement struct {
	bun.BaseModel `bun:"table:stock_movements,alias:movement"`
	postgres.StoreOwned

	ID        id.StockMovement  `bun:"id,pk"`
	LevelID   id.InventoryLevel `bun:"level_id"`
	ProductID id.Product        `bun:"product_id"`
	// Sequence is its place in the level's history, from 1.
	Sequence   int64 `bun:"sequence"`
	Kind       Kind  `bun:"kind"`
	Milli      int64 `bun:"quantity"`
	MilliAfter int64 `bun:"quantity_after"`
	// Cost is what one unit cost: what came in was bought at it, what went out leaves at it. Nil: not known.
	Cost *money.Cost `bun:"unit_cost"`
	// Reason is of an adjustment alone.
	Reason            *Reason `bun:"reason"`
	Note              string  `bun:"note"`
	SupplierReference string  `bun:"supplier_reference"`
	// UserID is nil where a register acted by itself.
	UserID     *id.User     `bun:"user_id"`
	RegisterID *id.Register `bun:"register_id"`
	SaleID     *id.Sale     `bun:"sale_id"`
	// OperationID is what the movements of one mutation share, nil where a sale moved.
	OperationID *id.StockOperation `bun:"operation_id"`
	OccurredAt  time.Time          `bun:"occurred_at"`
	RecordedAt  time.Time          `bun:"recorded_at"`
}

// Quantity is what came in, or below zero what went out.
func (m *Movement) Quantity() money.Decimal { return money.Quantity(m.Milli) }

// QuantityAfter is the level after it.
func (m *Movement) QuantityAfter() money.Decimal { return money.Quantity(m.MilliAfter) }

// IsNode marks Movement as the schema's Node.
func (*Movement) IsNode() {}

// The pages of this package's lists, as the schema names them.
type (
	LevelConnection    = page.Connection[Level]
	LevelEdge          = page.Edge[Level]
	MovementConnection = page.Connection[Movement]
	MovementEdge       = page.Edge[Movement]
)
