package inventory

import (
	"regexp"
	"testing"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestLockingReadsWhatIsSold: of a store's four hundred levels, beside those of many companies, the three are read that
// are to be locked.
func TestLockingReadsWhatIsSold(t *testing.T) {
	t.Parallel()
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
	h, err := d.Open(t, append(company.Models(), Models()...)).Bind(pgtest.Context(t, f.A.OwnerScope()))
	if err != nil {
		t.Fatal(err)
	}
	sold := pgtest.Values[id.Product](t, d, "select product_id from inventory_levels where store_id = $1 limit 3", store.UUID())
	plan := d.Explain(t, f.A.OwnerScope(), levelsOf(h, store, sold).For("UPDATE").String())
	if !regexp.MustCompile(`Index Cond: .*product_id = ANY`).MatchString(plan) || regexp.MustCompile(`Rows Removed by Filter`).MatchString(plan) {
		t.Error(plan)
	}
}
