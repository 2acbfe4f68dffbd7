package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestEnterBothWays: what a scope is doesn't depend on how it is told, on one server or to the workers of a cluster.
func TestEnterBothWays(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	cashier := f.A.CashierScope(0)
	type seen struct {
		Role, Company, Stores, User, Register, Trail string

		Sold, Placed int
	}
	see := func(cluster string) (s seen) {
		if _, err := conn.Exec(t.Context(), "select set_config('citus.propagate_set_commands', $1, false)", cluster); err != nil {
			t.Fatal(err)
		}
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		if _, err := tx.Exec(t.Context(), "select tillgraph.enter($1, $2, $3, null, $4)", cashier.Company.UUID(),
			"{"+cashier.StoresText()+"}", cashier.User.UUID(), `{"operation":"it''s \ quoted"}`); err != nil {
			t.Fatalf("enter, %q: %v", cluster, err)
		}
		rows, err := tx.Query(t.Context(), `select current_user::text as role, current_setting('app.tenant_id') as company,
			current_setting('app.store_ids') as stores, current_setting('app.user_id') as user,
			current_setting('app.register_id') as register, current_setting('app.trail') as trail,
			(select count(*) from sales) as sold, (select count(*) from stores) as placed`)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[seen]); err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, workers := see(""), see("local")
	if one != workers {
		t.Errorf("on one server %+v\nin a cluster %+v", one, workers)
	}
	if one.Role != "tillgraph_app" || one.Company != cashier.Company.UUID().String() || one.User != cashier.User.UUID().String() ||
		one.Register != "" || one.Placed != 1 || one.Sold == 0 {
		t.Errorf("entered %+v", one)
	}
}

// TestEnterWithoutStores: stores that aren't a list of ids are nobody's.
func TestEnterWithoutStores(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	for _, stores := range []*string{new(""), nil, new("{}"), new("*"), new("{" + f.A.Stores[0].ID.UUID().String())} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "select tillgraph.enter($1, $2, null, null)", f.A.ID.UUID(), stores); err != nil {
			t.Fatalf("enter: %v", err)
		}
		n := 0
		err = tx.QueryRow(t.Context(), "select count(*) from sales").Scan(&n)
		if n != 0 || err != nil && sqlState(err) != "22P02" { // not a list of ids
			t.Errorf("%v: %d sales, %v", stores, n, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
