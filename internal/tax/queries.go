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
	began := begun(h, (*Rate)(nil), "tax_category_id", t.now()).
		Where("?TableAlias.tax_category_id = ANY (?::uuid[])", postgres.UUIDs(categories))
	if err := h.Read(ctx, postgres.Rows(&rows, latest(h, began))); err != nil {
		return nil, err
	}
	return rows, nil
}

// begun selects the rates that began by an instant, with how many changes of their group have followed, as age.
func begun(h *postgres.Handle, model any, group string, at time.Time) *bun.SelectQuery {
	return h.Select(model).
		ColumnExpr("?TableAlias.*, rank() OVER (PARTITION BY ?TableAlias.? ORDER BY ?TableAlias.valid_from DESC) AS age",
			bun.Ident(group)).
		Where("?TableAlias.valid_from <= ?", at)
}

// latest selects those that no others followed.
func latest(h *postgres.Handle, began *bun.SelectQuery) *bun.SelectQuery {
	return h.NewSelect().ColumnExpr("rate.*").TableExpr("(?) AS rate", began).
		Where("rate.age = 1").OrderExpr("rate.tax_category_id, rate.position")
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

// BookAt builds the look-up: two statements, whatever is sold. store selects the id of the store.
func BookAt(h *postgres.Handle, store *bun.SelectQuery, at time.Time) *Book {
	b := &Book{at: at}
	b.statements = []postgres.Statement{
		postgres.Rows(&b.company, latest(h, begun(h, (*Rate)(nil), "tax_category_id", at))),
		postgres.Rows(&b.store, latest(h, begun(h, (*StoreRate)(nil), "tax_category_id", at).
			Where("store_tax_rate.store_id = (?)", store))),
	}
	return b
}

// Statements are what must be read before the taxes can be asked for.
func (b *Book) Statements() []postgres.Statement { return b.statements }

// Levies are the taxes of a category, in their order: the store's where it has its own, else the company's.
func (b *Book) Levies(category id.TaxCategory) []Levy {
	var own, levies []Levy
	for _, r := range b.store {
		if r.CategoryID == category && (r.ValidUntil == nil || b.at.Before(*r.ValidUntil)) {
			own = append(own, r.levy())
		}
	}
	if len(own) > 0 {
		return own
	}
	for _, r := range b.company {
		if r.CategoryID == category {
			levies = append(levies, r.levy())
		}
	}
	return levies
}
