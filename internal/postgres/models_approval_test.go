package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type approvalRow struct {
	bun.BaseModel `bun:"table:approvals,alias:approval"`
	postgres.StoreOwned
	ID            id.Approval `bun:"id,pk"`
	Kind          string
	ForRegisterID id.Register
	CurrencyCode  string
	Amount        int64
	Reason        string
	RequestedByID id.User
	RequestedAt   time.Time
	ExpiresAt     time.Time
}

func approvalRules() map[string]tableRule {
	return map[string]tableRule{"approvals": rule[approvalRow](byStore, map[string]any{})}
}
