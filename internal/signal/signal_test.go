package signal_test

import (
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestUnusual: a company's volume is learned for two weeks, and then what is far above it is a signal, once an hour.
func TestUnusual(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	told := map[string]int64{}
	w, err := signal.New(signal.Config{
		DB: d.Open(t, models()), Log: slog.New(slog.DiscardHandler), Models: models(),
		Counted: func(company, kind string, n int64) { told[company+" "+kind] += n },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, "delete from company_activity")
	d.Exec(t, "delete from signals")
	now := time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
	// At ten o'clock A has had 90 to 110 requests, of ten rows each, for 20 days; B for 13.
	for _, company := range []struct {
		id   id.Company
		days int
	}{{f.A.ID, 20}, {f.B.ID, 13}} {
		d.Exec(t, `insert into company_activity (tenant_id, hour, requests, micros, rows_read)
			select $1, $2::timestamptz - day * interval '24 hours', 90 + 20 * (day % 2), 1000, 1000 from generate_series(1, $3::integer) day`,
			company.id.UUID(), now.Truncate(time.Hour), company.days)
	}
	took := func(company id.Company, requests int, rows int64, took time.Duration) {
		t.Helper()
		scope := tenancy.New(tenancy.Spec{Company: company, Role: tenancy.Owner})
		for range requests {
			w.Request(&signal.Request{Scope: scope, Evidence: signal.Evidence{LastAt: now}, Rows: rows, Took: took})
		}
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	signals := func() []string {
		t.Helper()
		return pgtest.Values[string](t, d, `select concat_ws(' ', c.slug, s.kind, s.occurrences, s.usual) from signals s
			join companies c on c.tenant_id = s.tenant_id order by 1`)
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := signals(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	took(f.A.ID, 150, 10, 0)
	took(f.B.ID, 900, 10, 0)
	expect("half as much more is nothing, and B is still learned")
	took(f.A.ID, 60, 10, 0)
	expect("more than twice as many", "acme UNUSUAL_REQUESTS 210 100")
	took(f.A.ID, 10, 1000, 0)
	expect("rows, too", "acme UNUSUAL_REQUESTS 220 100", "acme UNUSUAL_ROWS 12100 1000")
	if told["acme UNUSUAL_REQUESTS"] != 1 || told["acme UNUSUAL_ROWS"] != 1 || len(told) != 2 {
		t.Errorf("%v", told)
	}
	now = now.Add(time.Hour)
	took(f.A.ID, 99, 0, 0)
	expect("at eleven there never was anything, but this is little", "acme UNUSUAL_REQUESTS 220 100", "acme UNUSUAL_ROWS 12100 1000")
	took(f.A.ID, 1, 0, 0)
	expect("at eleven", "acme UNUSUAL_REQUESTS 100 0", "acme UNUSUAL_REQUESTS 220 100", "acme UNUSUAL_ROWS 12100 1000")
}

// TestSlow: who takes a large share of what all requests take is told to operators, and not to the company.
func TestSlow(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	w, err := signal.New(signal.Config{DB: d.Open(t, models()), Log: slog.New(slog.DiscardHandler), Models: models()})
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, "delete from company_activity")
	d.Exec(t, "delete from signals")
	now := time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
	d.Exec(t, "insert into server_activity (hour, requests, micros, rows_read, companies) values ($1, 1000, 60000000, 1000, 9)", now.Truncate(time.Hour))
	slow := func() []string {
		t.Helper()
		return pgtest.Values[string](t, d, `select concat_ws(' ', d.slug, s.kind, s.occurrences, round((100 * s.share_of_time)::numeric), round((100 * s.share_of_rows)::numeric))
			from operator_signals s join company_directory d on d.company_id = s.company_id order by 1`)
	}
	took := func(company id.Company, took time.Duration) {
		t.Helper()
		w.Request(&signal.Request{
			Scope: tenancy.New(tenancy.Spec{Company: company, Role: tenancy.Owner}), Evidence: signal.Evidence{LastAt: now}, Rows: 1000, Took: took,
		})
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	took(f.A.ID, 30*time.Second)
	if got := slow(); len(got) != 0 {
		t.Errorf("a third, of ten companies: %q", got)
	}
	took(f.A.ID, 30*time.Second)
	took(f.B.ID, time.Second)
	if got := slow(); !slices.Equal(got, []string{"acme SLOW 2 50 67"}) {
		t.Errorf("half: %q", got)
	}
	if n := pgtest.Value[int](t, d, "select count(*) from signals"); n != 0 {
		t.Errorf("%d are told to companies", n)
	}
	if got := pgtest.Value[string](t, d, "select concat_ws(' ', requests, companies) from server_activity"); got != "1003 11" {
		t.Error(got)
	}
	// What is older than 90 days goes, of companies that ask for nothing as well.
	if err := w.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"operator_signals", "company_activity", "server_activity"} {
		if n := pgtest.Value[int](t, d, "select count(*) from "+table); n != 0 {
			t.Errorf("%d rows of %s are kept", n, table)
		}
	}
}

// models are those whose ids are named here.
func models() []any {
	return slices.Concat(signal.Models(), company.Models(), staff.Models(), catalog.Models(), sale.Models())
}
