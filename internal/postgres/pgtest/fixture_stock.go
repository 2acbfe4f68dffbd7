package pgtest

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

// level gives a store 50 of a product, by an opening count. Of the first product it goes on with one sold at each
// register, and two received, and is low.
func (b *batch) level(c *Company, s *Store, level id.InventoryLevel, product id.Product) {
	count := 1
	var threshold *int64
	if product == c.Products[0] {
		count, threshold = 4, new(int64)
		*threshold = 50_000
	}
	b.add(`insert into inventory_levels (tenant_id, store_id, id, product_id, quantity, average_cost, movement_count,
			low_stock_threshold)
		values ($1, $2, $3, $4, 50000, 60000000, $5, $6)`, c.ID.UUID(), s.ID.UUID(), level.UUID(), product.UUID(), count,
		threshold)
	b.add(`insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity,
			quantity_after, unit_cost, user_id, occurred_at)
		values ($1, $2, $3, $4, $5, 1, 'OPENING', 50000, 50000, 60000000, $6, $7)`,
		c.ID.UUID(), s.ID.UUID(), id.New[id.StockMovement]().UUID(), level.UUID(), product.UUID(), c.Owner.UUID(),
		time.Now())
}

// movement is that of a register's sale.
func (b *batch) movement(c *Company, s *Store, r *Register, at time.Time) {
	sequence := 2
	if r == &s.Registers[1] {
		sequence = 3
	}
	b.add(`insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity,
			quantity_after, unit_cost, register_id, sale_id, user_id, occurred_at)
		values ($1, $2, $3, $4, $5, $6, 'SALE', -1000, $7, 60000000, $8, $9, $10, $11)`,
		c.ID.UUID(), s.ID.UUID(), r.Movement.UUID(), s.Levels[0].UUID(), c.Products[0].UUID(), sequence,
		51000-1000*sequence, r.ID.UUID(), r.Sale.UUID(), s.Cashier.UUID(), at)
}

// stock receives what the registers sold.
func (b *batch) stock(c *Company, s *Store, name string) {
	s.Receipt, s.StockKey = id.New[id.StockMovement](), "stock key "+name
	operation := id.New[id.StockOperation]()
	b.add(`insert into stock_idempotency_keys (tenant_id, store_id, key, request_hash, operation_id)
		values ($1, $2, $3, $4, $5)`,
		c.ID.UUID(), s.ID.UUID(), s.StockKey, hash(operation.UUID()), operation.UUID())
	b.add(`insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity,
			quantity_after, unit_cost, note, supplier_reference, user_id, operation_id, occurred_at)
		values ($1, $2, $3, $4, $5, 4, 'RECEIPT', 2000, 50000, 60000000, $6, $7, $8, $9, $10)`,
		c.ID.UUID(), s.ID.UUID(), s.Receipt.UUID(), s.Levels[0].UUID(), c.Products[0].UUID(), "received by "+name,
		"delivery to "+name, c.Owner.UUID(), operation.UUID(), time.Now())
	s.Batch = id.New[id.StockBatch]()
	b.add(`insert into stock_batches (tenant_id, store_id, id, level_id, product_id, lot_number, expires_on, sold_until, quantity, note)
		values ($1, $2, $3, $4, $5, $6, '2099-01-01', '2099-01-01', 2000, $7)`,
		c.ID.UUID(), s.ID.UUID(), s.Batch.UUID(), s.Levels[0].UUID(), c.Products[0].UUID(), "LOT "+c.Slug, "lot of "+name)
	b.add("insert into stock_batch_parts (tenant_id, store_id, id, batch_id, movement_id, quantity) values ($1, $2, $3, $4, $5, 2000)",
		c.ID.UUID(), s.ID.UUID(), id.New[id.StockBatchPart]().UUID(), s.Batch.UUID(), s.Receipt.UUID())
}
