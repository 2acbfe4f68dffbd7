package postgres_test

import (
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type customRole struct {
	bun.BaseModel `bun:"table:custom_roles,alias:custom_role"`
	postgres.TenantOwned
	ID          id.CustomRole `bun:"id,pk"`
	Name        string
	Permissions []string `bun:",array"`
}

func accessRules() map[string]tableRule {
	return map[string]tableRule{"custom_roles": rule[customRole](byTenant, map[string]any{"name": "fresh"})}
}
