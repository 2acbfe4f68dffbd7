package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// FoldReports adds what is pending of a company's sales to the sums that reports are made of, at most so much of it,
// in one transaction, and tells how much that was: 0 where nothing is pending or another server is at it.
//
// It takes no scope and gives nothing away: the database's gate does it, for the one company.
func (db *DB) FoldReports(ctx context.Context, company id.Company, most int) (folded int, err error) {
	err = db.write.QueryRow(ctx, "select tillgraph.fold_reports($1, $2)", company.UUID(), most).Scan(&folded)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil {
		return 0, translate(fmt.Errorf("fold the reports: %w", err))
	}
	return folded, nil
}

// Reporting is a company as the upkeep of reports sees it.
type Reporting struct {
	Company id.Company
	Slug    string
	// Pending says that something is to be folded.
	Pending bool

	stores []id.Store
}

// Scope is that of the company as a whole, for who keeps or checks its sums: nobody's, and with all stores.
func (r *Reporting) Scope() *tenancy.Scope {
	return tenancy.New(tenancy.Spec{Company: r.Company, CompanySlug: r.Slug, Role: tenancy.Owner, Stores: r.stores})
}

// ReportCompanies looks at the companies after one, in the order of their ids and at most so many of them.
func (db *DB) ReportCompanies(ctx context.Context, after *id.Company, most int) ([]*Reporting, error) {
	var from *uuid.UUID
	if after != nil {
		from = optional(after.UUID())
	}
	rows, err := db.read.Query(ctx, "select company, slug, store_ids, pending from tillgraph.report_companies($1, $2)", from, most)
	if err != nil {
		return nil, translate(fmt.Errorf("look for reports to fold: %w", err))
	}
	var list []*Reporting
	var company uuid.UUID
	var slug string
	var stores []uuid.UUID
	var pending bool
	_, err = pgx.ForEachRow(rows, []any{&company, &slug, &stores, &pending}, func() error {
		one := &Reporting{Company: id.Company(company), Slug: slug, Pending: pending}
		for _, store := range stores {
			one.stores = append(one.stores, id.Store(store))
		}
		list = append(list, one)
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("look for reports to fold: %w", err))
	}
	return list, nil
}
