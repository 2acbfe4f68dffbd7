package report

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// node is a part of a plan, with the rows that it gave and threw away.
type node struct {
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Unjoined float64 `json:"Rows Removed by Join Filter"`
	Plans    []node  `json:"Plans"`
}

// looked is how many rows a plan had in hand.
func (n *node) looked() float64 {
	all := (n.Rows + n.Filtered + n.Unjoined) * n.Loops
	for i := range n.Plans {
		all += n.Plans[i].looked()
	}
	return all
}

// folds is how many rows adding up so many receipts at once takes in hand, by the plan that a connection keeps. The
// statement is the one within tillgraph.fold_reports, as the gate runs it, and nothing is kept.
func (c *chain) folds(t *testing.T, receipts int) float64 {
	t.Helper()
	body := pgtest.Value[string](t, c.db, "select prosrc from pg_proc where proname = 'fold_reports'")
	from, to := strings.Index(body, "with doc as"), strings.LastIndex(body, "return cardinality")
	if from < 0 || to < from {
		t.Fatalf("another function than expected: %s", body)
	}
	statement := strings.NewReplacer("(ids", "($2::uuid[]", "signs)", "$3::int[])", "p_tenant", "$1::uuid", "nobody", "'"+nobody+"'::uuid").
		Replace(strings.TrimRight(body[from:to], "; \n"))
	ids := pgtest.Value[string](t, c.db, `select array_agg(id)::text from (
		select id from sales where tenant_id = $1 order by id limit $2) s`, c.scope.Company.UUID(), receipts)
	tx, err := c.db.Super().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	tenant := c.scope.Company.UUID()
	for _, sql := range []string{
		"select set_config('app.tenant_id', '" + tenant.String() + "', true)", "set local role tillgraph_gate",
		"set local plan_cache_mode = force_generic_plan",
		// Among many companies each list is taken for one row, and joined as if it were.
		"set local enable_hashjoin = off", "set local enable_mergejoin = off", "set local search_path = public, pg_temp",
		fmt.Sprintf("prepare fold_%d as %s", receipts, statement),
	} {
		if _, err := tx.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	var raw []byte
	explain := fmt.Sprintf("explain (analyze, timing off, format json) execute fold_%[3]d ('%[1]s', '%[2]s', array_fill(1, array[%[3]d]))", tenant, ids, receipts)
	if err := tx.QueryRow(t.Context(), explain, pgx.QueryExecModeSimpleProtocol).Scan(&raw); err != nil {
		t.Fatal(err)
	}
	var top []struct{ Plan node }
	if err := json.Unmarshal(raw, &top); err != nil {
		t.Fatal(err)
	}
	return top[0].Plan.looked()
}

// TestFoldingGrowsWithReceipts: ten times as many receipts are ten times the work, as after a day without the server.
func TestFoldingGrowsWithReceipts(t *testing.T) {
	t.Parallel()
	c := open(t, 3000, 10)
	few, many := c.folds(t, 50), c.folds(t, 500)
	t.Logf("50 receipts: %.0f rows; 500: %.0f", few, many)
	if few == 0 || many > 15*few {
		t.Errorf("50 receipts take %.0f rows in hand, 500 of them %.0f", few, many)
	}
}
