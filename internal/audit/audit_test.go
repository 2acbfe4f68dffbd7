package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

type bundle struct {
	*pgtest.Fixture
	d      *pgtest.Database
	db     *postgres.DB
	trail  *audit.Trail
	sealer *audit.Sealer
	ctx    context.Context
}

func setup(t *testing.T) *bundle {
	t.Helper()
	d, f := pgtest.Filled(t)
	b := &bundle{Fixture: f, d: d, db: d.Open(t, audit.Models())}
	b.trail, b.sealer = audit.New(b.db), audit.NewSealer(b.db, slog.New(slog.DiscardHandler))
	b.ctx = pgtest.Context(t, b.A.OwnerScope())
	return b
}

// seal seals all that there is. Transactions of other tests in the same cluster hold it up.
func (b *bundle) seal(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		for _, c := range []id.Company{b.A.ID, b.B.ID} {
			if err := b.sealer.Seal(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if pgtest.Value[int](t, b.d, `select count(*) from (select tenant_id, id from audit_events
			union all select tenant_id, id from audit_accesses) r
			where not exists (select from audit_seals s where s.tenant_id = r.tenant_id and r.id = any (s.record_ids))`) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("records can't be sealed")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (b *bundle) verify(t *testing.T, c audit.Check) *audit.Verification {
	t.Helper()
	found, err := b.trail.Verify(b.ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sound fails the test where the chain is broken.
func (b *bundle) sound(t *testing.T) *audit.Verification {
	t.Helper()
	found := b.verify(t, audit.Check{})
	if found.Broken != nil {
		t.Fatal(found.Broken)
	}
	return found
}

// write makes records.
func (b *bundle) write(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		b.d.Exec(t, "update products set name = $2 where id = $1", b.A.Products[0].UUID(), fmt.Sprint("Cola ", i, time.Now()))
	}
}

// at gives the record at a position.
func (b *bundle) at(t *testing.T, position int64) id.AuditEvent {
	t.Helper()
	return id.AuditEvent(pgtest.Value[[16]byte](t, b.d, `select record_ids[($2::bigint - first_position + 1)::int]
		from audit_seals where tenant_id = $1 and position >= $2::bigint order by position limit 1`, b.A.ID.UUID(), position))
}

// oneEach are all links of all chains, a seal each.
const oneEach = `select s.tenant_id, s.first_position + r.n - 1 as first_position, s.first_position + r.n - 1 as position,
	array[r.id] as record_ids, substring(s.digests from (r.n::integer - 1) * 32 + 1 for 32) as digests, r.id as oldest_id, r.id as newest_id, s.sealed_at
	from audit_seals s cross join unnest(s.record_ids) with ordinality r (id, n)`

// split makes a seal of each link: where one of them is meant.
func (b *bundle) split(t *testing.T) {
	t.Helper()
	b.d.Exec(t, "create table split as "+oneEach)
	b.d.Exec(t, "delete from audit_seals")
	b.d.Exec(t, "insert into audit_seals select * from split")
	b.d.Exec(t, "drop table split")
}

func TestTheChainHolds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if found := b.sound(t); found.Records != 1+len(b.A.Stores) {
		t.Errorf("one change is sealed, and an access of each store: %+v", found)
	}
	b.seal(t)
	first := b.sound(t)
	if first.Records == 0 || first.FirstPosition != 1 || first.LastPosition != int64(first.Records) {
		t.Errorf("%+v", first)
	}
	b.write(t, 5)
	found := b.sound(t)
	if waiting := found.Waiting; waiting != 5 {
		t.Errorf("%d wait for their seal", waiting)
	}
	if found.Waiting = 0; *found != *first {
		t.Errorf("with records to come: %+v", found)
	}
	b.seal(t)
	if found := b.sound(t); found.Records != first.Records+5 || found.Head == first.Head {
		t.Errorf("%+v", found)
	}
	from := time.Now().Add(time.Hour)
	if found := b.verify(t, audit.Check{From: &from}); found.Broken != nil || found.Records != 0 {
		t.Errorf("of later: %+v", found)
	}
	middle := pgtest.Value[time.Time](t, b.d, "select min(sealed_at) from audit_seals where tenant_id = $1 and position > $2", b.A.ID.UUID(), first.LastPosition)
	if found := b.verify(t, audit.Check{From: &middle}); found.Broken != nil || found.Records != 5 {
		t.Errorf("the last: %+v", found)
	}
	before := middle.Add(-time.Microsecond)
	if found := b.verify(t, audit.Check{To: &before}); found.Broken != nil || found.Records != first.Records || found.Head != first.Head {
		t.Errorf("the first: %+v", found)
	}
	if _, err := b.trail.Verify(b.ctx, audit.Check{Most: 3}); err == nil {
		t.Error("there is no bound")
	}
	if _, err := b.trail.Verify(pgtest.Context(t, b.A.CashierScope(0)), audit.Check{}); err == nil {
		t.Error("it is verified with one store")
	}
}

// TestTamperingIsNamed does behind the server's back what the trail must tell, with a seal for each record.
func TestTamperingIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.write(t, 12)
	b.seal(t)
	last := b.sound(t).LastPosition
	p := last - 6
	company := b.A.ID.UUID()
	restore := func(t *testing.T) {
		t.Helper()
		for _, table := range []string{"audit_events", "audit_accesses", "audit_seals", "audit_heads"} {
			b.d.Exec(t, "delete from "+table)
			b.d.Exec(t, "insert into "+table+" select * from kept."+table)
		}
		b.sound(t)
	}
	b.d.Exec(t, "create schema kept")
	b.split(t)
	for _, table := range []string{"audit_events", "audit_accesses", "audit_seals", "audit_heads"} {
		b.d.Exec(t, "create table kept."+table+" as select * from "+table)
	}
	anchors := []audit.Anchor{{Company: company.String(), Position: last, Hash: b.sound(t).Head, At: time.Now()}}
	record := func(position int64) string { return b.at(t, position).String() }
	for _, test := range []struct {
		name     string
		do       func(t *testing.T)
		fault    audit.Fault
		position int64
		record   func() string
	}{
		{"a field is changed", func(t *testing.T) {
			b.d.Exec(t, `update audit_events set became = '{"name": "Tea"}' where id = $1`, b.at(t, p).UUID())
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"who it was is changed", func(t *testing.T) {
			b.d.Exec(t, `update audit_events set user_id = $2 where id = $1`, b.at(t, p).UUID(), b.A.Owner.UUID())
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"when it was is changed", func(t *testing.T) {
			b.d.Exec(t, `update audit_events set at = at + interval '1 microsecond' where id = $1`, b.at(t, p).UUID())
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"the first is changed", func(t *testing.T) {
			b.d.Exec(t, `update audit_events set operator = 'me' where id = $1`, b.at(t, 1).UUID())
		}, audit.RecordChanged, 1, func() string { return record(1) }},
		{"a record is removed", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
		}, audit.RecordRemoved, p, func() string { return record(p) }},
		{"a record is removed with its seal", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position = $2`, company, p)
		}, audit.RecordRemoved, p, nil},
		{"a record is removed and the gap closed", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position = $2`, company, p)
			for at := p + 1; at <= last; at++ {
				b.d.Exec(t, `update audit_seals set first_position = $2 - 1, position = $2 - 1 where tenant_id = $1 and position = $2`, company, at)
			}
			b.d.Exec(t, `update audit_heads set position = position - 1 where tenant_id = $1`, company)
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"a record is inserted among the old ones", func(t *testing.T) {
			b.d.Exec(t, `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', $2::uuid))).*
				from audit_events e where id = $1`, b.at(t, p).UUID(), id.AuditEvent{15: 1}.UUID())
		}, audit.RecordInserted, 0, func() string { return id.AuditEvent{15: 1}.String() }},
		{"a record of old is inserted now", func(t *testing.T) {
			b.d.Exec(t, `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', $2::uuid,
				'at', e.at - interval '3 days', 'xid', pg_current_xact_id()))).* from audit_events e where id = $1`,
				b.at(t, p).UUID(), id.AuditEvent{15: 2}.UUID())
			b.seal(t)
		}, audit.RecordInserted, last + 1, func() string { return id.AuditEvent{15: 2}.String() }},
		{"a record is inserted with a seal", func(t *testing.T) {
			b.d.Exec(t, `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', $2::uuid))).*
				from audit_events e where id = $1`, b.at(t, p).UUID(), id.AuditEvent{15: 3}.UUID())
			for at := last; at >= p; at-- {
				b.d.Exec(t, `update audit_seals set first_position = $2 + 1, position = $2 + 1 where tenant_id = $1 and position = $2`, company, at)
			}
			b.d.Exec(t, `insert into audit_seals values ($1, $2, $2, array[$3::uuid], sha256('x'), $3, $3, now())`, company, p, id.AuditEvent{15: 3}.UUID())
			// What comes next follows what came before: it is the record between that is out of place.
		}, audit.RecordsReordered, p, func() string { return id.AuditEvent{15: 3}.String() }},
		{"two records change places", func(t *testing.T) {
			one, other := b.at(t, p).UUID(), b.at(t, p+1).UUID()
			b.d.Exec(t, `update audit_seals set record_ids = array[gen_random_uuid()] where tenant_id = $1 and position = $2`, company, p)
			b.d.Exec(t, `update audit_seals set record_ids = array[$3::uuid] where tenant_id = $1 and position = $2`, company, p+1, one)
			b.d.Exec(t, `update audit_seals set record_ids = array[$3::uuid] where tenant_id = $1 and position = $2`, company, p, other)
		}, audit.RecordsReordered, p, func() string { return record(p) }},
		{"two seals change places", func(t *testing.T) {
			for _, move := range [][2]int64{{p, 1 << 40}, {p + 1, p}, {1 << 40, p + 1}} {
				b.d.Exec(t, `update audit_seals set first_position = $3, position = $3 where tenant_id = $1 and position = $2`, company, move[0], move[1])
			}
		}, audit.RecordsReordered, p, func() string { return record(p) }},
		{"the tail is cut off", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events e using audit_seals s where e.id = any (s.record_ids) and s.tenant_id = $1 and s.position > $2`, company, p)
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position > $2`, company, p)
		}, audit.TailRemoved, p + 1, nil},
		{"the tail is cut off, and the head set back", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events e using audit_seals s where e.id = any (s.record_ids) and s.tenant_id = $1 and s.position > $2`, company, p)
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position > $2`, company, p)
			b.d.Exec(t, `update audit_heads set position = $2, digest = (select digests from audit_seals where tenant_id = $1 and position = $2)
				where tenant_id = $1`, company, p)
		}, audit.AnchorDiffers, last, nil},
		{"the head is set back alone", func(t *testing.T) {
			b.d.Exec(t, `update audit_heads set position = $2, digest = (select digests from audit_seals where tenant_id = $1 and position = $2)
				where tenant_id = $1`, company, p)
		}, audit.HeadDiffers, p + 1, nil},
		{"the head is another", func(t *testing.T) {
			b.d.Exec(t, `update audit_heads set digest = sha256('x') where tenant_id = $1`, company)
		}, audit.HeadDiffers, last, nil},
		{"all is written anew from a record on", func(t *testing.T) {
			b.d.Exec(t, `update audit_events set operator = 'nobody' where id = $1`, b.at(t, p).UUID())
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position >= $2`, company, p)
			b.d.Exec(t, `update audit_heads set position = $2 - 1, horizon = '0',
				digest = (select digests from audit_seals where tenant_id = $1 and position = $2 - 1) where tenant_id = $1`, company, p)
			b.seal(t)
		}, audit.AnchorDiffers, last, func() string { return record(last) }},
		{"all of it is removed", func(t *testing.T) {
			for _, table := range []string{"audit_events", "audit_accesses", "audit_seals", "audit_heads"} {
				b.d.Exec(t, "delete from "+table+" where tenant_id = $1", company)
			}
		}, audit.AnchorDiffers, last, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			restore(t)
			test.do(t)
			broken := b.verify(t, audit.Check{Anchors: anchors}).Broken
			if broken == nil {
				t.Fatal("it isn't found")
			}
			named := ""
			if ref := broken.RecordID(); ref != nil {
				named = ref.String()
			}
			want := ""
			if test.record != nil {
				want = test.record()
			}
			if broken.Fault != test.fault || broken.Position != test.position || named != want {
				t.Errorf("%s; want %s at %d, %s", broken, test.fault, test.position, want)
			}
			if test.fault == audit.AnchorDiffers {
				if found := b.verify(t, audit.Check{}); found.Broken != nil {
					t.Errorf("without its anchor: %s", found.Broken)
				}
			}
		})
	}
}
