package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/report"
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
func selects(ctx context.Context, name string) (found bool) {
	belowReport(ctx, func(_, field string) { found = found || field == name })
	return found
}

// wanted says what is selected of the sales report that is being resolved.
func wanted(ctx context.Context) report.Want {
	want := report.Want{Figures: []string{}}
	belowReport(ctx, func(of, field string) {
		switch {
		case field == "tenders":
			want.Tenders = true
		case field == "totals":
			want.Totals = true
		case field == "subtotals":
			want.Subtotals = true
		case (of == "figures" || of == "previous" || of == "change") && field != "__typename":
			want.Figures = append(want.Figures, field)
		}
	})
	return want
}

// belowReport tells each field that is selected below the report, with the field that it is one of.
func belowReport(ctx context.Context, tell func(of, field string)) {
	op := graphql.GetOperationContext(ctx)
	for _, field := range reading.Selected(op, graphql.GetFieldContext(ctx).Field.Selections) {
		if field.Name == "report" {
			below(op, field, tell)
		}
	}
}

func below(op *graphql.OperationContext, of graphql.CollectedField, tell func(of, field string)) {
	for _, field := range reading.Selected(op, of.Selections) {
		tell(of.Name, field.Name)
		below(op, field, tell)
	}
}
