package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/id"
)

// BeingSealed is told of a company to whose chain somebody else is adding.
const BeingSealed = -1

// SealAudit adds records of changes to the chains of companies, of each at most so many, all in one transaction and one
// round trip, and tells how many that were: 0 where there is none yet that can be, or BeingSealed.
//
// It takes no scope and gives nothing away: the database's gate does it, for one company after the other.
func (db *DB) SealAudit(ctx context.Context, most int, companies ...id.Company) (sealed []int, err error) {
	b := &pgx.Batch{}
	sealed = make([]int, len(companies))
	for i, company := range companies {
		b.Queue("select tillgraph.audit_seal($1, $2)", company.UUID(), most).
			QueryRow(func(row pgx.Row) error { return row.Scan(&sealed[i]) })
	}
	err = db.write.SendBatch(ctx, b).Close()
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil {
		return nil, translate(fmt.Errorf("seal the trail: %w", err))
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

// AccessRecords are records of accesses of one company, a column each, all of the same length.
type AccessRecords struct {
	Company              id.Company
	Stores, IDs          []pgtype.UUID
	Users, Registers     []pgtype.UUID
	At                   []time.Time
	Operators, Addresses []string
	Requests, Operations []string
	Kinds, Documents     []string
	Types, Touched       []string // lists with commas
	Rows                 []int32
	Micros, Lost         []int64
	Outcomes             []string
	Codes                []string // lists with commas
}

// RecordAccesses adds records of accesses to the trails and the chains of companies, all of them or none, in one transaction
// and one round trip. Those that are there already fail it, unless it is said that they are written again.
//
// It waits for who else adds to one of the chains, so that all who do it for several take them in the order of their ids.
//
// It takes no scope and gives nothing away: the database's gate does it, for one company after the other.
func (db *DB) RecordAccesses(ctx context.Context, again bool, all ...*AccessRecords) error {
	b := &pgx.Batch{}
	slices.SortFunc(all, func(x, y *AccessRecords) int { return bytes.Compare(x.Company[:], y.Company[:]) })
	for _, r := range all {
		b.Queue("select tillgraph.audit_access($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"+
			" $19, $20)", r.Company.UUID(), again, r.Stores, r.IDs, r.At, r.Users, r.Registers, r.Operators, r.Addresses,
			r.Requests, r.Operations, r.Kinds, r.Documents, r.Types, r.Touched, r.Rows, r.Micros, r.Outcomes, r.Codes, r.Lost)
	}
	err := db.write.SendBatch(ctx, b).Close()
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
