package catalog

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// PriceSource says where a price comes from.
type PriceSource string

// The sources of prices.
const (
	FromBase      PriceSource = "BASE"
	FromStore     PriceSource = "STORE"
	FromPriceList PriceSource = "PRICE_LIST"
	FromBarcode   PriceSource = "BARCODE"
	// FromHand is a price that somebody made up at the till.
	FromHand PriceSource = "MANUAL"
)

// Price is what one unit of a product costs in a store, in the store's currency.
type Price struct {
	postgres.StoreOwned

	ProductID    id.Product     `bun:"product_id"`
	CurrencyCode money.Currency `bun:"currency_code"`
	PriceMinor   int64          `bun:"at_price"`
	Source       PriceSource    `bun:"at_source"`
	// PriceListID is the price list that it comes from, nil for the other sources.
	PriceListID *id.PriceList `bun:"at_list_id"`
	// ValidUntil is when the store's price or the price list ends, nil where it doesn't.
	ValidUntil *time.Time `bun:"at_until"`
}

// Price is the price of one unit.
func (p *Price) Price() *money.Money {
	return &money.Money{Minor: p.PriceMinor, Currency: p.CurrencyCode}
}

// At names a product in a store, and when; a zero instant is now.
type At struct {
	Product id.Product
	Store   id.Store
	Instant time.Time
}

// Priced is a product with what it costs in one store at an instant, and the currency of that store.
type Priced struct {
	Product

	AtStore       id.Store       `bun:"at_store"`
	StoreCurrency money.Currency `bun:"store_currency"`
	// Excluded says that the store doesn't sell the product.
	Excluded bool `bun:"excluded"`

	// AtPriceMinor is what one unit costs there, nil where the product has no price in the store's currency; the rest says
	// where it comes from.
	AtPriceMinor *int64        `bun:"at_price"`
	AtSource     PriceSource   `bun:"at_source"`
	AtListID     *id.PriceList `bun:"at_list_id"`
	AtUntil      *time.Time    `bun:"at_until"`
}

// Price is what one unit costs in the store, nil where it has no price there.
func (p *Priced) Price() *Price {
	if p.AtPriceMinor == nil {
		return nil
	}
	return &Price{
		StoreOwned: postgres.StoreOwned{TenantOwned: p.TenantOwned, StoreID: p.AtStore},
		ProductID:  p.ID, CurrencyCode: p.StoreCurrency, PriceMinor: *p.AtPriceMinor,
		Source: p.AtSource, PriceListID: p.AtListID, ValidUntil: p.AtUntil,
	}
}

// priceThere is the rule of what one unit costs in a store: the price of the price list of highest priority, else the
// store's own price, else the base price where the store sells in the catalogue's currency; else null.
const priceThere = "COALESCE(list.price, own.price, CASE WHEN product.currency_code = at.currency_code THEN product.price END)"

// atPrices joins a query of products, which is joined with scoped stores as "at", with the prices that priceThere chooses
// from. instant is an expression of when.
//
// A price counts from its start until just before its end. Price lists come first: that of the highest priority, then
// the one that began last, then the newest. Then the store's price for a time, then its standing price.
func atPrices(h *postgres.Handle, q *bun.SelectQuery, instant string, args ...any) *bun.SelectQuery {
	during := func(q *bun.SelectQuery) *bun.SelectQuery {
		twice := append(slices.Clone(args), args...)
		return q.Where("(?TableAlias.valid_from IS NULL OR ?TableAlias.valid_from <= "+instant+
			") AND (?TableAlias.valid_until IS NULL OR ?TableAlias.valid_until > "+instant+")", twice...)
	}
	own := during(h.Select((*StorePrice)(nil)).
		ColumnExpr("?TableAlias.price, ?TableAlias.valid_until").
		Where("?TableAlias.store_id = at.id AND ?TableAlias.product_id = product.id AND ?TableAlias.currency_code = at.currency_code")).
		OrderExpr("?TableAlias.valid_from DESC NULLS LAST").Limit(1)
	list := during(h.Select((*PriceList)(nil)).
		ColumnExpr("item.price, ?TableAlias.valid_until, ?TableAlias.id").
		Join("JOIN (?) AS item ON item.price_list_id = price_list.id AND item.product_id = product.id",
			h.Select((*PriceListItem)(nil)).Column("price", "price_list_id", "product_id")).
		Join("JOIN (?) AS there ON there.price_list_id = price_list.id AND there.store_id = at.id",
			h.Select((*priceListStore)(nil))).
		Where("?TableAlias.status = ? AND ?TableAlias.currency_code = at.currency_code", string(ListActive))).
		OrderExpr("?TableAlias.priority DESC, ?TableAlias.valid_from DESC NULLS LAST, ?TableAlias.id DESC").Limit(1)
	return q.Join("LEFT JOIN LATERAL (?) AS own ON true", own).Join("LEFT JOIN LATERAL (?) AS list ON true", list).
		ColumnExpr(priceThere+" AS at_price").
		ColumnExpr("CASE WHEN list.id IS NOT NULL THEN ? WHEN own.price IS NOT NULL THEN ? ELSE ? END AS at_source",
			FromPriceList, FromStore, FromBase).
		ColumnExpr("list.id AS at_list_id, CASE WHEN list.id IS NOT NULL THEN list.valid_until ELSE own.valid_until END AS at_until")
}

// pricedQuery has a query of products that is joined with scoped stores as "at" give the rows of Priced.
func pricedQuery(h *postgres.Handle, q *bun.SelectQuery, instant string, args ...any) *bun.SelectQuery {
	return atPrices(h, q.ColumnExpr("product.*, at.id AS at_store, at.currency_code AS store_currency"), instant, args...).
		ColumnExpr("EXISTS (?) AS excluded", unsold(h))
}

// pricesQuery gives the rows of Price, as "price": of those products of a query as of pricedQuery that have one.
func pricesQuery(h *postgres.Handle, q *bun.SelectQuery, instant string, args ...any) *bun.SelectQuery {
	there := atPrices(h, q.ColumnExpr("product.id AS product_id, at.id AS store_id, at.currency_code"),
		instant, args...)
	return h.NewSelect().TableExpr("(?) AS price", there).Where("price.at_price IS NOT NULL")
}

// PricedNow is pricedQuery for others: it adds the columns of Priced to a query of products that is joined with scoped
// stores as "at".
func PricedNow(h *postgres.Handle, q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	return pricedQuery(h, q, "?::timestamptz", page.InstantText(now))
}

// asked is a price with the place in the list of what was asked.
type asked struct {
	Price

	Position int `bun:"position"`
}

// Prices gives what products cost in stores: one statement, whatever their number. What the request may not see
// has no price. Who takes the statement over reads the prices of other products, at the first place's store and instant.
func (c *Catalog) Prices(ctx context.Context, places []At) (map[At]*Price, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	now := c.now()
	if taken, err := page.Take(ctx, func() page.Source { return pricesAt(h, places[0], now) }); taken {
		return nil, err
	}
	products, stores, instants := make([]id.Product, len(places)), make([]id.Store, len(places)), make([]string, len(places))
	for i, place := range places {
		products[i], stores[i], instants[i] = place.Product, place.Store, page.InstantText(place.or(now))
	}
	q := pricesQuery(h, h.Select((*Product)(nil)).
		Join("JOIN unnest(?::uuid[], ?::uuid[], ?::timestamptz[]) WITH ORDINALITY AS ask (product_id, store_id, at, position)"+
			" ON ask.product_id = product.id", postgres.UUIDs(products), postgres.UUIDs(stores), postgres.Texts(instants)).
		Join("JOIN (?) AS at ON at.id = ask.store_id", h.Select((*company.Store)(nil))).ColumnExpr("ask.position"),
		"ask.at")
	var rows []*asked
	if err := h.Read(ctx, postgres.Rows(&rows, q)); err != nil {
		return nil, err
	}
	prices := make(map[At]*Price, len(rows))
	for _, row := range rows {
		prices[places[row.Position-1]] = &row.Price
	}
	return prices, nil
}

// or is when, or now.
func (a At) or(now time.Time) time.Time {
	if a.Instant.IsZero() {
		return now
	}
	return a.Instant
}

// in joins products with the one store of a place, as "at".
func (a At) in(h *postgres.Handle) *bun.SelectQuery {
	return h.Select((*Product)(nil)).
		Join("JOIN (?) AS at ON at.id = ?", h.Select((*company.Store)(nil)), a.Store)
}

// pricesAt are what all products cost at a place.
func pricesAt(h *postgres.Handle, at At, now time.Time) page.Source {
	return page.Source{Row: reflect.TypeFor[Price](), Handle: h, Column: "product_id", Base: func() *bun.SelectQuery {
		return pricesQuery(h, at.in(h), "?::timestamptz", page.InstantText(at.or(now)))
	}}
}
