package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// SealAudit adds records of a company's trail to its chain, at most so many, in one transaction, and tells how many that
// were: 0 where there is none yet that can be, or another server is at it.
//
// It takes no scope and gives nothing away: the database's gate does it, for the one company.
func (db *DB) SealAudit(ctx context.Context, company id.Company, most int) (sealed int, err error) {
	err = db.write.QueryRow(ctx, "select tillgraph.audit_seal($1, $2)", company.UUID(), most).Scan(&sealed)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil {
		return 0, translate(fmt.Errorf("seal the trail: %w", err))
	}
	return sealed, nil
}

// Audited is a company as who seals its trail sees it.
type Audited struct {
	Company id.Company
	// Waiting says that something is to be sealed.
	Waiting bool
}

// AuditCompanies looks at the companies after one, in the order of their ids and at most so many of them.
func (db *DB) AuditCompanies(ctx context.Context, after *id.Company, most int) ([]*Audited, error) {
	var from *uuid.UUID
	if after != nil {
		from = optional(after.UUID())
	}
	rows, err := db.read.Query(ctx, "select company, waiting from tillgraph.audit_companies($1, $2)", from, most)
	if err != nil {
		return nil, translate(fmt.Errorf("look for records to seal: %w", err))
	}
	var list []*Audited
	var company uuid.UUID
	var waiting bool
	_, err = pgx.ForEachRow(rows, []any{&company, &waiting}, func() error {
		list = append(list, &Audited{Company: id.Company(company), Waiting: waiting})
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("look for records to seal: %w", err))
	}
	return list, nil
}

// RecordAccesses adds records of accesses, a JSON array, to a company's trail.
//
// It takes no scope and gives nothing away: the database's gate does it, for the one company.
func (db *DB) RecordAccesses(ctx context.Context, company id.Company, records string) error {
	_, err := db.write.Exec(ctx, "select tillgraph.audit_access($1, $2)", company.UUID(), records)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil {
		return translate(fmt.Errorf("record accesses: %w", err))
	}
	return nil
}

// RetainAudit removes the oldest records of a company that its settings don't keep any longer, at most so many, and
// tells how many that were.
//
// It takes no scope and gives nothing away: the database's gate does it, for the one company.
func (db *DB) RetainAudit(ctx context.Context, company id.Company, most int) (removed int, err error) {
	err = db.write.QueryRow(ctx, "select tillgraph.audit_retain($1, $2)", company.UUID(), most).Scan(&removed)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil {
		return 0, translate(fmt.Errorf("remove old records: %w", err))
	}
	return removed, nil
}
