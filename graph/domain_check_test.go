package graph_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestDomainsAreLookedForAgain: a host whose record is gone names its company for two more weeks, and nobody then. A
// name server that doesn't answer takes nothing away, and a record that comes back in time is as if it never went.
func TestDomainsAreLookedForAgain(t *testing.T) {
	t.Parallel()
	b, z := setupDomains(t)
	owner := b.owner(t)
	added := b.post(t, owner, addDomain, vars{"host": "till.example.com"}).done(t, "companyDomainAdd").at("companyDomainAdd", "domain").(vars)
	record, value := added["recordName"].(string), added["recordValue"].(string)
	z.set(record, value)
	b.post(t, owner, verifyDomain, vars{"id": added["id"]}).done(t, "companyDomainVerify")
	db := b.db.Open(t, graph.Models())
	after := func(days int) {
		t.Helper()
		domains := company.NewDomains(company.DomainsConfig{DB: db, BaseDomain: "shop.test", TXT: z, Now: func() time.Time {
			return time.Now().Add(time.Duration(days)*24*time.Hour + time.Minute)
		}})
		must(t, domains.Recheck(t.Context(), slog.New(b.logs)))
	}
	missing := func(want bool) {
		t.Helper()
		a := b.post(t, owner, whatIsThere, nil, "Host", "till.example.com").ok(t)
		same(t, a.at("company", "slug"), "acme")
		if got := pgtest.Value[bool](t, b.db, "select missing_since is not null from company_domains where host = 'till.example.com'"); got != want {
			t.Errorf("its record is missing: %v, want %v", got, want)
		}
	}
	after(1)
	missing(false)
	z.fails = errors.New("no answer")
	after(2)
	missing(false)
	z.fails = nil
	z.set(record, "something else")
	after(3)
	missing(true)
	after(16)
	missing(true)
	z.set(record, value)
	after(17)
	missing(false)
	z.set(record)
	after(18)
	missing(true)
	// Asked too often, it isn't looked for again.
	after(18)
	z.fails = errors.New("no answer")
	after(33)
	missing(true)
	z.fails = nil
	after(34)
	if a := b.post(t, owner, whatIsThere, nil, "Host", "till.example.com"); a.code() != "FORBIDDEN" {
		t.Errorf("after two weeks: %s", a.Raw)
	}
	a := b.post(t, owner, `{ company { domains { host verifiedAt missingSince } } }`, nil).ok(t)
	for _, domain := range a.at("company", "domains").([]any) {
		if domain, _ := domain.(vars); domain["host"] == "till.example.com" && (domain["verifiedAt"] != nil || domain["missingSince"] != nil) {
			t.Errorf("after two weeks: %s", a.Raw)
		}
	}
	after(40)
	z.set(record, value)
	b.post(t, owner, verifyDomain, vars{"id": added["id"]}).done(t, "companyDomainVerify")
	missing(false)
}
