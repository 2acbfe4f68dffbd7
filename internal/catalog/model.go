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
	return []any{
		(*Category)(nil), (*Product)(nil), (*Barcode)(nil), (*BarcodeRule)(nil), (*Word)(nil), (*StorePrice)(nil),
		(*availability)(nil), (*PriceList)(nil), (*PriceListItem)(nil), (*priceListStore)(nil), (*Brand)(nil), (*Supplier)(nil),
	}
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

// ProductType says what is sold.
type ProductType string

// The types of products.
const (
	// Goods have a stock.
	Goods ProductType = "GOODS"
	// Service has none.
	Service ProductType = "SERVICE"
	// GiftCard is money to be spent later: it has no stock, and who sells it names the price.
	GiftCard ProductType = "GIFT_CARD"
)

// Stocked says that selling moves a stock.
func (t ProductType) Stocked() bool { return t == Goods }

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

	ID          id.Product   `bun:"id,pk"`
	SKU         string       `bun:"sku"`
	Name        string       `bun:"name"`
	Description string       `bun:"description"`
	CategoryID  *id.Category `bun:"category_id"`
	BrandID     *id.Brand    `bun:"brand_id"`
	// SupplierID is who it is mostly bought from.
	SupplierID   *id.Supplier   `bun:"supplier_id"`
	Type         ProductType    `bun:"type"`
	Unit         Unit           `bun:"unit"`
	CurrencyCode money.Currency `bun:"currency_code"`
	PriceMinor   int64          `bun:"price"`
	Taxable      bool           `bun:"taxable"`
	// TaxCategoryID says which taxes it bears; without one it is the store's own rate where it is Taxable.
	TaxCategoryID     *id.TaxCategory `bun:"tax_category_id"`
	Status            Status          `bun:"status"`
	ExternalReference *string         `bun:"external_reference"`
	Version           int             `bun:"version"`
	CreatedAt         time.Time       `bun:"created_at"`
	UpdatedAt         time.Time       `bun:"updated_at"`

	// OptionNames are what the product's variants differ in. A product that has them is not sold itself.
	OptionNames []string `bun:"option_names,array"`
	// ParentID is the product that this is a variant of, and OptionValues its value for each of the parent's options.
	ParentID     *id.Product `bun:"parent_id"`
	OptionValues []string    `bun:"option_values,array"`
	VariantKey   *string     `bun:"variant_key"`

	// NegativeStockAllowed says whether more may be sold than is there; nil leaves it to the company's setting.
	NegativeStockAllowed *bool `bun:"negative_stock_allowed"`
	// BatchTracked says that its goods move by their batches, where the company tracks batches.
	BatchTracked bool `bun:"batch_tracked"`
	// CostMinor is what one unit costs the company, where no receipt of goods says so; nil: not known.
	CostMinor *int64 `bun:"cost"`
}

// HasVariants says that the product is sold through its variants and not by itself.
func (p *Product) HasVariants() bool { return len(p.OptionNames) > 0 }

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

	Barcode string `bun:"barcode"`
	// Code is what it is found by: see ScanKey.
	Code      string     `bun:"code"`
	ProductID id.Product `bun:"product_id"`
}

// Word is one that a product is found by, as Words gives it.
type Word struct {
	bun.BaseModel `bun:"table:product_words,alias:word"`
	postgres.TenantOwned

	Word      string     `bun:"word"`
	ProductID id.Product `bun:"product_id"`
}

// availability says whether a store sells a product.
type availability struct {
	bun.BaseModel `bun:"table:product_availability,alias:availability"`
	postgres.StoreOwned

	ProductID id.Product `bun:"product_id"`
	Sold      bool       `bun:"sold"`
	UpdatedAt time.Time  `bun:"updated_at"`
}

// PriceListStatus says whether a price list counts.
type PriceListStatus string

// The statuses of price lists.
const (
	ListActive   PriceListStatus = "ACTIVE"
	ListInactive PriceListStatus = "INACTIVE"
)

// PriceList has prices of many products, for some stores and for a time.
type PriceList struct {
	bun.BaseModel `bun:"table:price_lists,alias:price_list"`
	postgres.TenantOwned

	ID           id.PriceList    `bun:"id,pk"`
	Name         string          `bun:"name"`
	CurrencyCode money.Currency  `bun:"currency_code"`
	Status       PriceListStatus `bun:"status"`
	Priority     int             `bun:"priority"`
	// ValidFrom is null for always, ValidUntil is the instant at which the list ends, null for never.
	ValidFrom  *time.Time `bun:"valid_from"`
	ValidUntil *time.Time `bun:"valid_until"`
	Version    int        `bun:"version"`
	CreatedAt  time.Time  `bun:"created_at"`
	UpdatedAt  time.Time  `bun:"updated_at"`
}

// IsNode marks PriceList as the schema's Node.
func (*PriceList) IsNode() {}

type priceListStore struct {
	bun.BaseModel `bun:"table:price_list_stores,alias:price_list_store"`
	postgres.StoreOwned

	PriceListID id.PriceList `bun:"price_list_id"`
}

// PriceListItem is the price of one product in a price list.
type PriceListItem struct {
	bun.BaseModel `bun:"table:price_list_items,alias:price_list_item"`
	postgres.TenantOwned

	PriceListID id.PriceList `bun:"price_list_id"`
	ProductID   id.Product   `bun:"product_id"`
	PriceMinor  int64        `bun:"price"`
	// CurrencyCode is the list's.
	CurrencyCode money.Currency `bun:"currency_code"`
	UpdatedAt    time.Time      `bun:"updated_at"`
}

// Price is the price of one unit.
func (i *PriceListItem) Price() *money.Money {
	return &money.Money{Minor: i.PriceMinor, Currency: i.CurrencyCode}
}

// StorePrice is a price of its own that a store has for a product: its standing price, or one for a time.
type StorePrice struct {
	bun.BaseModel `bun:"table:store_prices,alias:store_price"`
	postgres.StoreOwned

	ID           id.StorePrice  `bun:"id,pk"`
	ProductID    id.Product     `bun:"product_id"`
	CurrencyCode money.Currency `bun:"currency_code"`
	PriceMinor   int64          `bun:"price"`
	// ValidFrom is null for the standing price; ValidUntil is the instant at which the price ends, null for never.
	ValidFrom  *time.Time `bun:"valid_from"`
	ValidUntil *time.Time `bun:"valid_until"`
	Version    int        `bun:"version"`
	CreatedAt  time.Time  `bun:"created_at"`
	UpdatedAt  time.Time  `bun:"updated_at"`
}

// Price is the price of one unit.
func (p *StorePrice) Price() *money.Money {
	return &money.Money{Minor: p.PriceMinor, Currency: p.CurrencyCode}
}

// IsNode marks StorePrice as the schema's Node.
func (*StorePrice) IsNode() {}

// The pages of this package's lists, as the schema names them.
type (
	CategoryConnection   = page.Connection[Category]
	CategoryEdge         = page.Edge[Category]
	ProductConnection    = page.Connection[Product]
	ProductEdge          = page.Edge[Product]
	StorePriceConnection = page.Connection[StorePrice]
	StorePriceEdge       = page.Edge[StorePrice]

	BarcodeRuleConnection   = page.Connection[BarcodeRule]
	BarcodeRuleEdge         = page.Edge[BarcodeRule]
	PriceListConnection     = page.Connection[PriceList]
	PriceListEdge           = page.Edge[PriceList]
	PriceListItemConnection = page.Connection[PriceListItem]
	PriceListItemEdge       = page.Edge[PriceListItem]
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

func listsByName() page.Order[PriceList] {
	return page.Order[PriceList]{Name: "price-list-name", Columns: []page.Column[PriceList]{
		{Name: "name", Type: page.Text, Value: func(l *PriceList) string { return l.Name }},
		{Name: "id", Type: page.UUID, Value: func(l *PriceList) string { return l.ID.UUID().String() }},
	}}
}

func itemsByProduct() page.Order[PriceListItem] {
	return page.Order[PriceListItem]{Name: "price-list-item", Columns: []page.Column[PriceListItem]{
		{Name: "product_id", Type: page.UUID, Value: func(i *PriceListItem) string { return i.ProductID.UUID().String() }},
	}}
}

func rulesByPrefix() page.Order[BarcodeRule] {
	return page.Order[BarcodeRule]{Name: "barcode-rule", Columns: []page.Column[BarcodeRule]{
		{Name: "prefix", Type: page.Text, Value: func(r *BarcodeRule) string { return r.Prefix }},
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
