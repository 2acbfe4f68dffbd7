package audit_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func (b *bundle) recorder() *audit.Recorder {
	return audit.NewRecorder(audit.RecorderConfig{DB: b.db, Log: slog.New(slog.DiscardHandler), Now: time.Now})
}

func access(c pgtest.Company, kind audit.Kind) *audit.Access {
	a := &audit.Access{At: time.Now(), Kind: kind, Outcome: audit.Answered}
	a.TenantID = c.ID
	return a
}

// names are the operations of a company's recorded accesses, in the order of their names.
func (b *bundle) names(t *testing.T, c pgtest.Company) []string {
	t.Helper()
	return pgtest.Values[string](t, b.d, "select operation from audit_accesses where tenant_id = $1 and operation <> '' order by operation", c.ID.UUID())
}

// TestRecordsAreKeptWhole: whatever a request sends is in its record, is sealed and is verified.
func TestRecordsAreKeptWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.d.Exec(t, "delete from audit_accesses")
	b.d.Exec(t, "delete from audit_seals")
	b.d.Exec(t, "delete from audit_heads")
	r := b.recorder()
	odd := "\"quoted\" \\ {brace}, NULL \t\n\u0001 é 漢 😀 </script> \u2028"
	full := access(b.A, audit.Mutation)
	full.StoreID, full.UserID, full.AtRegisterID = b.A.Stores[0].ID, &b.A.Owner, &b.A.Stores[0].Registers[0].ID
	full.Operator, full.Address, full.RequestID, full.Operation = odd, odd, odd, odd
	full.Document, full.Types, full.Codes = odd, []string{"Product", "Sale"}, []string{"FORBIDDEN", "NOT_FOUND"}
	full.StoreIDs = []uuid.UUID{b.A.Stores[0].ID.UUID(), b.A.Stores[1].ID.UUID()}
	full.Rows, full.Micros, full.Outcome, full.Lost = 7, 1<<40, audit.Refused, 3
	broken := access(b.A, audit.None)
	broken.RequestID = "a\x00b\xffc"
	r.Add(full)
	r.Add(broken)
	r.Add(access(b.B, audit.Query))
	if err := r.Flush(t.Context()); err != nil || r.Waiting() != 0 {
		t.Fatal(err, r.Waiting())
	}
	list, err := b.trail.Accesses(b.ctx, nil, page.Args{First: new(10)})
	if err != nil || len(list.Edges) != 2 {
		t.Fatal(err, len(list.Edges))
	}
	if got := list.Edges[0].Node; got.RequestID != "a\uFFFDb\uFFFDc" || len(got.Types)+len(got.StoreIDs)+len(got.Codes) != 0 || got.UserID != nil {
		t.Errorf("%+v", got)
	}
	got := list.Edges[1].Node
	if got.StoreID != full.StoreID || *got.UserID != *full.UserID || *got.AtRegisterID != *full.AtRegisterID ||
		got.Operator != odd || got.Address != odd || got.RequestID != odd || got.Operation != odd || got.Document != odd ||
		!slices.Equal(got.Types, full.Types) || !slices.Equal(got.Codes, full.Codes) || !slices.Equal(got.StoreIDs, full.StoreIDs) ||
		got.Rows != 7 || got.Micros != 1<<40 || got.Kind != audit.Mutation || got.Outcome != audit.Refused || got.Lost != 3 ||
		!got.At.Equal(full.At.Truncate(time.Microsecond)) {
		t.Errorf("%+v", got)
	}
	// A change with the same texts is sealed with them.
	b.d.Exec(t, "update products set name = $2 where id = $1", b.A.Products[0].UUID(), odd)
	b.seal(t)
	if found := b.sound(t); found.Records < 3 {
		t.Errorf("%+v", found)
	}
}

// record is one of a company's accesses, as the database takes it.
func record(c pgtest.Company, name string) *postgres.AccessRecords {
	none, nothing := []pgtype.UUID{{}}, []string{""}
	return &postgres.AccessRecords{
		Company: c.ID, Stores: []pgtype.UUID{{Valid: true}}, IDs: []pgtype.UUID{{Bytes: id.New[id.AuditAccess](), Valid: true}},
		Users: none, Registers: none, At: []time.Time{time.Now()}, Operators: nothing, Addresses: nothing, Requests: nothing,
		Operations: []string{name}, Kinds: []string{"QUERY"}, Documents: nothing, Types: nothing, Touched: nothing,
		Rows: []int32{0}, Micros: []int64{0}, Lost: []int64{0}, Outcomes: []string{"ANSWERED"}, Codes: nothing,
	}
}

// TestRecordsAreWrittenOnce: those of which it isn't known whether they were written are looked for.
func TestRecordsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.d.Exec(t, "delete from audit_accesses")
	first, second := record(b.A, "first"), record(b.A, "second")
	for _, test := range []struct {
		again   bool
		records []*postgres.AccessRecords
		fails   bool
		want    []string
	}{
		{false, []*postgres.AccessRecords{first}, false, []string{"first"}},
		{false, []*postgres.AccessRecords{second, first}, true, []string{"first"}},
		{true, []*postgres.AccessRecords{second, first}, false, []string{"first", "second"}},
	} {
		if err := b.db.RecordAccesses(t.Context(), test.again, test.records...); (err != nil) != test.fails {
			t.Error(err)
		}
		if got := b.names(t, b.A); !slices.Equal(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// TestOneRecordHoldsUpNoOther: what the database refuses waits, with its company's, and all others are written.
func TestOneRecordHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.d.Exec(t, "delete from audit_accesses")
	r := b.recorder()
	bad, good := access(b.A, "NO_KIND"), access(b.B, audit.Query)
	good.Operation = "good"
	r.Add(bad)
	r.Add(good)
	for range 2 {
		if err := r.Flush(t.Context()); err == nil || r.Waiting() != 1 {
			t.Errorf("%v: %d wait", err, r.Waiting())
		}
		if got := b.names(t, b.B); !slices.Equal(got, []string{"good"}) {
			t.Errorf("%q", got)
		}
	}
	bad.Kind = audit.Query
	if err := r.Flush(t.Context()); err != nil || r.Waiting() != 0 {
		t.Errorf("%v: %d wait", err, r.Waiting())
	}
}

// TestAllCompaniesHaveTheirTurn: of more companies than one transaction takes, one flush writes what each has, and the next one at
// the latest what was lost.
func TestAllCompaniesHaveTheirTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.d.Exec(t, "delete from audit_accesses")
	const companies = 1300
	c := b.recorder().RecorderConfig
	c.Most = companies + 1
	r := audit.NewRecorder(c)
	for range companies {
		// Companies that are gone have no trail; what waits of them goes with the rest.
		r.Add(access(pgtest.Company{ID: id.New[id.Company]()}, audit.Query))
	}
	r.Add(access(b.B, audit.Query))
	r.Add(access(b.A, audit.Query)) // which is one too many
	if err := r.Flush(t.Context()); err != nil || r.Waiting() != 0 {
		t.Fatal(err, r.Waiting())
	}
	if n := pgtest.Value[int](t, b.d, "select count(*) from audit_accesses where tenant_id = $1", b.B.ID.UUID()); n != 1 {
		t.Errorf("%d are written", n)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := pgtest.Value[int](t, b.d, "select coalesce(sum(lost), 0)::int from audit_accesses where tenant_id = $1", b.A.ID.UUID()); n != 1 {
		t.Errorf("%d lost are written", n)
	}
}

// TestManyAreWrittenAndSealed: more than one transaction holds, of several companies, each record once.
func TestManyAreWrittenAndSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.recorder()
	before := pgtest.Value[int](t, b.d, "select count(*) from audit_accesses")
	const each = 2300
	for range each {
		r.Add(access(b.A, audit.Query))
		r.Add(access(b.B, audit.Query))
	}
	if err := r.Flush(t.Context()); err != nil || r.Waiting() != 0 {
		t.Fatal(err, r.Waiting())
	}
	if n := pgtest.Value[int](t, b.d, "select count(*) from audit_accesses"); n != before+2*each {
		t.Errorf("%d of %d", n-before, 2*each)
	}
	b.seal(t)
	if found := b.sound(t); found.Records < each || found.Waiting != 0 {
		t.Errorf("%+v", found)
	}
}

// TestADumpIsSealedOn: in another cluster transactions are counted anew. What was sealed stays, what wasn't comes next, then
// what is written there, and all goes on as before when the count has come to where it was.
func TestADumpIsSealedOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.seal(t)
	b.write(t, 4)
	b.seal(t)
	// As if all of that came from a cluster that counted further, where the last two weren't sealed.
	company := b.A.ID.UUID()
	b.split(t)
	last := b.sound(t).LastPosition
	cut := last - 2
	ids := pgtest.Values[string](t, b.d, "select record_ids[1]::text from audit_seals where tenant_id = $1 and position > $2", company, cut)
	b.d.Exec(t, "delete from audit_seals where tenant_id = $1", company)
	b.d.Exec(t, "delete from audit_heads where tenant_id = $1", company)
	const ahead = "(xid::text::bigint + 1000000)::text::xid8"
	b.d.Exec(t, "update audit_events set xid = "+ahead+" where tenant_id = $1", company)
	b.d.Exec(t, "delete from audit_accesses where tenant_id = $1", company)
	genesis := audit.Genesis(b.A.ID)
	b.d.Exec(t, "insert into audit_heads values ($1, 0, $2, '9000000', 0, $2, now())", company, genesis)
	b.seal(t)
	b.split(t)
	b.d.Exec(t, "delete from audit_seals where tenant_id = $1 and record_ids[1]::text = any ($2)", company, ids)
	b.d.Exec(t, `update audit_heads h set position = s.position, digest = s.digests, horizon = '9000000' from audit_seals s
		where h.tenant_id = $1 and s.tenant_id = $1 and s.position = (select max(position) from audit_seals where tenant_id = $1)`, company)
	b.write(t, 3)
	b.seal(t)
	b.seal(t)
	order := pgtest.Values[string](t, b.d, "select r.id::text from audit_seals s, unnest(s.record_ids) with ordinality r (id, n) where s.tenant_id = $1 order by s.position desc, r.n desc limit 5", company)
	slices.Reverse(order)
	if !slices.Equal(order[:2], ids) {
		t.Errorf("%q, want %q first", order, ids)
	}
	b.sound(t)
	if now := pgtest.Value[bool](t, b.d, "select horizon <= pg_snapshot_xmax(pg_current_snapshot()) from audit_heads where tenant_id = $1", company); !now {
		t.Error("it is still another cluster's")
	}
	// What is sealed isn't sealed again, wherever the search for it begins.
	b.d.Exec(t, "update audit_heads set horizon = '0' where tenant_id = $1", company)
	sealed := b.sound(t).Records
	b.seal(t)
	if found := b.sound(t); found.Records != sealed {
		t.Errorf("%d records, and %d before", found.Records, sealed)
	}
}
