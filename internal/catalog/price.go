package catalog

import (
	"context"
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

// Price is what one unit of a product costs in a store.
type Price struct {
	Price  *money.Money
	Source PriceSource
	// PriceListID is the price list that it comes from, nil for the other sources.
	PriceListID *id.PriceList
	// ValidUntil is when the store's price or the price list ends, nil where it doesn't.
	ValidUntil *time.Time
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

	OwnPriceMinor  *int64        `bun:"own_price"`
	OwnUntil       *time.Time    `bun:"own_until"`
	ListPriceMinor *int64        `bun:"list_price"`
	ListUntil      *time.Time    `bun:"list_until"`
	ListID         *id.PriceList `bun:"list_id"`
}

// Price is what one unit costs in the store: the price of the price list of highest priority, else the store's own
// price, else the base price where the store sells in the catalogue's currency; else nil.
func (p *Priced) Price() *Price {
	switch {
	case p.ListPriceMinor != nil:
		return &Price{
			Price:  &money.Money{Minor: *p.ListPriceMinor, Currency: p.StoreCurrency},
			Source: FromPriceList, PriceListID: p.ListID, ValidUntil: p.ListUntil,
		}
	case p.OwnPriceMinor != nil:
		return &Price{
			Price:  &money.Money{Minor: *p.OwnPriceMinor, Currency: p.StoreCurrency},
			Source: FromStore, ValidUntil: p.OwnUntil,
		}
	case p.CurrencyCode == p.StoreCurrency:
		return &Price{Price: p.BasePrice(), Source: FromBase}
	default:
		return nil
	}
}

// pricedQuery adds prices to a query of products that is joined with scoped stores as "at". instant is an expression
// of when.
//
// A price counts from its start until just before its end. Price lists come first: that of the highest priority, then
// the one that began last, then the newest. Then the store's price for a time, then its standing price.
func pricedQuery(h *postgres.Handle, q *bun.SelectQuery, instant string, args ...any) *bun.SelectQuery {
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
	return q.
		ColumnExpr("product.*, at.id AS at_store, at.currency_code AS store_currency").
		ColumnExpr("own.price AS own_price, own.valid_until AS own_until").
		ColumnExpr("list.price AS list_price, list.valid_until AS list_until, list.id AS list_id").
		ColumnExpr("EXISTS (?) AS excluded", h.Select((*availability)(nil)).
			Where("?TableAlias.store_id = at.id AND ?TableAlias.product_id = product.id AND NOT ?TableAlias.sold")).
		Join("LEFT JOIN LATERAL (?) AS own ON true", own).
		Join("LEFT JOIN LATERAL (?) AS list ON true", list)
}

// PricedNow is pricedQuery for others: it adds the columns of Priced to a query of products that is joined with scoped
// stores as "at".
func PricedNow(h *postgres.Handle, q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	return pricedQuery(h, q, "?::timestamptz", page.InstantText(now))
}

// asked is a priced product with the place in the list of what was asked.
type asked struct {
	Priced

	Position int `bun:"position"`
}

// Prices gives what products cost in stores: one statement, whatever their number. What the request may not see
// has no price.
func (c *Catalog) Prices(ctx context.Context, places []At) (map[At]*Price, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	now := c.now()
	products, stores, instants := make([]id.Product, len(places)), make([]id.Store, len(places)), make([]string, len(places))
	for i, place := range places {
		if place.Instant.IsZero() {
			place.Instant = now
		}
		products[i], stores[i], instants[i] = place.Product, place.Store, page.InstantText(place.Instant)
	}
	q := pricedQuery(h, h.Select((*Product)(nil)).
		Join("JOIN unnest(?::uuid[], ?::uuid[], ?::timestamptz[]) WITH ORDINALITY AS ask (product_id, store_id, at, position)"+
			" ON ask.product_id = product.id", postgres.UUIDs(products), postgres.UUIDs(stores), postgres.Texts(instants)).
		Join("JOIN (?) AS at ON at.id = ask.store_id", h.Select((*company.Store)(nil))),
		"ask.at").ColumnExpr("ask.position")
	var rows []*asked
	if err := h.Read(ctx, postgres.Rows(&rows, q)); err != nil {
		return nil, err
	}
	prices := make(map[At]*Price, len(rows))
	for _, row := range rows {
		prices[places[row.Position-1]] = row.Price()
	}
	return prices, nil
}
