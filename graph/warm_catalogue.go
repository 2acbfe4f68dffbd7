package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
)

type priceListKey = id.PriceList

func (l *loaders) brands() loader.Loader[id.Brand, *catalog.Brand]          { return l.brand }
func (l *loaders) suppliers() loader.Loader[id.Supplier, *catalog.Supplier] { return l.supplier }

func (l *loaders) priceLists() loader.Loader[id.PriceList, *catalog.PriceList] { return l.priceList }

func storePriceRelations() relations[catalog.StorePrice] {
	return relations[catalog.StorePrice]{"StorePrice", map[string]ask[catalog.StorePrice]{
		"store":   to((*loaders).stores, func(p *catalog.StorePrice) id.Store { return p.StoreID }),
		"product": to((*loaders).products, func(p *catalog.StorePrice) id.Product { return p.ProductID }),
	}}
}

func categoryRelations() relations[catalog.Category] {
	key := func(c *catalog.Category) id.Category { return c.ID }
	return relations[catalog.Category]{"Category", map[string]ask[catalog.Category]{
		"parent":   maybe((*loaders).categories, func(c *catalog.Category) *id.Category { return c.ParentID }),
		"children": pages(func(l *loaders) *loader.Pages[id.Category, catalog.Category] { return l.childrenOf }, key),
		"products": pages(func(l *loaders) *loader.Pages[id.Category, catalog.Product] { return l.productsOf }, key),
	}}
}

func priceListRelations() relations[catalog.PriceList] {
	key := func(l *catalog.PriceList) id.PriceList { return l.ID }
	return relations[catalog.PriceList]{"PriceList", map[string]ask[catalog.PriceList]{
		"stores": to(func(l *loaders) loader.Loader[id.PriceList, []*company.Store] { return l.storesOfList }, key),
		"items":  pages(func(l *loaders) *loader.Pages[id.PriceList, catalog.PriceListItem] { return l.itemsOfList }, key),
	}}
}

func itemRelations() relations[catalog.PriceListItem] {
	return relations[catalog.PriceListItem]{"PriceListItem", map[string]ask[catalog.PriceListItem]{
		"product": to((*loaders).products, func(i *catalog.PriceListItem) id.Product { return i.ProductID }),
	}}
}

func productRelations() relations[catalog.Product] {
	key := func(p *catalog.Product) id.Product { return p.ID }
	parent := maybe((*loaders).products, func(p *catalog.Product) *id.Product { return p.ParentID })
	return relations[catalog.Product]{"Product", map[string]ask[catalog.Product]{
		"history":     historyAsk(key),
		"category":    maybe((*loaders).categories, func(p *catalog.Product) *id.Category { return p.CategoryID }),
		"brand":       maybe((*loaders).brands, func(p *catalog.Product) *id.Brand { return p.BrandID }),
		"supplier":    maybe((*loaders).suppliers, func(p *catalog.Product) *id.Supplier { return p.SupplierID }),
		"taxCategory": maybe((*loaders).taxCategories, func(p *catalog.Product) *id.TaxCategory { return p.TaxCategoryID }),
		"parent":      parent,
		"options":     parent,
		"variants":    pages(func(l *loaders) *loader.Pages[id.Product, catalog.Product] { return l.variantsOf }, key),
		"barcodes":    to(func(l *loaders) loader.Loader[id.Product, []string] { return l.barcodes }, key),
		"price":       places(func(l *loaders) loader.Loader[catalog.At, *catalog.Price] { return l.price }),
		"soldInStore": places(func(l *loaders) loader.Loader[catalog.At, *bool] { return l.soldIn }),
		"storePrices": pages(func(l *loaders) *loader.Pages[id.Product, catalog.StorePrice] { return l.pricesOfProduct }, key),
		"inventory":   pages(func(l *loaders) *loader.Pages[id.Product, inventory.Level] { return l.stockOfProduct }, key),
	}}
}

// places asks for what each product is in the store, and at the instant, that the field's arguments say.
func places[V any](of func(*loaders) loader.Loader[catalog.At, V]) ask[catalog.Product] {
	return func(ctx context.Context, l *loaders, rows []*catalog.Product, field graphql.CollectedField) {
		place, err := placeOf(field.ArgumentMap(graphql.GetOperationContext(ctx).Variables))
		if err != nil {
			return // the field tells
		}
		keys := make([]catalog.At, len(rows))
		for i, row := range rows {
			keys[i] = place
			keys[i].Product = row.ID
		}
		of(l).LoadAll(ctx, keys)
	}
}

// placeOf is the store, and the instant, that a field's arguments name.
//
// Errors: the field's, which has others to say of the same.
func placeOf(args map[string]any) (catalog.At, error) {
	text, _ := args["storeId"].(string)
	ref, err := id.Parse(text)
	if err != nil || ref.Type() != "Store" {
		return catalog.At{}, id.ErrMalformed
	}
	place := catalog.At{Store: id.Store(ref.UUID)}
	if args["at"] == nil {
		return place, nil
	}
	at, err := graphql.UnmarshalTime(args["at"])
	if err != nil {
		return catalog.At{}, err
	}
	if !at.IsZero() {
		place.Instant = at.UTC() // a key, which the field makes too
	}
	return place, nil
}

// warmPrices is a look-up of prices that warms their price lists.
func warmPrices(
	fetch func(context.Context, []catalog.At) (map[catalog.At]*catalog.Price, error),
) func(context.Context, []catalog.At) (map[catalog.At]*catalog.Price, error) {
	relations := relations[catalog.Price]{"ProductPrice", map[string]ask[catalog.Price]{
		"priceList": maybe((*loaders).priceLists, func(p *catalog.Price) *id.PriceList { return p.PriceListID }),
	}}
	return func(ctx context.Context, keys []catalog.At) (map[catalog.At]*catalog.Price, error) {
		prices, err := fetch(ctx, keys)
		if err == nil {
			warm(ctx, present(prices), relations, graphql.CollectFieldsCtx(ctx, nil))
		}
		return prices, err
	}
}

// warmStoresOfLists is a look-up of stores that warms what follows.
func warmStoresOfLists(
	fetch func(context.Context, []id.PriceList) (map[id.PriceList][]*company.Store, error),
) func(context.Context, []id.PriceList) (map[id.PriceList][]*company.Store, error) {
	return func(ctx context.Context, lists []id.PriceList) (map[id.PriceList][]*company.Store, error) {
		stores, err := fetch(ctx, lists)
		if err == nil {
			var all []*company.Store
			for _, some := range stores {
				all = append(all, some...)
			}
			warm(ctx, all, storeRelations(), graphql.CollectFieldsCtx(ctx, nil))
		}
		return stores, err
	}
}

func present[K comparable, V any](values map[K]*V) []*V {
	list := make([]*V, 0, len(values))
	for _, v := range values {
		if v != nil {
			list = append(list, v)
		}
	}
	return list
}
