package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// support is an operator's access that waits for consent, and something that was done to a company.
func (b *batch) support(c *Company, name string) {
	c.Support = id.New[id.SupportAccess]()
	b.add(`insert into support_accesses (tenant_id, id, operator, reason, writes, minutes, requested_at, expires_at)
		values ($1, $2, 'jo@operator.example', $3, false, 30, now(), now() + interval '1 day')`,
		c.ID.UUID(), c.Support.UUID(), "Asked by "+name)
	b.add(`insert into support_acts (tenant_id, id, access_id, operator, at, action)
		values ($1, $2, $3, 'jo@operator.example', now(), $4)`,
		c.ID.UUID(), id.New[id.SupportAct]().UUID(), c.Support.UUID(), "Looked at "+name)
}
