package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// parameter is a parameter's place in a statement.
var parameter = regexp.MustCompile(`\$(\d+)`)

// Explain gives the plan of a statement that was sent before, as the restricted role has it in the scope of the handle. It
// is the plan for any values: there are none in it, and none are needed. The statement isn't run.
func (h *Handle) Explain(ctx context.Context, statement string) (string, error) {
	conn, err := h.db.read.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("get a connection: %w", err)
	}
	defer conn.Release()
	plan, err := h.explain(ctx, conn, statement)
	if err != nil {
		// What was prepared outlives its transaction, and ends with the connection.
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Conn().Close(ending)
		return "", fmt.Errorf("explain a statement: %w", err)
	}
	return plan, nil
}

func (h *Handle) explain(ctx context.Context, conn *pgxpool.Conn, statement string) (string, error) {
	most := 0
	for _, place := range parameter.FindAllStringSubmatch(statement, -1) {
		n, err := strconv.Atoi(place[1])
		if err != nil {
			return "", fmt.Errorf("count the parameters: %w", err)
		}
		most = max(most, n)
	}
	call := "explain execute tillgraph_explained"
	if most > 0 {
		call += "(" + strings.TrimSuffix(strings.Repeat("null, ", most), ", ") + ")"
	}
	for _, text := range []string{"begin read only", "set local plan_cache_mode = force_generic_plan"} {
		if _, err := conn.Exec(ctx, text, pgx.QueryExecModeExec); err != nil {
			return "", err
		}
	}
	if _, err := conn.Exec(ctx, enterSQL, append([]any{pgx.QueryExecModeExec}, enterArgs(h.scope, nil)...)...); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "prepare tillgraph_explained as "+statement, pgx.QueryExecModeExec); err != nil {
		return "", err
	}
	rows, err := conn.Query(ctx, call, pgx.QueryExecModeExec)
	if err != nil {
		return "", err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	for _, text := range []string{"deallocate tillgraph_explained", "commit"} {
		if _, err := conn.Exec(ctx, text, pgx.QueryExecModeExec); err != nil {
			return "", err
		}
	}
	return strings.Join(lines, "\n"), nil
}
