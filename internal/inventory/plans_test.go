package inventory

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestLockingReadsWhatIsSold: of a store's four hundred levels, beside those of many companies, the three are read that
// are to be locked.
func TestLockingReadsWhatIsSold(t *testing.T) {
	t.Parallel()
	d, f, store := manyLevels(t)
	h, err := d.Open(t, append(company.Models(), Models()...)).Bind(pgtest.Context(t, f.A.OwnerScope()))
	if err != nil {
		t.Fatal(err)
	}
	sold := pgtest.Values[id.Product](t, d, "select product_id from inventory_levels where store_id = $1 limit 3", store.UUID())
	plan := d.ExplainQuery(t, h, levelsOf(h, store, sold).For("UPDATE"))
	if !regexp.MustCompile(`Index Cond: .*product_id = ANY`).MatchString(plan) || regexp.MustCompile(`Rows Removed by Filter`).MatchString(plan) {
		t.Error(plan)
	}
}

// TestMovingIsPlannedOnce: the database keeps the plan of what moves levels, instead of making it for each sale.
func TestMovingIsPlannedOnce(t *testing.T) {
	t.Parallel()
	d, f, store := manyLevels(t)
	db := d.Open(t, append(company.Models(), Models()...))
	products := pgtest.Values[id.Product](t, d, "select product_id from inventory_levels where store_id = $1 limit 3", store.UUID())
	levels := make([]*Level, len(products))
	for i, product := range products {
		levels[i] = &Level{ProductID: product, Milli: 1000}
	}
	const moved, untilKept = 12, 5
	var kept int
	for range moved {
		if err := db.Write(pgtest.Context(t, f.A.OwnerScope()), func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.Send(ctx, update(tx.Handle, store, levels, time.Now())); err != nil {
				return err
			}
			return tx.Finish(ctx, postgres.Value(&kept, tx.NewSelect().ColumnExpr("coalesce(sum(generic_plans), 0)").
				TableExpr("pg_prepared_statements").Where("statement ~ ?", "after.quantity")))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if kept < moved-untilKept {
		t.Errorf("of %d movements %d went by a plan that was kept", moved, kept)
	}
}

// manyLevels fills a store's stock, beside that of many companies.
func manyLevels(t *testing.T) (*pgtest.Database, *pgtest.Fixture, id.Store) {
	t.Helper()
	const companies, products = 40, 400
	d, f := pgtest.Filled(t)
	store := f.A.Stores[0].ID
	d.Exec(t, "alter database "+d.Name+" set session_replication_role = replica")
	d.Super().Reset()
	d.Exec(t, `insert into inventory_levels (tenant_id, store_id, id, product_id)
		select $1, $2, gen_random_uuid(), gen_random_uuid() from generate_series(1, $3::integer)`, f.A.ID.UUID(), store.UUID(), products)
	d.Exec(t, `insert into inventory_levels (tenant_id, store_id, id, product_id)
		select of.tenant, of.store, gen_random_uuid(), l.product_id from inventory_levels l,
			(select gen_random_uuid() as tenant, gen_random_uuid() as store from generate_series(1, $2::integer) offset 0) of
		where l.store_id = $1`, store.UUID(), companies)
	d.Exec(t, "analyze inventory_levels")
	return d, f, store
}
