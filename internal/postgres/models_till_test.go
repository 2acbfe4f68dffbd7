package postgres_test

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	tillSession struct {
		bun.BaseModel `bun:"table:till_sessions,alias:till_session"`
		postgres.RegisterOwned
		ID                   id.TillSession `bun:"id,pk"`
		Number               int64
		Status, CurrencyCode string
		OpeningFloat         int64
		BusinessDate         time.Time `bun:"type:date"`
		OpenedAt             time.Time
		CountedAt, ClosedAt  *time.Time
		CountNumber          *int
	}
	tillHolder struct {
		bun.BaseModel `bun:"table:till_holders,alias:till_holder"`
		postgres.RegisterOwned
		SessionID id.TillSession
		Position  int
		HolderID  id.User
		Since     time.Time
	}
	tillCount struct {
		bun.BaseModel `bun:"table:till_counts,alias:till_count"`
		postgres.RegisterOwned
		SessionID          id.TillSession
		Number             int
		Kind, CurrencyCode string
		CountedByID        id.User
		CountedAt          time.Time
		Tenders            json.RawMessage `bun:"type:jsonb"`
		Note               string
	}
	drawerMovement struct {
		bun.BaseModel `bun:"table:drawer_movements,alias:drawer_movement"`
		postgres.RegisterOwned
		ID                         id.DrawerMovement `bun:"id,pk"`
		SessionID                  id.TillSession
		Kind, CurrencyCode, Reason string
		Amount                     int64
		PersonID                   id.User
		RecordedAt                 time.Time
	}
	zReport struct {
		bun.BaseModel `bun:"table:till_z_reports,alias:z_report"`
		postgres.RegisterOwned
		ID                 id.ZReport `bun:"id,pk"`
		Number             int64
		SessionID          id.TillSession
		BusinessDate       time.Time `bun:"type:date"`
		OpenedAt, ClosedAt time.Time
		CountedByID        id.User
		ApprovalReason     *string
		Figures            json.RawMessage `bun:"type:jsonb"`
	}
	tillKey struct {
		bun.BaseModel `bun:"table:till_idempotency_keys,alias:till_key"`
		postgres.RegisterOwned
		Key         string
		RequestHash []byte
		SessionID   id.TillSession
	}
)

func tillRules() map[string]tableRule {
	return map[string]tableRule{
		"till_sessions":         rule[tillSession](byRegister, map[string]any{"number": 99}),
		"till_holders":          rule[tillHolder](byRegister, map[string]any{"position": 99}),
		"till_counts":           rule[tillCount](byRegister, map[string]any{"number": 99}),
		"drawer_movements":      rule[drawerMovement](byRegister, map[string]any{}),
		"till_z_reports":        rule[zReport](byRegister, map[string]any{"number": 99}),
		"till_idempotency_keys": rule[tillKey](byRegister, map[string]any{"key": "fresh"}),
	}
}
