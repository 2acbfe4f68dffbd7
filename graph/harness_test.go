package graph_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) {
	// These are many: properties are tried less often than by themselves, and garbage is collected less often, but where
	// memory is what is measured.
	flag.Parse()
	_ = flag.Set("rapid.checks", "30")
	_ = flag.Set("test.parallel", "3") // some of them only wait
	if os.Getenv(hostileChild) == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(pgtest.Main(m))
}

// bundle is a server over a database of its own: the real handler, the real PostgreSQL, the restricted role.
type bundle struct {
	*pgtest.Fixture
	db     *pgtest.Database
	server *graph.Server
	url    string
	issuer *auth.Issuer
	logs   *serverLog
	// letters is the folder where mail goes.
	letters string
	// headers go with every request of post, as name, value.
	headers []string
	// met are the people whom the server knows, strangers says that nobody is to be met beforehand.
	met       sync.Map
	strangers bool
}

const (
	issuerName = "tillgraph-test"
	password   = "correct horse battery"
)

func setup(t testing.TB, change ...func(*graph.Config)) *bundle {
	t.Helper()
	d, f := pgtest.Filled(t)
	return serveOn(t, d, f, change...)
}

// serveOn starts a server on a database that has the fixture's companies already.
func serveOn(t testing.TB, d *pgtest.Database, f *pgtest.Fixture, change ...func(*graph.Config)) *bundle {
	t.Helper()
	b := &bundle{Fixture: f, db: d, logs: newServerLog(t)}
	text, err := auth.NewKey(rand.Reader)
	must(t, err)
	keys, err := auth.ParseKeySet(text)
	must(t, err)
	b.issuer, err = auth.NewIssuer(auth.IssuerConfig{
		Keys: keys, Issuer: issuerName, Audience: issuerName, Now: time.Now, Rand: rand.Reader,
	})
	must(t, err)
	verifier, err := auth.NewVerifier(auth.VerifierConfig{
		Keys: keys, Issuer: issuerName, Audience: issuerName, CacheSize: 100, Now: time.Now,
	})
	must(t, err)
	t.Cleanup(verifier.Close)
	config := graph.Config{
		DB: d.Open(t, graph.Models()), Issuer: b.issuer, Verifier: verifier,
		Passwords: auth.NewPasswords(2, rand.Reader),
		Logger:    slog.New(b.logs), Now: time.Now, Rand: rand.Reader,
		AccessTTL: 15 * time.Minute, RefreshTTL: 24 * time.Hour,
		Introspection: true, SignUp: true, DeletionGrace: 30 * 24 * time.Hour, MaxBody: 1 << 20, MaxDepth: 15, MaxComplexity: 20_000, Timeout: 30 * time.Second,
	}
	b.letters = t.TempDir()
	config.Keys, config.Later = keys, later.New(config.Logger)
	t.Cleanup(func() { config.Later.Close(context.Background()) })
	config.Mail, err = mail.Open(mail.Config{URL: "file://" + b.letters, From: "till@test.example"}, config.Logger)
	must(t, err)
	for _, fn := range change {
		fn(&config)
	}
	b.server, err = graph.New(config)
	must(t, err)
	srv := httptest.NewServer(b.server)
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

// besides serves what the server answers that isn't GraphQL.
func (b *bundle) besides(t testing.TB) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for path, hook := range b.server.Hooks {
		mux.Handle(path, hook)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// token mints an access token of a person of a company.
func (b *bundle) token(t testing.TB, c pgtest.Company, user id.User) string {
	t.Helper()
	token, err := b.issuer.Issue(auth.Claims{
		Tenant: c.ID.UUID(), Subject: user.UUID(), ExpiresAt: time.Now().Add(time.Hour),
	})
	must(t, err)
	if _, met := b.met.LoadOrStore(user, true); !met {
		b.meet(t, token)
	}
	return token
}

// meet lets the server know who somebody is, so that what a request costs is what it costs from the second one on.
func (b *bundle) meet(t testing.TB, credential string) {
	t.Helper()
	if b.strangers {
		return
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, b.url,
		strings.NewReader(`{"query": "{ __typename }"}`))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+credential)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	must(t, res.Body.Close())
}

func (b *bundle) owner(t testing.TB) string   { return b.token(t, b.A, b.A.Owner) }
func (b *bundle) manager(t testing.TB) string { return b.token(t, b.A, b.A.Manager) }
func (b *bundle) cashier(t testing.TB, store int) string {
	return b.token(t, b.A, b.A.Stores[store].Cashier)
}

// device gives a register of the fixture a key that works.
func (b *bundle) device(t testing.TB, c pgtest.Company, r pgtest.Register) string {
	t.Helper()
	key, hash, err := auth.NewSecret(auth.KindRegisterKey, c.ID.UUID(), r.ID.UUID(), rand.Reader)
	must(t, err)
	b.db.Exec(t, "update register_keys set key_hash = $1 where register_id = $2", hash, r.ID.UUID())
	b.meet(t, key)
	return key
}

// answer is what the server said.
type answer struct {
	Status int
	Header http.Header
	Raw    string
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
	Extensions map[string]any
	// cost is what the database was asked for it.
	cost
	// covered are the fields that it holds, as Type.field.
	covered map[string]bool
}

// at reads a value of the data: keys, and numbers for places in lists.
func (a *answer) at(path ...any) any {
	var value any = a.Data
	for _, part := range path {
		switch part := part.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[part]
		case int:
			list, _ := value.([]any)
			if part >= len(list) {
				return nil
			}
			value = list[part]
		}
	}
	return value
}

// ok fails the test when the answer has errors.
func (a *answer) ok(t testing.TB) *answer {
	t.Helper()
	if len(a.Errors) > 0 || a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Raw)
	}
	return a
}

// code is the code of the first error, "" where there is none.
func (a *answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// codes are those of a payload's user errors, each with its field path.
func (a *answer) codes(field string) []string {
	var codes []string
	list, _ := a.at(field, "userErrors").([]any)
	for _, e := range list {
		object, _ := e.(map[string]any)
		parts := []string{}
		for _, part := range object["field"].([]any) {
			parts = append(parts, part.(string))
		}
		codes = append(codes, object["code"].(string)+" "+strings.Join(parts, "."))
	}
	return codes
}

type vars = map[string]any

// post asks the server; headers come as name, value.
func (b *bundle) post(t testing.TB, token, query string, variables vars, headers ...string) *answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	must(t, err)
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, b.url, bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	headers = slices.Concat(b.headers, headers)
	for i := 0; i+1 < len(headers); i += 2 {
		if strings.EqualFold(headers[i], "Host") {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	a := send(t, r)
	a.cost = b.logs.cost(a.Header.Get("X-Request-Id"))
	a.covered = conform(t, query, variables, a)
	return a
}

func send(t testing.TB, r *http.Request) *answer {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	a := &answer{Status: res.StatusCode, Header: res.Header, Raw: string(raw)}
	// What an answer cost stands behind it: the same answer may cost something else.
	if end := strings.LastIndex(a.Raw, `,"extensions":{"cost":`); end > 0 {
		a.Raw = a.Raw[:end] + "}"
	}
	if err := json.Unmarshal(raw, a); err != nil {
		t.Fatalf("status %d: %q is not JSON: %v", res.StatusCode, raw, err)
	}
	conformErrors(t, a)
	return a
}
