package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// secretTables hold what lets people and devices in: it isn't the company's to take along.
var secretTables = []string{
	"device_pairings", "email_verifications", "login_challenges", "password_resets", "refresh_tokens", "register_keys",
	"user_credentials", "user_pins", "user_recovery_codes", "user_second_factors",
}

// exportQuery are the tables of companies, each with the columns that the restricted role may read and that are no secret.
const exportQuery = `
select c.relname::text, array_agg(a.attname::text order by a.attnum)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped)
    and has_column_privilege('tillgraph_app', c.oid, a.attnum, 'select') and a.attname !~ '(_hash|^secret)$'
group by c.relname order by c.relname`

// Export writes all rows of the company of ctx, as of one moment, a JSON object a line, table by table; file gives where
// a table goes. Secrets are left out. It takes a connection for as long as it lasts, at most longest.
func (db *DB) Export(
	ctx context.Context, longest time.Duration, file func(table string) (io.Writer, error),
) (err error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	return translate(pgx.BeginFunc(ctx, db.read, func(tx pgx.Tx) error {
		tables, columns, err := exported(ctx, tx)
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(fmt.Sprintf("set local statement_timeout = %d", longest.Milliseconds()))
		queueEnter(b, scope)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("enter the scope: %w", settled(scope, err))
		}
		for i, table := range tables {
			if slices.Contains(secretTables, table) {
				continue
			}
			to, err := file(table)
			if err != nil {
				return err
			}
			if err := exportTable(ctx, tx, scope, table, columns[i], to); err != nil {
				return err
			}
		}
		return nil
	}))
}

func exported(ctx context.Context, tx pgx.Tx) (tables []string, columns [][]string, err error) {
	rows, err := tx.Query(ctx, exportQuery)
	if err != nil {
		return nil, nil, fmt.Errorf("list the tables: %w", err)
	}
	var table string
	var names []string
	if _, err = pgx.ForEachRow(rows, []any{&table, &names}, func() error {
		tables, columns = append(tables, table), append(columns, names)
		names = nil
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("list the tables: %w", err)
	}
	return tables, columns, nil
}

// exportTable reads the rows one after the other, as fast as they are taken.
func exportTable(
	ctx context.Context, tx pgx.Tx, scope *tenancy.Scope, table string, columns []string, to io.Writer,
) error {
	quoted := make([]string, len(columns))
	for i, name := range columns {
		quoted[i] = pgx.Identifier{name}.Sanitize()
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("select to_jsonb(row)::text from (select %s from %s where tenant_id = $1) row",
		strings.Join(quoted, ", "), pgx.Identifier{table}.Sanitize()), scope.Company.UUID())
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	var line string
	_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
		_, err := io.WriteString(to, line+"\n")
		return err
	})
	return errors.Join(err, rows.Err())
}
