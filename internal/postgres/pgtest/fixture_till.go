package pgtest

import (
	"github.com/tillgraph/tillgraph/internal/id"
)

// till gives a register a session that was closed long ago, with everything that one can have; its sale is of it.
func (b *batch) till(c *Company, s *Store, r *Register, name string) {
	r.TillSession, r.DrawerMovement, r.ZReport = id.New[id.TillSession](), id.New[id.DrawerMovement](), id.New[id.ZReport]()
	r.TillKey = "till key " + name
	b.add(`insert into till_sessions (tenant_id, store_id, register_id, id, number, status, currency_code, opening_float,
			business_date, opened_at, opened_by_id, holder_id, counted_at, count_number, variance_limit,
			approved_variances, approved_at, approved_by_id, approval_reason, closed_at, closed_by_id)
		values ($1, $2, $3, $4, 1, 'CLOSED', 'KES', 50000, '2026-01-05', '2026-01-05T05:00:00Z', $5, $5,
			'2026-01-05T17:00:00Z', 1, 1000, '{"CASH": -4000}', '2026-01-05T17:05:00Z', $6, $7, '2026-01-05T17:10:00Z', $5)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.TillSession.UUID(), s.Cashier.UUID(), c.Owner.UUID(), "approved "+name)
	b.add(`insert into till_holders (tenant_id, store_id, register_id, session_id, position, holder_id, since)
		values ($1, $2, $3, $4, 1, $5, '2026-01-05T05:00:00Z')`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.TillSession.UUID(), s.Cashier.UUID())
	b.add(`insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code,
			counted_by_id, counted_at, tenders, note)
		values ($1, $2, $3, $4, 1, 'CLOSE', 'KES', $5, '2026-01-05T17:00:00Z', $6, $7)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.TillSession.UUID(), s.Cashier.UUID(),
		`[{"method": "CASH", "counted": 65000, "expected": 69000, "denominations": [{"value": 5000, "count": 13}]}]`,
		"counted "+name)
	b.add(`insert into drawer_movements (tenant_id, store_id, register_id, id, session_id, kind, currency_code, amount,
			reason, person_id, recorded_at)
		values ($1, $2, $3, $4, $5, 'PAID_OUT', 'KES', 1000, $6, $7, '2026-01-05T09:00:00Z')`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.DrawerMovement.UUID(), r.TillSession.UUID(), "milk "+name, s.Cashier.UUID())
	b.add(`insert into till_z_reports (tenant_id, store_id, register_id, id, number, session_id, business_date, opened_at,
			closed_at, closed_by_id, counted_by_id, approved_by_id, approval_reason, figures)
		values ($1, $2, $3, $4, 1, $5, '2026-01-05', '2026-01-05T05:00:00Z', '2026-01-05T17:10:00Z', $6, $6, $7, $8, $9)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.ZReport.UUID(), r.TillSession.UUID(), s.Cashier.UUID(), c.Owner.UUID(),
		"approved "+name, `{"currency": "KES", "saleCount": 1, "gross": 20000, "net": 17242, "tax": 2758, "total": 20000,
			"openingFloat": 50000, "paidOut": 1000,
			"taxes": [{"name": "VAT", "code": "A", "rate": 160000, "base": 17242, "amount": 2758, "currency": "KES"}],
			"tenders": [{"method": "CASH", "currency": "KES", "count": 1, "tendered": 20000, "amount": 20000,
				"expected": 69000, "counted": 65000}]}`)
	b.add(`insert into till_idempotency_keys (tenant_id, store_id, register_id, key, request_hash, session_id)
		values ($1, $2, $3, $4, $5, $6)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.TillKey, hash(r.TillSession.UUID()), r.TillSession.UUID())
	b.add("update sales set till_session_id = $1 where id = $2", r.TillSession.UUID(), r.Sale.UUID())
}
