package seed_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// testDB is a migrated database of a test's own.
type testDB struct {
	// owner owns the tables; super is bound by no policy, for checks alone.
	owner, super string
}

func newTestDB(t *testing.T) testDB {
	t.Helper()
	db := pgtest.New(t)
	return testDB{owner: db.OwnerURL, super: db.SuperURL}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return conn
}
