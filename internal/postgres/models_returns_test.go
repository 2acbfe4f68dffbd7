package postgres_test

import (
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type returnedQuantity struct {
	bun.BaseModel `bun:"table:returned_quantities,alias:returned_quantity"`
	postgres.TenantOwned
	SaleLineID     id.SaleLine `bun:"sale_line_id,pk"`
	Sold, Returned int64
}

func returnsRules() map[string]tableRule {
	return map[string]tableRule{
		"returned_quantities": rule[returnedQuantity](byTenant, nil),
	}
}
