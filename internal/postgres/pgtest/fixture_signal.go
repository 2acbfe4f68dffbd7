package pgtest

// noticed is what was noticed of a company's requests, and what they took.
func (b *batch) noticed(c *Company, name string) {
	b.add(`insert into signals (tenant_id, hour, kind, occurrences, usual, last_at, user_id, at_register_id, operator, address,
			request_id, operation)
		values ($1, '2026-01-02T03:00:00Z', 'UNKNOWN_ID', 3, 1, '2026-01-02T03:04:05Z', $2, $3, '', '192.0.2.1', 'r', 'op ' || $4)`,
		c.ID.UUID(), c.Owner.UUID(), c.Stores[0].Registers[0].ID.UUID(), name)
	b.add(`insert into company_activity (tenant_id, hour, requests, micros, rows_read) values ($1, '2026-01-02T03:00:00Z', 7, 8, 9)`, c.ID.UUID())
}
