package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// returnsLoaders look up what came back.
type returnsLoaders struct {
	returned  loader.Loader[id.SaleLine, *sale.Returned]
	returnsOf loader.Loader[id.Sale, []*sale.Sale]

	parked      loader.Loader[id.ParkedSale, *sale.Parked]
	parkedLines loader.Loader[id.ParkedSale, []*sale.ParkedLine]
}

func (r *Resolver) newReturnsLoaders() returnsLoaders {
	return returnsLoaders{
		returned: loader.ByKey(r.sales.ReturnedOf, func(r *sale.Returned) id.SaleLine { return r.LineID }),
		returnsOf: loader.Of(func(ctx context.Context, sales []id.Sale) (map[id.Sale][]*sale.Sale, error) {
			returns, err := r.sales.ReturnsOf(ctx, sales)
			if err == nil {
				var rows []*sale.Sale
				for _, of := range sales {
					rows = append(rows, returns[of]...)
				}
				warm(ctx, rows, saleRelations(), graphql.CollectFieldsCtx(ctx, nil))
			}
			return returns, err
		}),

		parked: loader.ByKey(warmRows(r.sales.ParkedByID, parkedRelations()), func(s *sale.Parked) id.ParkedSale { return s.ID }),
		parkedLines: loader.Grouped(warmRows(r.sales.ParkedLinesOf, parkedLineRelations()),
			func(l *sale.ParkedLine) id.ParkedSale { return l.ParkedSaleID }),
	}
}

// saleReturnRelations and lineReturnRelations are the relations of sales and lines to what came back.
func saleReturnRelations() map[string]ask[sale.Sale] {
	return map[string]ask[sale.Sale]{
		"voidedBy": maybe((*loaders).users, func(s *sale.Sale) *id.User { return s.VoidedByID }),
		"returns": to(func(l *loaders) loader.Loader[id.Sale, []*sale.Sale] { return l.returnsOf },
			func(s *sale.Sale) id.Sale { return s.ID }),
	}
}

func lineReturnRelations() map[string]ask[sale.Line] {
	returned := to(func(l *loaders) loader.Loader[id.SaleLine, *sale.Returned] { return l.returned },
		func(l *sale.Line) id.SaleLine { return l.ID })
	return map[string]ask[sale.Line]{
		"originalLine": maybe(func(l *loaders) loader.Loader[id.SaleLine, *sale.Line] { return l.line },
			func(l *sale.Line) *id.SaleLine { return l.OriginalLineID }),
		"returnedQuantity": returned, "returnableQuantity": returned,
	}
}

func parkedRelations() relations[sale.Parked] {
	return relations[sale.Parked]{"ParkedSale", map[string]ask[sale.Parked]{
		"store":    to((*loaders).stores, func(s *sale.Parked) id.Store { return s.StoreID }),
		"register": to((*loaders).registers, func(s *sale.Parked) id.Register { return s.RegisterID }),
		"customer": maybe((*loaders).buyers, func(s *sale.Parked) *id.Customer { return s.CustomerID }),
		"parkedBy": maybe((*loaders).users, func(s *sale.Parked) *id.User { return s.ParkedByID }),
		"lines": to(func(l *loaders) loader.Loader[id.ParkedSale, []*sale.ParkedLine] { return l.parkedLines },
			func(s *sale.Parked) id.ParkedSale { return s.ID }),
		"sale": maybe(func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale },
			func(s *sale.Parked) *id.Sale { return s.SaleID }),
	}}
}

func parkedLineRelations() relations[sale.ParkedLine] {
	return relations[sale.ParkedLine]{"ParkedSaleLine", map[string]ask[sale.ParkedLine]{
		"product": to((*loaders).products, func(l *sale.ParkedLine) id.Product { return l.ProductID }),
	}}
}

// and adds to a type's relations.
func (r relations[T]) and(more map[string]ask[T]) relations[T] {
	maps.Copy(r.ask, more)
	return r
}

// parkedKey is the id's type under a name of this package's own, for resolvers whose argument is called id.
type parkedKey = id.ParkedSale

func saleKeyOf(ref *id.Any) *id.Sale {
	if ref == nil {
		return nil
	}
	key := id.Sale(ref.UUID)
	return &key
}
