package cli

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// front is the server's mux over an API that answers a long text.
func front(t *testing.T, origins ...string) http.Handler {
	t.Helper()
	mux, err := newMux(routes{
		api: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = w.Write([]byte(`{"data": "` + strings.Repeat("long ", 1000) + `"}`))
		}),
		ready: func(context.Context) error { return nil }, demo: &demo{}, origins: origins,
	})
	if err != nil {
		t.Fatal(err)
	}
	return mux
}

func visit(t *testing.T, h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestSchemaIsTagged(t *testing.T) {
	t.Parallel()
	h := front(t)
	first := visit(t, h, http.MethodGet, schemaPath)
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || tag == "" {
		t.Fatalf("%d, tag %q", first.Code, tag)
	}
	if again := visit(t, h, http.MethodGet, schemaPath, "If-None-Match", tag); again.Code != http.StatusNotModified {
		t.Errorf("the same again: %d", again.Code)
	}
	if other := visit(t, h, http.MethodGet, schemaPath, "If-None-Match", `W/"other"`); other.Code != http.StatusOK {
		t.Errorf("another one: %d", other.Code)
	}
}

func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	h := front(t)
	plain := visit(t, h, http.MethodPost, endpointPath)
	want := plain.Body.String()
	if plain.Header().Get("Content-Encoding") != "" || !strings.Contains(plain.Header().Get("Vary"), "Accept-Encoding") {
		t.Errorf("for who takes none: %q, Vary %q", plain.Header().Get("Content-Encoding"), plain.Header().Get("Vary"))
	}
	small := visit(t, h, http.MethodPost, endpointPath, "Accept-Encoding", "gzip")
	unpacked, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(unpacked); string(got) != want {
		t.Errorf("unpacked: %d bytes of %d", len(got), len(want))
	}
}

func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	const ours, theirs = "https://pos.example.com", "https://evil.example.com"
	preflight := func(h http.Handler, origin string) *httptest.ResponseRecorder {
		t.Helper()
		return visit(t, h, http.MethodOptions, endpointPath, "Origin", origin,
			"Access-Control-Request-Method", http.MethodPost, "Access-Control-Request-Headers", "authorization,content-type")
	}
	for _, path := range []string{endpointPath, schemaPath} {
		h := front(t, ours)
		if got := visit(t, h, http.MethodGet, path, "Origin", ours).Header().Get("Access-Control-Allow-Origin"); got != ours {
			t.Errorf("%s for a page that may: %q", path, got)
		}
		if got := visit(t, h, http.MethodGet, path, "Origin", theirs).Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s for one that may not: %q", path, got)
		}
		if got := visit(t, front(t), http.MethodGet, path, "Origin", ours).Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s where none may: %q", path, got)
		}
	}
	asked := preflight(front(t, ours), ours)
	if asked.Header().Get("Access-Control-Allow-Headers") == "" || asked.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("asked before: %v", asked.Header())
	}
	if got := preflight(front(t, ours), theirs).Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("asked before by another: %q", got)
	}
	for _, origin := range []string{"*", "https://*.example.com", "pos.example.com", "https://pos.example.com/", "ftp://x", "null"} {
		run(t, map[string]string{"CORS_ORIGINS": origin}, "serve").want(t, exitUsage, "CORS_ORIGINS")
	}
}

func TestRegisteredDocumentsAreRead(t *testing.T) {
	t.Parallel()
	run(t, map[string]string{"DOCUMENTS_ONLY": "true"}, "serve").want(t, exitUsage, "DOCUMENTS_DIR")
	run(t, map[string]string{"DOCUMENTS_DIR": t.TempDir(), "DATA_DIR": t.TempDir(), "LISTEN": "127.0.0.1:0"}, "serve").
		want(t, exitUsage, "DOCUMENTS_DIR")
}
