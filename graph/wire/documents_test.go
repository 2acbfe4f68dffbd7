package wire

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/app"
)

type companyKey struct{}

func as(ctx context.Context, company string) context.Context {
	return context.WithValue(ctx, companyKey{}, company)
}

func documents(t testing.TB, d *Documents) *Documents {
	t.Helper()
	d.Company = func(ctx context.Context) string {
		company, _ := ctx.Value(companyKey{}).(string)
		return company
	}
	return NewDocuments(*d)
}

// ask gives the document that comes of a request, or the code of what is wrong.
func ask(ctx context.Context, d *Documents, query string, extensions map[string]any) string {
	params := &graphql.RawParams{Query: query, Extensions: extensions}
	if _, err := d.find(ctx, params); err != nil {
		return err.Extensions["code"].(string) //nolint:errcheck,forcetypeassert // it is one
	}
	return params.Query
}

func apollo(hash any) map[string]any {
	return map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}
}

func TestDocumentsThatWereSeen(t *testing.T) {
	t.Parallel()
	d := documents(t, &Documents{Apps: map[string]map[string]string{"pos": {"t1": "{ trusted }"}}})
	const query = "{ viewer { role } }"
	key := app.Hash(query)
	a, b := as(t.Context(), "a"), as(t.Context(), "b")
	for i, step := range []struct {
		ctx        context.Context
		query      string
		extensions map[string]any
		want       string
	}{
		{a, query, nil, query},
		{a, "", apollo(key), CodeDocumentUnknown}, // seen, but not by its hash
		{a, query, apollo(strings.Repeat("0", 64)), "BAD_USER_INPUT"},
		{a, query, apollo(key), query},
		{a, "", apollo(key), query},
		{a, "", map[string]any{"documentId": "sha256:" + key}, query},
		{b, "", apollo(key), CodeDocumentUnknown}, // another company's
		{t.Context(), "", apollo(key), CodeDocumentUnknown},
		{b, "", map[string]any{"documentId": "t1"}, "{ trusted }"},
		{b, "", apollo(7), "BAD_USER_INPUT"},
		{b, "", apollo(""), "BAD_USER_INPUT"},
		{b, "", map[string]any{"persistedQuery": "x"}, "BAD_USER_INPUT"},
		{b, query, map[string]any{"documentId": []any{}}, "BAD_USER_INPUT"},
	} {
		if got := ask(step.ctx, d, step.query, step.extensions); got != step.want {
			t.Errorf("%d: %s, want %s", i, got, step.want)
		}
	}
	long := "{ viewer { role } } #" + strings.Repeat("x", longestSeen)
	if ask(a, d, long, apollo(app.Hash(long))) != long || ask(a, d, "", apollo(app.Hash(long))) != CodeDocumentUnknown {
		t.Error("a long document is kept, or refused")
	}
}

func TestDocumentsThatAreTrusted(t *testing.T) {
	t.Parallel()
	const trusted, other = "{ trusted }", "{ other }"
	d := documents(t, &Documents{Apps: map[string]map[string]string{"pos": {"t1": trusted}}, Only: true})
	for i, step := range []struct {
		query      string
		extensions map[string]any
		want       string
	}{
		{"", map[string]any{"documentId": "t1"}, trusted},
		{"", apollo("t1"), trusted},
		{trusted, nil, trusted},
		{trusted, map[string]any{"documentId": "t1"}, trusted},
		{trusted, map[string]any{"documentId": "t2"}, "BAD_USER_INPUT"},
		{other, nil, CodeDocumentUnregistered},
		{other, apollo(app.Hash(other)), CodeDocumentUnregistered},
		{other, map[string]any{"documentId": "t1"}, "BAD_USER_INPUT"},
		{"", map[string]any{"documentId": app.Hash(trusted)}, trusted},
		{"", map[string]any{"documentId": "a b"}, "BAD_USER_INPUT"},
		{"", map[string]any{"documentId": strings.Repeat("a", 201)}, "BAD_USER_INPUT"},
		{"", apollo(app.Hash(other)), CodeDocumentUnknown},
		{trusted + " ", nil, CodeDocumentUnregistered},
	} {
		if got := ask(t.Context(), d, step.query, step.extensions); got != step.want {
			t.Errorf("%d: %s, want %s", i, got, step.want)
		}
	}
}

func TestReadManifests(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	documents, err := ReadManifests(fstest.MapFS{
		"pos.json":   file(`{"a": "{ x }", "b": "{ y }"}`),
		"admin.json": file(`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "c", "name": "Z", "type": "query", "body": "{ z }"}]}`),
		"relay.json": file(`{"a": "{ x }"}`),
		"README.md":  file(`no manifest`),
	})
	if err != nil || len(documents) != 3 || documents["pos"]["a"] != "{ x }" || documents["admin"]["c"] != "{ z }" || len(documents["relay"]) != 1 {
		t.Errorf("%v %v", documents, err)
	}
	for name, text := range map[string]string{
		"no JSON": `{`, "a list": `["{ x }"]`, "empty": `{}`, "no text": `{"a": 1}`, "an empty document": `{"a": ""}`, "an empty id": `{"": "{ x }"}`,
		"no such id": `{"a b": "{ x }"}`, "another hash": `{"sha256:00": "{ x }"}`,
	} {
		if _, err := ReadManifests(fstest.MapFS{"app.json": file(text)}); err == nil || !strings.Contains(err.Error(), "app.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadManifests(fstest.MapFS{"a.json": file(`{"a": "{ x }"}`), "b.json": file(`{"a": "{ y }"}`)}); err == nil {
		t.Error("one id for two documents")
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	c := NewCache[int](3, 80)
	for i, key := range []string{"a", "b", "c", "d"} {
		c.Add(t.Context(), key, i)
	}
	if _, ok := c.Get(t.Context(), "a"); ok || c.Len() != 3 {
		t.Errorf("%d values of three", c.Len())
	}
	c.Add(t.Context(), "d", 9)
	if n, ok := c.Get(t.Context(), "d"); !ok || n != 9 || c.bytes != 3 {
		t.Errorf("put in again: %d %d", n, c.bytes)
	}
	c.Add(t.Context(), strings.Repeat("x", 11), 1)
	if c.Len() != 3 {
		t.Error("a long key pushes others out")
	}
	wide := NewCache[int](100, 80)
	for i := range 100 {
		wide.Add(t.Context(), strings.Repeat("x", 10)[:9]+string(rune('a'+i%26)), i)
	}
	if wide.bytes > 80 || wide.Len() != 8 {
		t.Errorf("%d values of %d bytes", wide.Len(), wide.bytes)
	}
}
