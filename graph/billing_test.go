package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/billing"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const billingSecret = "a secret that only the two know ."

// billed is a server with a webhook.
type billed struct {
	*bundle
	hook *httptest.Server
	now  time.Time
}

func setupBilling(t *testing.T) *billed {
	t.Helper()
	b := &billed{now: time.Now().UTC().Truncate(time.Second)}
	b.bundle = setup(t, func(c *graph.Config) {
		c.BillingSecrets = []string{"the one before it, still in use .", billingSecret}
		c.Now = func() time.Time { return b.now }
	})
	b.hook = httptest.NewServer(b.server.Hooks[billing.Path])
	t.Cleanup(b.hook.Close)
	return b
}

// tell posts a body under a signature, and gives the status and the result or code.
func (b *billed) tell(t testing.TB, body, signature string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.hook.URL, strings.NewReader(body))
	must(t, err)
	if signature != "" {
		req.Header.Set(billing.SignatureHeader, signature)
	}
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	var said struct{ Result, Code string }
	must(t, json.Unmarshal(text, &said))
	return fmt.Sprint(res.StatusCode, " ", said.Result, said.Code)
}

// event writes one that happened some time ago.
func (b *billed) event(id, kind, slug string, ago time.Duration, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"company.%s","slug":%q,"occurredAt":%q%s}`,
		id, kind, slug, b.now.Add(-ago).Format(time.RFC3339), more)
}

// signed tells a signed one.
func (b *billed) signed(t testing.TB, body string) string {
	t.Helper()
	return b.tell(t, body, billing.Sign(billingSecret, b.now, []byte(body)))
}

// signedAtOnce tells a signed one many times at once.
func (b *billed) signedAtOnce(t testing.TB, results []string, body string) {
	t.Helper()
	var wait sync.WaitGroup
	for i := range results {
		wait.Go(func() { results[i] = b.signed(t, body) })
	}
	wait.Wait()
}

func (b *billed) wants(t testing.TB, want, body string) {
	t.Helper()
	if got := b.signed(t, body); got != want {
		t.Errorf("%s: %s, want %s", body, got, want)
	}
}

func (b *billed) state(t testing.TB, slug string) string {
	t.Helper()
	return pgtest.Value[string](t, b.db, `select d.plan || ' ' || c.status from companies c
		join company_directory d on d.company_id = c.tenant_id where d.slug = $1`, slug)
}

func TestBillingSignature(t *testing.T) {
	t.Parallel()
	b := setupBilling(t)
	body := b.event("e1", "suspend", "acme", 0, "")
	good := billing.Sign(billingSecret, b.now, []byte(body))
	stamp, sum, _ := strings.Cut(good, ",")
	other := b.event("e1", "suspend", "bistro", 0, "")
	for name, signature := range map[string]string{
		"none": "", "empty": "t=,v1=", "another's": billing.Sign("another secret, as long as it is .", b.now, []byte(body)),
		"of another body": billing.Sign(billingSecret, b.now, []byte(other)), "no time": sum, "no sum": stamp,
		"late":           billing.Sign(billingSecret, b.now.Add(-5*time.Minute-time.Second), []byte(body)),
		"early":          billing.Sign(billingSecret, b.now.Add(5*time.Minute+time.Second), []byte(body)),
		"another time":   strings.Replace(good, "t=", "t=1", 1),
		"the time twice": stamp + "," + good, "cut": good[:len(good)-2], "padded time": strings.Replace(good, "t=", "t=+", 1),
		"v0": strings.Replace(good, "v1=", "v0=", 1), "many": strings.Repeat("v1=00,", 20) + good,
	} {
		if got := b.tell(t, body, signature); got != "401 INVALID_SIGNATURE" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := b.tell(t, other, good); got != "401 INVALID_SIGNATURE" {
		t.Errorf("a changed body: %s", got)
	}
	same(t, b.state(t, "acme")+b.state(t, "bistro"), "ENTERPRISE ACTIVEENTERPRISE ACTIVE")
	// Both secrets do while they change, and a signature among others.
	old := billing.Sign("the one before it, still in use .", b.now.Add(-4*time.Minute), []byte(body))
	if got := b.tell(t, body, old); got != "200 APPLIED" {
		t.Error(got)
	}
	if got := b.tell(t, body, stamp+",v1=00,"+sum); got != "200 REPEATED" {
		t.Error(got)
	}
	if got := b.tell(t, strings.Repeat(" ", 65<<10), good); got != "413 TOO_LARGE" {
		t.Error(got)
	}
}

func TestBillingEvents(t *testing.T) {
	t.Parallel()
	b := setupBilling(t)
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	b.wants(t, "200 APPLIED", b.event("e1", "plan", "acme", minutes(50), `,"plan":"STANDARD"`))
	same(t, b.state(t, "acme"), "STANDARD ACTIVE")
	// Told twice it does nothing, also after something else; with another body it is refused.
	b.wants(t, "200 APPLIED", b.event("e2", "plan", "acme", minutes(40), `,"plan":"STARTER"`))
	b.wants(t, "200 REPEATED", b.event("e1", "plan", "acme", minutes(50), `,"plan":"STANDARD"`))
	b.wants(t, "409 EVENT_ID_REUSED", b.event("e1", "plan", "acme", minutes(1), `,"plan":"ENTERPRISE"`))
	same(t, b.state(t, "acme"), "STARTER ACTIVE")
	// Out of order: what happened earlier changes nothing, by its kind.
	b.wants(t, "200 OUTDATED", b.event("e3", "plan", "acme", minutes(45), `,"plan":"ENTERPRISE"`))
	b.wants(t, "200 APPLIED", b.event("e4", "suspend", "acme", minutes(60), ""))
	same(t, b.state(t, "acme"), "STARTER SUSPENDED")
	b.wants(t, "200 APPLIED", b.event("e5", "reinstate", "acme", minutes(30), ""))
	b.wants(t, "200 OUTDATED", b.event("e6", "suspend", "acme", minutes(35), ""))
	same(t, b.state(t, "acme"), "STARTER ACTIVE")
	b.wants(t, "200 OUTDATED", b.event("e7", "plan", "acme", minutes(41), `,"plan":"ENTERPRISE"`))
	for body, want := range map[string]string{
		"":                                  "400 BAD_USER_INPUT",
		"[]":                                "400 BAD_USER_INPUT",
		"{} {}":                             "400 BAD_USER_INPUT",
		"{}":                                "422 INVALID",
		b.event("x", "plan", "acme", 0, ""): "422 INVALID",
		b.event("x", "plan", "acme", 0, `,"plan":"FREE"`):                                    "422 INVALID",
		b.event("x", "close", "acme", 0, ""):                                                 "422 INVALID",
		b.event("", "suspend", "acme", 0, ""):                                                "422 INVALID",
		b.event("x", "suspend", "acme", -time.Hour, ""):                                      "422 INVALID",
		b.event("x", "sign_up", "newcomer", 0, ""):                                           "422 INVALID",
		b.event("x", "suspend", "nobody", 0, ""):                                             "404 NOT_FOUND",
		b.event("x", "sign_up", "acme", 0, `,"company":{}`):                                  "409 SLUG_TAKEN",
		b.event("x", "sign_up", "newcomer", 0, `,"company":{}`):                              "422 INVALID",
		strings.Replace(b.event("x", "suspend", "acme", 0, ""), `"acme"`, `"ac\u0000me"`, 1): "422 INVALID",
	} {
		b.wants(t, want, body)
	}
	same(t, b.state(t, "acme")+b.state(t, "bistro"), "STARTER ACTIVEENTERPRISE ACTIVE")
	// Many of one at once are applied once.
	body := b.event("e9", "suspend", "bistro", 0, "")
	results := make([]string, 6)
	b.signedAtOnce(t, results, body)
	slices.Sort(results)
	same(t, strings.Join(results, ","), "200 APPLIED"+strings.Repeat(",200 REPEATED", 5))
	b.logs.quiet(t)
}

func TestBillingSignUp(t *testing.T) {
	t.Parallel()
	b := setupBilling(t)
	const company = `,"plan":"STANDARD","company":{"name":"Duka","countryCode":"UG","businessType":"RETAIL",
		"ownerName":"Okello","ownerEmail":"okello@duka.example","sampleCatalogue":true}`
	body := b.event("s1", "sign_up", "duka-moja", 0, company)
	results := make([]string, 5)
	b.signedAtOnce(t, results, body)
	slices.Sort(results)
	same(t, strings.Join(results, ","), "200 APPLIED"+strings.Repeat(",200 REPEATED", 4))
	same(t, b.state(t, "duka-moja"), "STANDARD ACTIVE")
	b.wants(t, "409 SLUG_TAKEN", b.event("s2", "sign_up", "duka-moja", 0, company))
	b.wants(t, "409 SLUG_TAKEN", b.event("s3", "sign_up", "dukamoja", 0, company))
	b.wants(t, "200 OUTDATED", b.event("s4", "plan", "duka-moja", time.Hour, `,"plan":"STARTER"`))
	// The owner chooses a password by the link, which shows that the address is theirs; there is no other way in.
	b.login(t, "duka-moja", "okello@duka.example", "").refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
	token := b.letterTo(t, "okello@duka.example").token(t, "tgp")
	b.post(t, "", `mutation($token: String!) { passwordReset(token: $token, newPassword: "a good password") { userErrors { code } } }`,
		vars{"token": token}).done(t, "passwordReset")
	p := pairOf(t, b.login(t, "duka-moja", "okello@duka.example", "a good password"), "login")
	me := b.post(t, p.access, `{ viewer { role user { emailVerified } company { currencyCode plan } } }`, nil).ok(t)
	same(t, me.at("viewer"), vars{"role": "OWNER", "user": vars{"emailVerified": true}, "company": vars{"currencyCode": "UGX", "plan": "STANDARD"}})
	b.logs.quiet(t)
}

// Suspended: tills are closed and all is read, and nothing is sold, whatever was under way; until it is reinstated.
func TestSuspendedByBilling(t *testing.T) {
	t.Parallel()
	b := setupBilling(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	till := b.openTill(t, cashier, register, "10")
	b.wants(t, "200 APPLIED", b.event("e1", "suspend", "acme", 0, ""))
	refused := b.post(t, cashier, recordSale, vars{"input": order(register, "k", "200", item(b.A.Products[0], "1"))})
	refused.refused(t, "saleRecord", "sale", "COMPANY_SUSPENDED ")
	b.post(t, cashier, `{ sales { totalCount } products { totalCount } company { status } }`, nil).ok(t)
	b.post(t, cashier, `mutation { tillCountCommit(id: "`+till+`", input: {idempotencyKey: "c", tenders: [{method: CASH, amount: "10"}]}) {
		tillSession { id } userErrors { code field } } }`, nil).done(t, "tillCountCommit")
	b.post(t, cashier, `mutation { tillClose(id: "`+till+`") { zReport { id } userErrors { code field } } }`, nil).done(t, "tillClose")
	b.wants(t, "200 APPLIED", b.event("e2", "reinstate", "acme", 0, ""))
	b.sell(t, cashier, order(register, "k2", "200", item(b.A.Products[0], "1")))
	b.logs.quiet(t)
}

// The database refuses what a request would write that began before the company was suspended.
func TestSuspendedMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// A trigger that suspends just before the sale is written, as another transaction would.
	b.db.Exec(t, `create function suspend_now() returns trigger language plpgsql security definer as $$
		begin update companies set status = 'SUSPENDED' where tenant_id = new.tenant_id; return new; end $$`)
	for _, table := range []string{"sales", "till_sessions", "parked_sales"} {
		b.db.Exec(t, `create trigger a_suspend before insert on `+table+` for each row execute function suspend_now()`)
	}
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	sales := pgtest.Value[int](t, b.db, "select count(*) from sales")
	b.post(t, cashier, recordSale, vars{"input": order(register, "k", "200", item(b.A.Products[0], "1"))}).
		refused(t, "saleRecord", "sale", "COMPANY_SUSPENDED ")
	b.post(t, cashier, `mutation { tillOpen(input: {idempotencyKey: "o", registerId: "`+register.String()+
		`", openingFloat: "1"}) { tillSession { id } userErrors { code field message } } }`, nil).refused(t, "tillOpen", "tillSession", "COMPANY_SUSPENDED ")
	if a := b.park(t, cashier, parking(register, "p", "", item(b.A.Products[0], "1"))); !slices.Equal(a.codes("parkedSaleCreate"), []string{"COMPANY_SUSPENDED "}) {
		t.Error(a.Raw)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sales"); n != sales {
		t.Errorf("%d sales more", n-sales)
	}
	b.logs.quiet(t)
}
