package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// ReportsDue gives companies of which something about reports is due, those that have waited the longest first, and at
// most so many.
func (db *DB) ReportsDue(ctx context.Context, now time.Time, most int) ([]*Reporting, error) {
	rows, err := db.read.Query(ctx, "select company, slug, store_ids from tillgraph.reports_due($1, $2)", now, most)
	if err != nil {
		return nil, translate(fmt.Errorf("look for reports that are due: %w", err))
	}
	var list []*Reporting
	var company uuid.UUID
	var slug string
	var stores []uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&company, &slug, &stores}, func() error {
		one := &Reporting{Company: id.Company(company), Slug: slug}
		for _, store := range stores {
			one.stores = append(one.stores, id.Store(store))
		}
		list = append(list, one)
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("look for reports that are due: %w", err))
	}
	return list, nil
}

// ReportsRest says anew when something of a company is due.
func (db *DB) ReportsRest(ctx context.Context, company id.Company) error {
	if _, err := db.write.Exec(ctx, "select tillgraph.reports_rest($1)", company.UUID()); err != nil {
		return translate(fmt.Errorf("say when reports are due: %w", err))
	}
	return nil
}
