package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

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
	return belowReport(ctx, func(_, field string) bool { return field == name })
}

// figures are the names of all figures that are selected of any row.
func figures(ctx context.Context) []string {
	names := []string{}
	belowReport(ctx, func(of, field string) bool {
		if of == "figures" || of == "previous" || of == "change" {
			names = append(names, field)
		}
		return false
	})
	return slices.DeleteFunc(names, func(name string) bool { return name == "__typename" || name == "tenders" })
}

// belowReport calls found with each field that is selected below the report, and with the field that it is one of, until
// that says so.
func belowReport(ctx context.Context, found func(of, field string) bool) bool {
	op := graphql.GetOperationContext(ctx)
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, nil), func(field graphql.CollectedField) bool {
		return field.Name == "report" && below(op, field, found)
	})
}

func below(op *graphql.OperationContext, of graphql.CollectedField, found func(of, field string) bool) bool {
	return slices.ContainsFunc(graphql.CollectFields(op, of.Selections, nil), func(field graphql.CollectedField) bool {
		return found(of.Name, field.Name) || below(op, field, found)
	})
}
