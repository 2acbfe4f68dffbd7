package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	returnedQuantity struct {
		bun.BaseModel `bun:"table:returned_quantities,alias:returned_quantity"`
		postgres.TenantOwned
		SaleLineID     id.SaleLine `bun:"sale_line_id,pk"`
		Sold, Returned int64
	}
	parkedSale struct {
		bun.BaseModel `bun:"table:parked_sales,alias:parked_sale"`
		postgres.StoreOwned
		ID               id.ParkedSale `bun:"id,pk"`
		ParkedRegisterID id.Register
		Label            string
		IdempotencyKey   string
		RequestHash      []byte
		ExpiresAt        time.Time
	}
	parkedSaleLine struct {
		bun.BaseModel `bun:"table:parked_sale_lines,alias:parked_sale_line"`
		postgres.StoreOwned
		ParkedSaleID id.ParkedSale `bun:"parked_sale_id,pk"`
		LineNumber   int           `bun:"line_number,pk"`
		ProductID    id.Product
		Quantity     int64
	}
)

func returnsRules() map[string]tableRule {
	return map[string]tableRule{
		"returned_quantities": rule[returnedQuantity](byTenant, nil),
		"parked_sales":        rule[parkedSale](byStore, map[string]any{"idempotency_key": "fresh"}),
		"parked_sale_lines":   rule[parkedSaleLine](byStore, map[string]any{"line_number": 99}),
	}
}
