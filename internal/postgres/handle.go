package postgres

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Handle builds statements within one scope.
//
// A condition whose only argument is a sub-query must name its table by its alias: bun takes a lone sub-query for
// the source of named arguments, so that ?TableAlias would be the sub-query's.
type Handle struct {
	db    *DB
	scope *tenancy.Scope
	stats *Stats
}

// Bind gives the handle of the request whose scope is in ctx.
func (db *DB) Bind(ctx context.Context) (*Handle, error) {
	s, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	h := db.bind(s)
	h.stats = StatsOf(ctx)
	return h, nil
}

func (db *DB) bind(s *tenancy.Scope) *Handle { return &Handle{db: db, scope: s} }

// QueryGen writes statements for the scope. What is written without it keeps the scope's names, with which inspect lets no read
// pass, and which the database doesn't know.
func (h *Handle) QueryGen() schema.QueryGen { return h.db.bun.QueryGen().WithArg(scopeArgs{h.scope}) }

// scopeArgs are what the predicates of models name.
type scopeArgs struct{ *tenancy.Scope }

// AppendNamedArg implements schema.NamedArgAppender.
func (s scopeArgs) AppendNamedArg(gen schema.QueryGen, b []byte, name string) ([]byte, bool) {
	switch name {
	case "app_tenant":
		return gen.Append(b, s.Company), true
	case "app_any_store":
		// Who has all stores needs no list of them: the company says it all, and the planner estimates it better.
		return gen.Append(b, s.AllStores()), true
	case "app_stores":
		b, err := storesLiteral(s.Scope).AppendQuery(gen, b)
		return b, err == nil
	case "app_any_register":
		return gen.Append(b, s.Register.IsZero()), true
	case "app_register":
		return gen.Append(b, s.Register), true
	default:
		return b, false
	}
}

// Scope is whose handle this is.
func (h *Handle) Scope() *tenancy.Scope { return h.scope }

// Select builds a read of a model's table.
func (h *Handle) Select(model any) *bun.SelectQuery { return h.db.bun.NewSelect().Model(model) }

// NewSelect builds a read that starts from no table of its own.
func (h *Handle) NewSelect() *bun.SelectQuery { return h.db.bun.NewSelect() }

// Insert builds an insert of a row or rows.
func (h *Handle) Insert(model any) *bun.InsertQuery { return h.db.bun.NewInsert().Model(model) }

// Update builds a change of a model's table.
func (h *Handle) Update(model any) *bun.UpdateQuery { return h.db.bun.NewUpdate().Model(model) }

// Delete builds a removal from a model's table.
func (h *Handle) Delete(model any) *bun.DeleteQuery { return h.db.bun.NewDelete().Model(model) }

// Array renders values as one quoted array literal, so that a list of any length is one parameter of one
// statement: use it as = ANY (?::uuid[]).
func Array[T fmt.Stringer](values []T) schema.QueryAppender {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return arrayLiteral(texts)
}

// UUIDs is Array for ids, in the database's form.
func UUIDs[T interface{ ~[16]byte }](ids []T) schema.QueryAppender {
	texts := make([]string, len(ids))
	for i, v := range ids {
		texts[i] = uuidText(v)
	}
	return arrayLiteral(texts)
}

// Among renders the comparison of a column with ids: with one of them it is an equality, with several they come out of a
// sub-select. The database keeps the plans of these; that of a plain list looks cheaper to it when it is made anew for
// each, since it counts the list then, and making it takes longer than using it.
func Among[T interface{ ~[16]byte }](ids []T) schema.QueryAppender {
	if len(ids) == 1 {
		return schema.SafeQuery("= ?", []any{uuidText(ids[0])})
	}
	return schema.SafeQuery("= ANY ((SELECT ?::uuid[])::uuid[])", []any{UUIDs(ids)})
}

// Texts is Array for text.
func Texts(values []string) schema.QueryAppender { return arrayLiteral(values) }

type arrayLiteral []string

var arrayEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// AppendQuery implements schema.QueryAppender.
func (a arrayLiteral) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	var text strings.Builder
	text.WriteByte('{')
	for i, v := range a {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(`"` + arrayEscaper.Replace(v) + `"`)
	}
	text.WriteByte('}')
	return gen.Dialect().AppendString(b, text.String()), nil
}

// storesLiteral are the stores that rows are limited to; none are named where all are meant, and they aren't looked at.
func storesLiteral(s *tenancy.Scope) schema.QueryAppender {
	if s.AllStores() {
		return arrayLiteral(nil)
	}
	return UUIDs(s.Stores())
}

// Statement is a statement and where its rows go. The zero Statement is one whose answer is known: it isn't sent.
type Statement struct {
	query bun.Query
	// scan reads the rows; nil counts them only.
	scan     func(h *Handle, rows pgx.Rows) error
	affected *int64
}

// Rows reads all rows of a statement into a slice of models.
func Rows[T any](dst *[]*T, q bun.Query) Statement {
	return Statement{query: q, scan: func(h *Handle, rows pgx.Rows) error {
		*dst = (*dst)[:0]
		read := h.db.reader(reflect.TypeFor[T](), rows)
		touch := toucher{stats: h.stats}
		for rows.Next() {
			row := new(T)
			if err := read(reflect.ValueOf(row).Elem()); err != nil {
				return err
			}
			touch.read(row, q)
			*dst = append(*dst, row)
		}
		return rows.Err()
	}}
}

// Row reads the first row of a statement; dst stays nil where there is none.
func Row[T any](dst **T, q bun.Query) Statement {
	return Statement{query: q, scan: func(h *Handle, rows pgx.Rows) error {
		*dst = nil
		if !rows.Next() {
			return rows.Err()
		}
		row := new(T)
		if err := h.db.reader(reflect.TypeFor[T](), rows)(reflect.ValueOf(row).Elem()); err != nil {
			return err
		}
		(&toucher{stats: h.stats}).read(row, q)
		*dst = row
		rows.Close()
		return rows.Err()
	}}
}

// RowOr reads the first row of a statement, and what fallback gives where there is none.
func RowOr[T any](dst **T, fallback func() *T, q bun.Query) Statement {
	s := Row(dst, q)
	scan := s.scan
	s.scan = func(h *Handle, rows pgx.Rows) error {
		if err := scan(h, rows); err != nil || *dst != nil {
			return err
		}
		*dst = fallback()
		return nil
	}
	return s
}

// Value reads the one value of a statement's first row; dst is unchanged where there is no row.
func Value[V any](dst *V, q bun.Query) Statement {
	return Statement{query: q, scan: func(h *Handle, rows pgx.Rows) error {
		if rows.Next() {
			(&toucher{stats: h.stats}).read(dst, q)
			if err := rows.Scan(dst); err != nil {
				return fmt.Errorf("scan a value: %w", err)
			}
			rows.Close()
		}
		return rows.Err()
	}}
}

// Exec runs a statement for its effect; affected, where given, tells how many rows that was.
func Exec(affected *int64, q bun.Query) Statement {
	if insert, is := q.(*bun.InsertQuery); is {
		insert.Returning("") // bun would ask for the columns that were left to the database
	}
	return Statement{query: q, affected: affected}
}

// reader maps the columns of a result to the fields of a model once, and then reads rows.
func (db *DB) reader(typ reflect.Type, rows pgx.Rows) func(reflect.Value) error {
	table := db.bun.Dialect().Tables().Get(typ)
	columns := rows.FieldDescriptions()
	fields := make([]*schema.Field, len(columns))
	for i, c := range columns {
		fields[i] = table.FieldMap[c.Name]
	}
	targets := make([]any, len(columns))
	return func(row reflect.Value) error {
		for i, f := range fields {
			targets[i] = nil // a column that the model doesn't have
			if f != nil {
				targets[i] = f.Value(row).Addr().Interface()
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("scan a row of %s: %w", table.Name, err)
		}
		return nil
	}
}

// render fires the hooks that bun fires before it runs a statement, renders it and inspects the text. It overwrites raw,
// which nothing of what it gives stands in.
func (h *Handle) render(ctx context.Context, q bun.Query, raw *[]byte) (text string, args []any, err error) {
	h.rereads(q)
	var changed target
	if h.db.scoping {
		if changed, err = fire(tenancy.With(ctx, h.scope), q); err != nil {
			return "", nil, err
		}
	}
	if rows, is := q.(addition); is {
		return h.renderRows(rows)
	}
	if *raw, err = q.AppendQuery(h.QueryGen(), (*raw)[:0]); err != nil {
		return "", nil, fmt.Errorf("build a statement: %w", err)
	}
	return h.db.inspect(*raw, changed)
}

// fire calls the hook of a statement and tells which table it changes.
func fire(ctx context.Context, q bun.Query) (target, error) {
	if _, is := q.(*bun.SelectQuery); is {
		return target{}, nil // scoped by the names of its tables
	}
	model, ok := q.GetModel().(bun.TableModel)
	if !ok {
		return target{}, errUnscoped // raw text, or a write that names its table in words
	}
	changed := target{table: model.Table().Name}
	switch q := q.(type) {
	case addition:
		return fire(ctx, q.InsertQuery)
	case *bun.InsertQuery:
		changed.upsertScoped = upserts(q)
		if hook, is := model.Table().ZeroIface.(bun.BeforeInsertHook); is {
			return changed, hook.BeforeInsert(ctx, q)
		}
	case *bun.UpdateQuery:
		if hook, is := model.Table().ZeroIface.(bun.BeforeUpdateHook); is {
			return changed, hook.BeforeUpdate(ctx, q)
		}
	case *bun.DeleteQuery:
		if hook, is := model.Table().ZeroIface.(bun.BeforeDeleteHook); is {
			return changed, hook.BeforeDelete(ctx, q)
		}
	}
	return target{}, errUnscoped
}
