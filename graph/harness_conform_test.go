package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/graph/wire"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// contract is the published schema.
var contract = sync.OnceValues(func() (*ast.Schema, error) {
	text, err := graph.SDL()
	if err != nil {
		return nil, err
	}
	return gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: text})
})

func schemaOf(t testing.TB) *ast.Schema {
	t.Helper()
	s, err := contract()
	must(t, err)
	return s
}

// codes are all that extensions.code may say.
var codes = []errs.Code{
	errs.Internal, errs.Unauthenticated, errs.Forbidden, errs.NotFound, errs.BadUserInput, errs.RateLimited, errs.Throttled,
	errs.ComplexityLimit, errs.Unavailable, errs.Timeout, errs.FeatureOff, "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED",
	wire.CodeDocumentUnknown, wire.CodeDocumentUnregistered,
}

// internals are words of what stands behind the graph; no client reads them.
var internals = regexp.MustCompile(
	`(?i)sqlstate|pgx|postgres|goroutine|panic|runtime error|\.go:\d|tillgraph_app|tenant_id|relation "|syntax error at or near|gqlgen|nil pointer`)

// conformErrors checks the form of an answer's errors.
func conformErrors(t testing.TB, a *answer) {
	t.Helper()
	request := a.Header.Get("X-Request-Id")
	if request == "" {
		t.Errorf("an answer without a request id: %s", a.Raw)
	}
	for _, e := range a.Errors {
		code, _ := e.Extensions["code"].(string)
		switch {
		case e.Message == "":
			t.Errorf("an error without a message: %s", a.Raw)
		case !slices.Contains(codes, errs.Code(code)):
			t.Errorf("an error of the unknown code %q: %s", code, a.Raw)
		case e.Extensions["requestId"] != request:
			t.Errorf("an error that doesn't name the request %s: %s", request, a.Raw)
		case internals.MatchString(e.Message):
			t.Errorf("an error speaks of the inside: %s", e.Message)
		}
	}
	if a.Data == nil && len(a.Errors) == 0 {
		t.Errorf("neither data nor errors: %s", a.Raw)
	}
}

// conform checks an answer against the schema and its document: the keys that were asked for and no others, values
// of their types, no null where none may be, enum values that the schema has, ids of the type that they stand in. It
// gives the fields that the answer holds.
func conform(t testing.TB, query string, variables vars, a *answer) map[string]bool {
	t.Helper()
	c := &conformer{schema: schemaOf(t), covered: map[string]bool{}}
	doc, invalid := gqlparser.LoadQueryWithRules(c.schema, query, rules.NewDefaultRules())
	if invalid != nil || len(doc.Operations) != 1 {
		if invalid != nil && a.Data != nil {
			t.Errorf("data for an invalid document (%v): %s", invalid, a.Raw)
		}
		return nil
	}
	if a.Data == nil {
		return nil
	}
	op := doc.Operations[0]
	var err error
	if c.vars, err = validator.VariableValues(c.schema, op, plain(t, variables)); err != nil {
		t.Errorf("data for invalid variables (%v): %s", err, a.Raw)
		return nil
	}
	root := c.schema.Query
	if op.Operation == ast.Mutation {
		root = c.schema.Mutation
	}
	if wrong := c.object(root, []ast.SelectionSet{op.SelectionSet}, a.Data, "data"); wrong != "" {
		t.Errorf("the answer breaks the schema: %s\n%s\n%s", wrong, query, a.Raw)
	}
	return c.covered
}

// plain gives variables as they travel.
func plain(t testing.TB, variables vars) map[string]any {
	t.Helper()
	text, err := json.Marshal(variables)
	must(t, err)
	var decoded map[string]any
	must(t, json.Unmarshal(text, &decoded))
	return decoded
}

type conformer struct {
	schema  *ast.Schema
	vars    map[string]any
	covered map[string]bool
}

type selected struct {
	field *ast.Field
	sets  []ast.SelectionSet
}

// collect merges the fields that a selection asks of an object, by the key in the answer.
func (c *conformer) collect(of *ast.Definition, sets []ast.SelectionSet, into map[string]*selected) {
	for _, set := range sets {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if !c.included(s.Directives) {
					continue
				}
				if into[s.Alias] == nil {
					into[s.Alias] = &selected{field: s}
				}
				into[s.Alias].sets = append(into[s.Alias].sets, s.SelectionSet)
			case *ast.InlineFragment:
				if c.included(s.Directives) && c.applies(of, s.TypeCondition) {
					c.collect(of, []ast.SelectionSet{s.SelectionSet}, into)
				}
			case *ast.FragmentSpread:
				if c.included(s.Directives) && c.applies(of, s.Definition.TypeCondition) {
					c.collect(of, []ast.SelectionSet{s.Definition.SelectionSet}, into)
				}
			}
		}
	}
}

func (c *conformer) included(directives ast.DirectiveList) bool {
	if d := directives.ForName("skip"); d != nil && d.ArgumentMap(c.vars)["if"] == true {
		return false
	}
	d := directives.ForName("include")
	return d == nil || d.ArgumentMap(c.vars)["if"] == true
}

func (c *conformer) applies(of *ast.Definition, condition string) bool {
	return condition == "" || condition == of.Name || slices.Contains(of.Interfaces, condition)
}

// object says what is wrong with an object, "" where nothing is.
func (c *conformer) object(of *ast.Definition, sets []ast.SelectionSet, value any, path string) string {
	object, ok := value.(map[string]any)
	if !ok {
		return path + " is no object"
	}
	fields := map[string]*selected{}
	c.collect(of, sets, fields)
	if got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		return fmt.Sprintf("%s (%s) has the keys %v instead of %v", path, of.Name, got, want)
	}
	for key, s := range fields {
		definition := of.Fields.ForName(s.field.Name)
		if s.field.Name == "__typename" {
			if object[key] != of.Name {
				return fmt.Sprintf("%s.%s is %v instead of %s", path, key, object[key], of.Name)
			}
			continue
		}
		if definition == nil { // __schema and __type, on the root
			continue
		}
		if wrong := c.value(definition.Type, s.sets, object[key], path+"."+key); wrong != "" {
			return wrong
		}
		if s.field.Name == "id" && object[key] != nil {
			if ref, err := id.Parse(object[key].(string)); err != nil || ref.Type() != of.Name {
				return fmt.Sprintf("%s.%s is no id of a %s: %v", path, key, of.Name, object[key])
			}
		}
		if object[key] != nil {
			c.covered[of.Name+"."+s.field.Name] = true
		}
	}
	return ""
}

func (c *conformer) value(typ *ast.Type, sets []ast.SelectionSet, value any, path string) string {
	if value == nil {
		if typ.NonNull {
			return path + " is null"
		}
		return ""
	}
	if typ.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return path + " is no list"
		}
		for i, element := range list {
			if wrong := c.value(typ.Elem, sets, element, fmt.Sprintf("%s[%d]", path, i)); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	of := c.schema.Types[typ.NamedType]
	switch of.Kind {
	case ast.Object:
		return c.object(of, sets, value, path)
	case ast.Interface, ast.Union:
		wrong := ""
		for _, possible := range c.schema.GetPossibleTypes(of) {
			covered := maps.Clone(c.covered)
			if wrong = c.object(possible, sets, value, path); wrong == "" {
				return ""
			}
			c.covered = covered
		}
		return path + " is of none of its types, the last: " + wrong
	case ast.Enum:
		if text, ok := value.(string); !ok || of.EnumValues.ForName(text) == nil {
			return fmt.Sprintf("%s is %v, which %s has not", path, value, of.Name)
		}
	case ast.Scalar:
		if !holds(of.Name, value) {
			return fmt.Sprintf("%s is %v, which is no %s", path, value, of.Name)
		}
	}
	return ""
}

var (
	decimalForm  = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

func holds(scalar string, value any) bool {
	text, isText := value.(string)
	switch scalar {
	case "Boolean":
		_, ok := value.(bool)
		return ok
	case "Int":
		n, ok := value.(float64)
		return ok && n == math.Trunc(n)
	case "String":
		return isText
	case "ID":
		_, err := id.Parse(text)
		return isText && err == nil
	case "Decimal":
		return isText && decimalForm.MatchString(text)
	case "CurrencyCode":
		return isText && currencyForm.MatchString(text)
	case "DateTime":
		_, err := time.Parse(time.RFC3339Nano, text)
		return isText && err == nil
	case "Date":
		_, err := time.Parse(time.DateOnly, text)
		return isText && err == nil
	}
	return false
}

// says makes a conformer's verdict on a document and an answer that a test made up.
func says(t *testing.T, query, data string) string {
	t.Helper()
	c := &conformer{schema: schemaOf(t), covered: map[string]bool{}}
	doc, invalid := gqlparser.LoadQueryWithRules(c.schema, query, rules.NewDefaultRules())
	if invalid != nil {
		t.Fatal(invalid)
	}
	var value any
	must(t, json.Unmarshal([]byte(data), &value))
	return c.object(c.schema.Query, []ast.SelectionSet{doc.Operations[0].SelectionSet}, value, "data")
}

// TestConformer proves that the check of every answer can fail.
func TestConformer(t *testing.T) {
	t.Parallel()
	store := id.New[id.Store]().String()
	for _, test := range []struct{ query, good, bad, why string }{
		{`{ viewer { role } }`, `{"viewer":{"role":"OWNER"}}`, `{"viewer":{"role":"KING"}}`, "KING"},
		{`{ viewer { role } }`, `{"viewer":{"role":"OWNER"}}`, `{"viewer":null}`, "null"},
		{`{ viewer { role } }`, `{"viewer":{"role":"OWNER"}}`, `{"viewer":{"role":"OWNER","more":1}}`, "keys"},
		{`{ viewer { r: role } }`, `{"viewer":{"r":"OWNER"}}`, `{"viewer":{"role":"OWNER"}}`, "keys"},
		{`{ viewer { permissions } }`, `{"viewer":{"permissions":[]}}`, `{"viewer":{"permissions":[null]}}`, "null"},
		{
			`{ node(id: "x") { ... on Store { id taxRate } } }`, `{"node":{"id":"` + store + `","taxRate":"16"}}`,
			`{"node":{"id":"` + store + `","taxRate":16}}`, "none of its types",
		},
		{
			`{ store(id: "x") { id } }`, `{"store":{"id":"` + store + `"}}`,
			`{"store":{"id":"` + id.New[id.Sale]().String() + `"}}`, "no id of a Store",
		},
		{`{ stores { totalCount } }`, `{"stores":{"totalCount":2}}`, `{"stores":{"totalCount":2.5}}`, "no Int"},
		{
			`{ company { createdAt } }`, `{"company":{"createdAt":"2026-01-02T03:04:05Z"}}`,
			`{"company":{"createdAt":"2026-01-02 03:04:05"}}`, "no DateTime",
		},
	} {
		if wrong := says(t, test.query, test.good); wrong != "" {
			t.Errorf("%s: %s", test.good, wrong)
		}
		if wrong := says(t, test.query, test.bad); !strings.Contains(wrong, test.why) {
			t.Errorf("%s: %q, want one of %q", test.bad, wrong, test.why)
		}
	}
	if internals.MatchString("There is no such object.") || !internals.MatchString(`ERROR: x (SQLSTATE 42501)`) {
		t.Error("the pattern of what is internal doesn't tell")
	}
}
