package postgres

import (
	"context"
	"fmt"
	"time"
)

// Bill is what whoever sends the bills tells of a company.
type Bill struct {
	Slug, Event, Kind string
	// Plan is "" where nothing is said of it.
	Plan       string
	OccurredAt time.Time
	Hash       []byte
}

// Bill applies an event to a company, once, and says what came of it: APPLIED, REPEATED, OUTDATED, UNKNOWN where there
// is no such company, REUSED where another event had the id, TAKEN where it is to make a company that there is.
func (db *DB) Bill(ctx context.Context, b Bill) (string, error) {
	var plan *string
	if b.Plan != "" {
		plan = &b.Plan
	}
	var result string
	err := db.write.QueryRow(ctx, "select tillgraph.company_bill($1, $2, $3, $4, $5, $6)",
		b.Slug, b.Event, b.Kind, plan, b.OccurredAt, b.Hash).Scan(&result)
	if err != nil {
		return "", translate(fmt.Errorf("ask the gate: %w", err))
	}
	return result, nil
}
