package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
)

// batchLoaders look batches of goods up.
type batchLoaders struct {
	batch          loader.Loader[id.StockBatch, *inventory.Batch]
	batchesOfLevel *loader.Pages[id.InventoryLevel, inventory.Batch]
	inBatches      loader.Loader[id.InventoryLevel, *inventory.Batch]
	parts          loader.Loader[id.StockMovement, []*inventory.Part]
}

func (r *Resolver) newBatchLoaders() batchLoaders {
	return batchLoaders{
		batch:          loader.ByKey(warmRows(r.stock.BatchesByID, batchRelations()), func(b *inventory.Batch) id.StockBatch { return b.ID }),
		batchesOfLevel: warmed(r.stock.BatchesOf, batchRelations()),
		inBatches:      loader.ByKey(r.stock.InBatches, func(b *inventory.Batch) id.InventoryLevel { return b.LevelID }),
		parts: loader.Grouped(warmRows(r.stock.PartsOf, partRelations()),
			func(p *inventory.Part) id.StockMovement { return p.MovementID }),
	}
}

func (l *loaders) batches() loader.Loader[id.StockBatch, *inventory.Batch] { return l.batch }

func batchRelations() relations[inventory.Batch] {
	return relations[inventory.Batch]{"StockBatch", map[string]ask[inventory.Batch]{
		"store":   to((*loaders).stores, func(b *inventory.Batch) id.Store { return b.StoreID }),
		"product": to((*loaders).products, func(b *inventory.Batch) id.Product { return b.ProductID }),
	}}
}

func partRelations() relations[inventory.Part] {
	return relations[inventory.Part]{"StockMovementBatch", map[string]ask[inventory.Part]{
		"batch": to((*loaders).batches, func(p *inventory.Part) id.StockBatch { return p.BatchID }),
	}}
}

func levelBatchRelations() map[string]ask[inventory.Level] {
	key := func(l *inventory.Level) id.InventoryLevel { return l.ID }
	return map[string]ask[inventory.Level]{
		"batches": pages(func(l *loaders) *loader.Pages[id.InventoryLevel, inventory.Batch] { return l.batchesOfLevel }, key),
		"unbatched": to(func(l *loaders) loader.Loader[id.InventoryLevel, *inventory.Batch] {
			return l.inBatches
		}, key),
	}
}

// batchKey is the id's type under a name of this package's own, for resolvers whose argument is called id.
type batchKey = id.StockBatch

func batchByID(ctx context.Context, key batchKey) (*inventory.Batch, error) {
	return load(ctx).batch.Get(ctx, key)
}
