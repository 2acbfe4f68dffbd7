package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

const posted = `{"query":"query X($n: [[Int!]]) { x(a: $n) }","operationName":"X","variables":{"n":[[1,2,3],[4]]}}`

// BenchmarkReadParams is what it takes to read an operation from a request.
func BenchmarkReadParams(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", strings.NewReader(posted))
		r.Header.Set("Content-Type", PlainJSON)
		if _, refused := readParams(r, PlainJSON, &room{}); refused != nil {
			b.Fatal(refused.message)
		}
	}
}

// BenchmarkDocument is what it takes to find a document that was read before, and to check its variables.
func BenchmarkDocument(b *testing.B) {
	parsed := 0
	r := reader(b, &parsed)
	params := &graphql.RawParams{Query: "query($n: [[Int!]]) { x(a: $n) }", Variables: map[string]any{}}
	b.ReportAllocs()
	for b.Loop() {
		if _, wrong := r.read(b.Context(), params); wrong != nil {
			b.Fatal(wrong)
		}
	}
	if parsed > 1 {
		b.Errorf("it was parsed %d times", parsed)
	}
}
