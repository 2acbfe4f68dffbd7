package inventory

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
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
type Stock struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes Stock.
func New(db *postgres.DB, now func() time.Time) *Stock { return &Stock{db: db, now: now} }

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

// Low lists the levels that are at their threshold or below it, by store and product; of one store where one is named.
func (s *Stock) Low(ctx context.Context, store *id.Store, a page.Args) (*LevelConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return low(h, store) }, byStoreAndProduct(), a)
}

func low(h *postgres.Handle, store *id.Store) *bun.SelectQuery {
	q := h.Select((*Level)(nil)).Where("?TableAlias.low_stock")
	if store != nil {
		q.Where("?TableAlias.store_id = ?", *store)
	}
	return q
}

// byStoreAndProduct is the order of the index of low levels.
func byStoreAndProduct() page.Order[Level] {
	return page.Order[Level]{Name: "level-low", Columns: []page.Column[Level]{
		{Name: "store_id", Type: page.UUID, Value: func(l *Level) string { return l.StoreID.UUID().String() }},
		{Name: "product_id", Type: page.UUID, Value: func(l *Level) string { return l.ProductID.UUID().String() }},
	}}
}

// MovementsByID gives those of the movements that the request may see.
func (s *Stock) MovementsByID(ctx context.Context, ids []id.StockMovement) ([]*Movement, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Movement](ctx, h, "id", ids)
}

// MovementsOf lists the movements of each of several levels, the last first.
func (s *Stock) MovementsOf(
	ctx context.Context, levels []id.InventoryLevel, a page.Args,
) (map[id.InventoryLevel]*MovementConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Movement, id.InventoryLevel]{
		Column: "level_id", Of: func(m *Movement) id.InventoryLevel { return m.LevelID },
	}
	return page.PerParent(ctx, h, levels, parents,
		func() *bun.SelectQuery { return h.Select((*Movement)(nil)) }, lastOfLevel(), a)
}

// lastOfLevel is the order within one level, whose sequences are unique.
func lastOfLevel() page.Order[Movement] {
	return page.Order[Movement]{Name: "movement-sequence", Desc: true, Columns: []page.Column[Movement]{
		{Name: "sequence", Type: page.Number, Value: func(m *Movement) string { return strconv.FormatInt(m.Sequence, 10) }},
	}}
}

// MovementFilter says which movements to list.
type MovementFilter struct {
	StoreID   *id.Store
	ProductID *id.Product
	Kind      *Kind
	Reason    *Reason
	From      *time.Time
	Until     *time.Time
	BatchID   *id.StockBatch
}

func (f *MovementFilter) limit(h *postgres.Handle, q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.StoreID != nil {
		q.Where("?TableAlias.store_id = ?", *f.StoreID)
	}
	if f.ProductID != nil {
		q.Where("?TableAlias.product_id = ?", *f.ProductID)
	}
	if f.Kind != nil {
		q.Where("?TableAlias.kind = ?", string(*f.Kind))
	}
	if f.Reason != nil {
		q.Where("?TableAlias.reason = ?", string(*f.Reason))
	}
	if f.From != nil {
		q.Where("?TableAlias.recorded_at >= ?", *f.From)
	}
	if f.BatchID != nil {
		q.Where("movement.id IN (?)", h.Select((*Part)(nil)).Column("movement_id").Where("part.batch_id = ?", *f.BatchID))
	}
	if f.Until != nil {
		q.Where("?TableAlias.recorded_at < ?", *f.Until)
	}
	return q
}

// Movements lists the movements that the request may see, the last first.
func (s *Stock) Movements(ctx context.Context, f *MovementFilter, a page.Args) (*MovementConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h, h.Select((*Movement)(nil))) }, last(), a)
}

func last() page.Order[Movement] {
	return page.Order[Movement]{Name: "movement-recorded", Desc: true, Columns: []page.Column[Movement]{
		{Name: "recorded_at", Type: page.Instant, Value: func(m *Movement) string { return page.InstantText(m.RecordedAt) }},
		{Name: "id", Type: page.UUID, Value: func(m *Movement) string { return m.ID.UUID().String() }},
	}}
}

// OfSale builds the statement that reads what a sale moved, in the order in which it did.
func OfSale(h *postgres.Handle, sale id.Sale, movements *[]*Movement) postgres.Statement {
	return postgres.Rows(movements, h.Select((*Movement)(nil)).Where("?TableAlias.sale_id = ?", sale).
		OrderExpr("?TableAlias.product_id, ?TableAlias.sequence"))
}
