package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/bench"
	"github.com/tillgraph/tillgraph/internal/id"
)

// TestBenchComparesWhatIsAlike measures the demo companies for a moment: the limit's handlers answer every kind of
// request as the server does, or nothing is measured.
func TestBenchComparesWhatIsAlike(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, nil, anyPort(dir)...)
	settings := databaseSettings{DataDir: dir}
	db, err := settings.open(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	shops, postmaster, err := shopsOf(t.Context(), db, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(shops) != 3 || postmaster == 0 {
		t.Fatalf("%d companies, and PostgreSQL is process %d", len(shops), postmaster)
	}
	p := &process{now: time.Now, rand: rand.Reader}
	tokens := tokenSettings{TokenIssuer: "tillgraph", TokenAudience: "tillgraph"}
	keys, err := tokens.keys(settings, p)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := tokens.issuer(keys, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, shop := range shops {
		if shop.Token, err = mint(issuer, shop.Company, shop.Owner, time.Now(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	verifier, err := auth.NewVerifier(auth.VerifierConfig{
		Keys: keys, Issuer: "tillgraph", Audience: "tillgraph", CacheSize: 10, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer verifier.Close()
	aside, err := (&benchLimitCommand{MaxConns: 2}).aside(t.Context(), db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer aside.stop()
	handlers, err := bench.NewLimit(t.Context(), bench.LimitConfig{
		URL: db.loginURL, Conns: 4, Verifier: verifier, Shops: shops, Now: time.Now,
		Sold: aside.sold, Accessed: aside.accessed,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer handlers.Close()
	limit := httptest.NewServer(handlers)
	defer limit.Close()
	var out strings.Builder
	result, err := bench.Run(t.Context(), bench.Options{
		ServerURL: s.base + endpointPath, LimitURL: limit.URL, PostgresPID: postmaster, Shops: shops,
		Connections: []int{2}, Slice: 50 * time.Millisecond, Turns: 1, Out: &out, Now: time.Now,
		Counts:  func(context.Context) (bench.Counts, error) { return bench.Counts{}, nil },
		Settled: settledIn(db, shops),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range result.Lines {
		if line.Share <= 0 || line.ServerP99 < line.ServerP50 || line.ServerP50 <= 0 || line.LimitP50 <= 0 {
			t.Errorf("measured: %+v", line)
		}
	}
	if len(result.Lines) != len(bench.Requests()) || strings.Count(out.String(), "% of the limit") != len(result.Lines) {
		t.Errorf("printed:\n%s", &out)
	}
	for _, unrecorded := range []bool{false, true} {
		if n := recordedAside(t, db, shops[0], unrecorded); (n == 1) == unrecorded {
			t.Errorf("with --unrecorded=%t the limit keeps %d records of an access", unrecorded, n)
		}
	}
	// Another token is let in nowhere.
	shops[0].Token += "x"
	if _, err := bench.Run(t.Context(), bench.Options{
		ServerURL: s.base + endpointPath, LimitURL: limit.URL, Shops: shops[:1], Connections: []int{1}, Out: &out, Now: time.Now,
		Settled: settledIn(db, shops),
	}); err == nil {
		t.Error("a wrong token is answered")
	}
}

// recordedAside tells what is done beside the limit of an access, and counts the records of it.
func recordedAside(t *testing.T, db *target, shop *bench.Shop, unrecorded bool) (n int) {
	t.Helper()
	aside, err := (&benchLimitCommand{MaxConns: 2, Unrecorded: unrecorded}).aside(t.Context(), db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	request := fmt.Sprint("aside, unrecorded: ", unrecorded)
	a := &audit.Access{At: time.Now(), RequestID: request, Kind: audit.Query, Outcome: audit.Answered}
	a.TenantID = id.Company(shop.Company)
	aside.accessed(a)
	aside.stop()
	if err := db.owner(t.Context(), func(conn *pgx.Conn) error {
		if _, err := conn.Exec(t.Context(), "select set_config('app.tenant_id', $1::text, false), set_config('app.store_ids', $2::text, false)",
			shop.Company.String(), "{00000000-0000-0000-0000-000000000000}"); err != nil {
			return err
		}
		return conn.QueryRow(t.Context(), "select count(*) from audit_accesses where request_id = $1", request).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBenchRefusesWhatItCantMeasure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--slice", "0s"}, {"--turns", "0"}, {"--shops", "0"}, {"--connections", "0"}} {
		run(t, map[string]string{"DATA_DIR": t.TempDir()}, append([]string{"bench"}, args...)...).want(t, 2, "must be above zero")
	}
	run(t, map[string]string{"DATA_DIR": t.TempDir()}, "bench", "--only", "Q9").want(t, 2, "knows no request Q9")
	run(t, map[string]string{"DATA_DIR": t.TempDir()}, "bench").want(t, 1, "fill a database first")
}
