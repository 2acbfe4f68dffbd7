package seed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// errTaken says that another run made the company first.
var errTaken = errors.New("the company exists already")

// inScope runs do in a transaction that may touch one company, and of its stores the ones given.
func inScope(ctx context.Context, conn *pgx.Conn, tenant uuid.UUID, stores []uuid.UUID, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		list := make([]string, len(stores))
		for i, v := range stores {
			list[i] = v.String()
		}
		// SET takes no parameters; a UUID's text needs no quoting.
		enter := fmt.Sprintf("set local app.tenant_id = '%s'; set local app.store_ids = '{%s}'",
			tenant, strings.Join(list, ","))
		if _, err := tx.Exec(ctx, enter); err != nil {
			return fmt.Errorf("enter the company: %w", err)
		}
		return do(tx)
	})
}

// unsafely makes a bulk run's transactions not wait for the disk: a crash of the server would lose the last of
// them, and a bulk run that was interrupted starts again anyway.
func unsafely(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "set local synchronous_commit = off")
	return err
}

// inserts collects statements that go to the server together.
type inserts struct{ batch pgx.Batch }

func (i *inserts) add(statement string, args ...any) { i.batch.Queue(statement, args...) }

func (i *inserts) send(ctx context.Context, tx pgx.Tx) error {
	if err := tx.SendBatch(ctx, &i.batch).Close(); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	return nil
}

// execer is a connection or a transaction.
type execer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// fold adds the sales of a company to the sums that reports are made of.
func fold(ctx context.Context, conn execer, tenant uuid.UUID) error {
	const most = 50_000
	for {
		var folded int
		if err := conn.QueryRow(ctx, "select tillgraph.fold_reports($1, $2)", tenant, most).Scan(&folded); err != nil {
			return fmt.Errorf("fold the reports: %w", err)
		}
		if folded == 0 {
			return nil
		}
	}
}

// analyze refreshes the planner's statistics: without it the first queries are planned for empty tables.
func analyze(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `analyze company_directory, companies, stores, registers, receipt_counters, users,
		user_stores, user_credentials, categories, products, product_barcodes, product_words, store_prices, sales,
		sale_lines, sale_line_taxes, payments, inventory_levels, stock_movements, till_sessions, till_holders, till_counts,
		till_z_reports, drawer_movements, report_pending, report_days, report_hours, report_products, report_categories,
		report_brands, report_suppliers, report_customers, report_tenders, report_tender_hours, report_tender_customers,
		report_taxes, report_reasons`)
	if err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}
