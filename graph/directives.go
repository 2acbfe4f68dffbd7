package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// requires is @requires: the field needs a permission, which people may do without for what is their own.
func requires(
	ctx context.Context, obj any, next graphql.Resolver, permission tenancy.Permission, orSelf bool,
) (any, error) {
	user, isUser := obj.(*staff.User)
	if r := requestOf(ctx); isUser && orSelf && r != nil && user.ID == r.self {
		return next(ctx)
	}
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if isUser && orSelf && user.ID == scope.User {
		return next(ctx)
	}
	if err := scope.Require(permission); err != nil {
		return nil, err
	}
	return next(ctx)
}

// idOf is @idOf: an id of another type is refused before the resolver.
func idOf(ctx context.Context, _ any, next graphql.Resolver, typ string) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return nil, err
	}
	ref, ok := value.(id.Any)
	if !ok {
		return nil, errs.New(errs.Internal, "@idOf on an argument that is no id")
	}
	if ref.Type() != typ {
		return nil, id.ErrMalformed
	}
	return ref, nil
}

// permitted says whether a selected field's @requires lets it be resolved, for those that orSelf doesn't open.
func permitted(ctx context.Context, field graphql.CollectedField) bool {
	directive := field.Definition.Directives.ForName("requires")
	if directive == nil {
		return true
	}
	scope, err := tenancy.From(ctx)
	return err == nil && scope.Can(tenancy.Permission(directive.Arguments.ForName("permission").Value.Raw))
}
