package audit_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/migrations"
)

// TestAccessesAreSealedAsTheyAreWritten: nobody seals them later, and what isn't sealed was put in by somebody else.
func TestAccessesAreSealedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.recorder()
	before := b.sound(t)
	for range 3 {
		r.Add(access(b.A, audit.Query))
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := b.sound(t); found.Records != before.Records+3 || found.Waiting != before.Waiting {
		t.Errorf("%+v, and %+v before", found, before)
	}
	// Changes that were written before go on waiting, and are sealed once.
	b.write(t, 2)
	r.Add(access(b.A, audit.Query))
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.seal(t)
	sealed := b.sound(t)
	if n := pgtest.Value[int](t, b.d, `select count(distinct id) from audit_seals s, unnest(s.record_ids) id where tenant_id = $1`,
		b.A.ID.UUID()); n != sealed.Records {
		t.Errorf("%d records have %d links", n, sealed.Records)
	}
	b.d.Exec(t, "create table kept as select * from audit_accesses where tenant_id = $1 order by id desc limit 1", b.A.ID.UUID())
	kept := pgtest.Value[string](t, b.d, "select id::text from kept")
	for _, test := range []struct {
		sql   string
		fault audit.Fault
	}{
		{"update audit_accesses set operation = 'another' where id = (select id from kept)", audit.RecordChanged},
		{"delete from audit_accesses where id = (select id from kept)", audit.RecordRemoved},
		{
			"insert into audit_accesses select (jsonb_populate_record(k, jsonb_build_object('id', tillgraph.record_id(now())))).* from kept k",
			audit.RecordInserted,
		},
	} {
		b.d.Exec(t, test.sql)
		broken := b.verify(t, audit.Check{}).Broken
		if broken == nil || broken.Fault != test.fault || broken.Kind == "EVENT" ||
			(broken.RecordKey.String() == kept) != (test.fault != audit.RecordInserted) {
			t.Errorf("%s: %v", test.sql, broken)
		}
		b.d.Exec(t, "delete from audit_accesses a using kept k where a.tenant_id = k.tenant_id and a.id >= k.id")
		b.d.Exec(t, "insert into audit_accesses select * from kept")
		b.sound(t)
	}
}

// TestAccessesThatWaitAreSealedByTheMigration: what was written before accesses were sealed at once is, and the chain goes on.
func TestAccessesThatWaitAreSealedByTheMigration(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(t, 3)
	b.seal(t)
	before := b.sound(t)
	b.migrate(t, "20261121006600_accesses_sealed_as_written.tx.down.sql")
	if err := b.db.RecordAccesses(t.Context(), false, record(b.A, "first"), record(b.B, "other"), record(b.A, "second")); err != nil {
		t.Fatal(err)
	}
	if broken := b.verify(t, audit.Check{}).Broken; broken == nil || broken.Fault != audit.RecordInserted {
		t.Fatalf("they are sealed already: %v", broken)
	}
	b.migrate(t, "20261121006600_accesses_sealed_as_written.tx.up.sql")
	if found := b.sound(t); found.Records != before.Records+2 {
		t.Errorf("%d records, and %d before", found.Records, before.Records)
	}
	b.write(t, 2)
	if err := b.db.RecordAccesses(t.Context(), false, record(b.A, "third")); err != nil {
		t.Fatal(err)
	}
	b.seal(t)
	b.seal(t)
	found := b.sound(t)
	if n := pgtest.Value[int](t, b.d, `select count(distinct id) from audit_seals s, unnest(s.record_ids) id where tenant_id = $1`,
		b.A.ID.UUID()); n != found.Records || n != before.Records+5 {
		t.Errorf("%d records have %d links, after %d", found.Records, n, before.Records)
	}
}

// migrate runs one file of a migration.
func (b *bundle) migrate(t *testing.T, name string) {
	t.Helper()
	script, err := migrations.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	// The simple protocol takes all statements at once, in one transaction.
	if _, err := b.d.Super().Exec(t.Context(), string(script), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// TestManyAddToAChain: several servers write accesses and seal changes of the same companies at once. None fails, and each
// record has one link.
func TestManyAddToAChain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const servers, rounds, each = 3, 15, 4
	var all sync.WaitGroup
	for server := range servers {
		db := b.d.Open(t, audit.Models())
		companies := []pgtest.Company{b.A, b.B}
		if server%2 == 0 {
			slices.Reverse(companies)
		}
		all.Go(func() {
			for range rounds {
				var records []*postgres.AccessRecords
				for range each {
					records = append(records, record(companies[0], ""), record(companies[1], ""))
				}
				if err := db.RecordAccesses(t.Context(), false, records...); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range rounds {
				if _, err := db.SealAudit(t.Context(), 5, companies[0].ID, companies[1].ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() { b.write(t, 2*rounds) })
	all.Wait()
	b.seal(t)
	found := b.sound(t)
	if n := pgtest.Value[int](t, b.d, `select (select count(*) from audit_events where tenant_id = $1)
		+ (select count(*) from audit_accesses where tenant_id = $1)`, b.A.ID.UUID()); n != found.Records || n < servers*rounds*each {
		t.Errorf("%d records have %d links", n, found.Records)
	}
	if found := pgtest.Value[int](t, b.d, `select count(distinct id) from audit_seals s, unnest(s.record_ids) id where tenant_id = $1`,
		b.A.ID.UUID()); found != b.sound(t).Records {
		t.Errorf("%d of them are different", found)
	}
}

// TestASealerComesAgain: to a chain to which somebody else adds, with accesses alone, it comes back for the changes.
func TestASealerComesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	tx, err := b.d.Super().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "select pg_advisory_xact_lock(hashtextextended('tillgraph seal ' || $1::text, 0))", b.A.ID.UUID().String()); err != nil {
		t.Fatal(err)
	}
	b.write(t, 1)
	if sealed, err := b.db.SealAudit(t.Context(), 5, b.A.ID); err != nil || sealed[0] != postgres.BeingSealed {
		t.Fatal(err, sealed)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	defer func() { stop(); <-done }()
	go func() {
		defer close(done)
		b.sealer.Run(ctx, time.Millisecond, time.Hour)
	}()
	b.sealer.Mark(b.A.ID)
	time.Sleep(200 * time.Millisecond) // many rounds, in which it can't be sealed
	if n := b.sound(t).Waiting; n != 1 {
		t.Fatalf("%d wait", n)
	}
	// Nor do transactions of other tests hold it up from here on.
	for pgtest.Value[bool](t, b.d, "select pg_snapshot_xmin(pg_current_snapshot()) <= max(xid) from audit_events where tenant_id = $1", b.A.ID.UUID()) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); b.sound(t).Waiting != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came again")
		}
	}
}
