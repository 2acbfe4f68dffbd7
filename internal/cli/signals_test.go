package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestSignals: operators see how often of all companies, and the evidence of one, which then stands in its log.
func TestSignals(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	variables := map[string]string{"DATABASE_URL": d.URL, "DATABASE_OWNER_URL": d.OwnerURL, "OPERATOR": "jo"}
	d.Exec(t, "delete from support_acts")
	hour := time.Now().UTC().Truncate(time.Hour)
	d.Exec(t, "update signals set hour = $1, last_at = $1", hour)
	d.Exec(t, "update company_activity set hour = $1, rows_read = 27 where tenant_id = $2", hour, f.A.ID.UUID())
	d.Exec(t, "update company_activity set hour = $1 where tenant_id = $2", hour, f.B.ID.UUID())
	d.Exec(t, `insert into operator_signals (company_id, hour, kind, occurrences, share_of_time, share_of_rows, last_at, operator, address, request_id, operation)
		values ($1, $3, 'SLOW', 7, 0.5, 0.75, $3, '', '', '', ''), ($2, $3, 'FOREIGN_ID', 5, null, null, $3, '', '192.0.2.7', 'r-7', ''),
			(null, $3, 'TOKEN_REFUSED', 9, null, null, $3, '', '192.0.2.9', 'r-9', '')`, f.A.ID.UUID(), f.B.ID.UUID(), hour)
	all := run(t, variables, "signals")
	all.want(t, 0, "acme    SLOW           7  in 1 hours", "acme    UNKNOWN_ID     3", "bistro  FOREIGN_ID     5", "-       TOKEN_REFUSED  9",
		"acme    7 requests", "50.0 % of the time", "75.0 % of the rows", "25.0 % of the rows")
	for _, own := range []string{"192.0.2", "op acme", f.A.Owner.String()} {
		if strings.Contains(all.stdout, own) {
			t.Errorf("what is a company's own is in the list of all: %s", all.stdout)
		}
	}
	one := run(t, variables, "signals", "acme")
	one.want(t, 0, "UNKNOWN_ID  3  last", "usually 1", "user "+f.A.Owner.String(), "from 192.0.2.1", "operation op acme", "50 % of the time, 75 % of the rows")
	if strings.Contains(one.stdout, "192.0.2.7") || strings.Contains(one.stdout, pgtest.CanaryB) {
		t.Errorf("another company's: %s", one.stdout)
	}
	run(t, variables, "signals", "--nobody").want(t, 0, "TOKEN_REFUSED  9", "from 192.0.2.9, request r-9")
	run(t, variables, "signals", "bistro", "--since", "1ns").want(t, 0)
	if acts := pgtest.Values[string](t, d, "select operator || ' ' || action from support_acts where tenant_id = $1", f.A.ID.UUID()); len(acts) != 1 || acts[0] != "jo signals" {
		t.Errorf("%q", acts)
	}
	for _, args := range [][]string{{"signals", "acme", "--nobody"}, {"signals", "--since", "0s"}, {"signals", "nobody"}} {
		if r := run(t, variables, args...); r.code == 0 {
			t.Errorf("%v: %s", args, r.stdout)
		}
	}
}
