package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// customRole is a role that nobody holds, of a company.
func (b *batch) customRole(c *Company, name string) {
	c.CustomRole = id.New[id.CustomRole]()
	b.add(`insert into custom_roles (tenant_id, id, name, permissions) values ($1, $2, $3, '{SALE_READ}')`,
		c.ID.UUID(), c.CustomRole.UUID(), "Role of "+name)
}
