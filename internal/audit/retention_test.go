package audit_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestOldRecordsAreRemoved: the beginning of the chain goes, and the rest is verified from there.
func TestOldRecordsAreRemoved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.write(t, 6)
	b.seal(t)
	b.split(t)
	before := b.sound(t)
	company := b.A.ID.UUID()
	upto := before.LastPosition - 3
	retain := func() {
		t.Helper()
		if err := b.sealer.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.d.Exec(t, "update audit_seals set sealed_at = sealed_at - interval '100 days' where tenant_id = $1 and position <= $2", company, upto)
	records := pgtest.Value[int](t, b.d, "select count(*) from audit_events where tenant_id = $1", company)
	retain()
	if n := pgtest.Value[int](t, b.d, "select count(*) from audit_events where tenant_id = $1", company); n != records {
		t.Errorf("%d records are gone, and nothing was decided", records-n)
	}
	others := pgtest.Value[int](t, b.d, "select count(*) from audit_events where tenant_id = $1", b.B.ID.UUID())
	for _, c := range []any{company, b.B.ID.UUID()} {
		b.d.Exec(t, "update company_settings set audit_retention_days = 90 where tenant_id = $1", c)
	}
	retain()
	b.seal(t)
	found := b.sound(t)
	// The decision and what was removed are records themselves.
	if found.FirstPosition != upto+1 || found.LastPosition != before.LastPosition+2 || found.Records != 5 {
		t.Errorf("%+v", found)
	}
	if n := pgtest.Value[int](t, b.d, "select count(*) from audit_events where tenant_id = $1", company); n != 5 {
		t.Errorf("%d records are left", n)
	}
	if n := pgtest.Value[int](t, b.d, "select count(*) from audit_events where tenant_id = $1", b.B.ID.UUID()); n != others+1 {
		t.Errorf("the other company has %d records, and had %d", n, others)
	}
	retain()
	if again := b.sound(t); *again != *found {
		t.Errorf("again: %+v", again)
	}
	// A head that was anchored before is not missed; one of what is kept is still compared.
	old := audit.Anchor{Company: company.String(), Position: 2, Hash: "00", At: time.Now()}
	kept := audit.Anchor{Company: company.String(), Position: before.LastPosition, Hash: before.Head, At: time.Now()}
	if found := b.verify(t, audit.Check{Anchors: []audit.Anchor{old, kept}}); found.Broken != nil {
		t.Error(found.Broken)
	}
	// Behind the server's back, the beginning is missed.
	b.d.Exec(t, "delete from audit_events where id = $1", b.at(t, upto+1).UUID())
	b.d.Exec(t, "delete from audit_seals where tenant_id = $1 and position = $2", company, upto+1)
	if found := b.verify(t, audit.Check{}); found.Broken == nil || found.Broken.Fault != audit.RecordRemoved || found.Broken.Position != upto+1 {
		t.Errorf("%v", found.Broken)
	}
}

// TestOldSealsAreRemovedWhole: of seals of many records those go that are old, and no part of one that isn't.
func TestOldSealsAreRemovedWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.join(t)
	company := b.A.ID.UUID()
	upto := b.sound(t).LastPosition
	b.write(t, 6)
	b.seal(t)
	before := b.sound(t)
	b.d.Exec(t, "update audit_seals set sealed_at = sealed_at - interval '100 days' where tenant_id = $1 and position = $2", company, upto)
	b.d.Exec(t, "update company_settings set audit_retention_days = 90 where tenant_id = $1", company)
	// Fewer than the seal holds may go at once: it goes all the same, and alone.
	for range 2 {
		if _, err := b.db.RetainAudit(t.Context(), b.A.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	b.seal(t)
	if found := b.sound(t); found.FirstPosition != upto+1 || found.LastPosition != before.LastPosition+2 || found.Records != 8 {
		t.Errorf("%+v, and before %+v", found, before)
	}
}
