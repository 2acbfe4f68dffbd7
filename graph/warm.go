package graph

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// relations says, by the names of a type's fields, which loader a row's field is going to ask.
//
// A list that has been read tells its loaders all keys that its selected fields will need, at once. Without that
// the fields ask one by one from goroutines of their own, and on a busy machine some come too late for the batch:
// the answer would be the same, at a number of statements that depends on the load.
type relations[T any] map[string]func(ctx context.Context, l *loaders, row *T, field graphql.CollectedField)

func saleRelations() relations[sale.Sale] {
	return relations[sale.Sale]{
		"store": func(ctx context.Context, l *loaders, s *sale.Sale, _ graphql.CollectedField) {
			l.store.Load(ctx, s.StoreID)
		},
		"register": func(ctx context.Context, l *loaders, s *sale.Sale, _ graphql.CollectedField) {
			l.register.Load(ctx, s.RegisterID)
		},
		"cashier": func(ctx context.Context, l *loaders, s *sale.Sale, _ graphql.CollectedField) {
			if s.CashierID != nil {
				l.user.Load(ctx, *s.CashierID)
			}
		},
		"lines": func(ctx context.Context, l *loaders, s *sale.Sale, _ graphql.CollectedField) { l.lines.Load(ctx, s.ID) },
		"payments": func(ctx context.Context, l *loaders, s *sale.Sale, _ graphql.CollectedField) {
			l.payments.Load(ctx, s.ID)
		},
	}
}

func lineRelations() relations[sale.Line] {
	return relations[sale.Line]{
		"product": func(ctx context.Context, l *loaders, s *sale.Line, _ graphql.CollectedField) {
			l.product.Load(ctx, s.ProductID)
		},
	}
}

func storeRelations() relations[company.Store] {
	return relations[company.Store]{
		"registers": func(ctx context.Context, l *loaders, s *company.Store, f graphql.CollectedField) {
			l.registersOfStore.Load(ctx, s.ID, pageOfField(ctx, f))
		},
		"sales": func(ctx context.Context, l *loaders, s *company.Store, f graphql.CollectedField) {
			l.salesOfStore.Load(ctx, s.ID, pageOfField(ctx, f))
		},
		"inventory": func(ctx context.Context, l *loaders, s *company.Store, f graphql.CollectedField) {
			l.stockOfStore.Load(ctx, s.ID, pageOfField(ctx, f))
		},
	}
}

func registerRelations() relations[company.Register] {
	return relations[company.Register]{
		"store": func(ctx context.Context, l *loaders, r *company.Register, _ graphql.CollectedField) {
			l.store.Load(ctx, r.StoreID)
		},
		"sales": func(ctx context.Context, l *loaders, r *company.Register, f graphql.CollectedField) {
			l.salesOfRegister.Load(ctx, r.ID, pageOfField(ctx, f))
		},
	}
}

func levelRelations() relations[inventory.Level] {
	return relations[inventory.Level]{
		"store": func(ctx context.Context, l *loaders, i *inventory.Level, _ graphql.CollectedField) {
			l.store.Load(ctx, i.StoreID)
		},
		"product": func(ctx context.Context, l *loaders, i *inventory.Level, _ graphql.CollectedField) {
			l.product.Load(ctx, i.ProductID)
		},
	}
}

func storePriceRelations() relations[catalog.StorePrice] {
	return relations[catalog.StorePrice]{
		"store": func(ctx context.Context, l *loaders, p *catalog.StorePrice, _ graphql.CollectedField) {
			l.store.Load(ctx, p.StoreID)
		},
		"product": func(ctx context.Context, l *loaders, p *catalog.StorePrice, _ graphql.CollectedField) {
			l.product.Load(ctx, p.ProductID)
		},
	}
}

func categoryRelations() relations[catalog.Category] {
	return relations[catalog.Category]{
		"parent": func(ctx context.Context, l *loaders, c *catalog.Category, _ graphql.CollectedField) {
			if c.ParentID != nil {
				l.category.Load(ctx, *c.ParentID)
			}
		},
		"children": func(ctx context.Context, l *loaders, c *catalog.Category, f graphql.CollectedField) {
			l.childrenOf.Load(ctx, c.ID, pageOfField(ctx, f))
		},
		"products": func(ctx context.Context, l *loaders, c *catalog.Category, f graphql.CollectedField) {
			l.productsOf.Load(ctx, c.ID, pageOfField(ctx, f))
		},
	}
}

func productRelations() relations[catalog.Product] {
	return relations[catalog.Product]{
		"category": func(ctx context.Context, l *loaders, p *catalog.Product, _ graphql.CollectedField) {
			if p.CategoryID != nil {
				l.category.Load(ctx, *p.CategoryID)
			}
		},
		"barcodes": func(ctx context.Context, l *loaders, p *catalog.Product, _ graphql.CollectedField) {
			l.barcodes.Load(ctx, p.ID)
		},
		"price": func(ctx context.Context, l *loaders, p *catalog.Product, f graphql.CollectedField) {
			text, _ := f.ArgumentMap(graphql.GetOperationContext(ctx).Variables)["storeId"].(string)
			if ref, err := id.Parse(text); err == nil && ref.Type() == "Store" {
				l.price.Load(ctx, catalog.At{Product: p.ID, Store: id.Store(ref.UUID)})
			}
		},
		"storePrices": func(ctx context.Context, l *loaders, p *catalog.Product, f graphql.CollectedField) {
			l.pricesOfProduct.Load(ctx, p.ID, pageOfField(ctx, f))
		},
		"inventory": func(ctx context.Context, l *loaders, p *catalog.Product, f graphql.CollectedField) {
			l.stockOfProduct.Load(ctx, p.ID, pageOfField(ctx, f))
		},
	}
}

// warm tells the loaders what the selected fields of rows are going to ask for. It doesn't wait. A field that the
// caller may not see is refused before it asks, so its permission is looked at here as well.
func warm[T any](ctx context.Context, rows []*T, of relations[T], fields []graphql.CollectedField) {
	if len(rows) == 0 {
		return
	}
	l := load(ctx)
	for _, field := range fields {
		ask, ok := of[field.Name]
		if !ok || !permitted(ctx, field) {
			continue
		}
		for _, row := range rows {
			ask(ctx, l, row, field)
		}
	}
}

// warmPage does so for a page that is the answer of the field of ctx.
func warmPage[T any](ctx context.Context, c *page.Connection[T], err error, of relations[T]) (*page.Connection[T], error) {
	if err == nil {
		warm(ctx, c.Nodes(), of, nodeFields(ctx))
	}
	return c, err
}

// warmed is a look-up of pages whose rows warm what follows, those of all parents together.
func warmed[P comparable, T any](
	fetch func(context.Context, []P, page.Args) (map[P]*page.Connection[T], error), of relations[T],
) *loader.Pages[P, T] {
	return loader.PagesOf(func(ctx context.Context, parents []P, a page.Args) (map[P]*page.Connection[T], error) {
		pages, err := fetch(ctx, parents, a)
		if err != nil {
			return nil, err
		}
		var rows []*T
		for _, parent := range parents {
			rows = append(rows, pages[parent].Nodes()...)
		}
		warm(ctx, rows, of, nodeFields(ctx))
		return pages, nil
	})
}

// nodeFields are the fields that the field of ctx, a connection, selects of its nodes.
func nodeFields(ctx context.Context) []graphql.CollectedField {
	op := graphql.GetOperationContext(ctx)
	var fields []graphql.CollectedField
	for _, f := range graphql.CollectFieldsCtx(ctx, nil) {
		switch f.Name {
		case "nodes":
			fields = append(fields, graphql.CollectFields(op, f.Selections, nil)...)
		case "edges":
			for _, e := range graphql.CollectFields(op, f.Selections, nil) {
				if e.Name == "node" {
					fields = append(fields, graphql.CollectFields(op, e.Selections, nil)...)
				}
			}
		}
	}
	return fields
}

// pageOfField gathers the arguments of a connection below the field of ctx, as pageOf does for the field itself.
func pageOfField(ctx context.Context, f graphql.CollectedField) page.Args {
	op := graphql.GetOperationContext(ctx)
	args := f.ArgumentMap(op.Variables)
	return page.Args{
		First: number(args["first"]), Last: number(args["last"]), After: text(args["after"]), Before: text(args["before"]),
		Total: slices.ContainsFunc(graphql.CollectFields(op, f.Selections, nil), func(c graphql.CollectedField) bool {
			return c.Name == "totalCount"
		}),
	}
}

func number(v any) *int {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		var err error
		if n, err = v.Int64(); err != nil {
			return nil
		}
	default:
		return nil
	}
	i := int(n)
	return &i
}

func text(v any) *string {
	if s, ok := v.(string); ok {
		return &s
	}
	return nil
}
