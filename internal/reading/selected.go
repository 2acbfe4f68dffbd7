package reading

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// mostPlain bounds the sets that are looked through for fields of one name, each beside all before it.
const mostPlain = 32

// Selected are the fields of a set, as graphql.CollectFields has them, for objects of types with these names. Where there
// is nothing to choose and nothing to merge they are the set's own: its copies and the cache that it keeps of them for one
// operation cost more than all else of a plan.
func Selected(op *graphql.OperationContext, set ast.SelectionSet, satisfies ...string) []graphql.CollectedField {
	if fields := plainly(set); fields != nil {
		return fields
	}
	return graphql.CollectFields(op, set, satisfies)
}

// selected is Selected for a plan, which isn't kept where a set had to be collected: what that comes to may be another thing for
// other variables.
func (p *plan) selected(set ast.SelectionSet, satisfies ...string) []graphql.CollectedField {
	fields := plainly(set)
	if fields == nil {
		p.once = true
		fields = graphql.CollectFields(p.op, set, satisfies)
	}
	return fields
}

// plainly are the fields of a set as it stands; nil where there is something to choose or to merge.
func plainly(set ast.SelectionSet) []graphql.CollectedField {
	if len(set) > mostPlain {
		return nil
	}
	fields := make([]graphql.CollectedField, 0, len(set))
	for _, one := range set {
		field, is := one.(*ast.Field)
		if !is || len(field.Directives) > 0 ||
			slices.ContainsFunc(fields, func(other graphql.CollectedField) bool { return other.Alias == field.Alias }) {
			return nil
		}
		fields = append(fields, graphql.CollectedField{Field: field, Selections: field.SelectionSet})
	}
	return fields
}
