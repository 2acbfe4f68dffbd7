package catalog

import (
	"context"
	"slices"
	"strings"
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

func trimmed(text string) string { return strings.TrimSpace(text) }

func storable(text string) bool { return utf8.ValidString(text) && !slices.Contains([]byte(text), 0) }

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

// CategoryFilter says which categories to list.
type CategoryFilter struct {
	Search   *string
	ParentID *id.Category
	TopLevel *bool
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`) //nolint:gochecknoglobals // never changed

func (f *CategoryFilter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.ParentID != nil {
		q.Where("?TableAlias.parent_id = ?", *f.ParentID)
	}
	if f.TopLevel != nil {
		q.Where("(?TableAlias.parent_id IS NULL) = ?", *f.TopLevel)
	}
	if f.Search != nil {
		q.Where("?TableAlias.name ILIKE ?", "%"+likeEscaper.Replace(*f.Search)+"%")
	}
	return q
}

// Categories lists the company's categories of all levels.
func (c *Catalog) Categories(ctx context.Context, f *CategoryFilter, a page.Args) (*CategoryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if f != nil && f.Search != nil && (utf8.RuneCountInString(*f.Search) > longestSearch || !storable(*f.Search)) {
		return nil, errs.New(errs.BadUserInput, "A search has at most %d characters.", longestSearch)
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h.Select((*Category)(nil))) }, categoriesByName(), a)
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

// VariantsOf lists the variants of each of several products, by name.
func (c *Catalog) VariantsOf(
	ctx context.Context, parents []id.Product, a page.Args,
) (map[id.Product]*ProductConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	of := page.Parents[Product, id.Product]{
		Column: "parent_id", Of: func(p *Product) id.Product { return *p.ParentID },
	}
	return page.PerParent(ctx, h, parents, of,
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
