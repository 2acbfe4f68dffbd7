package reading

import (
	"context"
	"fmt"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/page"
)

// A figure is a field that a function of the domain makes of a row, and of what belongs to it: a value, an object of a
// type in the table, or a list of those. It is the function that the resolver calls. All columns of a row are read for
// it, unless Reads names those that it needs.

// Figure says that a function makes a field of a row alone.
func Figure[T, V any](name string, of func(*T) V) Option {
	return figure[T](name, nil, func(_ *plan, r *record) (func() (V, error), error) {
		row := r.row.(*T) //nolint:forcetypeassert // rows are of the model
		return func() (V, error) { return of(row), nil }, nil
	}, func(row, _ any) any { return of(row.(*T)) }) //nolint:forcetypeassert // as above
}

// Joined says that a function makes a field of a row and of the one that it points at by another field, or of nil where it
// points at none. Columns are those that are read of that one.
func Joined[T, S, V any](name, by string, of func(*T, *S) V, columns ...string) Option {
	other := &beside{model: reflect.TypeFor[S](), columns: columns}
	return figure[T](name, other, func(p *plan, r *record) (func() (V, error), error) {
		where := r.of.name + "." + name
		relation := r.of.fields[by]
		if relation == nil || relation.key == "" || relation.target.model != other.model {
			return nil, &aside{OfLook, where}
		}
		j, err := p.join(r, relation, where)
		if err != nil {
			return nil, err
		}
		j.need(columns...)
		r.need(relation.key)
		at := r.of.table.FieldMap[relation.key].Value(r.value)
		row, joined := r.row.(*T), j.row.(*S) //nolint:forcetypeassert // rows are of the model
		return func() (none V, err error) {
			switch {
			case j.Present:
				return of(row, joined), nil
			case at.Kind() == reflect.Pointer && at.IsNil():
				return of(row, nil), nil
			default: // the resolvers tell that it isn't to be seen
				return none, &aside{OfRows, where}
			}
		}, nil
	}, func(row, other any) any { return of(row.(*T), other.(*S)) }) //nolint:forcetypeassert // as above
}

// Others are rows of a model that belong to rows of a type, for figures that are made of both: figures of the same others
// read them once.
type Others[K ~[16]byte, U any] struct {
	beside

	look look
}

// With are the rows that a function reads for a row. Columns are those that are read of them.
func With[K ~[16]byte, U any](read func(context.Context, []K) ([]*U, error), columns ...string) *Others[K, U] {
	return &Others[K, U]{beside{reflect.TypeFor[U](), columns}, func(ctx context.Context, _ page.Args) error {
		_, err := read(ctx, nil)
		return err
	}}
}

// beside is what a figure reads beside its row.
type beside struct {
	model   reflect.Type
	columns []string
}

// held are the rows of a level, for figures.
type held[U any] struct {
	now  *U
	rows []*U
}

func (h *held[U]) begin() { h.rows = h.rows[:0] }

func (h *held[U]) forget() {
	clear(h.rows[:cap(h.rows)])
	h.begin()
}

func (h *held[U]) keep() {
	row := *h.now
	h.rows = append(h.rows, &row)
}

// holder keeps rows of a level.
type holder interface {
	forgetful
	begin()
	keep()
}

// shared names the others of a record.
type shared struct {
	of *record
	by any
}

// level adds the level of others of a record, or finds it where it was added.
func (o *Others[K, U]) level(p *plan, r *record, where string) (*level, *held[U], error) {
	at := shared{r, o}
	if l := p.shared[at]; l != nil {
		return l, l.holder.(*held[U]), nil //nolint:forcetypeassert // it is of the same others
	}
	source, err := p.all(o.look, where)
	if err != nil {
		return nil, nil, err
	}
	l, err := p.level(&Type{name: where, model: o.model, table: p.table.tables(o.model)}, source, r)
	if err != nil {
		return nil, nil, err
	}
	l.main.need(o.columns...)
	rows := &held[U]{now: l.main.row.(*U)} //nolint:forcetypeassert // rows are of the model
	l.holder = rows
	if p.shared == nil {
		p.shared = map[shared]*level{}
	}
	p.shared[at] = l
	return l, rows, nil
}

// Together says that a function makes a field of a row and of others.
func Together[T any, K ~[16]byte, U, V any](name string, others *Others[K, U], of func(*T, []*U) V) Option {
	return figure[T](name, &others.beside, func(p *plan, r *record) (func() (V, error), error) {
		l, rows, err := others.level(p, r, r.of.name+"."+name)
		if err != nil {
			return nil, err
		}
		owner, row := r.owner(), r.row.(*T) //nolint:forcetypeassert // rows are of the model
		return func() (V, error) {
			g := l.of(owner())
			return of(row, rows.rows[g.from:g.to]), nil
		}, nil
	}, func(row, other any) any { return of(row.(*T), []*U{other.(*U)}) }) //nolint:forcetypeassert // as above
}

// AtMostOne is the function of a figure of others of which there is at most one, nil where there is none.
func AtMostOne[T, U, V any](of func(*T, *U) V) func(*T, []*U) V {
	return func(row *T, others []*U) V {
		if len(others) == 0 {
			return of(row, nil)
		}
		return of(row, others[0])
	}
}

// figure is the option of a field that is made. Now plans how it is made of a row that was read, and told makes it of any.
func figure[T, V any](
	name string, other *beside, now func(p *plan, r *record) (func() (V, error), error), told func(row, other any) any,
) Option {
	return func(t *Table, of *Type) error {
		def := of.def.Fields.ForName(name)
		if def == nil || of.made || of.model != reflect.TypeFor[T]() {
			return fmt.Errorf("%s.%s isn't there, or is made of another model", of.name, name)
		}
		show, err := shownAs[V](t, of, name)
		if err != nil {
			return err
		}
		if other != nil {
			table := t.tables(other.model)
			if len(other.columns) == 0 {
				other.columns = columnsOf(table)
			}
			if err := has(table, other.columns); err != nil {
				return fmt.Errorf("%s.%s: %w", of.name, name, err)
			}
		}
		of.fields[name] = &field{def: def, columns: columnsOf(of.table), other: other, told: told, inner: func(
			p *plan, r *record, known *field, f graphql.CollectedField,
		) (write, error) {
			r.need(known.columns...)
			made, err := now(p, r)
			if err != nil {
				return nil, err
			}
			return show(p, known, f, made)
		}}
		return nil
	}
}

func columnsOf(table *schema.Table) []string {
	all := make([]string, len(table.Fields))
	for i, column := range table.Fields {
		all[i] = column.Name
	}
	return all
}

func has(table *schema.Table, columns []string) error {
	for _, column := range columns {
		if table.FieldMap[column] == nil {
			return fmt.Errorf("there is no column %s", column)
		}
	}
	return nil
}

// shower plans how what is made is written.
type shower[V any] func(p *plan, known *field, f graphql.CollectedField, now func() (V, error)) (write, error)

// shownAs finds how a field's kind of values is written.
func shownAs[V any](t *Table, of *Type, name string) (shower[V], error) {
	typ := reflect.TypeFor[V]()
	if m := methodOf[cell[V]](func(c *cell[V]) V { return c.now }); m.scalar != nil || m.amount != nil {
		return showValue[V](m, of.name+"."+name), nil
	}
	target, _, err := t.leads(of, name)
	if err != nil {
		return nil, err
	}
	switch typ {
	case reflect.PointerTo(target.model):
		return showObject[V](target, of.name+"."+name), nil
	case reflect.SliceOf(reflect.PointerTo(target.model)):
		return showList[V](target), nil
	default:
		return nil, fmt.Errorf("%s.%s is made as a %s, which isn't %s", of.name, name, typ, target.name)
	}
}

// cell holds a value that was made.
type cell[V any] struct{ now V }

func (c *cell[V]) forget() { *c = cell[V]{} }

func showValue[V any](m method, where string) shower[V] {
	return func(p *plan, known *field, f graphql.CollectedField, now func() (V, error)) (write, error) {
		c := &cell[V]{}
		p.cells = append(p.cells, c)
		var value write
		if m.scalar != nil {
			value = nullable(m.scalar(c), known.def, where)
		} else {
			var err error
			if value, err = p.amount(m.amount(c), known.def, f); err != nil {
				return nil, err
			}
		}
		return func(dst []byte) ([]byte, error) {
			var err error
			if c.now, err = now(); err != nil {
				return dst, err
			}
			return value(dst)
		}, nil
	}
}

func showObject[V any](target *Type, where string) shower[V] {
	return func(p *plan, known *field, f graphql.CollectedField, now func() (V, error)) (write, error) {
		r := p.record(target)
		o, err := p.object(r, f.Selections)
		if err != nil {
			return nil, err
		}
		there := false
		object := objectOr(func() bool { return there }, o.append, known.def, where)
		return func(dst []byte) ([]byte, error) {
			made, err := now()
			if err != nil {
				return dst, err
			}
			there = r.set(reflect.ValueOf(made))
			return object(dst)
		}, nil
	}
}

func showList[V any](target *Type) shower[V] {
	return func(p *plan, _ *field, f graphql.CollectedField, now func() (V, error)) (write, error) {
		r := p.record(target)
		o, err := p.object(r, f.Selections)
		if err != nil {
			return nil, err
		}
		return func(dst []byte) ([]byte, error) {
			made, err := now()
			if err != nil {
				return dst, err
			}
			dst = append(dst, '[')
			for i, one := range reflect.ValueOf(made).Seq2() {
				if i.Int() > 0 {
					dst = append(dst, ',')
				}
				if !r.set(one) {
					return dst, &aside{OfRows, target.name}
				}
				if dst, err = o.append(dst); err != nil {
					return dst, err
				}
			}
			return append(dst, ']'), nil
		}, nil
	}
}

// set puts an object in the place of the one before; false where there is none.
func (r *record) set(object reflect.Value) bool {
	if object.IsNil() {
		return false
	}
	r.value.Set(object.Elem())
	return true
}
