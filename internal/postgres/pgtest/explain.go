package pgtest

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ExplainQuery is Explain for a query of a handle, in its scope.
func (d *Database) ExplainQuery(t testing.TB, h *postgres.Handle, q *bun.SelectQuery) string {
	t.Helper()
	text, err := q.AppendQuery(h.QueryGen(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Explain(t, h.Scope(), string(text))
}

// Explain runs a query as the restricted role in a scope, and gives its plan with what it read. Nothing of it stays.
func (d *Database) Explain(t testing.TB, scope *tenancy.Scope, sql string) string {
	t.Helper()
	config, err := pgx.ParseConfig(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["random_page_cost"], config.RuntimeParams["jit"] = "1.1", "off" // as the server's connections have it
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "select tillgraph.enter($1, $2, null, null)",
		scope.Company.UUID(), "{"+scope.StoresText()+"}"); err != nil {
		t.Fatal(err)
	}
	var role string
	if err := tx.QueryRow(t.Context(), "select current_user::text").Scan(&role); err != nil || role != "tillgraph_app" {
		t.Fatalf("the plan would be that of %s: %v", role, err)
	}
	rows, err := tx.Query(t.Context(), "explain (analyze, buffers) "+sql)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
