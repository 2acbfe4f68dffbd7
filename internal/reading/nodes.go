package reading

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Nodes answers a field that finds objects of any types by their ids, null for what isn't there: one statement a type.
// Within gives the context in which the request looks for a type's objects, false where it may not. Where the resolvers
// have to answer the marshaler is nil.
func (t *Table) Nodes(
	ctx context.Context, field graphql.CollectedField, refs []*id.Any, within func(typ string) (context.Context, bool),
) (graphql.Marshaler, Way) {
	answer, err := t.nodesOf(ctx, field, refs, within)
	if err == nil {
		return answer, Way{Field: field.Name, Whole: true}
	}
	return nil, standing(field.Name, err)
}

func (t *Table) nodesOf(
	ctx context.Context, field graphql.CollectedField, refs []*id.Any, within func(typ string) (context.Context, bool),
) (*written, error) {
	scope, err := tenancy.From(ctx)
	if err != nil || len(refs) > page.Max {
		return nil, &aside{OfArguments, field.Name}
	}
	p := &plan{table: t, op: graphql.GetOperationContext(ctx), scope: scope, field: field}
	defer p.end()
	levels := map[string]*level{} // nil for what the request may not look for
	for _, ref := range refs {
		if ref == nil {
			return nil, &aside{OfArguments, field.Name}
		}
		l, known := levels[ref.Type()]
		if !known {
			if inside, ok := within(ref.Type()); ok {
				if l, err = p.foundWithin(inside, ref.Type(), field); err != nil { //nolint:contextcheck // within narrows this one
					return nil, err
				}
			}
			levels[ref.Type()] = l
		}
		if l != nil {
			l.want(ref.UUID)
		}
	}
	if err := p.fetch(ctx); err != nil {
		return nil, err
	}
	return drafted(func(dst []byte) ([]byte, error) {
		dst = append(dst, '[')
		for i, ref := range refs {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = levels[ref.Type()].found(dst, ref.UUID)
		}
		return append(dst, ']'), nil
	})
}

// foundWithin adds a level of objects that are looked for in a context.
func (p *plan) foundWithin(ctx context.Context, typ string, f graphql.CollectedField) (*level, error) {
	p.collecting = p.collector(ctx)
	return p.found(typ, f)
}

// found adds a level of objects that are found by their ids.
func (p *plan) found(typ string, f graphql.CollectedField) (*level, error) {
	of := p.table.types[typ]
	if of == nil || of.look == nil {
		return nil, &aside{OfType, typ}
	}
	source, err := seek(func() (page.Source, error) {
		source, err := p.collect(of.look, page.Args{}, typ)
		if err == nil && (source.Column != idColumn || source.Page != nil) {
			err = &aside{OfLook, typ}
		}
		return source, err
	})
	if err != nil {
		return nil, err
	}
	l, err := p.objects(of, source, nil, f)
	if err != nil {
		return nil, err
	}
	l.key, l.places = l.main.owner(), map[[16]byte]int{}
	return l, nil
}

// want asks for the row with an id.
func (l *level) want(key [16]byte) {
	if _, known := l.places[key]; !known {
		l.places[key], l.wanted = 0, append(l.wanted, key)
	}
}

// found writes the row with an id, null where there is none.
func (l *level) found(dst []byte, key [16]byte) []byte {
	if l != nil {
		if row, ok := l.places[key]; ok {
			return append(dst, l.fragment(row, 0)...)
		}
	}
	return append(dst, "null"...)
}

// fetch reads the rows that were asked for by their ids, and what belongs to them.
func (p *plan) fetch(ctx context.Context) error {
	some := false
	for _, l := range p.levels {
		if l.key != nil {
			l.source.Keys = postgres.Among(l.wanted)
			some = some || len(l.wanted) > 0
		}
	}
	if !some {
		for _, l := range p.levels {
			l.begin()
		}
		return nil
	}
	handle := p.levels[0].source.Handle
	return handle.Read(ctx, p.statements(ctx, handle)...)
}
