package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Record is one of the objects that a row holds: so many columns, in the order in which they are selected.
type Record struct {
	// Row is the object, nil for what is none. What tells its store is among its columns.
	Row any
	// Targets take the columns' values, row after row.
	Targets []any
	// Joined says that there may be no such object: its first column is never null but then. Present says that there is.
	Joined, Present bool

	plans []pgtype.ScanPlan
	touch toucher
}

// Scan calls each for every row of a statement, once its values are in the records' targets. The columns go by their
// places and not by their names, so that the same table may stand in a statement several times. Begin comes before the
// first row, once more where the statement had to be sent again.
func Scan(ctx context.Context, records []*Record, begin func(), each func() error, q bun.Query) Statement {
	return Statement{query: q, scan: func(h *Handle, rows pgx.Rows) error {
		columns := rows.FieldDescriptions()
		begin()
		types := rows.Conn().TypeMap()
		at := 0
		objects := false
		for _, r := range records {
			r.touch, objects = toucher{stats: h.stats}, objects || r.Row != nil
			r.plans = slices.Grow(r.plans[:0], len(r.Targets))[:len(r.Targets)]
			for i, target := range r.Targets {
				if at == len(columns) {
					return fmt.Errorf("a statement has %d columns, which are too few", at)
				}
				if r.plans[i] = wordPlan(&columns[at], target); r.plans[i] == nil {
					r.plans[i] = types.PlanScan(columns[at].DataTypeOID, columns[at].Format, target)
				}
				at++
			}
		}
		if at != len(columns) {
			return fmt.Errorf("a statement has %d columns for %d targets", len(columns), at)
		}
		joined := int64(0) // what is joined to a row is read, too
		defer func() {
			countRows(ctx, joined)
			for _, r := range records {
				r.touch = toucher{}
				clear(r.plans)
			}
		}()
		for rows.Next() {
			values := rows.RawValues()
			for _, r := range records {
				if err := r.scan(values[:len(r.Targets)]); err != nil {
					return err
				}
				if r.Joined && r.Present {
					joined++
				}
				if r.Row != nil && r.Present || !objects {
					r.touch.read(r.Row, q)
				}
				values = values[len(r.Targets):]
			}
			if err := each(); err != nil {
				return err
			}
		}
		return rows.Err()
	}}
}

// Target is where a column is scanned into that is a field of an object. For a text of a type of its own that is the text: pgx
// would see to that row by row.
func Target(field reflect.Value) any {
	at := field.Addr()
	switch target := at.Interface().(type) {
	case sql.Scanner, pgtype.TextScanner:
		return target
	default:
		if field.Kind() == reflect.String {
			return at.Convert(reflect.TypeFor[*string]()).Interface()
		}
		return target
	}
}

func (r *Record) scan(values [][]byte) error {
	r.Present = !r.Joined || values[0] != nil
	if !r.Present {
		return nil
	}
	for i, value := range values {
		if err := r.plans[i].Scan(value, r.Targets[i]); err != nil {
			return fmt.Errorf("scan a column: %w", err)
		}
	}
	return nil
}

// Table is what bun knows of a model.
func (db *DB) Table(model reflect.Type) *schema.Table { return db.bun.Dialect().Tables().Get(model) }
