// Package graph answers GraphQL: thin resolvers over the domains, the loaders that batch them, and the HTTP
// handler with everything that happens before a resolver.
package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"golang.org/x/sync/errgroup"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Resolver holds the domains that the fields call.
type Resolver struct {
	companies *company.Companies
	catalog   *catalog.Catalog
	stock     *inventory.Stock
	sales     *sale.Sales
	staff     *staff.Staff
}

// Models are all tables of all domains.
func Models() []any {
	var models []any
	for _, of := range [][]any{
		company.Models(), staff.Models(), catalog.Models(), sale.Models(), inventory.Models(),
	} {
		models = append(models, of...)
	}
	return models
}

// pageOf gathers a connection's arguments, and whether its total was asked for.
func pageOf(ctx context.Context, first *int, after *string, last *int, before *string) page.Args {
	a := page.Args{First: first, After: after, Last: last, Before: before}
	for _, field := range graphql.CollectFieldsCtx(ctx, nil) {
		a.Total = a.Total || field.Name == "totalCount"
	}
	return a
}

// node gives the object with an id of any type, or nil.
func (l *loaders) node(ctx context.Context, ref id.Any) (id.Node, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	switch ref.Type() {
	case "Company":
		return found(l.company.Get(ctx, id.Company(ref.UUID)))
	case "Store":
		return found(l.store.Get(ctx, id.Store(ref.UUID)))
	case "Register":
		return found(l.register.Get(ctx, id.Register(ref.UUID)))
	case "User":
		return found(l.user.Get(ctx, id.User(ref.UUID)))
	case "Category":
		return found(l.category.Get(ctx, id.Category(ref.UUID)))
	case "Product":
		return found(l.product.Get(ctx, id.Product(ref.UUID)))
	case "StorePrice":
		return found(l.storePrice.Get(ctx, id.StorePrice(ref.UUID)))
	}
	// What follows needs the permission that its lists need.
	switch ref.Type() {
	case "InventoryLevel":
		if scope.Can(tenancy.InventoryRead) {
			return found(l.level.Get(ctx, id.InventoryLevel(ref.UUID)))
		}
	case "Sale":
		if scope.Can(tenancy.SaleRead) {
			return found(l.sale.Get(ctx, id.Sale(ref.UUID)))
		}
	case "SaleLine":
		if scope.Can(tenancy.SaleRead) {
			return found(l.line.Get(ctx, id.SaleLine(ref.UUID)))
		}
	case "Payment":
		if scope.Can(tenancy.SaleRead) {
			return found(l.payment.Get(ctx, id.Payment(ref.UUID)))
		}
	}
	return nil, nil //nolint:nilnil // an absent object is null in the graph, and no error
}

// found turns a nil row into a nil interface.
func found[T any, N interface {
	*T
	id.Node
}](row N, err error) (id.Node, error) {
	if err != nil || row == nil {
		return nil, err
	}
	return row, nil
}

// The ids' types under names of this package's own, for the resolvers whose argument is called id as the package is.
type (
	storeKey    = id.Store
	registerKey = id.Register
	categoryKey = id.Category
	productKey  = id.Product
	saleKey     = id.Sale
)

// one gives the only row of a look-up by one id, or nil.
func one[T any](rows []*T, err error) (*T, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// nodes gives the objects with these ids in their order, nil for each that isn't there.
func (l *loaders) nodes(ctx context.Context, refs []*id.Any) ([]id.Node, error) {
	if len(refs) > page.Max {
		return nil, errs.New(errs.BadUserInput, "At most %d ids at once.", page.Max)
	}
	nodes := make([]id.Node, len(refs))
	group, ctx := errgroup.WithContext(ctx)
	for i, ref := range refs {
		group.Go(func() (err error) {
			nodes[i], err = l.node(ctx, *ref)
			return err
		})
	}
	return nodes, group.Wait()
}
