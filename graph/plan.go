package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// feature is @feature: the field belongs to a module, which the company has or hasn't.
func feature(ctx context.Context, _ any, next graphql.Resolver, name tenancy.Feature) (any, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	off := scope.HasFeature(name)
	if off == nil {
		return next(ctx)
	}
	if within := graphql.GetFieldContext(ctx).Object; within == "Query" || within == "Mutation" {
		return nil, off
	}
	// A receipt that nobody paid with a gift card is whole without them: something must be there to be withheld.
	if value, err := next(ctx); err != nil || nothing(value) {
		return value, err
	}
	return nil, off
}

func nothing(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

func settingsChangeRelations() relations[company.SettingsChange] {
	return relations[company.SettingsChange]{"SettingsChange", map[string]ask[company.SettingsChange]{
		"changedBy": maybe((*loaders).users, func(c *company.SettingsChange) *id.User { return c.ChangedByID }),
	}}
}
