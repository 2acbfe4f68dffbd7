package postgres_test

import (
	"os"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestSmoke(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	d.Fixture(t)
	t.Log(pgtest.Value[string](t, d, "select tillgraph.schema_version()"))
}
