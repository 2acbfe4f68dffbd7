package graph

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/page"
)

// costed prices fields by the size of their pages, from the schema alone: a new connection needs no line here.
type costed struct{ graphql.ExecutableSchema }

const (
	// plainList is how many elements a list that isn't paged is taken to have.
	plainList = 10
	// ceiling keeps products of nested pages from overflowing; it is above any limit.
	ceiling = 1 << 40
)

// Complexity implements graphql.ExecutableSchema: a field costs one and its children, a page as many times as it
// is long.
func (c costed) Complexity(_ context.Context, typeName, field string, child int, args map[string]any) (int, bool) {
	definition := c.Schema().Types[typeName]
	if definition == nil {
		return 0, false
	}
	// Generated code passes the Go name's spelling of the field, which is the schema's here.
	f := definition.Fields.ForName(field)
	if f == nil {
		return 0, false
	}
	n := 1
	switch {
	case strings.HasSuffix(f.Type.Name(), "Connection"):
		n = pageSize(args)
	case isPageList(definition, f):
		// The connection has counted its rows already.
	case f.Type.Elem != nil && c.isObject(f.Type.Name()):
		n = plainList
		if ids, ok := args["ids"].([]any); ok {
			n = len(ids)
		}
	}
	return min(1+n*min(child, ceiling/(page.Max+1)), ceiling), true
}

func isPageList(of *ast.Definition, f *ast.FieldDefinition) bool {
	return strings.HasSuffix(of.Name, "Connection") && (f.Name == "edges" || f.Name == "nodes")
}

func (c costed) isObject(name string) bool {
	t := c.Schema().Types[name]
	return t != nil && (t.Kind == ast.Object || t.Kind == ast.Interface)
}

// pageSize is how long a page may be. The arguments are as the client wrote them, before they are coerced.
func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		n := page.Default
		switch given := args[name].(type) {
		case nil:
			continue
		case int64:
			n = int(min(max(given, 1), page.Max))
		case float64:
			n = int(min(max(given, 1), page.Max))
		case json.Number:
			if number, err := given.Int64(); err == nil {
				n = int(min(max(number, 1), page.Max))
			}
		}
		return n
	}
	return page.Default
}

// depthLimit refuses operations that nest too deeply.
type depthLimit struct{ most int }

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = depthLimit{}

// ExtensionName implements graphql.HandlerExtension.
func (depthLimit) ExtensionName() string { return "DepthLimit" }

// Validate implements graphql.HandlerExtension.
func (depthLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (d depthLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	fragments := map[string]int{}
	if depth(op.Operation.SelectionSet, fragments) <= d.most {
		return nil
	}
	err := gqlerror.Errorf("operation nests deeper than the limit of %d", d.most)
	err.Extensions = map[string]any{"code": string(errs.ComplexityLimit)}
	return err
}

// depth is how deeply fields nest. Each fragment is measured once, so that fragments which spread fragments many
// times cost no more than they are long.
func depth(set ast.SelectionSet, fragments map[string]int) int {
	deepest := 0
	for _, selection := range set {
		d := 0
		switch s := selection.(type) {
		case *ast.Field:
			d = 1 + depth(s.SelectionSet, fragments)
		case *ast.InlineFragment:
			d = depth(s.SelectionSet, fragments)
		case *ast.FragmentSpread:
			measured, ok := fragments[s.Name]
			if !ok && s.Definition != nil {
				measured = depth(s.Definition.SelectionSet, fragments)
				fragments[s.Name] = measured
			}
			d = measured
		}
		deepest = max(deepest, d)
	}
	return deepest
}
