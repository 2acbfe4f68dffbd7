package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
)

// about is what follows from an operation's document alone.
type about struct {
	// hash names the document.
	hash string
	// types are those of the objects that the operation selects, sorted.
	types []string
	// ids are those that stand in the document itself.
	ids []id.Any
	// size is how much the operation asks for.
	size size
	// fixed says that what it may cost doesn't depend on variables: cost keeps it then.
	fixed bool
	cost  func(calculate func() int) int
}

// abouts keep what follows from documents for as long as these are kept themselves. Safe for concurrent use.
type abouts struct{ known sync.Map } // of weak.Pointer[ast.OperationDefinition] to *about

func (a *abouts) of(op *graphql.OperationContext) *about {
	key := weak.Make(op.Operation)
	if known, ok := a.known.Load(key); ok {
		return known.(*about) //nolint:forcetypeassert // nothing else is put there
	}
	sum := sha256.Sum256([]byte(op.RawQuery))
	made := &about{
		hash: hex.EncodeToString(sum[:]), types: typesOf(op.Operation), ids: idsIn(op.Operation),
		size: measure(op.Operation.SelectionSet, map[string]size{}), fixed: !variablySized(op.Operation), cost: once(),
	}
	if _, there := a.known.LoadOrStore(key, made); !there {
		runtime.AddCleanup(op.Operation, func(key weak.Pointer[ast.OperationDefinition]) { a.known.Delete(key) }, key)
	}
	return made
}

// once keeps the first number that is calculated.
func once() func(calculate func() int) int {
	var first sync.Once
	n := 0
	return func(calculate func() int) int {
		first.Do(func() { n = calculate() })
		return n
	}
}

// selects are the types of the objects that the request's operation selects.
func (r *request) selects() []string {
	if r.about == nil {
		return nil
	}
	return r.about.types
}

// eachField calls a function for each field of a selection, however deep it stands: for those of a fragment once.
func eachField(set ast.SelectionSet, fn func(*ast.Field)) {
	spread := map[string]bool{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				fn(s)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if s.Definition != nil && !spread[s.Name] {
					spread[s.Name] = true
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	walk(set)
}

// typesOf are the types of the objects that an operation selects, sorted.
func typesOf(op *ast.OperationDefinition) []string {
	found := map[string]bool{}
	eachField(op.SelectionSet, func(f *ast.Field) {
		if f.Definition != nil && len(f.SelectionSet) > 0 && !strings.HasPrefix(f.Name, "__") {
			found[f.Definition.Type.Name()] = true
		}
	})
	types := make([]string, 0, len(found))
	for name := range found {
		if dull(name) {
			continue
		}
		types = append(types, name)
	}
	slices.Sort(types)
	return types
}

// dull are the types that are how others come.
func dull(name string) bool {
	return name == "PageInfo" || name == "Money" || strings.HasSuffix(name, "Connection") || strings.HasSuffix(name, "Edge") ||
		strings.HasSuffix(name, "UserError") || strings.HasSuffix(name, "Payload")
}
