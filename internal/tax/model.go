package tax

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*Category)(nil), (*Rate)(nil), (*StoreRate)(nil)} }

// Category is what is taxed alike.
type Category struct {
	bun.BaseModel `bun:"table:tax_categories,alias:tax_category"`
	postgres.TenantOwned

	ID                id.TaxCategory `bun:"id,pk"`
	Name              string         `bun:"name"`
	ExternalReference *string        `bun:"external_reference"`
	Version           int            `bun:"version"`
	CreatedAt         time.Time      `bun:"created_at"`
	UpdatedAt         time.Time      `bun:"updated_at"`
}

// IsNode marks Category as the schema's Node.
func (*Category) IsNode() {}

// Rate is one of a category's taxes in the company's stores. Those of one category that began together count together,
// until others begin.
type Rate struct {
	bun.BaseModel `bun:"table:tax_rates,alias:tax_rate"`
	postgres.TenantOwned

	ID         id.TaxRate     `bun:"id,pk"`
	CategoryID id.TaxCategory `bun:"tax_category_id"`
	ValidFrom  time.Time      `bun:"valid_from"`
	Position   int            `bun:"position"`
	Name       string         `bun:"name"`
	Code       string         `bun:"code"`
	RatePPM    money.PPM      `bun:"rate_ppm"`
	Compound   bool           `bun:"compound"`
	CreatedAt  time.Time      `bun:"created_at"`
}

// Rate is the tax in percent.
func (r *Rate) Rate() money.Decimal { return r.RatePPM.Percent() }

func (r *Rate) levy() Levy {
	return Levy{Name: r.Name, Code: r.Code, Rate: r.RatePPM, Compound: r.Compound}
}

// IsNode marks Rate as the schema's Node.
func (*Rate) IsNode() {}

// IsConfiguration marks what is kept between requests.
func (*Rate) IsConfiguration() {}

// StoreRate is one of a category's taxes in one store, where they differ from the company's.
type StoreRate struct {
	bun.BaseModel `bun:"table:store_tax_rates,alias:store_tax_rate"`
	postgres.StoreOwned

	ID         id.StoreTaxRate `bun:"id,pk"`
	CategoryID id.TaxCategory  `bun:"tax_category_id"`
	ValidFrom  time.Time       `bun:"valid_from"`
	// ValidUntil is when the company's count again; nil is never.
	ValidUntil *time.Time `bun:"valid_until"`
	Position   int        `bun:"position"`
	Name       string     `bun:"name"`
	Code       string     `bun:"code"`
	RatePPM    money.PPM  `bun:"rate_ppm"`
	Compound   bool       `bun:"compound"`
	CreatedAt  time.Time  `bun:"created_at"`
}

// Rate is the tax in percent.
func (r *StoreRate) Rate() money.Decimal { return r.RatePPM.Percent() }

func (r *StoreRate) levy() Levy {
	return Levy{Name: r.Name, Code: r.Code, Rate: r.RatePPM, Compound: r.Compound}
}

// IsNode marks StoreRate as the schema's Node.
func (*StoreRate) IsNode() {}

// IsConfiguration marks what is kept between requests.
func (*StoreRate) IsConfiguration() {}

// The pages of this package's lists, as the schema names them.
type (
	CategoryConnection  = page.Connection[Category]
	CategoryEdge        = page.Edge[Category]
	RateConnection      = page.Connection[Rate]
	RateEdge            = page.Edge[Rate]
	StoreRateConnection = page.Connection[StoreRate]
	StoreRateEdge       = page.Edge[StoreRate]
)

func byName() page.Order[Category] {
	return page.Order[Category]{Name: "tax-category-name", Columns: []page.Column[Category]{
		{Name: "name", Type: page.Text, Value: func(c *Category) string { return c.Name }},
		{Name: "id", Type: page.UUID, Value: func(c *Category) string { return c.ID.UUID().String() }},
	}}
}

// The rates' ids grow with their positions.
func newestRates() page.Order[Rate] {
	return page.Order[Rate]{Name: "tax-rate-from", Desc: true, Columns: []page.Column[Rate]{
		{Name: "valid_from", Type: page.Instant, Value: func(r *Rate) string { return page.InstantText(r.ValidFrom) }},
		{Name: "id", Type: page.UUID, Value: func(r *Rate) string { return r.ID.UUID().String() }},
	}}
}

func newestStoreRates() page.Order[StoreRate] {
	return page.Order[StoreRate]{Name: "store-tax-rate-from", Desc: true, Columns: []page.Column[StoreRate]{
		{Name: "valid_from", Type: page.Instant, Value: func(r *StoreRate) string { return page.InstantText(r.ValidFrom) }},
		{Name: "id", Type: page.UUID, Value: func(r *StoreRate) string { return r.ID.UUID().String() }},
	}}
}
