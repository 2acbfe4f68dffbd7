package graph

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/support"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// supportKey is the id's type under a name of this package's own, for resolvers whose argument is called id.
type supportKey = id.SupportAccess

// supported holds an operator to their access, and writes down in the company's own log what they are about to do.
// What can't be written down isn't done.
func supported(ctx context.Context, scope *tenancy.Scope, op *graphql.OperationContext, r *request) error {
	const longest = 1000
	fields := []string{}
	for _, field := range roots(op) {
		fields = append(fields, field.Name)
	}
	did := strings.ToUpper(string(op.Operation.Operation)) + " " + strings.Join(fields, ", ")
	refused := scope.ReadOnly && op.Operation.Operation != ast.Query
	if refused {
		did = "REFUSED " + did
	}
	action := []rune(did)
	err := r.logged(ctx, scope, string(action[:min(len(action), longest)]), r.id)
	switch {
	case errors.Is(err, postgres.ErrNoAccess):
		return errs.Wrap(err, errs.Unauthenticated, "This token or key works no more.")
	case err == nil && refused:
		return errs.New(errs.Forbidden, "This access is for reading.")
	}
	return err
}

// supportLoaders look up what operators do.
type supportLoaders struct {
	supportAccess loader.Loader[id.SupportAccess, *support.Access]
	actsOf        *loader.Pages[id.SupportAccess, support.Act]
}

func (r *Resolver) newSupportLoaders() supportLoaders {
	return supportLoaders{
		supportAccess: loader.ByKey(warmRows(r.support.ByID, supportRelations()),
			func(a *support.Access) id.SupportAccess { return a.ID }),
		actsOf: loader.PagesOf(r.support.ActsOf),
	}
}

func supportRelations() relations[support.Access] {
	return relations[support.Access]{"SupportAccess", map[string]ask[support.Access]{
		"allowedBy": maybe((*loaders).users, func(a *support.Access) *id.User { return a.AllowedByID }),
		"endedBy":   maybe((*loaders).users, func(a *support.Access) *id.User { return a.EndedByID }),
		"acts": pages(func(l *loaders) *loader.Pages[id.SupportAccess, support.Act] { return l.actsOf },
			func(a *support.Access) id.SupportAccess { return a.ID }),
	}}
}
