package cli

import (
	"encoding/json"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tillgraph/tillgraph/graph"
)

// fullDemo offers all examples.
func fullDemo(t *testing.T) *demo {
	t.Helper()
	sale, err := saleInput("reg_1", "prod_1")
	if err != nil {
		t.Fatal(err)
	}
	return &demo{accounts: []demoAccount{{token: "t"}}, sale: sale}
}

func TestExamplesFitTheSchema(t *testing.T) {
	t.Parallel()
	text, err := graph.SDL()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range fullDemo(t).examples() {
		document, err := gqlparser.LoadQueryWithRules(schema, example.Query, rules.NewDefaultRules())
		if err != nil {
			t.Errorf("%s: %v", example.Name, err)
			continue
		}
		variables := map[string]any{}
		if example.Variables != "" {
			if err := json.Unmarshal([]byte(example.Variables), &variables); err != nil {
				t.Errorf("%s: %v", example.Name, err)
			}
		}
		if _, err := validator.VariableValues(schema, document.Operations[0], variables); err != nil {
			t.Errorf("%s: %v", example.Name, err)
		}
	}
}

func TestNothingToTryWithoutDemo(t *testing.T) {
	t.Parallel()
	d := &demo{}
	if len(d.buttons()) != 0 || len(d.roles()) != 0 {
		t.Error("there are tokens")
	}
	for _, example := range d.examples() {
		if example.Query == saleExample || example.Query == loginExample {
			t.Errorf("%q can't work", example.Name)
		}
	}
}
