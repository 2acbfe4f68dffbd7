package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// requires is @requires: the field needs a permission, which people may do without for what is their own. Below it
// the request reaches the stores alone where the caller has the permission.
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
	within, err := scope.Within(permission)
	if err != nil {
		return nil, err
	}
	if within != scope {
		ctx = tenancy.With(ctx, within)
	}
	return next(ctx)
}

// idOf is @idOf: an id of another type is refused before the resolver.
func idOf(ctx context.Context, _ any, next graphql.Resolver, typ string) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return nil, err
	}
	var ref id.Any
	switch value := value.(type) {
	case nil:
		return nil, nil //nolint:nilnil // an argument that may be left out
	case *id.Any:
		if value == nil {
			return value, nil
		}
		ref = *value
	case id.Any:
		ref = value
	default:
		return nil, errs.New(errs.Internal, "@idOf on an argument that is no id")
	}
	if ref.Type() != typ {
		return nil, id.ErrMalformed
	}
	return value, nil
}

// permitted says whether a selected field's @requires lets it be resolved, for those that orSelf doesn't open, and
// gives the context that it will be resolved in.
func permitted(ctx context.Context, field graphql.CollectedField) (context.Context, bool) {
	directive := field.Definition.Directives.ForName("requires")
	if directive == nil {
		return ctx, true
	}
	scope, err := tenancy.From(ctx)
	if err != nil {
		return ctx, false
	}
	within, err := scope.Within(tenancy.Permission(directive.Arguments.ForName("permission").Value.Raw))
	if err != nil {
		return ctx, false
	}
	if within != scope {
		ctx = tenancy.With(ctx, within)
	}
	return ctx, true
}
