package reading

import (
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestSelected: the fields of a set are those that gqlgen collects, whether there is anything to merge or not.
func TestSelected(t *testing.T) {
	t.Parallel()
	_, s := shelves(t)
	for _, text := range []string{
		`{ shelf { name } }`,
		`{ shelf { b: name a: name __typename box { label note } } }`,
		`{ shelf { one: boxes(first: 1) { label } two: boxes(first: 2) { label count } spare { due } } }`,
		`{ shelf { name name } }`,
		`{ shelf { box { label } box { note } } }`,
		`{ shelf { box { label } ... on Shelf { box { note } x: name } } }`,
		`{ shelf { ...F } } fragment F on Shelf { name }`,
		`query($no: Boolean!) { shelf { name @skip(if: $no) } }`,
		`query($no: Boolean!) { shelf { name y: name @include(if: $no) } }`,
		`query($no: Boolean!) { shelf { name ... @include(if: $no) { y: name } } }`,
		`{ shelf { ` + strings.Repeat("name ", mostPlain+1) + `} }`,
	} {
		doc, err := gqlparser.LoadQueryWithRules(s, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"no": false}}
		shelf, _ := doc.Operations[0].SelectionSet[0].(*ast.Field)
		got, want := Selected(op, shelf.SelectionSet, "Shelf"), graphql.CollectFields(op, shelf.SelectionSet, []string{"Shelf"})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\nwant %v", text, got, want)
		}
	}
}
