package graph_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// TestNothingIsUnbound: every type of the schema is a domain's own, but the two roots, which hold nothing.
func TestNothingIsUnbound(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("unbound/*.go")
	must(t, err)
	var declared []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		must(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				declared = append(declared, n.Name.Name)
				if s, ok := n.Type.(*ast.StructType); !ok || s.Fields.NumFields() != 0 {
					t.Errorf("%s holds something", n.Name.Name)
				}
			case *ast.FuncDecl:
				declared = append(declared, n.Name.Name)
			}
			return true
		})
	}
	slices.Sort(declared)
	if !slices.Equal(declared, []string{"Mutation", "Query"}) {
		t.Errorf("bound to nothing: %v", declared)
	}
}
