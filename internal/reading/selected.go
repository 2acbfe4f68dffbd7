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
	if len(set) > mostPlain {
		return graphql.CollectFields(op, set, satisfies)
	}
	fields := make([]graphql.CollectedField, 0, len(set))
	for _, one := range set {
		field, is := one.(*ast.Field)
		if !is || len(field.Directives) > 0 ||
			slices.ContainsFunc(fields, func(other graphql.CollectedField) bool { return other.Alias == field.Alias }) {
			return graphql.CollectFields(op, set, satisfies)
		}
		fields = append(fields, graphql.CollectedField{Field: field, Selections: field.SelectionSet})
	}
	return fields
}
