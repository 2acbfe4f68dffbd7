package graph_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// spent reads a number of an answer's cost.
func (a *answer) spent(t testing.TB, path ...string) int {
	t.Helper()
	value, _ := a.Extensions["cost"].(map[string]any)
	for _, name := range path[:len(path)-1] {
		value, _ = value[name].(map[string]any)
	}
	n, ok := value[path[len(path)-1]].(float64)
	if !ok {
		t.Fatalf("the answer doesn't say %v: %v", path, a.Extensions)
	}
	return int(n)
}

// TestCost: an answer says what it might have cost and what it did: ten for the request and for each look-up, one for
// each field of each object.
func TestCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, test := range []struct {
		query             string
		requested, actual int
	}{
		{`{ viewer { role } }`, 10 + 10 + 2, 10 + 2},
		{`{ stores(first: 100) { nodes { id } } }`, 10 + 10 + 1 + 100*2, 10 + 10 + 2 + 2},                              // of two stores
		{`{ stores(first: 100) { nodes { ...F } } } fragment F on Store { id }`, 10 + 10 + 1 + 100*2, 10 + 10 + 2 + 2}, // alike
		{`{ a: stores(first: 2) { totalCount } b: stores(first: 2) { totalCount } }`, 10 + 2*10 + 2*3, 0},              // each of them
		{`{ registers(first: 10) { nodes { store { name } } } }`, 10 + 2*10 + 1 + 10*3, 10 + 10 + 2 + 4*2},             // in one statement
		{`{ __schema { queryType { name } } }`, 10 + 0, 10 + 0},
	} {
		a := b.post(t, b.owner(t), test.query, nil).ok(t)
		if got := a.spent(t, "requested"); got != test.requested {
			t.Errorf("%s may cost %d, want %d", test.query, got, test.requested)
		}
		if got := a.spent(t, "actual"); got < 10 || got > test.requested || test.actual != 0 && got != test.actual {
			t.Errorf("%s cost %d, want %d", test.query, got, test.actual)
		}
		if strings.Contains(fmt.Sprint(a.Extensions), "throttleStatus") {
			t.Errorf("a plan without limit has one: %v", a.Extensions)
		}
	}
	// The same document costs what its variables say, in a list as in a fragment, and whatever it cost before.
	for _, test := range []struct {
		query     string
		requested func(n int) int
	}{
		{`query($n: Int!) { stores(first: $n) { nodes { id } } }`, func(n int) int { return 10 + 10 + 1 + n*2 }},
		{`query($n: Int!) { ...Q } fragment Q on Query { stores(last: $n) { nodes { id } } }`, func(n int) int { return 10 + 10 + 1 + n*2 }},
		{`query($n: Int = 7) { stores { nodes { registers(first: $n) { nodes { id } } } } }`, func(n int) int { return 10 + 20 + 1 + 50*(2+n*2) }},
	} {
		for _, n := range []int{1, 100, 3} {
			if got := b.post(t, b.owner(t), test.query, vars{"n": n}).ok(t).spent(t, "requested"); got != test.requested(n) {
				t.Errorf("%s with %d may cost %d, want %d", test.query, n, got, test.requested(n))
			}
		}
	}
	// What is refused before it begins has cost nothing yet.
	if a := b.post(t, b.owner(t), `{ nothing }`, nil); a.Extensions != nil {
		t.Errorf("%v", a.Extensions)
	}
	// Nobody's requests cost as well, and nobody has points.
	a := b.post(t, "", `mutation { login(input: {companySlug: "x", email: "x@x.example", password: "x"}) { userErrors { code } } }`, nil).ok(t)
	if got := a.spent(t, "requested"); got < 10+5*10 {
		t.Errorf("a login may cost %d", got)
	}
}

// TestThrottled: who has spent a plan's points is told how long to wait, before the request is read and after, and the
// company's others go on with the other half.
func TestThrottled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.setPlan(t, "STARTER")
	half := *tenancy.Starter.Quotas().RequestPoints / 2
	left := func(user id.User, points int) {
		t.Helper()
		b.db.Exec(t, `insert into company_points (tenant_id, holder, points, counted_at) values ($1, $2, $3, now())
			on conflict (tenant_id, holder) do update set points = $3, counted_at = now()`, b.A.ID.UUID(), user.UUID(), points)
	}
	const small, large = `{ viewer { role } }`, `{ stores(first: 250) { nodes { id name code } } }`
	left(b.A.Owner, 500) // a large one may cost 1021, but costs few
	a := b.post(t, b.owner(t), large, nil)
	if a.Status != http.StatusTooManyRequests || a.code() != "THROTTLED" || a.Data != nil || a.Statements != 1 {
		t.Fatalf("%d %+v %s", a.Status, a.cost, a.Raw)
	}
	if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 2 {
		t.Errorf("it is to come again after %q", a.Header.Get("Retry-After"))
	}
	if got := a.spent(t, "requested"); got != 10+10+1+250*4 {
		t.Errorf("it might have cost %d", got)
	}
	if got := a.spent(t, "throttleStatus", "currentlyAvailable"); got > 1000 {
		t.Errorf("%d points are left", got)
	}
	if most, rate := a.spent(t, "throttleStatus", "maximumAvailable"), a.spent(t, "throttleStatus", "restoreRate"); most != half || rate != 1000 {
		t.Errorf("of %d points, %d a second", most, rate)
	}
	b.post(t, b.owner(t), small, nil).ok(t)
	// Nothing is left at all: it ends before anything is read.
	left(b.A.Manager, -5000)
	a = b.post(t, b.manager(t), small, nil)
	if a.Status != http.StatusTooManyRequests || a.code() != "THROTTLED" || a.Extensions != nil {
		t.Errorf("%d %s %v", a.Status, a.Raw, a.Extensions)
	}
	if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || wait < 4 || wait > 6 {
		t.Errorf("it is to come again after %q", a.Header.Get("Retry-After"))
	}
	b.post(t, b.cashier(t, 0), small, nil).ok(t)
	b.post(t, b.token(t, b.B, b.B.Owner), small, nil).ok(t)
	// The company's own are spent: then nobody's are left.
	left(id.User{}, -5000)
	time.Sleep(time.Second) // what a server knows of the shared buckets is old by then
	refused := 0
	for range 200 {
		if b.post(t, b.cashier(t, 1), large, nil).code() == "THROTTLED" {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a company spends more than it has")
	}
	b.logs.quiet(t)
}

// TestTwoServersShareThePoints of a company: together they admit what the plan has, and no more than a lease each on top.
func TestTwoServersShareThePoints(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	one := serveOn(t, d, f)
	two := serveOn(t, d, f)
	one.setPlan(t, "STARTER")
	quotas := tenancy.Starter.Quotas()
	const has = 3000
	for _, holder := range []id.User{{}, f.A.Owner} {
		d.Exec(t, `insert into company_points (tenant_id, holder, points, counted_at) values ($1, $2, $3, now())
			on conflict (tenant_id, holder) do update set points = $3, counted_at = now()`, f.A.ID.UUID(), holder.UUID(), has)
	}
	begun, spent, refused := time.Now(), 0, 0
	for i := range 400 {
		a := []*bundle{one, two}[i%2].post(t, []*bundle{one, two}[i%2].owner(t), `{ viewer { role } }`, nil)
		if a.Status == http.StatusOK {
			spent += a.spent(t, "actual")
		} else {
			refused++
		}
	}
	came := int(time.Since(begun).Seconds()+1) * *quotas.RequestPointsPerSecond / 2
	slack := 2 * 2 * *quotas.RequestPoints / 2 / 50
	if spent > has+came+slack {
		t.Errorf("%d points were spent of %d, %d that came back, and leases of %d", spent, has, came, slack)
	}
	if refused == 0 && spent > has+came {
		t.Error("nobody was refused")
	}
}
