package reading

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Made is a type of the schema whose objects a domain makes, and which are no rows: reports, say. Fields of the struct
// and methods that give a value are derived, and options say which lead to other objects.
func Made[T any](name string, options ...Option) *Type {
	return &Type{name: name, model: reflect.TypeFor[T](), methods: methodsOf[T](), options: options, made: true}
}

// inner plans what a made object leads to.
type inner func(p *plan, r *record, known *field, f graphql.CollectedField) (write, error)

// Has says that a made object has another one, or none.
func Has[T, U any](name string, of func(*T) *U) Option {
	return leading[T, U](name, func(p *plan, r *record, known *field, f graphql.CollectedField) (write, error) {
		o, set, err := within[U](p, known, f)
		if err != nil {
			return nil, err
		}
		from := r.row.(*T) //nolint:forcetypeassert // rows are of the model
		return objectOr(func() bool { return set(of(from)) }, o.append, known.def, r.of.name+"."+f.Name), nil
	})
}

// Each says that a made object has a list of others.
func Each[T, U any](name string, of func(*T) []*U) Option {
	return First(name, func(from *T, _ *int) ([]*U, error) { return of(from), nil })
}

// spare is how much longer than the first one the others of a list are thought to be, with a comma.
const spare = 4

// First says that a made object has a list of others, of which the argument first tells how many are wanted.
func First[T, U any](name string, of func(*T, *int) ([]*U, error)) Option {
	return leading[T, U](name, func(p *plan, r *record, known *field, f graphql.CollectedField) (write, error) {
		where := r.of.name + "." + f.Name
		for _, given := range f.Arguments {
			p.once = p.once || given.Value.Kind != ast.IntValue
		}
		args, ok := p.args(f)
		if !ok || args.Last != nil || args.After != nil || args.Before != nil {
			return nil, &aside{OfArguments, where}
		}
		o, set, err := within[U](p, known, f)
		if err != nil {
			return nil, err
		}
		from := r.row.(*T) //nolint:forcetypeassert // rows are of the model
		return func(dst []byte) ([]byte, error) {
			list, err := of(from, args.First)
			if err != nil {
				return dst, &aside{OfArguments, where}
			}
			dst = append(dst, '[')
			for i, one := range list {
				if i > 0 {
					dst = append(dst, ',')
				}
				if !set(one) {
					return dst, &aside{OfRows, where}
				}
				before := len(dst)
				if dst, err = o.append(dst); err != nil {
					return dst, err
				}
				if i == 0 { // the others will be about as long
					dst = slices.Grow(dst, (len(list)-1)*(len(dst)-before+spare))
				}
			}
			return append(dst, ']'), nil
		}, nil
	})
}

// Points says that a made object points at a row of another type, or at none. Sure says that the row is there and the
// request's: where its id alone is asked for, nothing is read.
func Points[T any, K ~[16]byte](name string, of func(*T) *K, sure bool) Option {
	return func(t *Table, from *Type) error {
		target, def, err := t.leads(from, name)
		if err != nil {
			return err
		}
		if target.key != reflect.TypeFor[K]() {
			return fmt.Errorf("%s.%s points with another id at %s", from.name, name, target.name)
		}
		from.fields[name] = &field{def: def, target: target, look: target.look, inner: func(
			p *plan, r *record, known *field, f graphql.CollectedField,
		) (write, error) {
			object := r.row.(*T) //nolint:forcetypeassert // rows are of the model
			at := func() (key [16]byte, there bool) {
				if now := of(object); now != nil {
					return *now, true
				}
				return key, false
			}
			return p.pointed(at, known, f, r.of.name+"."+f.Name, sure)
		}}
		return nil
	}
}

func leading[T, U any](name string, plan inner) Option {
	return func(t *Table, from *Type) error {
		target, def, err := t.leads(from, name)
		if err != nil {
			return err
		}
		if from.model != reflect.TypeFor[T]() || target.model != reflect.TypeFor[U]() {
			return fmt.Errorf("%s.%s is read as another type", from.name, name)
		}
		from.fields[name] = &field{def: def, target: target, inner: plan}
		return nil
	}
}

// record is a place for objects that are no rows.
func (p *plan) record(of *Type) *record {
	r := newRecord(nil, of, "")
	p.records = append(p.records, r)
	return r
}

// within plans an object that is set before each time it is written.
func within[U any](p *plan, known *field, f graphql.CollectedField) (*object, func(*U) bool, error) {
	r := p.record(known.target)
	at := r.row.(*U) //nolint:forcetypeassert // rows are of the model
	o, err := p.object(r, f.Selections)
	return o, func(now *U) bool {
		if now != nil {
			*at = *now
		}
		return now != nil
	}, err
}

// deriveMade finds the fields that are those of the struct, or its methods, as the generated code binds them.
func (of *Type) deriveMade(resolvers map[string]bool) {
	of.fields = map[string]*field{}
	for _, def := range of.def.Fields {
		name := strings.ToLower(bound(def))
		if resolvers[strings.ToLower(def.Name)] || len(def.Arguments) > 0 {
			continue
		}
		if m, ok := of.methods[name]; ok {
			of.fields[def.Name] = &field{def: def, scalar: m.scalar, amount: m.amount}
			continue
		}
		for i := range of.model.NumField() {
			part := of.model.Field(i)
			if part.Anonymous || !part.IsExported() || strings.ToLower(part.Name) != name {
				continue
			}
			if scalarAt(reflect.New(part.Type).Interface()) != nil {
				of.fields[def.Name] = &field{def: def, scalar: func(row any) scalar {
					return scalarAt(reflect.ValueOf(row).Elem().Field(i).Addr().Interface())
				}}
			}
		}
	}
}

// Write answers a field with what its resolver made, in the context that the resolver had, where all that is selected of
// it is known. Otherwise it gives that back.
func (t *Table) Write(ctx context.Context, field graphql.CollectedField, made any) (any, Way) {
	of := t.types[field.Definition.Type.Name()]
	scope, err := tenancy.From(ctx)
	if of == nil || err != nil || reflect.TypeOf(made) != reflect.PointerTo(of.model) || reflect.ValueOf(made).IsNil() {
		return made, Way{Field: field.Name, Why: OfType, Where: field.Name}
	}
	answer, err := t.write(ctx, scope, field, of, made)
	if err == nil {
		return answer, Way{Field: field.Name, Whole: true}
	}
	return made, standing(field.Name, err)
}

func (t *Table) write(
	ctx context.Context, scope *tenancy.Scope, field graphql.CollectedField, of *Type, made any,
) (*written, error) {
	p, ready, err := t.begin(ctx, field, scope, of, page.Source{})
	if err != nil {
		return nil, err
	}
	if !ready {
		if err := p.making(of); err != nil {
			return nil, err
		}
	}
	defer t.kept.giveBack(p)
	return p.made(ctx, made)
}

// making plans an object.
func (p *plan) making(of *Type) (err error) {
	p.makes, err = p.object(p.record(of), p.field.Selections)
	return err
}

// made writes an object. What its parts point at is read at once, before anything is written.
func (p *plan) made(ctx context.Context, made any) (*written, error) {
	defer p.end()
	p.records[0].value.Set(reflect.ValueOf(made).Elem())
	if len(p.levels) > 0 {
		p.gathering = true
		gathered, err := drafted(p.makes.append)
		if err != nil {
			return nil, err
		}
		gathered.drop()
		p.gathering = false
		if err := p.fetch(ctx); err != nil {
			return nil, err
		}
	}
	return drafted(p.makes.append)
}

// pointed plans the row that an object points at: a level of all rows that are pointed at by this field.
func (p *plan) pointed(at func() ([16]byte, bool), known *field, f graphql.CollectedField, where string, sure bool) (write, error) {
	if sure {
		if write := p.named(at, known, f); write != nil {
			return write, nil
		}
	}
	l, err := p.found(known.target.name, f)
	if err != nil {
		return nil, err
	}
	return func(dst []byte) ([]byte, error) {
		key, there := at()
		switch {
		case p.gathering && there:
			l.want(key)
			return dst, nil
		case p.gathering:
			return dst, nil
		}
		if _, there = l.places[key]; !there && known.def.Type.NonNull {
			return dst, &aside{OfRows, where}
		}
		return l.found(dst, key), nil
	}, nil
}

// named plans a row that is known to be there, of which nothing but the id is asked for; nil where more is.
func (p *plan) named(at func() ([16]byte, bool), known *field, f graphql.CollectedField) write {
	set := p.selected(f.Selections, known.target.satisfies...)
	if slices.ContainsFunc(set, func(part graphql.CollectedField) bool {
		return ordinary(part) != nil || part.Name != idColumn && part.Name != "__typename"
	}) {
		return nil
	}
	r := p.record(known.target)
	key := r.holds(idColumn)
	o, err := p.object(r, f.Selections)
	if err != nil {
		return nil
	}
	return objectOr(func() (there bool) { *key, there = at(); return there }, o.append, known.def, f.Name)
}
