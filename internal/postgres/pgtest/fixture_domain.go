package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// domain is a host that a company has still to prove.
func (b *batch) domain(c *Company, name string) {
	c.Domain = id.New[id.CompanyDomain]()
	b.add(`insert into company_domains (tenant_id, id, host, token, created_at) values ($1, $2, $3, $4, now())`,
		c.ID.UUID(), c.Domain.UUID(), "till."+c.Slug+".example", "tillgraph-verification="+name)
}
