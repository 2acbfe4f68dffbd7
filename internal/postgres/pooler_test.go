package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestThroughAPooler: with no statements kept, everything works through PgBouncer in transaction mode that works
// without, and each transaction brings its own settings.
func TestThroughAPooler(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	url := d.Pooler(t, 2)
	db := d.Open(t, models(), func(c *postgres.Config) { c.URL, c.StatementCache = url, 0 })
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if company, err := db.CompanyBySlug(t.Context(), "acme"); err != nil || company != f.A.ID {
		t.Errorf("the gate: %v, %v", company, err)
	}
	ctx := pgtest.Context(t, f.A.OwnerScope())
	h, err := db.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const how = "concat_ws(' ', current_setting('transaction_read_only'), current_setting('transaction_isolation'), " +
		"current_setting('statement_timeout'), current_setting('random_page_cost'), current_setting('jit'), current_setting('timezone'))"
	var reading, writing string
	var names []string
	err = h.Read(ctx, postgres.Value(&reading, h.NewSelect().ColumnExpr(how)),
		postgres.Value(&names, h.Select((*product)(nil)).ColumnExpr("array_agg(name ORDER BY name)")))
	if err != nil || reading != "on repeatable read 20s 1.1 off UTC" || len(names) != len(f.A.Products) {
		t.Errorf("reading: %q, %v, %v", reading, names, err)
	}
	if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, pgtest.CanaryB) }) {
		t.Errorf("another company's: %v", names)
	}
	err = db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Value(&writing, tx.NewSelect().ColumnExpr(how)),
			postgres.Exec(nil, tx.Update((*product)(nil)).Set("name = 'pooled'").Where("?TableAlias.id = ?", f.A.Products[0])))
	})
	if err != nil || writing != "off read committed 20s 1.1 off UTC" {
		t.Errorf("writing: %q, %v", writing, err)
	}
	if name := pgtest.Value[string](t, d, "select name from products where id = $1", f.A.Products[0].UUID()); name != "pooled" {
		t.Errorf("it is called %s", name)
	}
	// What fails leaves nothing behind on a connection that the next one gets.
	for range 5 {
		if err := h.Read(ctx, postgres.Value(&reading, h.NewSelect().ColumnExpr("(1 / (?::integer))::text", 0))); err == nil {
			t.Error("divided by zero")
		}
	}
	other := pgtest.Context(t, f.B.OwnerScope())
	hb, err := db.Bind(other)
	if err != nil {
		t.Fatal(err)
	}
	var company id.Company
	if err := hb.Read(other, postgres.Value(&company, hb.NewSelect().ColumnExpr("current_setting('app.tenant_id')::uuid"))); err != nil || company != f.B.ID {
		t.Errorf("the next one is %v, %v", company, err)
	}
}

// TestAPoolerShares is the control: what is set for a session becomes somebody else's, so that a server that did so
// would answer for the wrong company.
func TestAPoolerShares(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	url := d.Pooler(t, 2)
	const clients = 6
	conns := make([]*pgx.Conn, clients)
	for i := range conns {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		if conns[i], err = pgx.ConnectConfig(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conns[i].Close(context.Background()) })
		if _, err := conns[i].Exec(t.Context(), fmt.Sprintf("set app.canary = '%d'", i)); err != nil {
			t.Fatal(err)
		}
	}
	wrong := 0
	for i, conn := range conns {
		var canary string
		if err := conn.QueryRow(t.Context(), "select coalesce(current_setting('app.canary', true), '')").Scan(&canary); err != nil {
			t.Fatal(err)
		}
		if canary != fmt.Sprint(i) {
			wrong++
		}
	}
	if wrong < clients-2 {
		t.Errorf("of %d clients on 2 connections %d read what another one set", clients, wrong)
	}
}
