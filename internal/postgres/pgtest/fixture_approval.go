package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// approval is a discount that the cashier of a store asks leave for.
func (b *batch) approval(c *Company, s *Store, name string) {
	s.Approval = id.New[id.Approval]()
	b.add(`insert into approvals (tenant_id, store_id, id, kind, for_register_id, currency_code, amount, reason,
			requested_by_id, requested_at, expires_at)
		values ($1, $2, $3, 'DISCOUNT', $4, 'KES', 5000, $5, $6, now(), now() + interval '1 day')`,
		c.ID.UUID(), s.ID.UUID(), s.Approval.UUID(), s.Registers[0].ID.UUID(), "Regular of "+name, s.Cashier.UUID())
}
