package catalog

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Catalog answers for the products of the request's company.
type Catalog struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes a Catalog.
func New(db *postgres.DB, now func() time.Time) *Catalog { return &Catalog{db: db, now: now} }

// ProductsByID gives those of the products that are the company's.
func (c *Catalog) ProductsByID(ctx context.Context, ids []id.Product) ([]*Product, error) {
	return byID[Product](ctx, c.db, ids)
}

// CategoriesByID gives those of the categories that are the company's.
func (c *Catalog) CategoriesByID(ctx context.Context, ids []id.Category) ([]*Category, error) {
	return byID[Category](ctx, c.db, ids)
}

// StorePricesByID gives those of the prices that the request may see.
func (c *Catalog) StorePricesByID(ctx context.Context, ids []id.StorePrice) ([]*StorePrice, error) {
	return byID[StorePrice](ctx, c.db, ids)
}

func byID[T any, K ~[16]byte](ctx context.Context, db *postgres.DB, ids []K) ([]*T, error) {
	h, err := db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[T](ctx, h, "id", ids)
}

// ProductByBarcode gives the product that a barcode stands for, or nil; the company's rules for codes with a weight
// or a price in them count.
func (c *Catalog) ProductByBarcode(ctx context.Context, barcode string) (*Product, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	code, ok := scanned(barcode)
	if !ok {
		return nil, nil //nolint:nilnil // an absent product is null in the graph, and no error
	}
	l := &Lookup{}
	codes := func() *bun.SelectQuery {
		return h.Select((*Barcode)(nil)).Where("?TableAlias.code = ANY (?::text[])", postgres.Texts(scanKeys(code)))
	}
	if err := h.Read(ctx,
		postgres.Rows(&l.rows, h.Select((*Product)(nil)).ColumnExpr("product.*, code.code AS scanned").
			Join("JOIN (?) AS code ON code.product_id = product.id", codes())),
		postgres.Rows(&l.rules, h.Select((*BarcodeRule)(nil))),
	); err != nil {
		return nil, err
	}
	if found, _ := l.find(code); found != nil {
		return &found.Product, nil
	}
	return nil, nil //nolint:nilnil // as above
}

func storable(text string) bool { return utf8.ValidString(text) && !slices.Contains([]byte(text), 0) }

// ProductFilter says which products to list.
type ProductFilter struct {
	Search     *string
	CategoryID *id.Category
	Status     *Status
}

const (
	longestSearch = 200
	// A search looks for its first words only: each costs a look-up.
	mostWords = 8
)

func (f *ProductFilter) limit(h *postgres.Handle, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	if f == nil {
		return q, nil
	}
	if f.CategoryID != nil {
		q.Where("?TableAlias.category_id = ?", *f.CategoryID)
	}
	if f.Status != nil {
		q.Where("?TableAlias.status = ?", string(*f.Status))
	}
	if f.Search == nil {
		return q, nil
	}
	if utf8.RuneCountInString(*f.Search) > longestSearch || !utf8.ValidString(*f.Search) {
		return nil, errs.New(errs.BadUserInput, "A search has at most %d characters.", longestSearch)
	}
	words := Words(*f.Search, "")
	if len(words) == 0 && *f.Search != "" {
		return q.Where("false"), nil
	}
	for _, word := range words[:min(len(words), mostWords)] {
		// A range of words, because a comparison is leakproof and so may use the index under row-level security.
		q.Where("product.id IN (?)", h.Select((*Word)(nil)).Column("product_id").
			Where("?TableAlias.word >= ? AND ?TableAlias.word < ?", word, word+"\U0010FFFF"))
	}
	return q, nil
}

// Products lists the company's products.
func (c *Catalog) Products(ctx context.Context, f *ProductFilter, sort Sort, a page.Args) (*ProductConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := f.limit(h, h.Select((*Product)(nil))); err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q, _ := f.limit(h, h.Select((*Product)(nil))) // checked above
		return q
	}
	return page.List(ctx, h, base, sort.order(), a)
}

// Categories lists the company's categories of all levels.
func (c *Catalog) Categories(ctx context.Context, a page.Args) (*CategoryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*Category)(nil)) }, categoriesByName(), a)
}

// ChildrenOf lists the sub-categories of each of several categories.
func (c *Catalog) ChildrenOf(
	ctx context.Context, parents []id.Category, a page.Args,
) (map[id.Category]*CategoryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	of := page.Parents[Category, id.Category]{
		Column: "parent_id", Of: func(c *Category) id.Category { return *c.ParentID },
	}
	return page.PerParent(ctx, h, parents, of,
		func() *bun.SelectQuery { return h.Select((*Category)(nil)) }, categoriesByName(), a)
}

// ProductsOf lists the products of each of several categories.
func (c *Catalog) ProductsOf(
	ctx context.Context, categories []id.Category, a page.Args,
) (map[id.Category]*ProductConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	of := page.Parents[Product, id.Category]{
		Column: "category_id", Of: func(p *Product) id.Category { return *p.CategoryID },
	}
	return page.PerParent(ctx, h, categories, of,
		func() *bun.SelectQuery { return h.Select((*Product)(nil)) }, NameAsc.order(), a)
}

// StorePricesOf lists the stores' own prices of each of several products.
func (c *Catalog) StorePricesOf(
	ctx context.Context, products []id.Product, a page.Args,
) (map[id.Product]*StorePriceConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	of := page.Parents[StorePrice, id.Product]{
		Column: "product_id", Of: func(p *StorePrice) id.Product { return p.ProductID },
	}
	return page.PerParent(ctx, h, products, of,
		func() *bun.SelectQuery { return h.Select((*StorePrice)(nil)) }, pricesByStore(), a)
}

// BarcodesOf gives the barcodes of several products, in their order.
func (c *Catalog) BarcodesOf(ctx context.Context, products []id.Product) (map[id.Product][]string, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := page.ByKey[Barcode](ctx, h, "product_id", products, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("?TableAlias.product_id, ?TableAlias.barcode")
	})
	if err != nil {
		return nil, err
	}
	barcodes := make(map[id.Product][]string, len(products))
	for _, p := range products {
		barcodes[p] = []string{}
	}
	for _, row := range rows {
		barcodes[row.ProductID] = append(barcodes[row.ProductID], row.Barcode)
	}
	return barcodes, nil
}
