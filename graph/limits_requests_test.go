package graph_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
)

// raw sends a request as it is.
func (b *bundle) raw(t testing.TB, method, query, contentType, body string, headers ...string) *answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.url+query, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+b.owner(t))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a := send(t, r)
	a.cost = b.logs.cost(a.Header.Get("X-Request-Id"))
	return a
}

// TestRequestsThatAreNone: what can't be read is a 4xx that says what is wrong, and nothing of it is logged: it may be
// a password.
func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxBody = 10_000 })
	const plainJSON, secret = "application/json", "S3CRET"
	query := "?query=" + url.QueryEscape(`{ viewer { role } }`)
	for name, test := range map[string]struct {
		method, query, contentType, body string
		status                           int
	}{
		"malformed":             {"POST", "", plainJSON, `{"query": "{ viewer", "` + secret, 400},
		"two values":            {"POST", "", plainJSON, `{"query": "{ viewer { role } }"} {"x": "` + secret + `"}`, 400},
		"a list":                {"POST", "", plainJSON, `[{"query": "{ viewer { role } }"}]`, 400},
		"a text":                {"POST", "", plainJSON, `"` + secret + `"`, 400},
		"empty":                 {"POST", "", plainJSON, ``, 400},
		"variables are no map":  {"POST", "", plainJSON, `{"query": "{ viewer { role } }", "variables": "` + secret + `"}`, 400},
		"too large":             {"POST", "", plainJSON, `{"query": "{ viewer { role } }` + strings.Repeat(" ", 10_000) + secret + `"}`, 413},
		"no query":              {"POST", "", plainJSON, `{}`, 400},
		"null":                  {"POST", "", plainJSON, `null`, 400},
		"an empty query":        {"POST", "", plainJSON, `{"query": ""}`, 400},
		"a comment":             {"POST", "", plainJSON, `{"query": "# nothing"}`, 200},
		"a fragment alone":      {"POST", "", plainJSON, `{"query": "fragment F on Query { __typename }"}`, 200},
		"no GraphQL":            {"POST", "", plainJSON, `{"query": "select ` + secret + `"}`, 200},
		"no such operation":     {"POST", "", plainJSON, `{"query": "query A { __typename }", "operationName": "B"}`, 200},
		"operation not named":   {"POST", "", plainJSON, `{"query": "query A { __typename } query B { __typename }"}`, 200},
		"a subscription":        {"POST", "", plainJSON, `{"query": "subscription { viewer { role } }"}`, 200},
		"query is a number":     {"POST", "", plainJSON, `{"query": 1}`, 400},
		"the name is a list":    {"POST", "", plainJSON, `{"query": "{ viewer { role } }", "operationName": ["A"]}`, 400},
		"another case":          {"POST", "", plainJSON, `{"Query": "{ viewer { role } }"}`, 400},
		"no UTF-8":              {"POST", "", plainJSON, "{\"query\": \"{ viewer { role } } # \xff\"}", 400},
		"another charset":       {"POST", "", "application/json; charset=latin1", `{"query": "{ viewer { role } }"}`, 415},
		"another type":          {"POST", "", "text/plain", `{"query": "{ viewer { role } }"}`, 415},
		"a form":                {"POST", "", "application/x-www-form-urlencoded", `query={viewer{role}}`, 415},
		"an upload":             {"POST", "", "multipart/form-data; boundary=x", `--x--`, 415},
		"no type":               {"POST", "", "", `{"query": "{ viewer { role } }"}`, 415},
		"a type that is none":   {"POST", "", ";;", `{}`, 415},
		"PUT":                   {"PUT", "", plainJSON, `{"query": "{ viewer { role } }"}`, 405},
		"DELETE":                {"DELETE", query, "", "", 405},
		"GET without query":     {"GET", "", "", "", 400},
		"GET of a mutation":     {"GET", "?query=" + url.QueryEscape(`mutation { logout { loggedOut } }`), "", "", 405},
		"GET twice":             {"GET", query + "&query={x}", "", "", 400},
		"GET with no variables": {"GET", query + "&variables=" + secret, "", "", 400},
		"GET with a list":       {"GET", query + "&variables=[]", "", "", 400},
		"GET with no extension": {"GET", query + "&extensions=" + secret, "", "", 400},
		"GET that is no query":  {"GET", "?query=%zz", "", "", 400},
	} {
		a := b.raw(t, test.method, test.query, test.contentType, test.body)
		if a.Status != test.status || len(a.Errors) == 0 || a.Data != nil || a.Statements > 1 {
			t.Errorf("%s: %d %+v %s, want %d", name, a.Status, a.cost, a.Raw, test.status)
		}
		if strings.Contains(a.Raw, "INTERNAL") || strings.Contains(a.Raw, secret) {
			t.Errorf("%s: %s", name, a.Raw)
		}
		if strings.Contains(a.Raw, `"data"`) {
			t.Errorf("%s: data of what never began: %s", name, a.Raw)
		}
		if a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: answered as %s", name, a.Header.Get("Content-Type"))
		}
		if (a.Status == http.StatusMethodNotAllowed) != (a.Header.Get("Allow") != "") {
			t.Errorf("%s: %d with Allow: %q", name, a.Status, a.Header.Get("Allow"))
		}
	}
	if log := b.logs.String(); strings.Contains(log, secret) || !strings.Contains(log, "status=413") {
		t.Errorf("the log: %s", log)
	}
	b.logs.quiet(t)
}

func TestRequestsThatAreFine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	get := "?query=" + url.QueryEscape(`query A($n: Int) { stores(first: $n) { nodes { code } } } query B { __typename }`) +
		"&operationName=A&variables=" + url.QueryEscape(`{"n": 1}`)
	large := `{"query": "query($n: Int) { sales(filter: {receiptNumber: $n}) { totalCount } }", "variables": {"n": 2147483647}}`
	for name, test := range map[string]struct{ method, query, contentType, body, want string }{
		"POST":         {"POST", "", "application/json; charset=utf-8", `{"query": "{ viewer { role } }"}`, `"OWNER"`},
		"extensions":   {"POST", "", "Application/JSON", `{"query": "{ viewer { role } }", "extensions": {"a": 1}, "more": 1}`, `"OWNER"`},
		"GET":          {"GET", get, "", "", `{"code":"S1"}`},
		"GET, empty":   {"GET", get + "&extensions=", "", "", `{"code":"S1"}`},
		"large number": {"POST", "", "application/json", large, `"totalCount":0`},
	} {
		a := b.raw(t, test.method, test.query, test.contentType, test.body)
		if a.ok(t); !strings.Contains(a.Raw, test.want) {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, b.url, http.NoBody)
	must(t, err)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	_, _ = io.Copy(io.Discard, res.Body)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusNoContent || res.Header.Get("Allow") == "" {
		t.Errorf("OPTIONS: %d %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

// broken is a source of randomness that panics: what a resolver's own mistake would be.
type broken struct{}

func (broken) Read([]byte) (int, error) { panic("SECRET of the inside") }

// TestAPanicTellsNothing, and the next request is served.
func TestAPanicTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.Rand = broken{} })
	register := b.A.Stores[0].Registers[0].ID.String()
	a := b.post(t, b.owner(t), `mutation { registerKeyRotate(id: "`+register+`") { deviceKey } }`, nil)
	if a.code() != "INTERNAL" || len(a.Errors) != 1 || strings.Contains(a.Raw, "SECRET") || strings.Contains(a.Raw, "panic") || a.Data != nil {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	if log := b.logs.String(); !strings.Contains(log, "SECRET of the inside") || !strings.Contains(log, "stack=") {
		t.Errorf("the log doesn't tell of it: %s", log)
	}
	b.post(t, b.owner(t), `{ viewer { role } }`, nil).ok(t)
}

// TestTheDatabaseTellsNothing: a failure that nobody foresaw reaches the client as a request's id.
func TestTheDatabaseTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "alter table categories rename column name to title")
	a := b.post(t, b.owner(t), `{ categories { nodes { name } } }`, nil)
	if a.code() != "INTERNAL" || strings.Contains(a.Raw, "does not exist") || strings.Contains(a.Raw, "categories.name") {
		t.Errorf("%s", a.Raw)
	}
	if log := b.logs.String(); !strings.Contains(log, "SQLSTATE 42703") || !strings.Contains(log, a.Header.Get("X-Request-Id")) {
		t.Errorf("the log doesn't tell of it: %s", log)
	}
}
