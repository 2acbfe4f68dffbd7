package graph_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/telemetry"
)

// BenchmarkRequests is what whole requests take, from their bytes to the answer's, the database among it: what is allocated
// is the server's alone. Compare two versions by benchstat; `go run . bench` measures many at the same time.
func BenchmarkRequests(b *testing.B) {
	on := setup(b, func(c *graph.Config) {
		c.Logger = slog.New(slog.DiscardHandler)
		c.Metrics = telemetry.New()
		c.Accessed = func(*audit.Access) {}
	})
	for _, one := range []struct {
		name, query string
		variables   vars
	}{
		{
			"product", `query Q($id: ID!) { product(id: $id) { id name sku basePrice { amount currencyCode } } }`,
			vars{"id": on.A.Products[0].String()},
		},
		{
			"sales", `query Q($id: ID!) { sales(first: 50, filter: {storeId: $id}) { nodes { id receiptNumber occurredAt
			total { amount currencyCode } store { id name } cashier { id name } lines { id quantity product { id name } } } } }`,
			vars{"id": on.A.Stores[0].ID.String()},
		},
		{
			"report", `query Q { salesReport(input: {from: "2026-01-01", to: "2026-12-31", groupBy: [DAY, STORE]}) {
			report { rows(first: 20000) { group { day store { id } } figures { net { amount currencyCode } saleCount } } } } }`, nil,
		},
	} {
		b.Run(one.name, func(b *testing.B) {
			body, err := json.Marshal(map[string]any{"query": one.query, "operationName": "Q", "variables": one.variables})
			must(b, err)
			token := "Bearer " + on.owner(b)
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", token)
				w := httptest.NewRecorder()
				on.server.ServeHTTP(w, r)
				if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
					b.Fatalf("%d: %s", w.Code, w.Body)
				}
			}
		})
	}
}
