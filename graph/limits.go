package graph

import (
	"context"
	"encoding/json"
	"slices"
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
	// printed is what a whole receipt in one field costs: it answers with as much as many fields.
	printed = 50
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
	case typeName == "Receipt" && (field == "text" || field == "html"):
		return printed, true
	case typeName == "SalesReport" && field == "rows":
		// They are there already, and cost what it takes to write them.
		n = reportRows(args)
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

// reportRows is what the rows of a report count as.
func reportRows(args map[string]any) int {
	const unlessTold, rowsForOne = 100, 10
	n := unlessTold
	switch given := args["first"].(type) {
	case int64:
		n = int(min(max(given, 1), 10*page.Max*rowsForOne))
	case float64:
		n = int(min(max(given, 1), 10*page.Max*rowsForOne))
	case json.Number:
		if number, err := given.Int64(); err == nil {
			n = int(min(max(number, 1), 10*page.Max*rowsForOne))
		}
	}
	return max(n/rowsForOne, 1)
}

// sizes are the arguments that say how much a field answers with.
func sizes() []string { return []string{"first", "last", "ids"} }

// variablySized says that variables say how much an operation answers with.
func variablySized(op *ast.OperationDefinition) bool {
	varies := false
	eachField(op.SelectionSet, func(f *ast.Field) {
		for _, argument := range f.Arguments {
			varies = varies || slices.Contains(sizes(), argument.Name) && hasVariable(argument.Value)
		}
	})
	return varies
}

func hasVariable(value *ast.Value) bool {
	return value != nil && (value.Kind == ast.Variable ||
		slices.ContainsFunc(value.Children, func(child *ast.ChildValue) bool { return hasVariable(child.Value) }))
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

// sizeLimit refuses operations that nest too deeply, and those that spread out to more fields than their cost may
// be, each of which costs at least one: fragments that spread fragments double with every line, so that adding up
// their cost would take as long as there are fields. It also bounds what gqlgen makes of fragments: it copies what
// stands below their fields once more for each fragment around them.
type sizeLimit struct {
	depth, fields, roots int

	abouts *abouts
}

// mostCopies bounds the selections that gqlgen copies for an operation.
const mostCopies = 100_000

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = sizeLimit{}

// ExtensionName implements graphql.HandlerExtension.
func (sizeLimit) ExtensionName() string { return "SizeLimit" }

// Validate implements graphql.HandlerExtension.
func (sizeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (l sizeLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	size := l.abouts.of(op).size
	switch {
	case size.depth > l.depth:
		return limitError("operation nests deeper than the limit of %d", l.depth)
	case size.fields > l.fields:
		return limitError("operation has more fields than the limit of %d", l.fields)
	case copies(op.Operation.SelectionSet, 1, 0) > mostCopies:
		return limitError("operation nests fragments in fragments too deeply")
	case len(roots(op)) > l.roots:
		return limitError("operation asks for more at its root than the limit of %d", l.roots)
	}
	return nil
}

func limitError(format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	err.Extensions = map[string]any{"code": string(errs.ComplexityLimit)}
	return err
}

// size is how deeply fields nest, and how many there are.
type size struct{ depth, fields int }

// measure looks at each fragment once, so that fragments which spread fragments many times cost no more than they
// are long.
func measure(set ast.SelectionSet, fragments map[string]size) size {
	var all size
	for _, selection := range set {
		var one size
		switch s := selection.(type) {
		case *ast.Field:
			one = measure(s.SelectionSet, fragments)
			one.depth++
			one.fields++
		case *ast.InlineFragment:
			one = measure(s.SelectionSet, fragments)
		case *ast.FragmentSpread:
			measured, ok := fragments[s.Name]
			if !ok && s.Definition != nil {
				measured = measure(s.Definition.SelectionSet, fragments)
				fragments[s.Name] = measured
			}
			one = measured
		}
		all = size{depth: max(all.depth, one.depth), fields: min(all.fields+one.fields, ceiling)}
	}
	return all
}

// copies is how many selections gqlgen's CollectFields makes of a set that it has n times, inside of so many
// fragments in one place. A named fragment is looked at once in a place; inline fragments each time.
func copies(set ast.SelectionSet, n, inside int) int {
	all := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			all += n + copies(s.SelectionSet, n, 0)
		case *ast.InlineFragment:
			all += copies(s.SelectionSet, min(2*n, ceiling), inside+1)
		case *ast.FragmentSpread:
			if s.Definition != nil {
				all += copies(s.Definition.SelectionSet, 1<<min(inside+1, 40), inside+1)
			}
		}
		if all > mostCopies {
			break
		}
	}
	return all
}

// repeatLimit refuses documents that ask for the same again and again in one place, or with many directives: whether
// such fields can be merged, and whether a directive stands there twice, is checked pair by pair, before it is known
// who asks.
type repeatLimit struct{ most, directives int }

func (l repeatLimit) check(text string, doc *ast.QueryDocument) *gqlerror.Error {
	if len(text) < l.most {
		return nil
	}
	c := repeats{fragments: map[string]*ast.FragmentDefinition{}}
	for _, f := range doc.Fragments {
		c.fragments[f.Name] = f
	}
	for _, f := range doc.Fragments {
		c.count(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		c.directives += len(op.Directives)
		c.count(op.SelectionSet)
	}
	if c.directives > l.directives {
		return limitError("document has more directives than the limit of %d", l.directives)
	}
	if c.n > l.most {
		return limitError("document asks for the same in one place more often than the limit of %d", l.most)
	}
	return nil
}

// repeats counts the fields that stand beside another of the same name, also where a fragment brings them there.
type repeats struct {
	fragments     map[string]*ast.FragmentDefinition
	n, directives int
}

func (c *repeats) count(set ast.SelectionSet) {
	c.beside(set, map[string]bool{}, map[string]bool{}, true)
}

// beside goes through the fields of one place. Below each of those that stand there themselves is another place;
// below what a fragment brings, that was counted where the fragment is defined.
func (c *repeats) beside(set ast.SelectionSet, fields, spread map[string]bool, own bool) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if fields[s.Alias] {
				c.n++
			}
			fields[s.Alias] = true
			if own {
				c.directives += len(s.Directives)
				c.count(s.SelectionSet)
			}
		case *ast.InlineFragment:
			if own {
				c.directives += len(s.Directives)
			}
			c.beside(s.SelectionSet, fields, spread, own)
		case *ast.FragmentSpread:
			if own {
				c.directives += len(s.Directives)
			}
			if f := c.fragments[s.Name]; f != nil && !spread[s.Name] {
				spread[s.Name] = true
				c.beside(f.SelectionSet, fields, spread, false)
			}
		}
	}
}

// noIntrospection answers who asks for the schema where that is off.
type noIntrospection struct{}

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = noIntrospection{}

// ExtensionName implements graphql.HandlerExtension.
func (noIntrospection) ExtensionName() string { return "NoIntrospection" }

// Validate implements graphql.HandlerExtension.
func (noIntrospection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (noIntrospection) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	for _, field := range roots(op) {
		if field.Name == "__schema" || field.Name == "__type" {
			err := gqlerror.Errorf("Introspection is off on this server.")
			err.Extensions = map[string]any{"code": string(errs.Forbidden)}
			return err
		}
	}
	return nil
}
