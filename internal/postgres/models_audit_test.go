package postgres_test

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	auditEvent struct {
		bun.BaseModel `bun:"table:audit_events,alias:audit_event"`
		postgres.StoreOwned
		ID                                      id.AuditEvent `bun:"id,pk"`
		At                                      time.Time
		Operator, Address, RequestID, Operation string
		ObjectType, Part, Verb, Reason          string
		ObjectID                                uuid.UUID
		Became                                  string `bun:"type:jsonb"`
	}
	auditAccess struct {
		bun.BaseModel `bun:"table:audit_accesses,alias:audit_access"`
		postgres.StoreOwned
		ID                                      id.AuditAccess `bun:"id,pk"`
		At                                      time.Time
		Operator, Address, RequestID, Operation string
		Kind, Document, Outcome                 string
		Types                                   []string    `bun:",array"`
		StoreIDs                                []uuid.UUID `bun:"store_ids,array"`
		Codes                                   []string    `bun:",array"`
		RowsAnswered                            int
		Micros, Lost                            int64
	}
	auditSeal struct {
		bun.BaseModel `bun:"table:audit_seals,alias:audit_seal"`
		postgres.TenantOwned
		FirstPosition, Position int64
		RecordIDs               []uuid.UUID `bun:"record_ids,array"`
		Digests                 []byte
		OldestID, NewestID      uuid.UUID
		SealedAt                time.Time
	}
	auditHead struct {
		bun.BaseModel `bun:"table:audit_heads,alias:audit_head"`
		postgres.TenantOwned
		Position, KeptPosition int64
		Digest, KeptDigest     []byte
		Horizon                string
		SealedAt               time.Time
	}
)

func auditRules() map[string]tableRule {
	return map[string]tableRule{
		"audit_events":   rule[auditEvent](byStore, map[string]any{}),
		"audit_accesses": rule[auditAccess](byStore, map[string]any{}),
		"audit_seals": rule[auditSeal](byTenant, map[string]any{
			"first_position": 1_000_000, "position": 1_000_000,
		}),
		"audit_heads": rule[auditHead](byTenant, nil),
	}
}
