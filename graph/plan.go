package graph

import (
	"context"

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
	if err := scope.HasFeature(name); err != nil {
		return nil, err
	}
	return next(ctx)
}

func settingsChangeRelations() relations[company.SettingsChange] {
	return relations[company.SettingsChange]{"SettingsChange", map[string]ask[company.SettingsChange]{
		"changedBy": maybe((*loaders).users, func(c *company.SettingsChange) *id.User { return c.ChangedByID }),
	}}
}
