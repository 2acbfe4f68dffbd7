package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	signal struct {
		bun.BaseModel `bun:"table:signals,alias:signal"`
		postgres.TenantOwned
		Hour, LastAt                            time.Time
		Kind                                    string
		Occurrences                             int64
		Operator, Address, RequestID, Operation string
	}
	companyActivity struct {
		bun.BaseModel `bun:"table:company_activity,alias:activity"`
		postgres.TenantOwned
		Hour                       time.Time
		Requests, Micros, RowsRead int64
	}
)

func signalRules() map[string]tableRule {
	return map[string]tableRule{
		"signals":          rule[signal](byTenant, map[string]any{"kind": "FRESH"}),
		"company_activity": rule[companyActivity](byTenant, map[string]any{"hour": time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC)}),
	}
}
