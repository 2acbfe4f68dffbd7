package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	clockIn  = `mutation($store: ID) { clockIn(storeId: $store) { timeEntry { id clockedInAt version } userErrors { code field message } } }`
	clockOut = `mutation { clockOut { timeEntry { clockedOutAt breaks { startedAt endedAt } } userErrors { code field message } } }`
	pause    = `mutation { breakStart { timeEntry { id } userErrors { code field message } } }`
	goOn     = `mutation { breakEnd { timeEntry { id } userErrors { code field message } } }`
	correct  = `mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) {
		timeEntry { version clockedInAt clockedOutAt breaks { startedAt endedAt } changes { reason oldClockedInAt changedBy { id } } }
		userErrors { code field message } } }`
)

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 9, 5, 0, 40, 0, time.UTC)
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return now } })
	one, two := b.A.Stores[0], b.A.Stores[1]
	token := func(user id.User) string {
		text, err := b.issuer.Issue(auth.Claims{
			Tenant: b.A.ID.UUID(), Subject: user.UUID(), ExpiresAt: time.Now().Add(24 * time.Hour),
		})
		must(t, err)
		return text
	}
	cashier, manager := token(one.Cashier), token(b.A.Manager)
	here := vars{"store": one.ID.String()}
	b.post(t, cashier, clockOut, nil).refused(t, "clockOut", "timeEntry", "NOT_CLOCKED_IN ")
	b.post(t, cashier, clockIn, nil).refused(t, "clockIn", "timeEntry", "STORE_REQUIRED storeId")
	b.post(t, cashier, clockIn, vars{"store": two.ID.String()}).refused(t, "clockIn", "timeEntry", "STORE_NOT_FOUND storeId")
	in := 0
	for _, a := range together(t, 4, func(int) (*answer, error) { return b.ask(t.Context(), cashier, clockIn, here) }) {
		if codes := a.ok(t).codes("clockIn"); len(codes) == 0 {
			in++
			same(t, a.at("clockIn", "timeEntry", "clockedInAt"), "2026-03-09T05:00:00Z")
		} else if codes[0] != "ALREADY_CLOCKED_IN " {
			t.Error(a.Raw)
		}
	}
	if in != 1 {
		t.Fatalf("clocked in %d times", in)
	}
	now = now.Add(3 * time.Hour)
	b.post(t, cashier, pause, nil).done(t, "breakStart")
	b.post(t, cashier, pause, nil).refused(t, "breakStart", "timeEntry", "ON_BREAK ")
	now = now.Add(30 * time.Minute)
	b.post(t, cashier, goOn, nil).done(t, "breakEnd")
	b.post(t, cashier, goOn, nil).refused(t, "breakEnd", "timeEntry", "NOT_ON_BREAK ")
	now = now.Add(time.Hour)
	b.post(t, cashier, pause, nil).done(t, "breakStart")
	now = now.Add(time.Hour)
	out := b.post(t, cashier, clockOut, nil).done(t, "clockOut")
	same(t, out.at("clockOut", "timeEntry"), vars{"clockedOutAt": "2026-03-09T10:30:00Z", "breaks": []vars{
		{"startedAt": "2026-03-09T08:00:00Z", "endedAt": "2026-03-09T08:30:00Z"},
		{"startedAt": "2026-03-09T09:30:00Z", "endedAt": "2026-03-09T10:30:00Z"},
	}})
	const hours = `{ hours(from: "2026-03-09", to: "2026-03-09") { totalMinutes } timeEntries(filter: {open: false}) { nodes { id version } } }`
	mine := b.post(t, cashier, hours, nil).ok(t)
	same(t, mine.at("hours", "totalMinutes"), 240)
	// A correction leaves a trace, and only who may makes one.
	entry := mine.at("timeEntries", "nodes", 0, "id")
	version := mine.at("timeEntries", "nodes", 0, "version")
	fix := vars{"id": entry, "input": vars{
		"version": version, "clockedInAt": "2026-03-09T04:00:30Z", "clockedOutAt": "2026-03-09T10:00:00Z", "reason": "Came at seven",
		"breaks": []vars{{"startedAt": "2026-03-09T08:00:00Z", "endedAt": "2026-03-09T08:30:00Z"}},
	}}
	if a := b.post(t, cashier, correct, fix); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	done := b.post(t, manager, correct, fix).done(t, "timeEntryCorrect")
	same(t, done.at("timeEntryCorrect", "timeEntry", "changes"), []vars{
		{"reason": "Came at seven", "oldClockedInAt": "2026-03-09T05:00:00Z", "changedBy": vars{"id": b.A.Manager}},
	})
	same(t, b.post(t, cashier, hours, nil).ok(t).at("hours", "totalMinutes"), 330)
	b.post(t, manager, correct, fix).refused(t, "timeEntryCorrect", "none", "CONFLICT version")
	// Nobody but an owner corrects their own.
	b.post(t, manager, clockIn, here).done(t, "clockIn")
	own := b.post(t, manager, `{ timeEntries(filter: {open: true}) { nodes { id version } } }`, nil).ok(t)
	fix["id"] = own.at("timeEntries", "nodes", 0, "id")
	b.post(t, manager, correct, fix).refused(t, "timeEntryCorrect", "none", "OWN_ACCOUNT id")
	// Who loses a store is off its clock at once.
	b.post(t, token(b.A.Owner), `mutation($id: ID!, $version: Int!) { userRolesSet(id: $id, input: {version: $version, role: CASHIER, stores: [{storeId: "`+
		two.ID.String()+`"}]}) { user { id } userErrors { code field message } } }`, vars{"id": b.A.Manager.String(), "version": 1}).done(t, "userRolesSet")
	if n := pgtest.Value[int](t, b.db, "select count(*) from time_entries where clocked_out_at is null"); n != 0 {
		t.Errorf("%d are on the clock of a store that they lost", n)
	}
	b.logs.quiet(t)
}

// The database refuses what the rules would: a store that isn't the person's.
func TestClockIsBoundToTheStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.db.Super().Exec(t.Context(), `insert into time_entries (tenant_id, store_id, id, user_id, clocked_in_at)
		values ($1, $2, $3, $4, date_trunc('minute', now()))`,
		b.A.ID.UUID(), b.A.Stores[1].ID.UUID(), id.New[id.TimeEntry]().UUID(), b.A.Stores[0].Cashier.UUID())
	if err == nil {
		t.Error("the database lets somebody clock in where they don't work")
	}
	// Who has all stores works where they say.
	a := b.post(t, b.owner(t), clockIn, vars{"store": b.A.Stores[1].ID.String()}).done(t, "clockIn")
	if a.at("clockIn", "timeEntry", "id") == nil {
		t.Error(a.Raw)
	}
	b.logs.quiet(t)
}

// Who is let go, or loses all stores, is off the clock at once, also where who does it doesn't see the store.
func TestClockEndsWithTheWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.A.Stores[0], b.A.Stores[1]
	open := func() int {
		return pgtest.Value[int](t, b.db, "select count(*) from time_entries where clocked_out_at is null")
	}
	b.post(t, b.cashier(t, 1), clockIn, vars{"store": two.ID.String()}).done(t, "clockIn")
	b.post(t, b.cashier(t, 1), pause, nil).done(t, "breakStart")
	b.post(t, b.owner(t), `mutation($id: ID!) { userDeactivate(id: $id) { user { id } userErrors { code field } } }`,
		vars{"id": two.Cashier.String()}).done(t, "userDeactivate")
	if n := open(); n != 0 {
		t.Error("somebody who was let go is still on the clock")
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from time_breaks where ended_at is null"); n != 0 {
		t.Error("somebody who was let go is still on a break")
	}
	b.db.Exec(t, "update users set all_stores = true where id = $1", b.A.Manager.UUID())
	b.post(t, b.manager(t), clockIn, vars{"store": two.ID.String()}).done(t, "clockIn")
	b.post(t, b.owner(t), `mutation($id: ID!, $store: ID!) { userRolesSet(id: $id, input: {version: 1, role: MANAGER,
		stores: [{storeId: $store}]}) { user { id } userErrors { code field } } }`,
		vars{"id": b.A.Manager.String(), "store": one.ID.String()}, "X-Store-ID", one.ID.String()).done(t, "userRolesSet")
	if n := open(); n != 0 {
		t.Error("somebody who lost a store is still on its clock")
	}
	b.logs.quiet(t)
}

func TestClockIsForgotten(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return now } })
	store := b.A.Stores[0]
	in := b.post(t, b.cashier(t, 0), clockIn, vars{"store": store.ID.String()}).done(t, "clockIn")
	came, err := time.Parse(time.RFC3339, in.at("clockIn", "timeEntry", "clockedInAt").(string))
	must(t, err)
	b.db.Exec(t, "update time_entries set clocked_in_at = clocked_in_at - interval '30 hours' where clocked_out_at is null")
	a := b.post(t, b.cashier(t, 0), `{ hours(from: "`+came.Add(-72*time.Hour).Format(time.DateOnly)+`", to: "`+
		came.Add(24*time.Hour).Format(time.DateOnly)+`") { totalMinutes } }`, nil).ok(t)
	same(t, a.at("hours", "totalMinutes"), 24*60)
	out := b.post(t, b.cashier(t, 0), clockOut, nil).done(t, "clockOut")
	same(t, out.at("clockOut", "timeEntry", "clockedOutAt"), came.Add(-6*time.Hour).Format(time.RFC3339))
	b.logs.quiet(t)
}

// A correction doesn't overlap with another time, in whatever store; of two at once one is refused.
func TestCorrectionsDoNotOverlap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.A.Stores[0], b.A.Stores[1]
	entry := func(store *pgtest.Store, from, to string) string {
		of := id.New[id.TimeEntry]()
		b.db.Exec(t, `insert into time_entries (tenant_id, store_id, id, user_id, clocked_in_at, clocked_out_at)
			values ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz)`,
			b.A.ID.UUID(), store.ID.UUID(), of.UUID(), one.Cashier.UUID(), from, to)
		return of.String()
	}
	entry(&two, "2026-05-04T14:00:00Z", "2026-05-04T18:00:00Z")
	early := entry(&one, "2026-05-04T06:00:00Z", "2026-05-04T07:00:00Z")
	late := entry(&one, "2026-05-04T08:00:00Z", "2026-05-04T09:00:00Z")
	fix := func(of, from, to string) vars {
		return vars{"id": of, "input": vars{"version": 1, "clockedInAt": from, "clockedOutAt": to, "reason": "x"}}
	}
	// The manager doesn't see the other store, and is told no more than this.
	b.post(t, b.manager(t), correct, fix(early, "2026-05-04T13:00:00Z", "2026-05-04T14:01:00Z")).
		refused(t, "timeEntryCorrect", "none", "OVERLAP clockedInAt")
	answers := together(t, 2, func(i int) (*answer, error) {
		return b.ask(t.Context(), b.manager(t), correct, []vars{
			fix(early, "2026-05-04T10:00:00Z", "2026-05-04T12:00:00Z"), fix(late, "2026-05-04T11:00:00Z", "2026-05-04T13:00:00Z"),
		}[i])
	})
	refused := 0
	for _, a := range answers {
		refused += len(a.ok(t).codes("timeEntryCorrect"))
	}
	if refused != 1 {
		t.Errorf("%d of two overlapping corrections were refused", refused)
	}
	b.post(t, b.manager(t), correct, fix(late, "2026-05-04T14:00:00Z", "2026-05-05T14:01:00Z")).
		refused(t, "timeEntryCorrect", "none", "INVALID clockedOutAt")
	b.logs.quiet(t)
}

// TestClockStatements pins what the clock asks of the database: who asks, then BEGIN, the scope, the rule and COMMIT.
func TestClockStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := vars{"store": b.A.Stores[0].ID.String()}
	for _, test := range []struct {
		query string
		vars  vars
		want  cost
	}{
		{clockIn, store, cost{Statements: 5, RoundTrips: 2}},
		{pause, nil, cost{Statements: 7, RoundTrips: 3}},
		{goOn, nil, cost{Statements: 7, RoundTrips: 3}},
		{`mutation { clockOut { timeEntry { id } userErrors { code } } }`, nil, cost{Statements: 6, RoundTrips: 3}},
		{
			`{ hours(from: "2026-03-01", to: "2026-03-03") { days { user { id } store { name } minutes } } }`, nil,
			cost{Statements: 4 + 2*2, RoundTrips: 1 + 2},
		},
		{
			`{ timeEntries { nodes { user { name } store { name } breaks { startedAt } changes { reason changedBy { name } } } } }`, nil,
			cost{Statements: 2 + 4*2 + 2, RoundTrips: 1 + 4 + 1},
		},
	} {
		a := b.post(t, b.cashier(t, 0), test.query, test.vars).ok(t)
		if a.cost != test.want || strings.Contains(a.Raw, `"code"`) {
			t.Errorf("%s: %+v, want %+v: %s", test.query, a.cost, test.want, a.Raw)
		}
	}
}
