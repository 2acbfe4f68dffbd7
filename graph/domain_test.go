package graph_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// zone is a name server for tests.
type zone struct {
	mu      sync.Mutex
	records map[string][]string
	fails   error
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.fails != nil {
		return nil, z.fails
	}
	if list := z.records[name]; len(list) > 0 {
		return append([]string{}, list...), nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z *zone) set(name string, records ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records[name] = records
}

func setupDomains(t *testing.T) (*bundle, *zone) {
	t.Helper()
	z := &zone{records: map[string][]string{}}
	return setup(t, func(c *graph.Config) { c.BaseDomain, c.TXT = "shop.test", z }), z
}

const (
	addDomain    = `mutation($host: String!) { companyDomainAdd(host: $host) { domain { id host recordName recordValue verifiedAt } userErrors { code field message } } }`
	verifyDomain = `mutation($id: ID!) { companyDomainVerify(id: $id) { domain { id host verifiedAt } userErrors { code field message } } }`
	removeDomain = `mutation($id: ID!) { companyDomainRemove(id: $id) { removedId userErrors { code field message } } }`
)

func (b *bundle) readDomains(t *testing.T, ask asker) {
	b.db.Exec(t, "update company_domains set verified_at = created_at, missing_since = created_at where id = $1", b.A.Domain.UUID())
	a := ask(t, b.owner(t), `{ company { domains { id host recordName recordValue verifiedAt missingSince createdAt } } }`)
	same(t, a.at("company", "domains", 0, "recordName"), "_tillgraph.till.acme.example")
	same(t, a.at("company", "domains", 0, "recordValue"), "tillgraph-verification=acme")
	b.db.Exec(t, "update company_domains set verified_at = null, missing_since = null where id = $1", b.A.Domain.UUID())
}

// TestDomains: a host of one's own names nobody until its record is found, then its company alone, and nobody again
// once it is removed. Whatever is wrong with a host, the answer is one.
func TestDomains(t *testing.T) {
	t.Parallel()
	b, z := setupDomains(t)
	owner, theirs := b.owner(t), b.token(t, b.B, b.B.Owner)
	added := b.post(t, owner, addDomain, vars{"host": " Till.Example.COM. "}).done(t, "companyDomainAdd").at("companyDomainAdd", "domain").(vars)
	same(t, added["host"], "till.example.com")
	record, value, domain := added["recordName"].(string), added["recordValue"].(string), vars{"id": added["id"]}
	b.post(t, owner, addDomain, vars{"host": "till.example.com"}).refused(t, "companyDomainAdd", "domain", "TAKEN host")
	nobody := func() {
		t.Helper()
		unknown := b.post(t, owner, whatIsThere, nil, "Host", "nobody.example.com")
		for _, token := range []string{owner, theirs} {
			a := b.post(t, token, whatIsThere, nil, "Host", "till.example.com")
			if a.Status != http.StatusForbidden || a.seen() != unknown.seen() {
				t.Errorf("at a host that isn't proved: %s", a.Raw)
			}
		}
		if a := b.post(t, "", `{ __typename }`, nil, "Host", "till.example.com"); a.Status != http.StatusForbidden || a.seen() != unknown.seen() {
			t.Errorf("logged out: %s", a.Raw)
		}
	}
	nobody()
	b.post(t, owner, verifyDomain, domain).refused(t, "companyDomainVerify", "domain", "NOT_PROVED id")
	z.set(record, "tillgraph-verification=something", "x\x00y")
	b.post(t, owner, verifyDomain, domain).refused(t, "companyDomainVerify", "domain", "NOT_PROVED id")
	z.fails = errors.New("no answer")
	if a := b.post(t, owner, verifyDomain, domain); a.code() != "UNAVAILABLE" {
		t.Errorf("a name server that doesn't answer: %s", a.Raw)
	}
	z.fails = nil
	nobody()

	z.set(record, "another record", " "+value)
	verified := b.post(t, owner, verifyDomain, domain).done(t, "companyDomainVerify")
	if verified.at("companyDomainVerify", "domain", "verifiedAt") == nil {
		t.Error("no time")
	}
	for _, host := range []string{"till.example.com", "TILL.example.com:443", "till.example.com."} {
		b.post(t, owner, whatIsThere, nil, "Host", host).ok(t)
		a := b.post(t, theirs, whatIsThere, nil, "Host", host)
		if unknown := b.post(t, theirs, whatIsThere, nil, "Host", "nobody.example.com"); a.Status != http.StatusForbidden || a.seen() != unknown.seen() {
			t.Errorf("another company at %s: %s", host, a.Raw)
		}
	}
	// Header, token and host must name one.
	if a := b.post(t, owner, whatIsThere, nil, "Host", "till.example.com", "X-Tenant-ID", b.B.ID.String()); a.code() != "FORBIDDEN" {
		t.Errorf("another company's header: %s", a.Raw)
	}
	login := `mutation($slug: String!) { login(input: {companySlug: $slug, email: "a@b.example", password: "x"}) { userErrors { code } } }`
	if a := b.post(t, "", login, vars{"slug": "bistro"}, "Host", "till.example.com"); a.code() != "FORBIDDEN" {
		t.Errorf("logging in elsewhere: %s", a.Raw)
	}
	b.post(t, "", login, vars{"slug": "acme"}, "Host", "till.example.com").ok(t)

	b.post(t, owner, removeDomain, domain).done(t, "companyDomainRemove")
	nobody()
	b.post(t, owner, removeDomain, domain).refused(t, "companyDomainRemove", "removedId", "NOT_FOUND id")
	b.logs.quiet(t)
}

// TestADomainChangesHands: two companies add one host, as anybody may. Who has a record there has the host; with both
// records, who had it keeps it; where the first one's is gone, it goes to the other.
func TestADomainChangesHands(t *testing.T) {
	t.Parallel()
	b, z := setupDomains(t)
	tokens := []string{b.owner(t), b.token(t, b.B, b.B.Owner)}
	var domains []vars
	for _, token := range tokens {
		domains = append(domains, b.post(t, token, addDomain, vars{"host": "shop.example.org"}).done(t, "companyDomainAdd").at("companyDomainAdd", "domain").(vars))
	}
	name := domains[0]["recordName"].(string)
	z.set(name, domains[0]["recordValue"].(string))
	b.post(t, tokens[1], verifyDomain, vars{"id": domains[1]["id"]}).refused(t, "companyDomainVerify", "domain", "NOT_PROVED id")
	b.post(t, tokens[0], verifyDomain, vars{"id": domains[0]["id"]}).done(t, "companyDomainVerify")
	z.set(name, domains[0]["recordValue"].(string), domains[1]["recordValue"].(string))
	b.post(t, tokens[1], verifyDomain, vars{"id": domains[1]["id"]}).refused(t, "companyDomainVerify", "domain", "TAKEN id")
	b.post(t, tokens[0], whatIsThere, nil, "Host", "shop.example.org").ok(t)
	z.set(name, domains[1]["recordValue"].(string))
	b.post(t, tokens[1], verifyDomain, vars{"id": domains[1]["id"]}).done(t, "companyDomainVerify")
	b.post(t, tokens[1], whatIsThere, nil, "Host", "shop.example.org").ok(t)
	if a := b.post(t, tokens[0], whatIsThere, nil, "Host", "shop.example.org"); a.code() != "FORBIDDEN" {
		t.Errorf("who had it before: %s", a.Raw)
	}
	if at := pgtest.Value[*string](t, b.db, "select verified_at::text from company_domains where tenant_id = $1 and host = 'shop.example.org'", b.A.ID.UUID()); at != nil {
		t.Errorf("the first one is shown as verified at %s", *at)
	}
	// What was looked at of the other company is nobody's to see afterwards.
	same(t, b.post(t, tokens[1], `{ company { slug domains { host } } }`, nil).ok(t).at("company", "slug"), "bistro")
	b.logs.quiet(t)
}

func TestDomainsRefuse(t *testing.T) {
	t.Parallel()
	b, _ := setupDomains(t)
	for _, host := range []string{
		"", "localhost", "10.0.0.1", "[::1]", "shop.test", "acme.shop.test", "bistro.shop.test", "a..b", "-a.example", "a_b.example",
		"http://a.example", "a.example:443", "a.example/x", "é.example", "*.example.com",
	} {
		b.post(t, b.owner(t), addDomain, vars{"host": host}).refused(t, "companyDomainAdd", "domain", "INVALID host")
	}
	for i := range 19 { // the fixture has one
		b.post(t, b.owner(t), addDomain, vars{"host": string(rune('a'+i)) + ".example.com"}).done(t, "companyDomainAdd")
	}
	b.post(t, b.owner(t), addDomain, vars{"host": "z.example.com"}).refused(t, "companyDomainAdd", "domain", "TOO_MANY ")
	if a := b.post(t, b.manager(t), addDomain, vars{"host": "m.example.com"}); a.code() != "FORBIDDEN" {
		t.Errorf("a manager: %s", a.Raw)
	}
}
