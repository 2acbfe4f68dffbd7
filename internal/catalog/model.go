// Package catalog has what a company sells: products in categories, found by words and barcodes, and what they
// cost in each store.
package catalog

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any {
	return []any{(*Category)(nil), (*Product)(nil), (*Barcode)(nil), (*Word)(nil), (*StorePrice)(nil)}
}

// Category is a group of products, in a tree.
type Category struct {
	bun.BaseModel `bun:"table:categories,alias:category"`
	postgres.TenantOwned

	ID                id.Category  `bun:"id,pk"`
	ParentID          *id.Category `bun:"parent_id"`
	Name              string       `bun:"name"`
	ExternalReference *string      `bun:"external_reference"`
	Version           int          `bun:"version"`
	CreatedAt         time.Time    `bun:"created_at"`
	UpdatedAt         time.Time    `bun:"updated_at"`
}

// IsNode marks Category as the schema's Node.
func (*Category) IsNode() {}

// Unit is what a product is counted or weighed in.
type Unit string

// Each is the unit of pieces, which are sold whole.
const Each Unit = "EACH"

// Status says whether a product is sold.
type Status string

// The statuses of products.
const (
	Active   Status = "ACTIVE"
	Archived Status = "ARCHIVED"
)

// Product is something that the company sells.
type Product struct {
	bun.BaseModel `bun:"table:products,alias:product"`
	postgres.TenantOwned

	ID                id.Product     `bun:"id,pk"`
	SKU               string         `bun:"sku"`
	Name              string         `bun:"name"`
	Description       string         `bun:"description"`
	CategoryID        *id.Category   `bun:"category_id"`
	Unit              Unit           `bun:"unit"`
	CurrencyCode      money.Currency `bun:"currency_code"`
	PriceMinor        int64          `bun:"price"`
	Taxable           bool           `bun:"taxable"`
	Status            Status         `bun:"status"`
	ExternalReference *string        `bun:"external_reference"`
	Version           int            `bun:"version"`
	CreatedAt         time.Time      `bun:"created_at"`
	UpdatedAt         time.Time      `bun:"updated_at"`
}

// BasePrice is the company's price of one unit, where a store has none of its own.
func (p *Product) BasePrice() *money.Money {
	return &money.Money{Minor: p.PriceMinor, Currency: p.CurrencyCode}
}

// IsNode marks Product as the schema's Node.
func (*Product) IsNode() {}

// Barcode stands for a product.
type Barcode struct {
	bun.BaseModel `bun:"table:product_barcodes,alias:barcode"`
	postgres.TenantOwned

	Barcode   string     `bun:"barcode"`
	ProductID id.Product `bun:"product_id"`
}

// Word is one that a product is found by, as Words gives it.
type Word struct {
	bun.BaseModel `bun:"table:product_words,alias:word"`
	postgres.TenantOwned

	Word      string     `bun:"word"`
	ProductID id.Product `bun:"product_id"`
}

// StorePrice is a price of its own that a store has for a product.
type StorePrice struct {
	bun.BaseModel `bun:"table:store_prices,alias:store_price"`
	postgres.StoreOwned

	ID           id.StorePrice  `bun:"id,pk"`
	ProductID    id.Product     `bun:"product_id"`
	CurrencyCode money.Currency `bun:"currency_code"`
	PriceMinor   int64          `bun:"price"`
	Version      int            `bun:"version"`
	CreatedAt    time.Time      `bun:"created_at"`
	UpdatedAt    time.Time      `bun:"updated_at"`
}

// Price is the price of one unit.
func (p *StorePrice) Price() *money.Money {
	return &money.Money{Minor: p.PriceMinor, Currency: p.CurrencyCode}
}

// IsNode marks StorePrice as the schema's Node.
func (*StorePrice) IsNode() {}

// PriceSource says where a price comes from.
type PriceSource string

// The sources of prices.
const (
	FromBase  PriceSource = "BASE"
	FromStore PriceSource = "STORE"
)

// Price is what one unit of a product costs in a store.
type Price struct {
	Price  *money.Money
	Source PriceSource
}

// The pages of this package's lists, as the schema names them.
type (
	CategoryConnection   = page.Connection[Category]
	CategoryEdge         = page.Edge[Category]
	ProductConnection    = page.Connection[Product]
	ProductEdge          = page.Edge[Product]
	StorePriceConnection = page.Connection[StorePrice]
	StorePriceEdge       = page.Edge[StorePrice]
)

// Sort is the order of a list of products.
type Sort string

// The orders.
const (
	NameAsc       Sort = "NAME_ASC"
	NameDesc      Sort = "NAME_DESC"
	CreatedAtAsc  Sort = "CREATED_AT_ASC"
	CreatedAtDesc Sort = "CREATED_AT_DESC"
	UpdatedAtAsc  Sort = "UPDATED_AT_ASC"
	UpdatedAtDesc Sort = "UPDATED_AT_DESC"
)

func (s Sort) order() page.Order[Product] {
	by := page.Column[Product]{Name: "name", Type: page.Text, Value: func(p *Product) string { return p.Name }}
	switch s {
	case NameAsc, NameDesc:
	case CreatedAtAsc, CreatedAtDesc:
		by = page.Column[Product]{Name: "created_at", Type: page.Instant, Value: func(p *Product) string {
			return page.InstantText(p.CreatedAt)
		}}
	case UpdatedAtAsc, UpdatedAtDesc:
		by = page.Column[Product]{Name: "updated_at", Type: page.Instant, Value: func(p *Product) string {
			return page.InstantText(p.UpdatedAt)
		}}
	}
	desc := s == NameDesc || s == CreatedAtDesc || s == UpdatedAtDesc
	return page.Order[Product]{Name: "product-" + string(s), Desc: desc, Columns: []page.Column[Product]{
		by, {Name: "id", Type: page.UUID, Value: func(p *Product) string { return p.ID.UUID().String() }},
	}}
}

func categoriesByName() page.Order[Category] {
	return page.Order[Category]{Name: "category-name", Columns: []page.Column[Category]{
		{Name: "name", Type: page.Text, Value: func(c *Category) string { return c.Name }},
		{Name: "id", Type: page.UUID, Value: func(c *Category) string { return c.ID.UUID().String() }},
	}}
}

func pricesByStore() page.Order[StorePrice] {
	return page.Order[StorePrice]{Name: "price-store", Columns: []page.Column[StorePrice]{
		{Name: "store_id", Type: page.UUID, Value: func(p *StorePrice) string { return p.StoreID.UUID().String() }},
		{Name: "id", Type: page.UUID, Value: func(p *StorePrice) string { return p.ID.UUID().String() }},
	}}
}
