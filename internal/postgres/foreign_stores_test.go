package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TestStoresOfAnotherCompany is what comes of a check before the database that let a store of another company into a
// scope: each of the two layers by itself shows nothing of that store, since the company is asked for beside it.
func TestStoresOfAnotherCompany(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	barePolicies(t, d)
	scope := tenancy.New(tenancy.Spec{
		Company: f.A.ID, CompanySlug: f.A.Slug, Role: tenancy.Manager, User: f.A.Manager, Stores: []id.Store{f.B.Stores[0].ID},
	})
	theirs := fmt.Sprintf("tenant_id = '%s'", f.B.ID.UUID())
	conn := connect(t, d.URL)
	scoped := d.Open(t, models())
	eachTable(t, d, func(t *testing.T, table string, _ tableRule) {
		within(t, conn, scope, func(tx pgx.Tx) {
			var n int
			if err := tx.QueryRow(t.Context(), "select count(*) from "+table+" where "+theirs).Scan(&n); err != nil || n != 0 {
				t.Errorf("the policies show %d rows of the other company (%v)", n, err)
			}
		})
	})
	disableRowLevelSecurity(t, d)
	eachTable(t, d, func(t *testing.T, _ string, r tableRule) {
		ctx := pgtest.Context(t, scope)
		h, err := scoped.Bind(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		err = h.Read(ctx, postgres.Value(&n, h.Select(r.model).ColumnExpr("count(*)").Where(theirs)))
		// A model of the tests whose alias is its table's name is refused, which shows nothing either.
		if n != 0 || err != nil && !strings.Contains(err.Error(), "without a scope") {
			t.Errorf("the statements show %d rows of the other company (%v)", n, err)
		}
	})
}
