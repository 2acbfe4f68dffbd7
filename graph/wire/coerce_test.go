package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const shop = `
type Query { x(a: [[Int!]], b: Basket, c: Color, d: Key): Int }
enum Color { RED GREEN }
scalar Decimal
input Basket { lines: [Line!]! note: String gift: Boolean = false must: Boolean! = true color: Color }
input Line { quantity: Int! price: Decimal id: ID weight: Float }
input Key @oneOf { sku: String barcode: String line: Line }
`

func variables(t testing.TB) *Reader {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "shop", Input: shop})
	if err != nil {
		t.Fatal(err)
	}
	return &Reader{Schema: schema, Tokens: 1000}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	v := variables(t)
	const line = `{"lines": [{"quantity": 1}]}`
	for _, test := range []struct{ typ, given, want string }{
		{"Int", `7`, `7`},
		{"Int", `2.0`, `2`},
		{"Int", `-2e1`, `-20`},
		{"Int", `2147483647`, `2147483647`},
		{"Int", `null`, `null`},
		{"Int", `2147483648`, "$v is not valid: it must be a whole number of 32 bits"},
		{"Int", `-2147483649`, "32 bits"},
		{"Int", `2.5`, "32 bits"},
		{"Int", `1e999999999`, "32 bits"},
		{"Int", `"7"`, "32 bits"},
		{"Int", `true`, "32 bits"},
		{"Int", `[7]`, "32 bits"},
		{"Int", `{"a": 7}`, "32 bits"},
		{"Int!", `null`, "must not be null"},
		{"Float", `7`, `7`},
		{"Float", `-0.5e3`, `-0.5e3`},
		{"Float", `1e999`, "must be a number"},
		{"Float", `"7"`, "must be a number"},
		{"String", `"7"`, `"7"`},
		{"String", `7`, "must be a string"},
		{"String", `true`, "must be a string"},
		{"Boolean", `true`, `true`},
		{"Boolean", `"true"`, "true or false"},
		{"Boolean", `1`, "true or false"},
		{"ID", `"x"`, `"x"`},
		{"ID", `7`, `7`},
		{"ID", `7.0`, "must be an id"},
		{"ID", `true`, "must be an id"},
		{"Decimal", `7`, `7`},
		{"Color", `"RED"`, `"RED"`},
		{"Color", `"red"`, "must be a value of Color"},
		{"Color", `"SECRET"`, "must be a value of Color"},
		{"Color", `1`, "must be a value of Color"},
		{"[Int!]", `1`, `[1]`},
		{"[Int!]", `[1, 2.0]`, `[1,2]`},
		{"[Int!]", `[1, null]`, "$v.1 is not valid: it must not be null"},
		{"[Int!]", `["1"]`, "$v.0 is"},
		{"[Int]", `[1, null]`, `[1,null]`},
		{"[[Int!]]", `1`, `[[1]]`},
		{"[[Int!]]", `[1, [2], null]`, `[[1],[2],null]`},
		{"[[Int!]]", `[[1], ["2"]]`, "$v.1.0 is"},
		{"Basket", line, line},
		{"Basket", `{"lines": {"quantity": 1.0}}`, line},
		{"Basket", `{"lines": [{"quantity": 1, "id": 3, "price": "2.50", "weight": 1}], "note": null, "color": "RED"}`, `"RED"`},
		{"Basket", `{"lines": []}`, `{"lines":[]}`},
		{"Basket", `{}`, "$v.lines is not valid: it is required"},
		{"Basket", `{"lines": null}`, "$v.lines is not valid: it must not be null"},
		{"Basket", `{"lines": [{"quantity": 1}, {"quantity": "S3CRET"}]}`, "$v.lines.1.quantity is"},
		{"Basket", `{"lines": [{}]}`, "$v.lines.0.quantity is not valid: it is required"},
		{"Basket", `{"lines": [], "must": null}`, "$v.must is not valid: it must not be null"},
		{"Basket", `{"lines": [], "lnies": 1}`, "$v.lnies is not valid: Basket has no field of this name"},
		{"Basket", `{"lines": [], "a\nb S3CRET": 1}`, "$v.? is not valid"},
		{"Basket", `"S3CRET"`, "must be an object of Basket"},
		{"Basket", `{"lines": ["S3CRET"]}`, "$v.lines.0 is not valid: it must be an object of Line"},
		{"Key", `{"sku": "a"}`, `{"sku":"a"}`},
		{"Key", `{"sku": "a", "barcode": "b"}`, "exactly one field"},
		{"Key", `{"sku": "a", "barcode": null}`, "exactly one field"},
		{"Key", `{"sku": null}`, "exactly one field"},
		{"Key", `{}`, "exactly one field"},
		{"Key", `{"line": {"quantity": "1"}}`, "$v.line.quantity is"},
		{"[Key!]", `[{"sku": "a"}, {}]`, "$v.1 is not valid: Key takes exactly one field"},
		{"Unknown", `1`, `1`},
	} {
		params := &graphql.RawParams{Query: "query($v: " + test.typ + ") { __typename }"}
		if err := decode([]byte(`{"v": `+test.given+`, "other": 1}`), &params.Variables); err != nil {
			t.Fatal(err)
		}
		err := v.coerced(t, params)
		switch {
		case err != nil && (!strings.Contains(strings.ReplaceAll(err.Message, `"`, ""), test.want) || strings.Contains(err.Message, "S3CRET")):
			t.Errorf("%s of %s: %q, want %q", test.typ, test.given, err.Message, test.want)
		case err == nil:
			text, failed := json.Marshal(params.Variables["v"])
			plain := strings.ReplaceAll(test.want, " ", "")
			if failed != nil || !strings.Contains(string(text), plain) {
				t.Errorf("%s of %s: %s, want %s", test.typ, test.given, text, plain)
			}
		}
	}
}

func TestVariablesOfTheOperation(t *testing.T) {
	t.Parallel()
	v := variables(t)
	const document = `query A($v: Int) { __typename } query B($v: String) { __typename }`
	for name, want := range map[string]string{
		"A": "whole number", "B": "", "": "several operations", "S3CRET": "no operation of the name",
	} {
		err := v.coerced(t, &graphql.RawParams{
			Query: document, OperationName: name, Variables: map[string]any{"v": "text"},
		})
		if got := err != nil; got != (want != "") || got && (!strings.Contains(err.Message, want) || strings.Contains(err.Message, "S3CRET")) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// coerced is coerceVariables for a document that is only parsed.
func (r *Reader) coerced(t testing.TB, params *graphql.RawParams) *gqlerror.Error {
	t.Helper()
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, r.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	return coerceVariables(r.Schema, doc, params)
}

func FuzzVariables(f *testing.F) {
	v := variables(f)
	for _, seed := range []string{`1`, `"7"`, `[[1]]`, `{"lines": [{"quantity": 1e3}]}`, `{"sku": null}`, `1e99999`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		var value any
		if decode([]byte(given), &value) != nil {
			return
		}
		for _, typ := range []string{"Int", "[[Int!]]", "Basket!", "Key", "Float", "ID", "Color"} {
			params := &graphql.RawParams{
				Query: "query($v: " + typ + ") { __typename }", Variables: map[string]any{"v": value},
			}
			if v.coerced(t, params) != nil {
				continue
			}
			// What was taken is taken again, and is the same.
			first, _ := json.Marshal(params.Variables)
			if err := v.coerced(t, params); err != nil {
				t.Fatalf("%s of %s is taken once, not twice: %v", typ, given, err)
			}
			if again, _ := json.Marshal(params.Variables); string(again) != string(first) {
				t.Fatalf("%s of %s: %s, then %s", typ, given, first, again)
			}
		}
	})
}
