package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	receiptGap struct {
		bun.BaseModel `bun:"table:receipt_gaps,alias:receipt_gap"`
		postgres.RegisterOwned
		FromNumber, ToNumber int64
		Since                time.Time
	}
	receiptConflict struct {
		bun.BaseModel `bun:"table:receipt_conflicts,alias:receipt_conflict"`
		postgres.RegisterOwned
		ID                           id.ReceiptConflict `bun:"id,pk"`
		ReceiptNumber, Total         int64
		SaleID                       id.Sale
		IdempotencyKey, CurrencyCode string
		RequestHash                  []byte
		CashierID                    *id.User
		OccurredAt                   time.Time
	}
)

func receiptRules() map[string]tableRule {
	return map[string]tableRule{
		"receipt_gaps":      rule[receiptGap](byRegister, map[string]any{"from_number": 5}),
		"receipt_conflicts": rule[receiptConflict](byRegister, map[string]any{"idempotency_key": "fresh"}),
	}
}
