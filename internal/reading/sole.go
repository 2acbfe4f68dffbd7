package reading

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/page"
)

// Sole says that a row has at most one of the rows that a function reads for it.
func Sole[K ~[16]byte, T any](name string, read func(context.Context, []K) ([]*T, error)) Option {
	relation := Many(name, read)
	return func(t *Table, of *Type) error {
		if err := relation(t, of); err != nil {
			return err
		}
		of.fields[name].inner = func(p *plan, r *record, known *field, f graphql.CollectedField) (write, error) {
			return p.sole(known.look, r, known, f)
		}
		return nil
	}
}

// told calls a function of a domain with a field's arguments. Its error says that the resolvers refuse them.
type told func(ctx context.Context, args map[string]any) error

func (of told) look(p *plan, f graphql.CollectedField) look {
	return func(ctx context.Context, _ page.Args) error { return of(ctx, f.ArgumentMap(p.op.Variables)) }
}

// Told is Sole for fields whose arguments say what is read.
func Told(name string, read func(ctx context.Context, args map[string]any) error) Option {
	return func(t *Table, of *Type) error {
		target, def, err := t.leads(of, name)
		if err != nil {
			return err
		}
		of.fields[name] = &field{def: def, target: target, inner: func(
			p *plan, r *record, known *field, f graphql.CollectedField,
		) (write, error) {
			return p.sole(told(read).look(p, f), r, known, f)
		}}
		return argumentsKnown(of, name)
	}
}

// ToldValue is Told for fields that are a column of that row.
func ToldValue(name, column string, read func(ctx context.Context, args map[string]any) error) Option {
	return func(_ *Table, of *Type) error {
		def := of.def.Fields.ForName(name)
		if def == nil {
			return fmt.Errorf("the schema has no field %s.%s", of.name, name)
		}
		of.fields[name] = &field{def: def, inner: func(p *plan, r *record, known *field, f graphql.CollectedField) (write, error) {
			l, err := p.column(told(read).look(p, f), r, column, r.of.name+"."+f.Name)
			if err != nil {
				return nil, err
			}
			return l.sole(r, known.def.Type.NonNull), nil
		}}
		return argumentsKnown(of, name)
	}
}

// argumentsKnown refuses arguments that a directive says more of than which type's ids they are: that the function that
// they are told tells itself.
func argumentsKnown(of *Type, name string) error {
	for _, argument := range of.def.Fields.ForName(name).Arguments {
		for _, d := range argument.Directives {
			if d.Name != "idOf" {
				return fmt.Errorf("%s.%s(%s:) has @%s, which isn't known", of.name, name, argument.Name, d.Name)
			}
		}
	}
	return nil
}

// sole adds a level of rows of which each row has at most one.
func (p *plan) sole(look look, r *record, known *field, f graphql.CollectedField) (write, error) {
	source, err := p.all(look, r.of.name+"."+f.Name)
	if err != nil {
		return nil, err
	}
	l, err := p.objects(known.target, source, r, f)
	if err != nil {
		return nil, err
	}
	return l.sole(r, known.def.Type.NonNull), nil
}

// sole writes the one row of a level that belongs to a row. Which one of several it is the resolvers know.
func (l *level) sole(r *record, promised bool) write {
	owner := r.owner()
	return func(dst []byte) ([]byte, error) {
		g := l.of(owner())
		switch {
		case g.to == g.from+1:
			return append(dst, l.fragment(g.from, 0)...), nil
		case g.to == g.from && !promised:
			return append(dst, "null"...), nil
		default:
			return dst, &aside{OfRows, l.main.of.name}
		}
	}
}
