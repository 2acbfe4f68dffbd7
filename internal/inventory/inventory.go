// Package inventory has the stock of a store: a level per product, which is the sum of its movements.
package inventory

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*Level)(nil), (*Movement)(nil)} }

// Level is how much of a product a store has.
type Level struct {
	bun.BaseModel `bun:"table:inventory_levels,alias:level"`
	postgres.StoreOwned

	ID        id.InventoryLevel `bun:"id,pk"`
	ProductID id.Product        `bun:"product_id"`
	// Milli is the quantity in thousandths of the product's unit.
	Milli     int64     `bun:"quantity"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Quantity is the quantity in the product's unit.
func (l *Level) Quantity() money.Decimal { return money.Quantity(l.Milli) }

// IsNode marks Level as the schema's Node.
func (*Level) IsNode() {}

// Reason says why stock moved.
type Reason string

// The reasons.
const (
	Opening Reason = "OPENING"
	Sale    Reason = "SALE"
	Return  Reason = "RETURN"
	Void    Reason = "VOID"
)

// Movement is one entry of the stock ledger. It is never changed.
type Movement struct {
	bun.BaseModel `bun:"table:stock_movements,alias:movement"`
	postgres.StoreOwned

	ID         id.StockMovement `bun:"id,pk"`
	ProductID  id.Product       `bun:"product_id"`
	Reason     Reason           `bun:"reason"`
	Milli      int64            `bun:"quantity"`
	MilliAfter int64            `bun:"quantity_after"`
	RegisterID *id.Register     `bun:"register_id"`
	SaleID     *id.Sale         `bun:"sale_id"`
	OccurredAt time.Time        `bun:"occurred_at"`
	RecordedAt time.Time        `bun:"recorded_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	LevelConnection = page.Connection[Level]
	LevelEdge       = page.Edge[Level]
)

func byProduct() page.Order[Level] {
	return page.Order[Level]{Name: "level-product", Columns: []page.Column[Level]{
		{Name: "product_id", Type: page.UUID, Value: func(l *Level) string { return l.ProductID.UUID().String() }},
		{Name: "id", Type: page.UUID, Value: func(l *Level) string { return l.ID.UUID().String() }},
	}}
}

func byStore() page.Order[Level] {
	return page.Order[Level]{Name: "level-store", Columns: []page.Column[Level]{
		{Name: "store_id", Type: page.UUID, Value: func(l *Level) string { return l.StoreID.UUID().String() }},
		{Name: "id", Type: page.UUID, Value: func(l *Level) string { return l.ID.UUID().String() }},
	}}
}

// Stock answers for the stock of the request's stores.
type Stock struct{ db *postgres.DB }

// New makes Stock.
func New(db *postgres.DB) *Stock { return &Stock{db: db} }

// ByID gives those of the levels that the request may see.
func (s *Stock) ByID(ctx context.Context, ids []id.InventoryLevel) ([]*Level, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Level](ctx, h, "id", ids)
}

// OfStores lists the stock of each of several stores, by product.
func (s *Stock) OfStores(ctx context.Context, stores []id.Store, a page.Args) (map[id.Store]*LevelConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Level, id.Store]{Column: "store_id", Of: func(l *Level) id.Store { return l.StoreID }}
	return page.PerParent(ctx, h, stores, parents,
		func() *bun.SelectQuery { return h.Select((*Level)(nil)) }, byProduct(), a)
}

// OfProducts lists the stock of each of several products, by store.
func (s *Stock) OfProducts(
	ctx context.Context, products []id.Product, a page.Args,
) (map[id.Product]*LevelConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Level, id.Product]{
		Column: "product_id", Of: func(l *Level) id.Product { return l.ProductID },
	}
	return page.PerParent(ctx, h, products, parents,
		func() *bun.SelectQuery { return h.Select((*Level)(nil)) }, byStore(), a)
}

// Move builds the statement that moves levels by their quantities and answers with the levels after it, adding
// the levels that aren't there yet. Levels must come in the order of their products and each product once, so
// that two sales lock rows in one order.
func Move(h *postgres.Handle, levels []*Level, after *[]*Level) postgres.Statement {
	return postgres.Rows(after, h.Insert(&levels).
		On("CONFLICT (tenant_id, store_id, product_id) DO UPDATE").
		Set("quantity = ?TableAlias.quantity + EXCLUDED.quantity").
		Set("updated_at = EXCLUDED.updated_at").
		Returning("?TableAlias.*"))
}
