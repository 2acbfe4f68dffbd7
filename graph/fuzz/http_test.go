// Package fuzz_test sends anything at all to the endpoint, with the real schema and everything that stands before a
// resolver. There is no database behind it: what gets as far is told that it can't be reached.
package fuzz_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const name = "tillgraph-fuzz"

// failures are what the server logs as an error: nothing that a client sends may be one.
type failures struct {
	slog.Handler

	last *atomic.Pointer[string]
}

func (f failures) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

func (f failures) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	f.last.Store(&text)
	return nil
}

func server(f *testing.F) (http.Handler, *atomic.Pointer[string]) {
	f.Helper()
	must := func(err error) {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
	}
	text, err := auth.NewKey(rand.Reader)
	must(err)
	keys, err := auth.ParseKeySet(text)
	must(err)
	issuer, err := auth.NewIssuer(auth.IssuerConfig{Keys: keys, Issuer: name, Audience: name, Now: time.Now, Rand: rand.Reader})
	must(err)
	verifier, err := auth.NewVerifier(auth.VerifierConfig{Keys: keys, Issuer: name, Audience: name, CacheSize: 10, Now: time.Now})
	must(err)
	f.Cleanup(verifier.Close)
	db, err := postgres.Open(f.Context(), postgres.Config{
		URL: "postgres://nobody@/nothing?host=" + url.QueryEscape(f.TempDir()), MaxConns: 2, Models: graph.Models(),
	})
	must(err)
	f.Cleanup(db.Close)
	last := &atomic.Pointer[string]{}
	log := slog.New(failures{slog.DiscardHandler, last})
	queue := later.New(log)
	f.Cleanup(func() { queue.Close(context.Background()) })
	letters, err := mail.Open(mail.Config{URL: "file://" + f.TempDir(), From: "till@test.example"}, log)
	must(err)
	handler, err := graph.New(graph.Config{
		DB: db, Issuer: issuer, Verifier: verifier, Passwords: auth.NewPasswords(1, rand.Reader), Keys: keys, Mail: letters, Later: queue,
		Logger: log, Now: time.Now, Rand: rand.Reader, AccessTTL: time.Hour, RefreshTTL: time.Hour, DeletionGrace: time.Hour, Introspection: true,
		MaxBody: 1 << 20, MaxDepth: 15, MaxComplexity: 50_000, Timeout: 5 * time.Second, BaseDomain: "shop.test",
	})
	must(err)
	return handler, last
}

var (
	statuses  = []int{200, 204, 400, 401, 403, 405, 406, 413, 415, 503}
	internals = regexp.MustCompile(`(?i)sqlstate|pgx|goroutine|panic|runtime error|\.go:\d|tillgraph_app|tenant_id|gqlgen|nil pointer`)
)

func FuzzHTTP(f *testing.F) {
	handler, failed := server(f)
	for _, seed := range []struct{ method, query, media, accept, credential, body string }{
		{"POST", "", "application/json", "application/json", "", `{"query": "{ viewer { role } }"}`},
		{"POST", "", "application/json; charset=utf-8", "*/*", "Bearer x", `{"query": "query($n: Int = 3) { stores(first: $n) { totalCount } }", "variables": {"n": "7"}}`},
		{"POST", "", "application/json", "application/graphql-response+json", "", `{"query": "{ __schema { types { name } } }"}`},
		{"POST", "", "application/json", "", "Bearer till_x", `{"documentId": "sha256:00", "extensions": {"persistedQuery": {"sha256Hash": "x"}, "trace": true}}`},
		{"POST", "", "application/json", "", "", `{"id": "x", "doc_id": [], "operationName": null, "variables": null}`},
		{"POST", "", "application/json", "", "", `{"query": "mutation { login(input: {companySlug: \"a\", email: \"b\", password: \"c\"}) { userErrors { code } } }"}`},
		{"POST", "", "application/json", "", "", `{"query": "{ a: __typename @skip(if: true) ...F } fragment F on Query { ...F }"}`},
		{"GET", "query=%7B__typename%7D&variables=%7B%7D", "", "application/json;q=0.1, */*;q=0", "Basic eDp5", ""},
		{"GET", "query=mutation%7Blogout%7B__typename%7D%7D", "", "", "", ""},
		{"PUT", "documentId=a&documentId=b", "text/plain", "text/html", "", "\xff"},
		{"OPTIONS", "%zz", "", "", "", ""},
		{"POST", "", "application/json", "", "", strings.Repeat("[", 60_000)},
	} {
		f.Add(seed.method, seed.query, seed.media, seed.accept, seed.credential, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, method, query, media, accept, credential string, body []byte) {
		r := (&http.Request{
			Method: method, URL: &url.URL{Path: "/graphql", RawQuery: query}, Host: "127.0.0.1", Header: http.Header{},
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), RemoteAddr: "192.0.2.1:7",
		}).WithContext(t.Context())
		for name, value := range map[string]string{"Content-Type": media, "Accept": accept, "Authorization": credential} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		failed.Store(nil)
		handler.ServeHTTP(w, r)
		if text := failed.Load(); text != nil {
			t.Errorf("logged as an error: %s", *text)
		}
		look(t, w)
	})
}

// look checks what holds for every answer.
func look(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if !slices.Contains(statuses, w.Code) || w.Header().Get("X-Request-Id") == "" {
		t.Errorf("%d with the request id %q: %s", w.Code, w.Header().Get("X-Request-Id"), w.Body)
	}
	if w.Code == http.StatusNoContent {
		return
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if answer.Data == nil && len(answer.Errors) == 0 {
		t.Errorf("neither data nor errors: %s", w.Body)
	}
	for _, e := range answer.Errors {
		if e.Message == "" || e.Extensions.Code == "" || e.Extensions.Code == "INTERNAL" || internals.MatchString(e.Message) {
			t.Errorf("%s: %s", e.Extensions.Code, e.Message)
		}
	}
}
