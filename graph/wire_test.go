package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
)

// TestMediaTypes: application/json says in its errors what went wrong, the other type in its status as well.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxDepth = 3 })
	const plain, typed = "application/json", "application/graphql-response+json"
	for name, test := range map[string]struct {
		body          string
		plain, typed  int
		data, noToken bool
	}{
		"fine":             {`{"query": "{ viewer { role } }"}`, 200, 200, true, false},
		"a null":           {`{"query": "{ product(id: \"` + fresh[id.Product]() + `\") { name } }"}`, 200, 200, true, false},
		"does not parse":   {`{"query": "{ viewer { role }"}`, 200, 400, false, false},
		"is not valid":     {`{"query": "{ nothing }"}`, 200, 400, false, false},
		"a variable":       {`{"query": "query($n: Int) { stores(first: $n) { totalCount } }", "variables": {"n": "2"}}`, 200, 400, false, false},
		"one is missing":   {`{"query": "query($n: Int!) { stores(first: $n) { totalCount } }"}`, 200, 400, false, false},
		"too deep":         {`{"query": "{ stores { nodes { registers { totalCount } } } }"}`, 200, 400, false, false},
		"not logged in":    {`{"query": "{ viewer { role } }"}`, 401, 401, false, true},
		"no query":         {`{}`, 400, 400, false, false},
		"unknown document": {`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}`, 200, 400, false, false},
	} {
		for accept, want := range map[string]int{plain: test.plain, typed: test.typed, typed + ", " + plain + ";q=0.9": test.typed, "*/*": test.plain} {
			headers := []string{"Accept", accept}
			if test.noToken {
				headers = append(headers, "Authorization", "Bearer x")
			}
			a := b.raw(t, "POST", "", plain, test.body, headers...)
			if a.Status != want || strings.Contains(a.Raw, `"data"`) != test.data {
				t.Errorf("%s as %s: %d, want %d: %s", name, accept, a.Status, want, a.Raw)
			}
			media := plain
			if strings.HasPrefix(accept, typed) {
				media = typed
			}
			if got := a.Header.Get("Content-Type"); got != media+"; charset=utf-8" {
				t.Errorf("%s as %s: answered as %s", name, accept, got)
			}
		}
	}
	a := b.raw(t, "POST", "", plain, `{"query": "{ viewer { role } }"}`, "Accept", "text/html")
	if a.Status != http.StatusNotAcceptable || len(a.Errors) != 1 || a.Statements > 1 {
		t.Errorf("for a browser's page: %d %s", a.Status, a.Raw)
	}
}

// TestPersistedDocuments: a company's clients may name by its hash what they have sent once; others learn nothing.
func TestPersistedDocuments(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) {
		c.Documents = map[string]map[string]string{"pos": {"who": "{ viewer { role } }"}}
	})
	const query = "{ stores { totalCount } }"
	sum := sha256.Sum256([]byte(query))
	named := `"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + hex.EncodeToString(sum[:]) + `"}}`
	post := func(token, body string) *answer {
		t.Helper()
		return b.raw(t, "POST", "", "application/json", body, "Authorization", "Bearer "+token)
	}
	owner, other := b.owner(t), b.token(t, b.B, b.B.Owner)
	unknown := post(owner, `{`+named+`}`)
	if unknown.code() != "PERSISTED_QUERY_NOT_FOUND" || unknown.Errors[0].Message != "PersistedQueryNotFound" {
		t.Error(unknown.Raw)
	}
	post(owner, `{"query": "`+query+`", `+named+`}`).ok(t)
	same(t, post(owner, `{`+named+`}`).ok(t).at("stores", "totalCount"), 2)
	if a := post(other, `{`+named+`}`); a.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("another company's document: %s", a.Raw)
	}
	same(t, post(other, `{"documentId": "who"}`).ok(t).at("viewer", "role"), "OWNER")
	same(t, b.raw(t, "GET", "?documentId=who", "", "").ok(t).at("viewer", "role"), "OWNER")
}

func TestTrustedDocumentsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) {
		c.Documents, c.DocumentsOnly = map[string]map[string]string{"pos": {"who": "{ viewer { role } }"}}, true
	})
	b.post(t, b.owner(t), "{ viewer { role } }", nil).ok(t)
	b.raw(t, "POST", "", "application/json", `{"documentId": "who"}`).ok(t)
	for _, query := range []string{"{ stores { totalCount } }", "{ __schema { types { name } } }", "{ viewer { role } } "} {
		if a := b.post(t, b.owner(t), query, nil); a.code() != "DOCUMENT_NOT_REGISTERED" || a.Statements > 1 {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
}
