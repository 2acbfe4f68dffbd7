package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// approvalKey is the id's type under a name of this package's own, for resolvers whose argument is called id.
type approvalKey = id.Approval

// approvalLoaders look up what waits for a second person.
type approvalLoaders struct {
	approval loader.Loader[id.Approval, *approval.Approval]
}

func (r *Resolver) newApprovalLoaders() approvalLoaders {
	return approvalLoaders{approval: loader.ByKey(warmRows(r.approvals.ByID, approvalRelations()),
		func(a *approval.Approval) id.Approval { return a.ID })}
}

func approvalRelations() relations[approval.Approval] {
	return relations[approval.Approval]{"Approval", map[string]ask[approval.Approval]{
		"store":       to((*loaders).stores, func(a *approval.Approval) id.Store { return a.StoreID }),
		"register":    maybe((*loaders).registers, func(a *approval.Approval) *id.Register { return a.RegisterID }),
		"requestedBy": to((*loaders).users, func(a *approval.Approval) id.User { return a.RequestedByID }),
		"decidedBy":   maybe((*loaders).users, func(a *approval.Approval) *id.User { return a.DecidedByID }),
		"sale": maybe(func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale },
			func(a *approval.Approval) *id.Sale { return a.SaleID }),
		"lines": func(ctx context.Context, l *loaders, rows []*approval.Approval, _ graphql.CollectedField) {
			var products []id.Product
			for _, a := range rows {
				for _, line := range a.Lines {
					products = append(products, line.ProductID())
				}
			}
			if len(products) > 0 {
				l.product.LoadAll(ctx, products)
			}
		},
	}}
}
