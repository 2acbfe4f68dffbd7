package reading

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun/schema"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const madeSchema = `
	directive @requires(permission: String!) on FIELD_DEFINITION
	directive @odd on FIELD_DEFINITION
	scalar Date
	scalar Decimal
	type Money { amount: Decimal! currencyCode: String! }
	type Query { shelf: Shelf }
	type Shelf { name: String! box: Box! spare: Box boxes(first: Int): [Box!]! odd: Int @odd secret: Int @requires(permission: "COST_READ") }
	type Box { label: String! note: String day: Date due: Date! weight: Decimal count: Int price: Money worth: Money }
`

type (
	shelf struct {
		Name       string
		Box, Spare *box
		Boxes      []*box
		Odd        int
		Secret     int
	}
	box struct {
		Label  string
		Due    civil.Date
		Weight *money.Decimal
	}
)

func (b *box) Note() *string {
	if b.Label == "" {
		return nil
	}
	return &b.Label
}

func (b *box) Day() (civil.Date, bool) { return b.Due, b.Due != civil.Date{} }
func (b *box) Count() (int, bool)      { return len(b.Label), b.Label != "" }
func (b *box) Price() *money.Money     { return &money.Money{Minor: int64(len(b.Label)), Currency: "KES"} }

func (b *box) Worth() (money.Money, bool) {
	return money.Money{Minor: int64(len(b.Label)), Currency: "KES"}, b.Label != ""
}

type none interface{ None() }

var errTooMany = errors.New("too many")

func shelves(t *testing.T) (*Table, *ast.Schema) {
	t.Helper()
	s := gqlparser.MustLoadSchema(&ast.Source{Input: madeSchema})
	table, err := New(s, reflect.TypeFor[none](), func(reflect.Type) *schema.Table { return nil },
		Made[shelf]("Shelf", Has("box", func(s *shelf) *box { return s.Box }), Has("spare", func(s *shelf) *box { return s.Spare }),
			First("boxes", func(s *shelf, first *int) ([]*box, error) {
				if first != nil && *first > len(s.Boxes) {
					return nil, errTooMany
				}
				if first == nil {
					return s.Boxes, nil
				}
				return s.Boxes[:*first], nil
			})),
		Made[box]("Box"))
	if err != nil {
		t.Fatal(err)
	}
	return table, s
}

// answered writes what a document asks for of an object; variables are what it says it is given.
func answered(t *testing.T, made any, text string, variables map[string]any) (string, Way) {
	t.Helper()
	table, s := shelves(t)
	doc, err := gqlparser.LoadQueryWithRules(s, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables}
	ctx := tenancy.With(graphql.WithOperationContext(t.Context(), op), &tenancy.Scope{Company: id.New[id.Company](), Role: tenancy.Cashier})
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})[0]
	answer, way := table.Write(ctx, field, made)
	if json, ok := answer.(*written); ok {
		var told strings.Builder
		json.MarshalGQL(&told)
		return told.String(), way
	}
	if answer != made {
		t.Errorf("%s is left to the resolvers with %v", text, answer)
	}
	return "", way
}

// TestMadeObjects: what is selected is written in its order, under its aliases, with what fragments and conditions leave.
func TestMadeObjects(t *testing.T) {
	t.Parallel()
	full := &shelf{Name: `a "b"`, Box: &box{Label: "x"}, Boxes: []*box{{Label: "y"}, {Label: "zz"}}}
	full.Box.Due = civil.Date{Year: 2026, Month: 2, Day: 3}
	vars := map[string]any{"yes": true, "n": int64(1)}
	for text, want := range map[string]string{
		`{ shelf { name } }`:                                                `{"name":"a \"b\""}`,
		`{ shelf { b: name a: name __typename } }`:                          `{"b":"a \"b\"","a":"a \"b\"","__typename":"Shelf"}`,
		`{ shelf { box { label } box { note } spare { label } } }`:          `{"box":{"label":"x","note":"x"},"spare":null}`,
		`{ shelf { boxes { label count } } }`:                               `{"boxes":[{"label":"y","count":1},{"label":"zz","count":2}]}`,
		`{ shelf { box { day weight price { currencyCode a: amount } } } }`: `{"box":{"day":"2026-02-03","weight":null,"price":{"currencyCode":"KES","a":"0.01"}}}`,
		`{ shelf { boxes { worth { amount } } spare { worth { amount } } box { worth { amount } } } }`: `{"boxes":[{"worth":{"amount":"0.01"}},` +
			`{"worth":{"amount":"0.02"}}],"spare":null,"box":{"worth":{"amount":"0.01"}}}`,
		`{ shelf { ...F ... on Shelf { x: name } } } fragment F on Shelf { box { ...G } } fragment G on Box { due }`: `{"box":{"due":"2026-02-03"},"x":"a \"b\""}`,
		`query($yes: Boolean!) { shelf { name @skip(if: $yes) y: name @include(if: $yes) } }`:                        `{"y":"a \"b\""}`,
		`query($yes: Boolean!) { shelf { ... @skip(if: $yes) { name } } }`:                                           `{}`,
		`query($n: Int) { shelf { one: boxes(first: $n) { label } all: boxes(first: null) { label } } }`: `{"one":[{"label":"y"}],` +
			`"all":[{"label":"y"},{"label":"zz"}]}`,
	} {
		if got, way := answered(t, full, text, vars); got != want || !way.Whole {
			t.Errorf("%s: %s, %+v\nwant %s", text, got, way, want)
		}
	}
}

// TestMadeObjectsAreLeft where the resolvers have something to say: what is null and must not be, arguments that they
// refuse, and directives that don't let the field pass.
func TestMadeObjectsAreLeft(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]Why{
		`{ shelf { box { label } } }`:             OfRows,
		`{ shelf { name boxes { label } } }`:      OfRows,
		`{ shelf { boxes(first: 9) { label } } }`: OfArguments,
		`{ shelf { odd } }`:                       OfDirective,
		`{ shelf { secret } }`:                    OfPermission,
	} {
		got, way := answered(t, &shelf{Boxes: []*box{nil}}, text, nil)
		if got != "" || way.Whole || way.Why != why || !strings.HasPrefix(way.Where, "Shelf.") {
			t.Errorf("%s: %s, %+v", text, got, way)
		}
	}
	if _, way := answered(t, (*shelf)(nil), `{ shelf { name } }`, nil); way.Why != OfType {
		t.Errorf("nothing: %+v", way)
	}
}
