package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
)

// The ids of what reports leave behind, where a resolver's argument hides their package.
type (
	exportKey   = id.ReportExport
	scheduleKey = id.ReportSchedule
	alertKey    = id.ReportAlert
)

// linked loads what an object may point at, nil where it doesn't.
func linked[K comparable, V any](ctx context.Context, from loader.Loader[K, *V], key *K) (*V, error) {
	if key == nil {
		return nil, nil //nolint:nilnil // it points at nothing
	}
	return from.Get(ctx, *key)
}

// selects says whether a field is selected below the report of the payload that is being resolved, however deep.
func selects(ctx context.Context, name string) bool {
	op := graphql.GetOperationContext(ctx)
	for _, field := range graphql.CollectFieldsCtx(ctx, nil) {
		if field.Name == "report" && selected(op, field.Selections, name) {
			return true
		}
	}
	return false
}

func selected(op *graphql.OperationContext, set ast.SelectionSet, name string) bool {
	for _, field := range graphql.CollectFields(op, set, nil) {
		if field.Name == name || selected(op, field.Selections, name) {
			return true
		}
	}
	return false
}
