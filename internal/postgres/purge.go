package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// Due gives companies that are to be deleted by now, a few at once.
func (db *DB) Due(ctx context.Context) ([]id.Company, error) {
	rows, err := db.read.Query(ctx, "select tillgraph.companies_due()")
	if err != nil {
		return nil, translate(fmt.Errorf("ask the gate: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, translate(fmt.Errorf("ask the gate: %w", err))
	}
	companies := make([]id.Company, len(found))
	for i, company := range found {
		companies[i] = id.Company(company)
	}
	return companies, nil
}

// Purge deletes a company that is due, in one transaction that may take as long as longest. It is false where the
// company isn't due, is gone, or another server is at it.
func (db *DB) Purge(ctx context.Context, company id.Company, longest time.Duration) (done bool, err error) {
	err = pgx.BeginFunc(ctx, db.write, func(tx pgx.Tx) error {
		// SET takes no parameters.
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local statement_timeout = %d", longest.Milliseconds())); err != nil {
			return fmt.Errorf("allow the time: %w", err)
		}
		if err := tx.QueryRow(ctx, "select tillgraph.company_purge($1)", company.UUID()).Scan(&done); err != nil {
			return fmt.Errorf("delete a company: %w", err)
		}
		return nil
	})
	return done, translate(err)
}
