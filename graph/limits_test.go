package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
)

func TestOperationsAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deep := "{ sales(first: 1) { nodes { lines { product {" + strings.Repeat(" category { products(first: 1) { nodes {", 5) +
		" id " + strings.Repeat("} } }", 5) + "} } } } }"
	bomb := "{ viewer { ...f0 } }"
	for i := range 30 {
		bomb += fmt.Sprintf(" fragment f%d on Viewer { ...f%d a%d: role ...f%d }", i, i+1, i, i+1)
	}
	bomb += " fragment f30 on Viewer { role }"
	ids := strings.Repeat(`"`+id.New[id.Sale]().String()+`" `, 251)
	for name, want := range map[string]struct{ query, code string }{
		"depth":          {deep, "COMPLEXITY_LIMIT"},
		"nested pages":   {"{ stores { nodes { sales { nodes { lines { product { name } } } } } } }", "COMPLEXITY_LIMIT"},
		"fragment bomb":  {bomb, "COMPLEXITY_LIMIT"},
		"too many ids":   {"{ nodes(ids: [" + ids + "]) { id } }", "BAD_USER_INPUT"},
		"page too large": {"{ sales(first: 251) { nodes { id } } }", "BAD_USER_INPUT"},
	} {
		begun := time.Now()
		a := b.post(t, b.owner(t), want.query, nil)
		if a.code() != want.code {
			t.Errorf("%s: %s", name, a.Raw)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	// The same pages, small enough.
	b.post(t, b.owner(t), "{ stores(first: 5) { nodes { sales(first: 5) { nodes { lines { product { name } } } } } } }", nil).ok(t)
}

func TestBodiesThatAreNoRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxBody = 2000 })
	for name, r := range map[string]struct {
		method, kind, body string
		status             int
	}{
		"empty":         {http.MethodPost, "application/json", "", http.StatusBadRequest},
		"no JSON":       {http.MethodPost, "application/json", "{ secret", http.StatusBadRequest},
		"a list":        {http.MethodPost, "application/json", "[]", http.StatusBadRequest},
		"too large":     {http.MethodPost, "application/json", `{"query":"` + strings.Repeat(" ", 3000) + `"}`, http.StatusRequestEntityTooLarge},
		"another kind":  {http.MethodPost, "text/plain", `{"query":"{ viewer { role } }"}`, http.StatusUnsupportedMediaType},
		"no query":      {http.MethodPost, "application/json", `{"query":""}`, http.StatusUnprocessableEntity},
		"no GraphQL":    {http.MethodPost, "application/json", `{"query":"{"}`, http.StatusUnprocessableEntity},
		"unknown field": {http.MethodPost, "application/json", `{"query":"{ secret }"}`, http.StatusUnprocessableEntity},
		"method":        {http.MethodPut, "application/json", `{"query":"{ viewer { role } }"}`, http.StatusMethodNotAllowed},
	} {
		request, err := http.NewRequestWithContext(t.Context(), r.method, b.url, strings.NewReader(r.body))
		must(t, err)
		request.Header.Set("Content-Type", r.kind)
		request.Header.Set("Authorization", "Bearer "+b.owner(t))
		a := send(t, request)
		if a.Status != r.status || len(a.Errors) == 0 || a.code() == "INTERNAL" {
			t.Errorf("%s: %d %s", name, a.Status, a.Raw)
		}
	}
}

func TestQueriesComeByGetAndMutationsDoNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for query, status := range map[string]int{
		"{viewer{role}}":              http.StatusOK,
		"mutation{logout{loggedOut}}": http.StatusMethodNotAllowed,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"?query="+query, http.NoBody)
		must(t, err)
		request.Header.Set("Authorization", "Bearer "+b.owner(t))
		if a := send(t, request); a.Status != status {
			t.Errorf("%s: %d %s", query, a.Status, a.Raw)
		}
	}
}

func TestIntrospectionCanBeOff(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.Introspection = false })
	for _, query := range []string{"{ __schema { types { name } } }", `{ __type(name: "Sale") { name } }`} {
		if a := b.post(t, b.owner(t), query, nil); a.code() != "FORBIDDEN" || strings.Contains(a.Raw, "Sale") {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
	if a := b.post(t, b.owner(t), "{ salez { totalCount } }", nil); strings.Contains(a.Raw, "Did you mean") {
		t.Errorf("a suggestion: %s", a.Raw)
	}
	b.post(t, b.owner(t), "{ __typename viewer { __typename role } }", nil).ok(t)
}
