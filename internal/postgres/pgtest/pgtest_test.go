package pgtest_test

import (
	"os"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	one, f := pgtest.Filled(t)
	two := pgtest.New(t)
	if len(f.A.Stores) != 2 || len(f.B.Stores) != 1 || len(f.A.Stores[1].Registers[1].Lines) != 2 {
		t.Errorf("the fixture is %+v", f)
	}
	const count = "select count(*) from companies"
	if a, b := pgtest.Value[int](t, one, count), pgtest.Value[int](t, two, count); a != 2 || b != 0 {
		t.Errorf("%d companies in the one, %d in the other", a, b)
	}
	if who := pgtest.Values[string](t, one, "select rolname::text from pg_roles where rolsuper"); len(who) != 1 {
		t.Errorf("superusers: %v", who)
	}
	if err := one.Open(t, nil).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func BenchmarkNew(b *testing.B) {
	pgtest.New(b)
	for b.Loop() {
		pgtest.New(b)
	}
}
