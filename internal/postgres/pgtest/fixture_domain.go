package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// domain is a host that a company has still to prove.
func (b *batch) domain(c *Company, name string) {
	c.Domain = id.New[id.CompanyDomain]()
	b.add(`insert into company_domains (tenant_id, id, host, token, created_at) values ($1, $2, $3, $4, now())`,
		c.ID.UUID(), c.Domain.UUID(), "till."+c.Slug+".example", "tillgraph-verification="+name)
	b.app(c)
}

// app is a front end that has registered one document.
func (b *batch) app(c *Company) {
	c.App = id.New[id.App]()
	b.add(`insert into apps (tenant_id, id, name, document_rule, created_at, registered_at) values ($1, $2, $3, 'ANY', now(), now())`,
		c.ID.UUID(), c.App.UUID(), "pos-"+c.Slug)
	b.add(`insert into app_documents (tenant_id, app_id, document_id, hash, body, operations, registered_at)
		values ($1, $2, $3, encode(sha256($4::text::bytea), 'hex'), $4::text, '{Who}', now())`,
		c.ID.UUID(), c.App.UUID(), "document-"+c.Slug, "query Who { viewer { role } } # "+c.Slug)
}
