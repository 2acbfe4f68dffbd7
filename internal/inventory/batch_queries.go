package inventory

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// byExpiry is the order in which batches are sold.
func byExpiry() page.Order[Batch] {
	return page.Order[Batch]{Name: "batch-expiry", Columns: []page.Column[Batch]{
		{Name: "sold_until", Type: page.Date, Value: func(b *Batch) string { return b.SoldUntil.String() }},
		{Name: "id", Type: page.UUID, Value: func(b *Batch) string { return b.ID.UUID().String() }},
	}}
}

// BatchFilter says which batches to list.
type BatchFilter struct {
	StoreID       *id.Store
	ProductID     *id.Product
	LotNumber     *string
	ExpiresBefore *civil.Date
	InStock       *bool
	Quarantined   *bool
}

func (f *BatchFilter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.StoreID != nil {
		q.Where("?TableAlias.store_id = ?", *f.StoreID)
	}
	if f.ProductID != nil {
		q.Where("?TableAlias.product_id = ?", *f.ProductID)
	}
	if f.LotNumber != nil {
		q.Where("?TableAlias.lot_number = ?", *f.LotNumber)
	}
	if f.ExpiresBefore != nil {
		q.Where("?TableAlias.sold_until < ?", *f.ExpiresBefore).Where("?TableAlias.expires_on IS NOT NULL")
	}
	if f.InStock != nil {
		q.Where("(?TableAlias.quantity <> 0) = ?", *f.InStock)
	}
	if f.Quarantined != nil {
		q.Where("?TableAlias.quarantined = ?", *f.Quarantined)
	}
	return q
}

// Batches lists the batches that the request may see, those that expire first first.
func (s *Stock) Batches(ctx context.Context, f *BatchFilter, a page.Args) (*BatchConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h.Select((*Batch)(nil))) }, byExpiry(), a)
}

// BatchesByID gives those of the batches that the request may see.
func (s *Stock) BatchesByID(ctx context.Context, ids []id.StockBatch) ([]*Batch, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Batch](ctx, h, "id", ids)
}

// BatchesOf lists the batches of each of several levels that hold anything.
func (s *Stock) BatchesOf(
	ctx context.Context, levels []id.InventoryLevel, a page.Args,
) (map[id.InventoryLevel]*BatchConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Batch, id.InventoryLevel]{
		Column: "level_id", Of: func(b *Batch) id.InventoryLevel { return b.LevelID },
	}
	return page.PerParent(ctx, h, levels, parents,
		func() *bun.SelectQuery { return h.Select((*Batch)(nil)).Where("?TableAlias.quantity <> 0") }, byExpiry(), a)
}

// PartsOf gives the parts of several movements.
func (s *Stock) PartsOf(ctx context.Context, movements []id.StockMovement) ([]*Part, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Part](ctx, h, "movement_id", movements, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("?TableAlias.movement_id, ?TableAlias.id")
	})
}

// Unbatched is what of a level is of no known batch, given what is of batches as InBatches says; nil for nothing.
func (l *Level) Unbatched(of *Batch) money.Decimal {
	if of == nil {
		return l.Quantity()
	}
	return money.Quantity(l.Milli - of.Milli)
}

// InBatches gives how much of each of several levels is of batches, for those that have any: a batch that is their sum.
func (s *Stock) InBatches(ctx context.Context, levels []id.InventoryLevel) ([]*Batch, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var sums []*Batch
	err = h.Read(ctx, postgres.Rows(&sums, h.Select((*Batch)(nil)).
		ColumnExpr("?TableAlias.level_id, sum(?TableAlias.quantity)::bigint AS quantity").
		Where("?TableAlias.level_id = ANY (?::uuid[])", postgres.UUIDs(levels)).
		GroupExpr("?TableAlias.level_id")))
	return sums, err
}

// MovedLot builds the query of the ids of the sales that moved goods of a lot.
func MovedLot(h *postgres.Handle, product id.Product, lot string) *bun.SelectQuery {
	batches := h.Select((*Batch)(nil)).Column("id").
		Where("?TableAlias.lot_number = ?", lot).Where("?TableAlias.product_id = ?", product)
	parts := h.Select((*Part)(nil)).Column("movement_id").Where("part.batch_id IN (?)", batches)
	return h.Select((*Movement)(nil)).Column("sale_id").Where("movement.id IN (?)", parts).
		Where("?TableAlias.sale_id IS NOT NULL")
}

// BatchUpdateInput is what to change of a batch; what is not set stays.
type BatchUpdateInput struct {
	Version        int
	ExpiresOn      graphql.Omittable[*civil.Date]
	ManufacturedOn graphql.Omittable[*civil.Date]
	Quarantined    graphql.Omittable[*bool]
	Note           graphql.Omittable[*string]
}

func (in BatchUpdateInput) apply(p *errs.Problems, b *Batch) {
	if v, ok := in.ExpiresOn.ValueOK(); ok {
		b.expires(v)
	}
	if v, ok := in.ManufacturedOn.ValueOK(); ok {
		b.ManufacturedOn = v
	}
	if v, ok := form.Required(p, in.Quarantined, "quarantined"); ok {
		b.Quarantined = v
	}
	if v, ok := in.Note.ValueOK(); ok {
		b.Note = form.OptionalText(p, v, 500, "note")
	}
	datesOf(p, b.ExpiresOn, b.ManufacturedOn, []string{"manufacturedOn"})
}

// UpdateBatch puts a batch's dates right, or puts it into quarantine. What was sold of it before keeps what it was then.
// With a CONFLICT problem it gives the batch as it is.
//
// Errors: problems INVALID, NOT_FOUND and CONFLICT.
func (s *Stock) UpdateBatch(ctx context.Context, of id.StockBatch, in BatchUpdateInput) (*Batch, error) {
	var batch *Batch
	err := s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		// Its level is not locked: only the quantity hangs on that, and stays what it is.
		if err := tx.Send(ctx, postgres.Row(&batch, tx.Select((*Batch)(nil)).
			Where("?TableAlias.id = ?", of).For("UPDATE"))); err != nil {
			return err
		}
		if batch == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such batch."}}
		}
		if batch.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the batch in the meantime.",
			}}
		}
		var p errs.Problems
		in.apply(&p, batch)
		if err := p.Err(); err != nil {
			return err
		}
		batch.Version++
		batch.UpdatedAt = s.now().UTC().Truncate(time.Microsecond)
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(batch).
			Column("expires_on", "sold_until", "manufactured_on", "quarantined", "note", "version", "updated_at").
			Where("?TableAlias.id = ?", batch.ID)))
	})
	var p errs.Problems
	if err == nil || errors.As(err, &p) && p[0].Code == form.Conflict {
		return batch, err
	}
	return nil, err
}

// The answer of stockBatchUpdate.
type (
	// StockBatchUpdateUserErrorCode says why a batch was not changed.
	StockBatchUpdateUserErrorCode string
	// StockBatchUpdateUserError is that with a message and a path.
	StockBatchUpdateUserError = errs.User[StockBatchUpdateUserErrorCode]
	// StockBatchUpdatePayload is what stockBatchUpdate answers.
	StockBatchUpdatePayload struct {
		Batch      *Batch
		UserErrors []StockBatchUpdateUserError
	}
)

// BatchUpdatePayload makes the answer of stockBatchUpdate.
func BatchUpdatePayload(b *Batch, err error) (*StockBatchUpdatePayload, error) {
	users, err := errs.AsUser[StockBatchUpdateUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	return &StockBatchUpdatePayload{Batch: b, UserErrors: users}, nil
}
