package postgres_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestACompletedSaleIsNeverEdited tries so as the role that the server runs its statements as: but for one void,
// nothing about a sale, its lines and its payments changes.
func TestACompletedSaleIsNeverEdited(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	voiding := fmt.Sprintf(`update sales set status = 'VOIDED', voided_at = now(), void_reason = 'x', voided_by_id = '%s'`, f.A.Manager.UUID())
	const denied, refused = "42501", "23001"
	within(t, conn, f.A.OwnerScope(), func(tx pgx.Tx) { // the control, and what it leaves possible
		if _, err := tx.Exec(t.Context(), voiding); err != nil {
			t.Fatalf("a void: %v", err)
		}
		if _, err := tx.Exec(t.Context(), voiding); sqlState(err) != refused {
			t.Errorf("a second void: %v", err)
		}
	})
	for _, c := range []struct{ sql, want string }{
		{"update sales set status = 'COMPLETED'", refused},
		{"update sales set void_reason = 'x'", refused},
		{"update sales set status = 'VOIDED'", "23514"},
		{"update sales set voided_at = now()", refused},
		{"update sales set void_till_session_id = null", refused},
		{"update sales set occurred_at = now()", denied},
		{"update sales set total = total + 1, subtotal = subtotal + 1", denied},
		{"update sales set cashier_id = null", denied},
		{"update sales set customer_id = null", denied},
		{"update sale_lines set quantity = 1", denied},
		{"update sale_lines set original_line_id = null", denied},
		{"update payments set tendered = 1", denied},
		{"delete from sales", denied},
		{"delete from sale_lines", denied},
		{"delete from payments", denied},
		{"truncate payments", denied},
	} {
		within(t, conn, f.A.OwnerScope(), func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), c.sql); sqlState(err) != c.want {
				t.Errorf("%s: %v; want %s", c.sql, err, c.want)
			}
		})
	}
}
