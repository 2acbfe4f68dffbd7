package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	inventoryLevel struct {
		bun.BaseModel `bun:"table:inventory_levels,alias:inventory_level"`
		postgres.StoreOwned
		ID                 id.InventoryLevel `bun:"id,pk"`
		ProductID          id.Product
		Quantity, Reserved int64
	}
	stockMovement struct {
		bun.BaseModel `bun:"table:stock_movements,alias:stock_movement"`
		postgres.StoreOwned
		ID                      id.StockMovement `bun:"id,pk"`
		LevelID                 id.InventoryLevel
		ProductID               id.Product
		Sequence                int64
		Kind, Note              string
		Quantity, QuantityAfter int64
		RegisterID              *id.Register
		SaleID                  *id.Sale
		OccurredAt              time.Time
	}
	stockBatch struct {
		bun.BaseModel `bun:"table:stock_batches,alias:stock_batch"`
		postgres.StoreOwned
		ID        id.StockBatch `bun:"id,pk"`
		LevelID   id.InventoryLevel
		ProductID id.Product
		LotNumber string
		Quantity  int64
		Note      string
	}
	stockBatchPart struct {
		bun.BaseModel `bun:"table:stock_batch_parts,alias:stock_batch_part"`
		postgres.StoreOwned
		ID         id.StockBatchPart `bun:"id,pk"`
		BatchID    id.StockBatch
		MovementID id.StockMovement
		Quantity   int64
	}
	stockKey struct {
		bun.BaseModel `bun:"table:stock_idempotency_keys,alias:stock_key"`
		postgres.StoreOwned
		Key         string
		RequestHash []byte
		OperationID id.StockOperation
	}
)

func stockRules() map[string]tableRule {
	return map[string]tableRule{
		"inventory_levels":       rule[inventoryLevel](byStore, nil),
		"stock_movements":        rule[stockMovement](byStore, map[string]any{"sequence": 99}),
		"stock_batches":          rule[stockBatch](byStore, map[string]any{"lot_number": "fresh"}),
		"stock_batch_parts":      rule[stockBatchPart](byStore, nil),
		"stock_idempotency_keys": rule[stockKey](byStore, map[string]any{"key": "fresh"}),
	}
}
