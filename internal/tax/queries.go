package tax

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Taxes reads and changes tax categories and their rates.
type Taxes struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes Taxes.
func New(db *postgres.DB, now func() time.Time) *Taxes { return &Taxes{db: db, now: now} }

// CategoriesByID gives those of the categories that the request may see.
func (t *Taxes) CategoriesByID(ctx context.Context, ids []id.TaxCategory) ([]*Category, error) {
	return byID[Category](ctx, t.db, ids)
}

// RatesByID gives those of the rates that the request may see.
func (t *Taxes) RatesByID(ctx context.Context, ids []id.TaxRate) ([]*Rate, error) {
	return byID[Rate](ctx, t.db, ids)
}

// StoreRatesByID gives those of the stores' rates that the request may see.
func (t *Taxes) StoreRatesByID(ctx context.Context, ids []id.StoreTaxRate) ([]*StoreRate, error) {
	return byID[StoreRate](ctx, t.db, ids)
}

func byID[T any, K ~[16]byte](ctx context.Context, db *postgres.DB, ids []K) ([]*T, error) {
	h, err := db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[T](ctx, h, "id", ids)
}

// Categories lists the company's tax categories by name.
func (t *Taxes) Categories(ctx context.Context, a page.Args) (*CategoryConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*Category)(nil)) }, byName(), a)
}

// Current gives the rates of categories that count now, in the order they are laid on.
func (t *Taxes) Current(ctx context.Context, categories []id.TaxCategory) ([]*Rate, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var rows []*Rate
	began := h.Select((*Rate)(nil)).
		ColumnExpr("?TableAlias.*, rank() OVER (PARTITION BY ?TableAlias.tax_category_id ORDER BY ?TableAlias.valid_from DESC) AS age").
		Where("?TableAlias.valid_from <= ?", t.now()).
		Where("?TableAlias.tax_category_id = ANY (?::uuid[])", postgres.UUIDs(categories))
	if err := h.Read(ctx, postgres.Rows(&rows, h.NewSelect().ColumnExpr("rate.*").TableExpr("(?) AS rate", began).
		Where("rate.age = 1").OrderExpr("rate.tax_category_id, rate.position"))); err != nil {
		return nil, err
	}
	return rows, nil
}

// RatesOf lists all rates of each of several categories, the newest and those to come first.
func (t *Taxes) RatesOf(
	ctx context.Context, categories []id.TaxCategory, a page.Args,
) (map[id.TaxCategory]*RateConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Rate, id.TaxCategory]{
		Column: "tax_category_id", Of: func(r *Rate) id.TaxCategory { return r.CategoryID },
	}
	return page.PerParent(ctx, h, categories, parents,
		func() *bun.SelectQuery { return h.Select((*Rate)(nil)) }, newestRates(), a)
}

// StoreRatesOf lists the rates that stores have of their own for each of several categories.
func (t *Taxes) StoreRatesOf(
	ctx context.Context, categories []id.TaxCategory, a page.Args,
) (map[id.TaxCategory]*StoreRateConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[StoreRate, id.TaxCategory]{
		Column: "tax_category_id", Of: func(r *StoreRate) id.TaxCategory { return r.CategoryID },
	}
	return page.PerParent(ctx, h, categories, parents,
		func() *bun.SelectQuery { return h.Select((*StoreRate)(nil)) }, newestStoreRates(), a)
}

// Book has the taxes of all categories in one store at one instant.
type Book struct {
	statements []postgres.Statement
	company    []*Rate
	store      []*StoreRate
	at         time.Time
}

// BookAt builds the look-up of all rates that ever count: two statements, whatever is sold, and none of what is kept between
// requests. known is the store, zero where it is only known to what store selects.
func BookAt(h *postgres.Handle, known id.Store, store *bun.SelectQuery, at time.Time) *Book {
	b := &Book{at: at}
	company := func() bun.Query { return newestFirst(h.Select((*Rate)(nil))) }
	own := func() bun.Query {
		return newestFirst(h.Select((*StoreRate)(nil)).Where("store_tax_rate.store_id = (?)", store))
	}
	b.statements = append(b.statements, postgres.KeptRows(h, id.Store{}, &b.company, company))
	if known.IsZero() {
		b.statements = append(b.statements, postgres.Rows(&b.store, own()))
	} else {
		b.statements = append(b.statements, postgres.KeptRows(h, known, &b.store, own))
	}
	return b
}

// newestFirst has those of a category that began last before the others, those that began together in their order.
func newestFirst(rates *bun.SelectQuery) *bun.SelectQuery {
	return rates.OrderExpr("?TableAlias.tax_category_id, ?TableAlias.valid_from DESC, ?TableAlias.position")
}

// Statements are what must be read before the taxes can be asked for.
func (b *Book) Statements() []postgres.Statement { return b.statements }

// Levies are the taxes of a category, in their order: the store's where it has its own, else the company's.
func (b *Book) Levies(category id.TaxCategory) []Levy {
	var levies []Levy
	for _, r := range latest(b.store, b.at, func(r *StoreRate) (id.TaxCategory, time.Time) { return r.CategoryID, r.ValidFrom }, category) {
		if r.ValidUntil == nil || b.at.Before(*r.ValidUntil) {
			levies = append(levies, r.levy())
		}
	}
	if len(levies) > 0 {
		return levies
	}
	for _, r := range latest(b.company, b.at, func(r *Rate) (id.TaxCategory, time.Time) { return r.CategoryID, r.ValidFrom }, category) {
		levies = append(levies, r.levy())
	}
	return levies
}

// latest are those rates of a category that began last by an instant, out of rates with the newest first.
func latest[R any](rates []*R, at time.Time, of func(*R) (id.TaxCategory, time.Time), category id.TaxCategory) []*R {
	var found []*R
	var began time.Time
	for _, rate := range rates {
		its, from := of(rate)
		if its != category || from.After(at) || len(found) > 0 && !from.Equal(began) {
			continue
		}
		began = from
		found = append(found, rate)
	}
	return found
}
