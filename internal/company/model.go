// Package company has the company itself, its stores and its registers: the frame that everything else hangs in.
package company

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any {
	return []any{
		(*Company)(nil), (*Settings)(nil), (*SettingsChange)(nil), (*switched)(nil), (*points)(nil), (*Domain)(nil), (*Store)(nil), (*Register)(nil), (*registerKey)(nil), (*ReceiptCounter)(nil), (*devicePairing)(nil),
	}
}

// Status says whether a company may sell.
type Status string

// Company is the tenant.
type Company struct {
	bun.BaseModel `bun:"table:companies,alias:company"`
	postgres.TenantOwned

	Slug         string         `bun:"slug"`
	Name         string         `bun:"name"`
	CountryCode  string         `bun:"country_code"`
	CurrencyCode money.Currency `bun:"currency_code"`
	Status       Status         `bun:"status"`
	// BusinessType is its trade.
	BusinessType tenancy.BusinessType `bun:"business_type"`
	// DeletionDueAt is when all of it is deleted, where an owner asked for that.
	DeletionAskedAt   *time.Time `bun:"deletion_asked_at"`
	DeletionAskedByID *id.User   `bun:"deletion_asked_by_id"`
	DeletionDueAt     *time.Time `bun:"deletion_due_at"`
	Version           int        `bun:"version"`
	CreatedAt         time.Time  `bun:"created_at"`
	UpdatedAt         time.Time  `bun:"updated_at"`
}

// ID is the company's id, which the column tenant_id holds here as everywhere.
func (c *Company) ID() id.Company { return c.TenantID }

// IsNode marks Company as the schema's Node.
func (*Company) IsNode() {}

// IsConfiguration marks what is kept between requests.
func (*Company) IsConfiguration() {}

// OpenStatus says whether a store or a register sells.
type OpenStatus string

// The statuses of stores and registers.
const (
	Open   OpenStatus = "OPEN"
	Closed OpenStatus = "CLOSED"
)

// Store is a shop of the company.
type Store struct {
	bun.BaseModel `bun:"table:stores,alias:store"`
	postgres.StoreItself

	Code             string         `bun:"code"`
	Name             string         `bun:"name"`
	TimeZone         string         `bun:"time_zone"`
	CurrencyCode     money.Currency `bun:"currency_code"`
	TaxRatePPM       money.PPM      `bun:"tax_rate_ppm"`
	PricesIncludeTax bool           `bun:"prices_include_tax"`
	// CashRoundingMinor is the smallest cash that is given out; 0 does not round.
	CashRoundingMinor int64      `bun:"cash_rounding"`
	Address           string     `bun:"address"`
	Phone             string     `bun:"phone"`
	Status            OpenStatus `bun:"status"`
	ExternalReference *string    `bun:"external_reference"`
	Version           int        `bun:"version"`
	CreatedAt         time.Time  `bun:"created_at"`
	UpdatedAt         time.Time  `bun:"updated_at"`
}

// TaxRate is the tax on taxable goods, in percent.
func (s *Store) TaxRate() money.Decimal { return s.TaxRatePPM.Percent() }

// CashRounding is the smallest cash that is given out.
func (s *Store) CashRounding() *money.Money {
	return &money.Money{Minor: s.CashRoundingMinor, Currency: s.CurrencyCode}
}

// IsNode marks Store as the schema's Node.
func (*Store) IsNode() {}

// IsConfiguration marks what is kept between requests.
func (*Store) IsConfiguration() {}

// Register is a till point of a store.
type Register struct {
	bun.BaseModel `bun:"table:registers,alias:register"`
	postgres.StoreOwned

	ID           id.Register `bun:"id,pk"`
	Code         string      `bun:"code"`
	Name         string      `bun:"name"`
	Status       OpenStatus  `bun:"status"`
	KeyRotatedAt *time.Time  `bun:"key_rotated_at"`
	// LastSeenAt is when it last asked for something by itself, to about a minute.
	LastSeenAt        *time.Time `bun:"last_seen_at"`
	ExternalReference *string    `bun:"external_reference"`
	Version           int        `bun:"version"`
	CreatedAt         time.Time  `bun:"created_at"`
	UpdatedAt         time.Time  `bun:"updated_at"`
}

// IsNode marks Register as the schema's Node.
func (*Register) IsNode() {}

// IsConfiguration marks what is kept between requests.
func (*Register) IsConfiguration() {}

// registerKey is the hash of a register's device key.
type registerKey struct {
	bun.BaseModel `bun:"table:register_keys,alias:register_key"`
	postgres.RegisterOwned

	KeyHash   []byte    `bun:"key_hash"`
	CreatedAt time.Time `bun:"created_at"`
}

// ReceiptCounter is the next number of a register's receipts.
type ReceiptCounter struct {
	bun.BaseModel `bun:"table:receipt_counters,alias:counter"`
	postgres.RegisterOwned

	NextNumber int64 `bun:"next_number"`
}

// Next is the number of the next receipt; nil of a counter that isn't there to see.
func (c *ReceiptCounter) Next() *int {
	if c == nil {
		return nil
	}
	next := int(c.NextNumber)
	return &next
}

// Last is the highest number of a receipt; nil before the first.
func (c *ReceiptCounter) Last() *int {
	if c == nil || c.NextNumber == 1 {
		return nil
	}
	last := int(c.NextNumber) - 1
	return &last
}

// The pages of this package's lists, as the schema names them.
type (
	StoreConnection    = page.Connection[Store]
	StoreEdge          = page.Edge[Store]
	RegisterConnection = page.Connection[Register]
	RegisterEdge       = page.Edge[Register]
)

func storesByName() page.Order[Store] {
	return page.Order[Store]{Name: "store-name", Columns: []page.Column[Store]{
		{Name: "name", Type: page.Text, Value: func(s *Store) string { return s.Name }},
		{Name: "id", Type: page.UUID, Value: func(s *Store) string { return s.ID.UUID().String() }},
	}}
}

func registersByName() page.Order[Register] {
	return page.Order[Register]{Name: "register-name", Columns: []page.Column[Register]{
		{Name: "name", Type: page.Text, Value: func(r *Register) string { return r.Name }},
		{Name: "id", Type: page.UUID, Value: func(r *Register) string { return r.ID.UUID().String() }},
	}}
}
