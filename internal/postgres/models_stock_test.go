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
		"stock_idempotency_keys": rule[stockKey](byStore, map[string]any{"key": "fresh"}),
	}
}
