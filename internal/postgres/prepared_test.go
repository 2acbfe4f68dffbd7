package postgres_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// TestPreparedStatementsAreBounded: whatever is asked for, a connection keeps so many statements prepared, and forgets
// those that were used the longest ago.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	const most, shapes = 8, 40
	b := setup(t, func(c *postgres.Config) { c.StatementCache, c.MaxConns = most, 2 })
	ctx, h := b.owner(t)
	seen := 0
	for size := int64(1); size <= shapes; size++ {
		var rows []*product
		if err := h.Read(ctx, postgres.Rows(&rows, h.Select((*product)(nil)).Limit(size))); err != nil {
			t.Fatal(err)
		}
		var kept int
		q := h.NewSelect().ColumnExpr("count(*)").TableExpr("pg_prepared_statements")
		if err := h.Read(ctx, postgres.Value(&kept, q)); err != nil {
			t.Fatal(err)
		}
		seen = max(seen, kept)
	}
	// What is forgotten is told to the server with the next batch, whose own statements are there already.
	if seen < most/2 || seen > most+3 {
		t.Errorf("%d statements are prepared of %d shapes, for at most %d", seen, shapes, most)
	}
}
