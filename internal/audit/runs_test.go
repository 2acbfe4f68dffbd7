package audit_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// join makes one seal of all links of each chain.
func (b *bundle) join(t *testing.T) {
	t.Helper()
	b.d.Exec(t, `create table joined as select o.tenant_id, min(o.position) as first_position, max(o.position) as position,
		array_agg(o.oldest_id order by o.position) as record_ids, string_agg(o.digests, ''::bytea order by o.position) as digests,
		(array_agg(o.oldest_id order by o.oldest_id))[1] as oldest_id, (array_agg(o.oldest_id order by o.oldest_id desc))[1] as newest_id,
		max(o.sealed_at) as sealed_at from (`+oneEach+`) o group by o.tenant_id`)
	b.d.Exec(t, "delete from audit_seals")
	b.d.Exec(t, "insert into audit_seals select * from joined")
	b.d.Exec(t, "drop table joined")
}

// TestRecordsAreSealedTogether: what one round seals is a row, in which all of it is found, and which nothing is sealed beside.
func TestRecordsAreSealedTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	company := b.A.ID.UUID()
	before := b.sound(t)
	rows := pgtest.Value[int](t, b.d, "select count(*) from audit_seals where tenant_id = $1", company)
	b.write(t, 40)
	b.seal(t)
	found := b.sound(t)
	if found.Records != before.Records+40 {
		t.Errorf("%+v, and before %+v", found, before)
	}
	// Transactions of other tests may have held some up.
	if more := pgtest.Value[int](t, b.d, "select count(*) from audit_seals where tenant_id = $1", company) - rows; more < 1 || more >= 40 {
		t.Errorf("40 records are in %d seals", more)
	}
	if n := pgtest.Value[int](t, b.d, `select count(*) from audit_seals s where s.oldest_id <> (select min(r::text)::uuid from unnest(s.record_ids) r)
		or s.newest_id <> (select max(r::text)::uuid from unnest(s.record_ids) r)`); n != 0 {
		t.Errorf("%d don't say which ids they hold", n)
	}
	// What is sealed isn't sealed again, wherever the search begins, and however the chain is divided.
	for _, divide := range []func(*testing.T){func(*testing.T) {}, b.split, b.join} {
		divide(t)
		b.d.Exec(t, "update audit_heads set horizon = '0'")
		b.seal(t)
		if again := b.sound(t); *again != *found {
			t.Errorf("%+v, and %+v before", again, found)
		}
	}
	// A part that begins in the middle of a seal is verified, too.
	anchors := []audit.Anchor{{Company: company.String(), Position: before.LastPosition, Hash: before.Head}}
	if found := b.verify(t, audit.Check{Anchors: anchors}); found.Broken != nil {
		t.Errorf("an anchor within a seal: %v", found.Broken)
	}
	anchors[0].Position--
	if found := b.verify(t, audit.Check{Anchors: anchors}); found.Broken == nil || found.Broken.Fault != audit.AnchorDiffers ||
		found.Broken.RecordKey != b.at(t, before.LastPosition-1).UUID() {
		t.Errorf("an anchor of another place: %v", found.Broken)
	}
}

// TestTamperingWithinASeal: one seal holds all of the chain, and still the first record is named that isn't as it was.
func TestTamperingWithinASeal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.write(t, 12)
	b.seal(t)
	b.join(t)
	found := b.sound(t)
	last, company := found.LastPosition, b.A.ID.UUID()
	p := last - 6
	b.d.Exec(t, "create schema kept")
	for _, table := range []string{"audit_events", "audit_seals", "audit_heads"} {
		b.d.Exec(t, "create table kept."+table+" as select * from "+table)
	}
	record := func(position int64) string { return b.at(t, position).String() }
	const without = `update audit_seals set record_ids = record_ids[:$2::int - 1] || record_ids[$2::int + 1:],
		digests = substring(digests for ($2::int - 1) * 32) || substring(digests from $2::int * 32 + 1)`
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
		{"a hash is changed", func(t *testing.T) {
			b.d.Exec(t, `update audit_seals set digests = overlay(digests placing sha256('x') from ($2::int - 1) * 32 + 1) where tenant_id = $1`,
				company, p)
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"a record is removed", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
		}, audit.RecordRemoved, p, func() string { return record(p) }},
		{"two records change places", func(t *testing.T) {
			b.d.Exec(t, `update audit_seals set record_ids = record_ids[:$2::int - 1] || record_ids[$2::int + 1] || record_ids[$2::int] || record_ids[$2::int + 2:]
				where tenant_id = $1`, company, p)
		}, audit.RecordsReordered, p, func() string { return record(p) }},
		{"a record is removed with its link", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
			b.d.Exec(t, without+", first_position = first_position + 1 where tenant_id = $1", company, p)
			// The seal is shorter than its place: what is missing first is at its beginning.
		}, audit.RecordRemoved, 1, nil},
		{"a record is removed and the gap closed", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id = $1`, b.at(t, p).UUID())
			b.d.Exec(t, without+", position = position - 1 where tenant_id = $1", company, p)
			b.d.Exec(t, `update audit_heads set position = position - 1 where tenant_id = $1`, company)
		}, audit.RecordChanged, p, func() string { return record(p) }},
		{"the tail is cut off", func(t *testing.T) {
			b.d.Exec(t, `delete from audit_events where id in (select unnest(record_ids[$2::int + 1:]) from audit_seals where tenant_id = $1)`, company, p)
			b.d.Exec(t, `update audit_seals set position = $2::int, record_ids = record_ids[:$2::int], digests = substring(digests for $2::int * 32)
				where tenant_id = $1`, company, p)
		}, audit.TailRemoved, p + 1, nil},
		{"an id is another's", func(t *testing.T) {
			b.d.Exec(t, `update audit_seals set record_ids[$2::int] = gen_random_uuid() where tenant_id = $1`, company, p)
		}, audit.RecordRemoved, p, func() string { return record(p) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, table := range []string{"audit_events", "audit_seals", "audit_heads"} {
				b.d.Exec(t, "delete from "+table)
				b.d.Exec(t, "insert into "+table+" select * from kept."+table)
			}
			b.sound(t)
			test.do(t)
			broken := b.verify(t, audit.Check{}).Broken
			if broken == nil {
				t.Fatal("it isn't found")
			}
			named, want := "", ""
			if ref := broken.RecordID(); ref != nil {
				named = ref.String()
			}
			if test.record != nil {
				want = test.record()
			}
			if broken.Fault != test.fault || broken.Position != test.position || named != want {
				t.Errorf("%s; want %s at %d, %s", broken, test.fault, test.position, want)
			}
		})
	}
}

// TestASealIsShorterThanItSays: without the checks of its table it is still verified, and found.
func TestASealIsShorterThanItSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.join(t)
	company := b.A.ID.UUID()
	last := b.sound(t)
	b.write(t, 3)
	b.seal(t)
	from := pgtest.Value[time.Time](t, b.d, "select min(sealed_at) from audit_seals where tenant_id = $1 and position > $2", company, last.LastPosition)
	for _, check := range pgtest.Values[string](t, b.d, "select conname from pg_constraint where conrelid = 'audit_seals'::regclass and contype = 'c'") {
		b.d.Exec(t, "alter table audit_seals drop constraint "+check)
	}
	b.d.Exec(t, "update audit_seals set digests = substring(digests for 40), record_ids = record_ids[:2] where tenant_id = $1 and position = $2",
		company, last.LastPosition)
	anchors := []audit.Anchor{{Company: company.String(), Position: last.LastPosition, Hash: last.Head}}
	for _, c := range []audit.Check{{Anchors: anchors}, {From: &from, Anchors: anchors}} {
		if found := b.verify(t, c); found.Broken == nil {
			t.Errorf("%+v: it isn't found", c)
		}
	}
}
