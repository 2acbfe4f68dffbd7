package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var metricsInLog = regexp.MustCompile(`msg="metrics and profiles" address=(\S+)`)

// TestOperatorsSee: figures and profiles on a port of their own, traces at a collector, slow operations in the log, and
// nothing of what clients sent in any of them.
func TestOperatorsSee(t *testing.T) {
	var mu sync.Mutex
	var traces bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&traces, r.Body)
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL) // the exporter reads it itself
	s := serve(t, map[string]string{
		"METRICS_LISTEN": "127.0.0.1:0", "SLOW_AFTER": "1ns", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL,
	}, anyPort(t.TempDir())...)
	token := s.tokens()[0]
	s.query(t, token, `{ products(filter: {search: "S3CRET"}) { totalCount } sales(first: 2) { nodes { store { name } customer { name } lines { quantity } } } }`, "")
	s.query(t, token, `{ nothing }`, "")
	match := metricsInLog.FindStringSubmatch(s.stderr.String())
	if match == nil {
		t.Fatal("the log doesn't say where the figures are")
	}
	_, _, figures := exchange(t, http.MethodGet, "http://"+match[1]+"/metrics", "", "")
	for _, line := range []string{
		`tillgraph_requests_total{operation="query",status="200"} 1`, `tillgraph_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1`,
		`tillgraph_company_requests_total{company="mama-njeri"} 2`, `tillgraph_pool_connections{pool="write"}`,
	} {
		if !strings.Contains(figures, line) {
			t.Errorf("%s is not among the figures", line)
		}
	}
	if status, _, _ := exchange(t, http.MethodGet, "http://"+match[1]+"/debug/pprof/goroutine?debug=1", "", ""); status != http.StatusOK {
		t.Errorf("profiles: %d", status)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status, _, _ := s.get(t, path); status != http.StatusNotFound {
			t.Errorf("%s for everybody: %d", path, status)
		}
	}
	if code := s.stop(t); code != exitOK {
		t.Errorf("it stops with %d", code)
	}
	if log := s.stderr.String(); !strings.Contains(log, `msg="a slow operation"`) || !strings.Contains(log, "document=") {
		t.Error("slow operations are not logged")
	}
	mu.Lock()
	defer mu.Unlock()
	for _, text := range []string{"POST /graphql", "GraphQL query", "tillgraph.keys", "db.query.text"} {
		if !strings.Contains(traces.String(), text) {
			t.Errorf("the traces don't have %q", text)
		}
	}
	for what, text := range map[string]string{"figures": figures, "traces": traces.String(), "log": s.stderr.String()} {
		if strings.Contains(text, "S3CRET") || strings.Contains(text, token) {
			t.Errorf("the %s show what a client sent", what)
		}
	}
}

func TestTheOperatorsPortIsTaken(t *testing.T) {
	t.Parallel()
	taken := mustListen(t)
	defer taken.Close() //nolint:errcheck // at the end
	run(t, map[string]string{"METRICS_LISTEN": taken.Addr().String(), "DATA_DIR": t.TempDir(), "LISTEN": "127.0.0.1:0"}, "serve").
		want(t, exitError, "METRICS_LISTEN")
}
