package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// audited gives a store a record of a change and one of an access, beside those that the database has made of the
// fixture itself.
func (b *batch) audited(c *Company, s *Store, name string) {
	s.AuditEvent = id.New[id.AuditEvent]()
	b.add(`insert into audit_events (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id,
			operation, object_type, object_id, part, verb, was, became, reason)
		values ($1, $2, $3, now(), $4, $5, '', '192.0.2.1', 'r', 'op', 'Store', $2, '', 'CHANGED',
			jsonb_build_object('name', 'old ' || $6), jsonb_build_object('name', $6::text), 'reason ' || $6)`,
		c.ID.UUID(), s.ID.UUID(), s.AuditEvent.UUID(), s.Cashier.UUID(), s.Registers[0].ID.UUID(), name)
	s.AuditAccess = id.New[id.AuditAccess]()
	b.add(`insert into audit_accesses (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id,
			operation, kind, document, types, store_ids, rows_answered, micros, outcome, codes, lost)
		values ($1, $2, $3, now(), $4, $5, '', '192.0.2.1', 'r', 'op ' || $6, 'QUERY', 'd', '{Store}', array[$2::uuid], 1, 1000,
			'REFUSED', '{FORBIDDEN}', 0)`,
		c.ID.UUID(), s.ID.UUID(), s.AuditAccess.UUID(), s.Cashier.UUID(), s.Registers[0].ID.UUID(), name)
}

// sealed begins a company's chain with the change of its first store and all accesses, which are never without a seal.
func (b *batch) sealed(c *Company) {
	b.add(`insert into audit_seals (tenant_id, first_position, position, record_ids, digests, oldest_id, newest_id, sealed_at)
		select tenant_id, 1, 1, array[id], sha256(sha256(convert_to('tillgraph ' || tenant_id, 'UTF8'))
			|| convert_to(tillgraph.audit_content(e), 'UTF8')), id, id, now() from audit_events e where id = $1`,
		c.Stores[0].AuditEvent.UUID())
	b.add(`insert into audit_heads (tenant_id, position, digest, horizon, kept_position, kept_digest, sealed_at, newest_event)
		select tenant_id, 1, digests, '0', 0, sha256(convert_to('tillgraph ' || tenant_id, 'UTF8')), now(), newest_id
		from audit_seals where record_ids = array[$1::uuid]`, c.Stores[0].AuditEvent.UUID())
	b.add(`select tillgraph.audit_chain((select h from audit_heads h where tenant_id = $1), array_agg(id order by id),
		array_agg(tillgraph.audit_content(a) order by id), null) from audit_accesses a where tenant_id = $1`, c.ID.UUID())
}
