package seed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// errDangling says that a row refers to one that isn't there.
var errDangling = errors.New("rows refer to others that don't exist")

// foreignKey is what rows of a table refer to, as the database has it.
type foreignKey struct {
	name, table, referred string
	columns, keys         []string
}

// checkKeys checks all keys of the tables that a bulk run fills without checking them, of one company. The scope must
// have all its stores.
func checkKeys(ctx context.Context, tx pgx.Tx, tenant uuid.UUID) error {
	keys, err := foreignKeys(ctx, tx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		var dangling bool
		if err := tx.QueryRow(ctx, key.query(), tenant).Scan(&dangling); err != nil {
			return fmt.Errorf("check %s: %w", key.name, err)
		}
		if dangling {
			return fmt.Errorf("%s of %s: %w", key.name, key.table, errDangling)
		}
	}
	return nil
}

// foreignKeys are those of all tables that the transactions without keys write to.
func foreignKeys(ctx context.Context, tx pgx.Tx) ([]foreignKey, error) {
	rows, err := tx.Query(ctx, `select k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,
			array(select quote_ident(a.attname) from unnest(k.conkey) with ordinality c(number, position)
				join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.number order by c.position),
			array(select quote_ident(a.attname) from unnest(k.confkey) with ordinality c(number, position)
				join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.number order by c.position)
		from pg_constraint k
		where k.contype = 'f' and (k.conrelid = any ('{sales,sale_lines,sale_line_taxes,payments,stock_movements,
				inventory_levels,store_prices,receipt_counters,report_pending}'::regclass[])
			or k.conrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relname like 'report\_%'))
		order by k.conrelid::regclass::text, k.conname`)
	if err != nil {
		return nil, fmt.Errorf("look up the keys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (foreignKey, error) {
		var k foreignKey
		return k, row.Scan(&k.name, &k.table, &k.referred, &k.columns, &k.keys)
	})
	if err != nil {
		return nil, fmt.Errorf("look up the keys: %w", err)
	}
	return keys, nil
}

// query asks for a row that refers to none. One that is null in a part refers to nothing.
func (k foreignKey) query() string {
	var filled, same strings.Builder
	for i, column := range k.columns {
		fmt.Fprintf(&filled, " and c.%s is not null", column)
		fmt.Fprintf(&same, " and r.%s = c.%s", k.keys[i], column)
	}
	// All keys begin with the company, so that each side is read for it alone.
	return fmt.Sprintf("select exists (select from %s c where c.tenant_id = $1%s"+
		" and not exists (select from %s r where r.tenant_id = $1%s))", k.table, filled.String(), k.referred, same.String())
}
