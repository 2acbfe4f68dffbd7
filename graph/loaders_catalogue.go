package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
)

// catalogueLoaders are the look-ups of variants, price lists and where products are sold.
type catalogueLoaders struct {
	priceList    loader.Loader[id.PriceList, *catalog.PriceList]
	brand        loader.Loader[id.Brand, *catalog.Brand]
	supplier     loader.Loader[id.Supplier, *catalog.Supplier]
	soldIn       loader.Loader[catalog.At, *bool]
	storesOfList loader.Loader[id.PriceList, []*company.Store]
	variantsOf   *loader.Pages[id.Product, catalog.Product]
	itemsOfList  *loader.Pages[id.PriceList, catalog.PriceListItem]
}

func (r *Resolver) newCatalogueLoaders() catalogueLoaders {
	return catalogueLoaders{
		priceList: loader.ByKey(warmRows(r.catalog.PriceListsByID, priceListRelations()),
			func(l *catalog.PriceList) id.PriceList { return l.ID }),
		brand:        loader.ByKey(r.catalog.BrandsByID, func(b *catalog.Brand) id.Brand { return b.ID }),
		supplier:     loader.ByKey(r.catalog.SuppliersByID, func(s *catalog.Supplier) id.Supplier { return s.ID }),
		soldIn:       loader.Of(r.catalog.SoldIn),
		storesOfList: loader.Of(warmStoresOfLists(r.catalog.StoresOfLists)),
		variantsOf:   warmed(r.catalog.VariantsOf, productRelations()),
		itemsOfList:  warmed(r.catalog.ItemsOfLists, itemRelations()),
	}
}
