package bench

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/seed"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// world is a database that was seeded for measuring, with the server and the limit over it.
type world struct {
	db     *pgtest.Database
	shops  []*Shop
	server *side
	limit  *side
	keys   *auth.KeySet
	// sold are the companies that the limit has sold for.
	sold sync.Map
	// accessed has what the server and the limit record.
	accessed [2]chan *audit.Access
}

const issuerName = "tillgraph-bench-test"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fill(t testing.TB, d *pgtest.Database, o seed.BulkOptions) {
	t.Helper()
	o.Now, o.Logger, o.Seed = time.Now, slog.New(slog.DiscardHandler), max(o.Seed, 1)
	o.HashPassword = func(context.Context, string) (string, error) { return "$argon2id$none", nil }
	must(t, seed.Bulk(t.Context(), func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, d.OwnerURL) }, o))
}

// open serves a database to the shops that it has.
func open(t testing.TB, d *pgtest.Database, change ...func(*postgres.Config)) *world {
	t.Helper()
	w := &world{db: d}
	text, err := auth.NewKey(rand.Reader)
	must(t, err)
	w.keys, err = auth.ParseKeySet(text)
	must(t, err)
	issuer, err := auth.NewIssuer(auth.IssuerConfig{
		Keys: w.keys, Issuer: issuerName, Audience: issuerName, Now: time.Now, Rand: rand.Reader,
	})
	must(t, err)
	verifier, err := auth.NewVerifier(auth.VerifierConfig{
		Keys: w.keys, Issuer: issuerName, Audience: issuerName, CacheSize: 100, Now: time.Now,
	})
	must(t, err)
	t.Cleanup(verifier.Close)
	conn, err := pgx.Connect(t.Context(), d.OwnerURL)
	must(t, err)
	w.shops, err = Shops(t.Context(), conn, 1000)
	must(t, err)
	must(t, conn.Close(t.Context()))
	for _, s := range w.shops {
		s.Token, err = issuer.Issue(auth.Claims{Tenant: s.Company, Subject: s.Owner, ExpiresAt: time.Now().Add(time.Hour)})
		must(t, err)
	}
	w.serve(t, issuer, verifier, d.Open(t, graph.Models(), change...))
	handlers, err := NewLimit(t.Context(), LimitConfig{
		URL: d.URL, Conns: 4, Verifier: verifier, Shops: w.shops, Now: time.Now,
		Sold:     func(company id.Company) { w.sold.Store(company, true) },
		Accessed: w.note(1),
	})
	must(t, err)
	t.Cleanup(handlers.Close)
	limit := httptest.NewServer(handlers)
	t.Cleanup(limit.Close)
	w.limit = newSide("limit", limit.URL, true, process{}, 4, time.Now)
	return w
}

func (w *world) serve(t testing.TB, issuer *auth.Issuer, verifier *auth.Verifier, db *postgres.DB) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	config := graph.Config{
		DB: db, Issuer: issuer, Verifier: verifier, Keys: w.keys, Passwords: auth.NewPasswords(2, rand.Reader),
		Logger: log, Now: time.Now, Rand: rand.Reader, Later: later.New(log),
		AccessTTL: time.Hour, RefreshTTL: time.Hour, DeletionGrace: time.Hour,
		MaxBody: 1 << 20, MaxDepth: 15, MaxComplexity: 1 << 30, Timeout: time.Minute, Accessed: w.note(0),
	}
	t.Cleanup(func() { config.Later.Close(context.Background()) })
	var err error
	config.Mail, err = mail.Open(mail.Config{URL: "file://" + t.TempDir(), From: "till@test.example"}, log)
	must(t, err)
	handler, err := graph.New(config)
	must(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	w.server = newSide("server", srv.URL, false, process{}, 4, time.Now)
}

// note keeps what is recorded of a request of a side until somebody looks, and nothing else meanwhile.
func (w *world) note(side int) func(*audit.Access) {
	w.accessed[side] = make(chan *audit.Access, 1)
	return func(a *audit.Access) {
		select {
		case w.accessed[side] <- a:
		default:
		}
	}
}

// request gives a kind of request.
func request(t testing.TB, name string) Request {
	t.Helper()
	for _, q := range Requests() {
		if q.Name == name {
			return q
		}
	}
	t.Fatalf("there is no request %s", name)
	return Request{}
}
