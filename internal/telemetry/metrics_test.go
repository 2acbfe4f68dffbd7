package telemetry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func figures(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := New()
	m.Pools(func() []Pool { return []Pool{{Name: "read", Total: 3, Busy: 2, Most: 16, Waited: 5}} })
	m.Request(&Request{
		Operation: "query", Company: "savanna", Status: 200, Took: 30 * time.Millisecond, Cost: 70, Statements: 9, RoundTrips: 4,
		Codes: []string{"NOT_FOUND"},
	})
	m.Request(&Request{Status: 400, Took: time.Millisecond, Codes: []string{"BAD_USER_INPUT"}})
	m.Batch(40)
	got := figures(t, m)
	for _, line := range []string{
		`tillgraph_requests_total{operation="query",status="200"} 1`,
		`tillgraph_requests_total{operation="none",status="400"} 1`,
		`tillgraph_errors_total{code="NOT_FOUND"} 1`,
		`tillgraph_errors_total{code="BAD_USER_INPUT"} 1`,
		`tillgraph_request_duration_seconds_bucket{operation="query",le="0.025"} 0`,
		`tillgraph_request_duration_seconds_bucket{operation="query",le="0.05"} 1`,
		`tillgraph_operation_cost_sum{operation="query"} 70`,
		`tillgraph_operation_statements_sum{operation="query"} 9`,
		`tillgraph_operation_round_trips_sum{operation="query"} 4`,
		`tillgraph_loader_batch_keys_sum 40`,
		`tillgraph_company_requests_total{company="savanna"} 1`,
		`tillgraph_company_statements_total{company="savanna"} 9`,
		`tillgraph_pool_connections_busy{pool="read"} 2`,
		`tillgraph_pool_waits_total{pool="read"} 5`,
		`go_goroutines `,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(got, `operation_cost_count{operation="none"}`) {
		t.Error("what never began has a cost")
	}
}

func TestCompaniesAreBounded(t *testing.T) {
	t.Parallel()
	m := New()
	for range 2 {
		for i := range mostCompanies + 30 {
			m.Request(&Request{Operation: "query", Company: fmt.Sprintf("c%d", i), Status: 200})
		}
	}
	got := figures(t, m)
	if n := strings.Count(got, "tillgraph_company_requests_total{"); n != mostCompanies+1 {
		t.Errorf("%d companies have figures", n)
	}
	for _, line := range []string{`tillgraph_company_requests_total{company="other"} 60`, `tillgraph_company_requests_total{company="c7"} 2`} {
		if !strings.Contains(got, line) {
			t.Errorf("%s is missing", line)
		}
	}
}

func TestNobodyWatches(t *testing.T) {
	t.Parallel()
	var m *Metrics
	m.Request(&Request{Operation: "query"})
	m.Batch(1)
	var traces *Traces
	ctx, end := traces.Start(t.Context(), "nothing")
	end(nil)
	if ctx != t.Context() || traces.Provider() != nil || traces.Close(ctx) != nil {
		t.Error("nothing does something")
	}
	if next := http.NotFoundHandler(); fmt.Sprintf("%p", traces.Handler(next)) != fmt.Sprintf("%p", next) {
		t.Error("requests are traced")
	}
}

func TestAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, false},
	} {
		if got := Asked(func(name string) (string, bool) { v, ok := test.env[name]; return v, ok }); got != test.want {
			t.Errorf("%v: %t", test.env, got)
		}
	}
}

var metricInQuery = regexp.MustCompile(`\b(tillgraph|process|go)_[a-z_]+`)

// TestTheDashboardShowsWhatThereIs keeps grafana.json to the figures' names, and has each of ours in it.
func TestTheDashboardShowsWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	m := New()
	m.Pools(func() []Pool { return []Pool{{Name: "read"}} })
	m.Request(&Request{Operation: "query", Company: "savanna", Codes: []string{"NOT_FOUND"}})
	m.Batch(1)
	m.RootField("planner", "")
	m.Signals("savanna", "UNKNOWN_ID", 1)
	there, shown := figures(t, m), ""
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			for _, name := range metricInQuery.FindAllString(target.Expr, -1) {
				shown += name + " "
				if !strings.Contains(there, "\n"+name) {
					t.Errorf("%s asks for %s", panel.Title, name)
				}
			}
		}
	}
	for line := range strings.SplitSeq(there, "\n") {
		name, ok := strings.CutPrefix(line, "# TYPE tillgraph_")
		if name, _, _ = strings.Cut(name, " "); ok && !strings.Contains(shown, "tillgraph_"+name) {
			t.Errorf("no panel shows %s", name)
		}
	}
}
