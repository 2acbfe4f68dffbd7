package catalog

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// At names a product in a store.
type At struct {
	Product id.Product
	Store   id.Store
}

// Priced is a product with what it costs in one store, and the currency of that store.
type Priced struct {
	Product

	AtStore       id.Store       `bun:"at_store"`
	StoreCurrency money.Currency `bun:"store_currency"`
	OwnPriceMinor *int64         `bun:"own_price"`
}

// Price is what one unit costs in the store: its own price, or the base price where the store sells in the
// catalogue's currency; else nil.
func (p *Priced) Price() *Price {
	switch {
	case p.OwnPriceMinor != nil:
		return &Price{Price: &money.Money{Minor: *p.OwnPriceMinor, Currency: p.StoreCurrency}, Source: FromStore}
	case p.CurrencyCode == p.StoreCurrency:
		return &Price{Price: p.BasePrice(), Source: FromBase}
	default:
		return nil
	}
}

// pricedQuery selects products with their prices in stores: the scope's stores alone, through a join of scoped
// tables. The caller limits it; stores is a scoped query of the stores' table.
func pricedQuery(h *postgres.Handle, stores, own *bun.SelectQuery) *bun.SelectQuery {
	return h.Select((*Product)(nil)).
		ColumnExpr("?TableAlias.*, at.id AS at_store, at.currency_code AS store_currency, own.price AS own_price").
		Join("CROSS JOIN (?) AS at", stores).
		Join("LEFT JOIN (?) AS own ON own.product_id = product.id AND own.store_id = at.id", own)
}

// Prices gives what products cost in stores: one statement, whatever their number. What the request may not see
// has no price.
func (c *Catalog) Prices(ctx context.Context, places []At) (map[At]*Price, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	products, stores := map[id.Product]bool{}, map[id.Store]bool{}
	for _, place := range places {
		products[place.Product], stores[place.Store] = true, true
	}
	productIDs, storeIDs := postgres.UUIDs(keys(products)), postgres.UUIDs(keys(stores))
	q := pricedQuery(h,
		h.Select((*company.Store)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", storeIDs),
		h.Select((*StorePrice)(nil)).Where("?TableAlias.store_id = ANY (?::uuid[])", storeIDs).
			Where("?TableAlias.product_id = ANY (?::uuid[])", productIDs),
	).Where("?TableAlias.id = ANY (?::uuid[])", productIDs)
	var rows []*Priced
	if err := h.Read(ctx, postgres.Rows(&rows, q)); err != nil {
		return nil, err
	}
	prices := make(map[At]*Price, len(rows))
	for _, row := range rows {
		prices[At{Product: row.ID, Store: row.AtStore}] = row.Price()
	}
	return prices, nil
}

// Scanned is a product as a till names it, with its price in the till's store.
type Scanned struct {
	Priced

	// Barcode is the one it was named by; nil where it was named by id.
	Barcode *string `bun:"scanned"`
}

// ForSale builds the statement that looks products up for a sale, by id and by barcode at once. store selects the
// id of the one store that sells.
func ForSale(
	h *postgres.Handle, store *bun.SelectQuery, products []id.Product, barcodes []string, rows *[]*Scanned,
) postgres.Statement {
	q := pricedQuery(h,
		h.Select((*company.Store)(nil)).Where("store.id = (?)", store),
		h.Select((*StorePrice)(nil)),
	).
		ColumnExpr("code.barcode AS scanned").
		Join("LEFT JOIN (?) AS code ON code.product_id = product.id",
			h.Select((*Barcode)(nil)).Where("?TableAlias.barcode = ANY (?::text[])", postgres.Texts(barcodes))).
		Where("product.id = ANY (?::uuid[]) OR product.id IN (?)", postgres.UUIDs(products),
			h.Select((*Barcode)(nil)).Column("product_id").
				Where("?TableAlias.barcode = ANY (?::text[])", postgres.Texts(barcodes)))
	return postgres.Rows(rows, q)
}

func keys[K comparable](set map[K]bool) []K {
	list := make([]K, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	return list
}
