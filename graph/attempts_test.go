package graph_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// What is limited is limited on all servers together: log-ins to an account, from an address, and sign-ups.
func TestAttemptsOnTwoServers(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	one := serveOn(t, d, f)
	two := serveOn(t, d, one.Fixture)
	hash, err := passwordHash()
	must(t, err)
	d.Exec(t, "update user_credentials set password_hash = $1", hash)
	const who = "cashier1@acme.example"
	servers := []*bundle{one, two}
	for i := range 10 {
		if a := servers[i%2].login(t, "acme", who, "wrong"); a.code() == "RATE_LIMITED" {
			t.Fatalf("attempt %d was refused", i+1)
		}
	}
	for i, b := range servers {
		if a := b.login(t, "acme", who, password); a.code() != "RATE_LIMITED" {
			t.Errorf("server %d lets the eleventh attempt through: %s", i+1, a.Raw)
		}
	}
	// Another's account isn't stopped by that; good log-ins use nothing up, on whichever server.
	for i := range 24 {
		pairOf(t, servers[i/2%2].login(t, "acme", "cashier2@acme.example", password), "login")
	}
	for i := range 20 {
		if a := servers[i%2].post(t, "", signUp, founding("www", nil)); a.code() == "RATE_LIMITED" {
			t.Fatalf("sign-up %d was refused", i+1)
		}
	}
	for i, b := range servers {
		if a := b.post(t, "", signUp, founding("amani", nil)); a.code() != "RATE_LIMITED" {
			t.Errorf("server %d lets the twenty-first sign-up through: %s", i+1, a.Raw)
		}
	}
	if n := pgtest.Value[int](t, d, "select count(*) from attempts"); n > 6 {
		t.Errorf("%d keys are kept", n)
	}
	one.logs.quiet(t)
	two.logs.quiet(t)
}

// The counts of the database end with their window, are forgotten after it, and tell a hash from another.
func TestAttemptsInTheDatabase(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	db := d.Open(t, graph.Models())
	now := time.Now().Truncate(time.Second)
	claim := func(at time.Time, key byte, back bool) limit.Grant {
		t.Helper()
		grants, err := db.TakeAttempts(t.Context(), at, []limit.Claim{{Key: [32]byte{key}, Allowed: 2, Window: time.Minute, Back: back}})
		must(t, err)
		return grants[0]
	}
	for i, want := range []bool{true, true, false, false} {
		if got := claim(now, 1, false); got.Allowed != want || !got.Until.Equal(now.Add(time.Minute)) {
			t.Errorf("attempt %d: %+v", i+1, got)
		}
	}
	claim(now, 1, true)
	if !claim(now, 1, false).Allowed || claim(now, 1, false).Allowed || !claim(now, 2, false).Allowed {
		t.Error("what was given back is not there, or too much")
	}
	if got := claim(now.Add(time.Minute), 1, false); !got.Allowed || !got.Until.Equal(now.Add(2*time.Minute)) {
		t.Errorf("after the window: %+v", got)
	}
	grants, err := db.TakeAttempts(t.Context(), now.Add(time.Minute), []limit.Claim{
		{Key: [32]byte{3}, Allowed: 0, Window: time.Minute}, {Key: [32]byte{4}, Allowed: 5, Window: time.Minute},
	})
	must(t, err)
	if len(grants) != 1 || grants[0].Allowed || pgtest.Value[int](t, d, `select count(*) from attempts where key = '\x04' || decode(repeat('00', 31), 'hex')`) != 0 {
		t.Errorf("behind one that is refused: %+v", grants)
	}
	later := now.Add(time.Hour)
	for i := range 600 { // one in a hundred forgets
		claim(later, byte(100+i%2), false)
	}
	if n := pgtest.Value[int](t, d, "select count(*) from attempts"); n != 2 {
		t.Errorf("%d keys are kept", n)
	}
}
