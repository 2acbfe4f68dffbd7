package postgres_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// TestPreparedStatementsAreBounded: shapes grow with what clients ask for, and a connection keeps as many of them prepared
// as the settings say, whatever they ask for.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	const shapes, inOneBatch = 40, 3 // what is forgotten is given up with the next batch
	for cache, bounded := range map[int]bool{8: true, 512: false} {
		b := setup(t, func(c *postgres.Config) { c.StatementCache = cache })
		ctx, h := b.owner(t)
		most := 0
		for size := range shapes {
			var rows []*product
			var kept int
			if err := h.Read(ctx, postgres.Rows(&rows, h.Select((*product)(nil)).Limit(int64(size+1))),
				postgres.Value(&kept, h.NewSelect().ColumnExpr("count(*)").TableExpr("pg_prepared_statements"))); err != nil {
				t.Fatal(err)
			}
			most = max(most, kept)
		}
		if got := most <= cache+inOneBatch && most < shapes; got != bounded {
			t.Errorf("of %d shapes %d are kept at once, with room for %d", shapes, most, cache)
		}
	}
}

// TestPoolsFitAPooler: without statements kept, a pool has as many connections as it is told, and none of them keeps
// anything.
func TestPoolsFitAPooler(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *postgres.Config) { c.StatementCache, c.MaxConns = 0, 3 })
	ctx, h := b.owner(t)
	var kept int
	for range 3 {
		if err := h.Read(ctx, postgres.Value(&kept, h.NewSelect().ColumnExpr("count(*)").TableExpr("pg_prepared_statements"))); err != nil {
			t.Fatal(err)
		}
	}
	read, write := b.db.PoolStats()
	if kept != 0 || read.MaxConns() != 3 || write.MaxConns() != 3 {
		t.Errorf("%d statements are kept, with %d and %d connections at most", kept, read.MaxConns(), write.MaxConns())
	}
}
