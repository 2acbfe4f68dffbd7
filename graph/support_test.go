package graph_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	accessFields = `id operator reason writes minutes status requestedAt openedAt expiresAt allowedBy { id } endedAt endedBy { id }
		acts { totalCount nodes { operator at action requestId } }`
	allowAccess = `mutation($id: ID!) { supportAccessAllow(id: $id) { supportAccess { status expiresAt allowedBy { id } } userErrors { code field message } } }`
	endAccess   = `mutation($id: ID!) { supportAccessEnd(id: $id) { supportAccess { status endedBy { id } } userErrors { code field message } } }`
)

// operator gives the token of an operator's access to company A.
func (b *bundle) operator(t testing.TB, access id.SupportAccess) string {
	t.Helper()
	token, err := b.issuer.Issue(auth.Claims{
		Tenant: b.A.ID.UUID(), Subject: access.UUID(), Support: true, ExpiresAt: time.Now().Add(time.Hour),
	})
	must(t, err)
	return token
}

// opened is an access that is open, for reading or for more.
func (b *bundle) opened(t testing.TB, writes bool) id.SupportAccess {
	t.Helper()
	access := id.New[id.SupportAccess]()
	b.db.Exec(t, `insert into support_accesses (tenant_id, id, operator, reason, writes, minutes, requested_at, opened_at, expires_at)
		values ($1, $2, 'jo', 'Ticket 7', $3, 30, now(), now(), now() + interval '30 minutes')`, b.A.ID.UUID(), access.UUID(), writes)
	return access
}

func (b *bundle) readSupport(t *testing.T, ask asker) {
	access := b.opened(t, false)
	b.post(t, b.operator(t, access), `{ viewer { role } }`, nil).ok(t)
	b.db.Exec(t, "update support_accesses set allowed_by_id = $2, ended_by_id = $2, ended_at = now() where id = $1", access.UUID(), b.A.Owner.UUID())
	a := ask(t, b.owner(t), `{ company { supportAccesses `+strings.Replace(pages, "nodes { id }", "nodes { "+accessFields+" }", 1)+`
		supportActs { edges { cursor node { action } } nodes { operator at action requestId } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`)
	same(t, a.at("company", "supportAccesses", "nodes", 0, "acts", "nodes", 0, "action"), "QUERY viewer")
	ask(t, b.owner(t), `{ company { supportAccesses { nodes { acts { edges { cursor node { at } } pageInfo { endCursor } } } } } }`)
}

// TestSupportReads: an operator sees the company and nobody else's, changes nothing whatever they send, and the
// company's own log has each request, before it is answered.
func TestSupportReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	access := b.opened(t, false)
	token := b.operator(t, access)
	a := b.post(t, token, `{ viewer { role permissions } company { slug } stores { totalCount } sales { totalCount } }`, nil, "X-Request-Id", "r-1").ok(t)
	same(t, a.at("viewer", "role"), "SUPPORT")
	same(t, a.at("company", "slug"), "acme")
	same(t, a.at("stores", "totalCount"), 2)
	log := b.post(t, b.owner(t), `{ company { supportActs(first: 250) { nodes { operator action requestId } } } }`, nil).ok(t)
	before := b.books(t)
	tried := 0
	s := schemaOf(t)
	for _, f := range fieldsOf(s.Mutation) {
		if f.Directives.ForName("public") != nil {
			continue
		}
		query := "mutation { " + (&examples{schema: s}).call(f) + " }"
		if a := b.post(t, token, query, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", query, a.Raw)
		}
		tried++
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from support_acts where access_id = $1 and action like 'REFUSED MUTATION %'", access.UUID()); n != tried {
		t.Errorf("%d of %d refused attempts are in the log", n, tried)
	}
	b.db.Exec(t, "delete from support_acts where action like 'REFUSED MUTATION %'")
	b.unchanged(t, before)
	for _, thing := range []string{b.B.ID.String(), b.B.Stores[0].ID.String(), b.B.Support.String()} {
		if a := b.post(t, token, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": thing}).ok(t); a.at("node") != nil {
			t.Errorf("another company's: %s", a.Raw)
		}
	}
	found := false
	for _, act := range log.at("company", "supportActs", "nodes").([]any) {
		act, _ := act.(vars)
		found = found || act["action"] == "QUERY viewer, company, stores, sales" && act["requestId"] == "r-1" && act["operator"] == "jo"
	}
	if !found {
		t.Errorf("the log has it not: %s", log.Raw)
	}
	for _, who := range []string{b.manager(t), b.cashier(t, 0)} {
		if a := b.post(t, who, `{ company { supportActs { totalCount } } }`, nil); a.code() != "FORBIDDEN" {
			t.Errorf("a manager or cashier: %s", a.Raw)
		}
	}
	for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
		if pgtest.Value[bool](t, b.db, "select has_table_privilege('tillgraph_app', 'support_acts', $1)", verb) {
			t.Errorf("the server can %s the log", verb)
		}
	}
	b.logs.quiet(t)
}

// TestSupportEnds: by its time, by the owner, and never begins without consent where that is asked for.
func TestSupportEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := func(access id.SupportAccess, what string) {
		t.Helper()
		if a := b.post(t, b.operator(t, access), `{ viewer { role } }`, nil); a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %s", what, a.Raw)
		}
	}
	waits := vars{"id": b.A.Support.String()}
	out(b.A.Support, "waiting for consent")
	a := b.post(t, b.owner(t), allowAccess, waits).done(t, "supportAccessAllow")
	same(t, a.at("supportAccessAllow", "supportAccess", "status"), "OPEN")
	same(t, a.at("supportAccessAllow", "supportAccess", "allowedBy", "id"), b.A.Owner.String())
	b.post(t, b.operator(t, b.A.Support), `{ viewer { role } }`, nil).ok(t)
	b.post(t, b.owner(t), allowAccess, waits).refused(t, "supportAccessAllow", "supportAccess", "NOT_WAITING id")
	a = b.post(t, b.owner(t), endAccess, waits).done(t, "supportAccessEnd")
	same(t, a.at("supportAccessEnd", "supportAccess", "status"), "ENDED")
	out(b.A.Support, "ended")
	b.post(t, b.owner(t), allowAccess, waits).refused(t, "supportAccessAllow", "supportAccess", "NOT_WAITING id")

	over := b.opened(t, true)
	b.db.Exec(t, "update support_accesses set expires_at = now() where id = $1", over.UUID())
	out(over, "over")
	out(id.New[id.SupportAccess](), "made up")
	out(b.B.Support, "of another company")
	// The id of a person is no access, and that of an access no person.
	person, err := b.issuer.Issue(auth.Claims{Tenant: b.A.ID.UUID(), Subject: b.A.Owner.UUID(), Support: true, ExpiresAt: time.Now().Add(time.Hour)})
	must(t, err)
	if a := b.post(t, person, `{ viewer { role } }`, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("a person's id: %s", a.Raw)
	}
	b.logs.quiet(t)
}

// TestSupportWrites: who was granted more changes goods, and neither people nor operators' accesses.
func TestSupportWrites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	access := b.opened(t, true)
	token := b.operator(t, access)
	b.post(t, token, updateSettings, vars{"input": vars{"version": 1, "taxNumber": "P7"}}).done(t, "companySettingsUpdate")
	for _, query := range []string{
		// Whoever is let in does not open the door for the next one.
		`mutation { companySettingsUpdate(input: {version: 2, supportConsentRequired: true}) { userErrors { code } } }`,
		`mutation { supportAccessEnd(id: "` + access.String() + `") { userErrors { code } } }`,
		`mutation { supportAccessAllow(id: "` + b.A.Support.String() + `") { userErrors { code } } }`,
		`mutation { userInvite(input: {email: "a@b.example", name: "x", role: OWNER}) { userErrors { code } } }`,
		`mutation { registerKeyRotate(id: "` + b.A.Stores[0].Registers[0].ID.String() + `") { deviceKey } }`,
	} {
		if a := b.post(t, token, query, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
	// What can't be written down isn't done.
	b.db.Exec(t, "revoke insert on support_acts from tillgraph_gate")
	a, err := b.ask(context.WithoutCancel(t.Context()), token, updateSettings, vars{"input": vars{"version": 2, "taxNumber": "P8"}})
	must(t, err)
	if a.code() != "INTERNAL" {
		t.Errorf("without a log: %s", a.Raw)
	}
	same(t, b.post(t, b.owner(t), settingsVersion, nil).ok(t).at("company", "settings", "taxNumber"), "P7")
}

// TestSupportTriesEverything: an operator, who is nobody of the company, sends every mutation with an access that
// writes. Each answers what it answers others, and what takes a person of the company refuses.
func TestSupportTriesEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.operator(t, b.opened(t, true))
	s := schemaOf(t)
	answered := map[string]int{}
	for _, f := range fieldsOf(s.Mutation) {
		if f.Directives.ForName("public") != nil {
			continue
		}
		query := "mutation { " + (&examples{schema: s}).call(f) + " }"
		a := b.post(t, token, query, nil)
		answered[a.code()]++
		if self := f.Directives.ForName("self") != nil || f.Directives.ForName("owner") != nil; a.code() == "INTERNAL" || self && a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
	if answered[""] < 20 || answered["FORBIDDEN"] < 10 {
		t.Errorf("%v", answered)
	}
	b.logs.quiet(t)
}
