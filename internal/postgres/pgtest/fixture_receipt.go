package pgtest

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

// The gap of every register of the fixture is far above its receipts, out of the way of what tests sell.
const (
	GapFrom = 900_000_001
	GapTo   = 900_000_009
)

// receipts adds a gap and a refused double number.
func (b *batch) receipts(c *Company, s *Store, r *Register, name string) {
	now := time.Now()
	r.Conflict = id.New[id.ReceiptConflict]()
	b.add(`insert into receipt_gaps (tenant_id, store_id, register_id, from_number, to_number, since)
		values ($1, $2, $3, $4, $5, $6)`, c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), GapFrom, GapTo, now)
	b.add(`insert into receipt_conflicts (tenant_id, store_id, register_id, id, receipt_number, sale_id, idempotency_key,
			request_hash, currency_code, total, cashier_id, occurred_at)
		values ($1, $2, $3, $4, 1, $5, $6, $7, 'KES', 10000, $8, $9)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Conflict.UUID(), r.Sale.UUID(), "twice "+name, hash(r.Sale.UUID()),
		s.Cashier.UUID(), now)
}
