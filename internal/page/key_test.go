package page_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestOneKeyIsPlannedOnce: PostgreSQL keeps the plan of a look-up by one id, instead of making it for each.
func TestOneKeyIsPlannedOnce(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	db := d.Open(t, catalog.Models())
	products, ctx := catalog.New(db, time.Now), pgtest.Context(t, f.A.OwnerScope())
	h, err := db.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const asked, untilKept = 12, 5
	for i := range asked {
		found, err := products.ProductsByID(ctx, []id.Product{f.A.Products[i%len(f.A.Products)]})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d products, %v", len(found), err)
		}
	}
	var kept int
	if err := h.Read(ctx, postgres.Value(&kept, h.NewSelect().ColumnExpr("coalesce(sum(generic_plans), 0)").
		TableExpr("pg_prepared_statements").Where("statement ~ ?", `"product"\."id" = \$`))); err != nil {
		t.Fatal(err)
	}
	if kept < asked-untilKept {
		t.Errorf("of %d look-ups %d went by a plan that was kept", asked, kept)
	}
}
