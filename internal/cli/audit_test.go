package cli

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestAuditVerify verifies the trail before and after somebody went past the server.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	variables := map[string]string{"DATABASE_URL": d.URL}
	records := pgtest.Value[int](t, d, "select ((select count(*) from audit_events where tenant_id = $1) "+
		"+ (select count(*) from audit_accesses where tenant_id = $1))::int", f.A.ID.UUID())
	const sealed = "select coalesce(sum(cardinality(record_ids)), 0)::int from audit_seals where tenant_id = $1"
	already := pgtest.Value[int](t, d, sealed, f.A.ID.UUID())
	run(t, variables, "audit", "verify").want(t, exitOK, fmt.Sprintf("acme: %d records are as they were", already),
		fmt.Sprintf("; %d more are not sealed yet", records-already), "bistro: ")

	sealer := audit.NewSealer(d.Open(t, audit.Models()), slog.New(slog.DiscardHandler))
	// Transactions of other tests in the same cluster hold it up.
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		for _, company := range []id.Company{f.A.ID, f.B.ID} {
			if err := sealer.Seal(t.Context(), company); err != nil {
				t.Fatal(err)
			}
		}
		if pgtest.Value[int](t, d, sealed, f.A.ID.UUID()) == records {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("records can't be sealed")
		}
	}
	all := fmt.Sprintf("acme: %d records are as they were; the chain ends at position %d with ", records, records)
	r := run(t, variables, "audit", "verify")
	r.want(t, exitOK, all)
	if strings.Contains(r.stdout, "not sealed yet") {
		t.Errorf("all are sealed: %s", r.stdout)
	}
	run(t, variables, "audit", "verify", "--company", "nobody").want(t, exitError, "there is no such company: nobody")

	tampered := f.A.Stores[0].AuditEvent
	d.Exec(t, "update audit_events set operator = 'nobody' where id = $1", tampered.UUID())
	run(t, variables, "audit", "verify").want(t, exitError, "acme: CHANGED at position ", tampered.String(),
		"bistro: ", "the trail is not what the server wrote: of 1 companies")
	run(t, variables, "audit", "verify", "--company", "bistro").want(t, exitOK, "bistro: ")
	run(t, map[string]string{"DATABASE_OWNER_URL": d.OwnerURL}, "audit", "verify").want(t, exitUsage, "DATABASE_URL")
}
