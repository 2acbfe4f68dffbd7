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
// them, and a bulk run that was interrupted starts again anyway. Without keys they don't check what rows refer to either,
// and no trigger fires but those of the trail: checkKeys is for that.
//
// The rest is for a database that grows faster than the planner hears of it. Plans that a connection keeps to check keys
// are made while tables are small, and would read these whole for each row. The sums of a company that the planner
// doesn't know yet would be joined to each of its rows for each of its receipts. Nothing takes as long as compiling it does.
func unsafely(ctx context.Context, tx pgx.Tx, withoutKeys bool) error {
	settings := `set local synchronous_commit = off; set local enable_seqscan = off; set local enable_nestloop = off;
		set local jit = off; set local work_mem = '64MB'`
	if withoutKeys {
		settings += "; set local session_replication_role = replica"
	}
	if _, err := tx.Exec(ctx, settings); err != nil {
		return fmt.Errorf("set up the transaction: %w", err)
	}
	return nil
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

// fold adds the sales of a company to the sums that reports are made of. Each round of a bulk run reads all of the
// company's; one of more sales than these holds a gigabyte.
func fold(ctx context.Context, conn execer, tenant uuid.UUID) error {
	const most = 10_000
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

// seal adds the records of a company's trail to its chain, so that nothing is left to the first server that runs.
func seal(ctx context.Context, conn *pgx.Conn, tenant uuid.UUID) error {
	const most = 10_000
	for {
		var sealed int
		err := inScope(ctx, conn, tenant, nil, func(tx pgx.Tx) error {
			if err := unsafely(ctx, tx, false); err != nil {
				return err
			}
			return tx.QueryRow(ctx, "select tillgraph.audit_seal($1, $2)", tenant, most).Scan(&sealed)
		})
		if err != nil {
			return fmt.Errorf("seal the trail: %w", err)
		}
		if sealed < most {
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
		report_taxes, report_reasons, audit_events`)
	if err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}

// analyzeSmall is analyze for the few rows that every sale refers to: keys to them are checked by whichever index is the
// best for what the planner knows.
func analyzeSmall(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "analyze companies, stores, registers, users"); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}
