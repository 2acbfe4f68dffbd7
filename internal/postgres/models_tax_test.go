package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	taxCategory struct {
		bun.BaseModel `bun:"table:tax_categories,alias:tax_category"`
		postgres.TenantOwned
		ID   id.TaxCategory `bun:"id,pk"`
		Name string
	}
	taxRate struct {
		bun.BaseModel `bun:"table:tax_rates,alias:tax_rate"`
		postgres.TenantOwned
		ID                id.TaxRate `bun:"id,pk"`
		TaxCategoryID     id.TaxCategory
		ValidFrom         time.Time
		Position, RatePpm int
		Name              string
	}
	storeTaxRate struct {
		bun.BaseModel `bun:"table:store_tax_rates,alias:store_tax_rate"`
		postgres.StoreOwned
		ID                id.StoreTaxRate `bun:"id,pk"`
		TaxCategoryID     id.TaxCategory
		ValidFrom         time.Time
		ValidUntil        *time.Time
		Position, RatePpm int
		Name              string
	}
	saleLineTax struct {
		bun.BaseModel `bun:"table:sale_line_taxes,alias:sale_line_tax"`
		postgres.RegisterOwned
		SaleID              id.Sale
		SaleLineID          id.SaleLine
		Position, RatePpm   int
		Name, CurrencyCode  string
		Compound, Inclusive bool
		Base, Amount        int64
	}
	saleDiscount struct {
		bun.BaseModel `bun:"table:sale_discounts,alias:sale_discount"`
		postgres.RegisterOwned
		ID                         id.SaleDiscount `bun:"id,pk"`
		SaleID                     id.Sale
		SaleLineID                 *id.SaleLine
		Position                   int
		Kind, CurrencyCode, Reason string
		Value                      *int64
		Amount                     int64
	}
)

func taxRules() map[string]tableRule {
	return map[string]tableRule{
		"tax_categories":  rule[taxCategory](byTenant, map[string]any{"name": "fresh"}),
		"tax_rates":       rule[taxRate](byTenant, map[string]any{"position": 5}),
		"store_tax_rates": rule[storeTaxRate](byStore, map[string]any{"position": 5}),
		"sale_line_taxes": rule[saleLineTax](byRegister, map[string]any{"position": 5}),
		"sale_discounts":  rule[saleDiscount](byRegister, map[string]any{"position": 99}),
	}
}
