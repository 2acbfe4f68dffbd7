package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
)

func TestDepth(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxDepth = 6 })
	const six = `stores { nodes { registers { nodes { store { id } } } } }`
	const seven = `store { registers { totalCount } }`
	for query, fine := range map[string]bool{
		`{ ` + six + ` }`: true,
		`{ stores { nodes { registers { nodes { ` + seven + ` } } } } }`:                                      false,
		`query A { stores { nodes { registers { nodes { ` + seven + ` } } } } }`:                              false,
		`{ stores { nodes { registers { nodes { ...F } } } } } fragment F on Register { ` + seven + ` }`:      false,
		`{ stores { nodes { registers { nodes { ... on Register { ... { ` + seven + ` } } } } } } }`:          false,
		`{ stores { nodes { registers { nodes { store { registers @skip(if: true) { totalCount } } } } } } }`: false,
		`{ ...A } fragment A on Query { ...B } fragment B on Query { ` + six + ` }`:                           true,
		`{ a: ` + six + ` b: ` + six + ` }`:                                                                   true,
	} {
		a := b.post(t, b.owner(t), query, nil)
		if got := a.code(); fine && got != "" || !fine && got != "COMPLEXITY_LIMIT" {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
}

// TestComplexity: a page costs as many times what stands in it as it is long.
func TestComplexity(t *testing.T) {
	t.Parallel()
	const limit = 1000
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = limit })
	ids := make([]string, 400)
	for i := range ids {
		ids[i] = fresh[id.Product]()
	}
	const three = ` { nodes { id name code } } }`
	for _, test := range []struct {
		query string
		vars  vars
		fine  bool
	}{
		{`{ stores(first: 250) { nodes { id name } } }`, nil, true},                                              // 1 + 250 * (1 + 2)
		{`{ stores(first: 250)` + three, nil, false},                                                             // 1 + 250 * (1 + 3)
		{`{ stores(last: 250)` + three, nil, false},                                                              // the same from the end
		{`query($n: Int) { stores(first: $n)` + three, vars{"n": 250}, false},                                    // by a variable
		{`query($n: Int = 250) { stores(first: $n)` + three, nil, false},                                         // by its default
		{`query($n: Int = 250) { stores(first: $n)` + three, vars{"n": 1}, true},                                 // given after all
		{`query($n: Int) { stores(first: $n) { nodes { id } } }`, vars{"n": 1 << 40}, true},                      // refused later, not here
		{`{ stores { nodes { id registers(first: 4) { totalCount } } } }`, nil, true},                            // 1 + 50 * (2 + 1 + 4)
		{`{ stores { nodes { registers { totalCount } } } }`, nil, false},                                        // 1 + 50 * (1 + 1 + 50)
		{`{ stores { edges { node { registers(first: 20) { totalCount } } } } }`, nil, false},                    // edges alike
		{`{ stores(first: 0) { nodes { ` + repeated(300, "a%d: id") + ` } } }`, nil, true},                       // an empty page as one of one
		{`{ a: stores { nodes { id } } b: stores { nodes { id } } }`, nil, true},                                 // aliases add up
		{`{ ` + repeated(10, "a%d: stores { nodes { id } }") + ` }`, nil, false},                                 // 10 * (1 + 50 * 2)
		{`{ viewer { ` + repeated(1001, "a%d: role") + ` } }`, nil, false},                                       // many fields
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`, vars{"ids": ids}, true},                   // 1 + 400 * 2
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { sku name } } }`, vars{"ids": ids}, false}, // 1 + 400 * 3
	} {
		a := b.post(t, b.owner(t), test.query, test.vars)
		if refused := a.code() == "COMPLEXITY_LIMIT"; refused == test.fine {
			t.Errorf("%.120s: %.300s", test.query, a.Raw)
		} else if refused && (a.Statements != 1 || a.Data != nil) {
			t.Errorf("%.120s: refused after %d statements", test.query, a.Statements)
		}
	}
	many := b.post(t, b.owner(t), `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": ids})
	if many.code() != "BAD_USER_INPUT" || many.Statements != 1 {
		t.Errorf("%d ids: %s", len(ids), many.Raw)
	}
	b.logs.quiet(t)
}

// repeated writes a text n times: with its number in the first place, and the next in all others.
func repeated(n int, format string) string {
	var text strings.Builder
	for i := range n {
		args := []any{i}
		for range strings.Count(format, "%d") - 1 {
			args = append(args, i+1)
		}
		fmt.Fprintf(&text, format+" ", args...)
	}
	return text.String()
}

// TestBombs are documents that are short to write and long to work on. Nobody has to be logged in to send one.
func TestBombs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const leaf = " on Query { viewer { role } } "
	nest := func(n int, open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	const limited, invalid, unread = "COMPLEXITY_LIMIT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"
	for name, test := range map[string]struct{ query, codes string }{
		"fragments that double": {
			"{ ...F0 } " + repeated(60, "fragment F%d on Query { ...F%d ...F%d }") + "fragment F60" + leaf, limited,
		},
		"fragments that double, with fields": {
			"{ viewer { ...F0 } } " + repeated(40, "fragment F%d on Viewer { a: role ...F%d ...F%d }") +
				"fragment F40 on Viewer { role }", limited,
		},
		"a chain of fragments":    {"{ ...F0 } " + repeated(60, "fragment F%d on Query { ...F%d }") + "fragment F60" + leaf, limited},
		"inline fragments":        {"{ " + nest(200, "... { ", "viewer { role }", " }") + " }", limited},
		"a field again and again": {"{ viewer { " + strings.Repeat("role ", 9000) + "} }", limited},
		"the same below":          {"{ " + strings.Repeat("viewer { company { id } } ", 1400) + "}", limited},
		"the same in fragments": {
			"{ viewer { " + repeated(900, "...F%d") + "} } " + repeated(900, "fragment F%d on Viewer { role }"), limited,
		},
		"the same in inline ones": {"{ viewer { " + strings.Repeat("... { role } ", 2000) + "} }", limited},
		"a cycle": {
			"{ ...A } fragment A on Query { ...B } fragment B on Query { ...A viewer { role } }", invalid,
		},
		"a cycle of one":       {"{ viewer { ...A } } fragment A on Viewer { role ...A }", invalid},
		"deep":                 {"{ stores { nodes { " + nest(400, "registers { nodes { store { ", "id", " } } }") + " } } }", limited + unread},
		"tokens":               {"{ " + repeated(4000, "a%d: __typename") + " }", unread},
		"lists in lists":       {`{ nodes(ids: ` + nest(4000, "[", "", "]") + `) { id } }`, invalid + unread},
		"an object in objects": {`mutation { login(input: ` + nest(1500, "{a: ", "1", "}") + `) { userErrors { code } } }`, invalid + unread},
		"directives":           {"{ __typename " + strings.Repeat("@include(if: true) ", 1200) + "}", limited},
		"roots":                {"{ " + repeated(101, "a%d: __typename") + " }", limited},
		"operations":           {repeated(2000, "query Q%d { __typename }"), invalid},
		"introspection":        {"{ __schema { types { " + nest(20, "fields { type { ", "name", " } }") + " } } }", invalid + limited},
	} {
		a := b.post(t, "", test.query, nil)
		if a.code() == "" || !strings.Contains(test.codes, a.code()) {
			t.Errorf("%s: %d %.300s", name, a.Status, a.Raw)
		}
	}
	// What front ends write is none.
	for _, query := range []string{
		"{ viewer { ...A ...B ...C ...D } } fragment A on Viewer { role ...B } fragment B on Viewer { role ...C }" +
			" fragment C on Viewer { role ...D } fragment D on Viewer { role company { ...E } } fragment E on Company { id }",
		"{ viewer { " + strings.Repeat("role ", 100) + "} }",
		"{ viewer { " + repeated(1500, "a%d: role") + " } }",
		"{ __schema { types { ...T fields { type { ...T } args { type { ...T } } } } } }" +
			" fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name } } } }",
	} {
		b.post(t, b.owner(t), query, nil).ok(t)
	}
	b.logs.quiet(t)
}

func TestIntrospectionOff(t *testing.T) {
	t.Parallel()
	on := setup(t)
	off := setup(t, func(c *graph.Config) { c.Introspection = false })
	for _, query := range []string{
		`{ __schema { types { name } } }`, `{ __type(name: "Store") { fields { name } } }`, `{ a: __schema { queryType { name } } }`,
		`{ ...F } fragment F on Query { ... { __schema { types { name } } } }`, `{ viewer { role } __type(name: "Sale") { name } }`,
	} {
		for name, token := range map[string]string{"logged in": off.owner(t), "logged out": ""} {
			a := off.post(t, token, query, nil)
			if a.code() != "FORBIDDEN" || a.Data != nil || a.Statements > 1 {
				t.Errorf("%s, %s: %s", query, name, a.Raw)
			}
		}
		on.post(t, on.owner(t), query, nil).ok(t)
	}
	off.post(t, off.owner(t), `{ __typename viewer { __typename } }`, nil).ok(t)
	const suggestion = "Did you mean"
	for _, query := range []string{
		`{ viewer { rol } }`, `{ stroes { totalCount } }`, `{ stores(frist: 1) { totalCount } }`, `{ products(sort: NAME_ASK) { totalCount } }`,
	} {
		if a := off.post(t, off.owner(t), query, nil); a.code() != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(a.Raw, suggestion) {
			t.Errorf("off, %s: %s", query, a.Raw)
		}
		if a := on.post(t, on.owner(t), query, nil); a.code() != "GRAPHQL_VALIDATION_FAILED" || !strings.Contains(a.Raw, suggestion) {
			t.Errorf("on, %s: %s", query, a.Raw)
		}
	}
	off.logs.quiet(t)
}
