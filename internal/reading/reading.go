package reading

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
)

// Why says for what reason a field of Query was left to its resolvers.
type Why string

// The reasons.
const (
	// Off says that it is switched off.
	Off Why = "off"
	// OfType is one whose objects have no line in the table.
	OfType Why = "type"
	// OfField is a field without a line in the table, and OfDirective one whose directive isn't known.
	OfField     Why = "field"
	OfDirective Why = "directive"
	// OfPermission is a permission that isn't held, or not in all stores of the request, or a module that is off.
	OfPermission Why = "permission"
	// OfArguments are arguments that the resolvers refuse.
	OfArguments Why = "arguments"
	// OfLook is a look-up that reads something else than the rows of one table.
	OfLook Why = "look-up"
	// OfSize is more than is good for one batch.
	OfSize Why = "size"
	// OfRows are rows without a value where the schema promises one.
	OfRows Why = "rows"
)

// Way is how a field of Query was answered.
type Way struct {
	Field string
	// Whole says that it was by this package. Otherwise Why says why it wasn't, and Where which field it was about.
	Whole bool
	Why   Why
	Where string
}

// aside is why the planner stands aside.
type aside struct {
	why   Why
	where string
}

// Error implements error.
func (a *aside) Error() string { return "left to the resolvers: " + string(a.why) + " " + a.where }

// standing is the way of a field that is left to the resolvers, who ask again and tell what fails.
func standing(field string, err error) Way {
	stood, ok := errors.AsType[*aside](err)
	if !ok {
		stood = &aside{OfLook, field}
	}
	return Way{Field: field, Why: stood.why, Where: stood.where}
}

// Attempt is a field of Query that may be answered as a whole.
type Attempt struct {
	table *Table
	field graphql.CollectedField
	of    *Type
	paged bool

	// sole says that the look-up is made for this attempt alone, and its rows would be of no use otherwise.
	sole   bool
	closed atomic.Bool
	taken  bool
	aside  *aside
	answer graphql.Marshaler
}

// Attempt begins one for a field; nil where its type is not in the table.
func (t *Table) Attempt(field graphql.CollectedField) *Attempt {
	def := t.schema.Types[field.Definition.Type.Name()]
	name, paged := t.nodes(def)
	of := t.types[name]
	if of == nil || field.Definition.Type.Elem != nil {
		return nil
	}
	return &Attempt{table: t, field: field, of: of, paged: paged, aside: &aside{OfLook, field.Name}}
}

// Resolve calls a field's resolver, and gives its answer: a graphql.Marshaler, where it was answered as a whole.
//
// Errors: those of the resolver, which are the field's.
func (a *Attempt) Resolve(ctx context.Context, next graphql.Resolver) (any, Way, error) {
	answer, err := next(page.WithTaker(ctx, a.take))
	a.closed.Store(true)
	stood, late := errors.AsType[*aside](err)
	switch {
	case late: // nothing was answered yet
		a.aside = stood
		answer, err = next(ctx)
	case a.sole && !a.taken && err == nil:
		answer, err = next(ctx)
	case a.taken:
		return a.answer, Way{Field: a.field.Name, Whole: true}, err
	}
	return answer, a.way(), err
}

// way is that of the resolvers.
func (a *Attempt) way() Way { return Way{Field: a.field.Name, Why: a.aside.why, Where: a.aside.where} }

// Node answers a field that finds an object of any type by its id, with what the request reaches in a context of its
// own.
func (t *Table) Node(
	ctx, within context.Context, field graphql.CollectedField, ref id.Any, next graphql.Resolver,
) (any, Way, error) {
	a := &Attempt{table: t, field: field, of: t.types[ref.Type()], sole: true, aside: &aside{OfType, ref.Type()}}
	if a.of == nil {
		answer, err := next(ctx)
		return answer, a.way(), err
	}
	return a.Resolve(ctx, func(ctx context.Context) (any, error) {
		if a.closed.Load() {
			return next(ctx)
		}
		return nil, a.of.find(page.WithTaker(within, a.take), ref.UUID)
	})
}

// take is a page.Taker. The first look-up is the field's: what else is read while it is resolved is left alone.
func (a *Attempt) take(ctx context.Context, s page.Source) (bool, error) {
	if a.closed.Swap(true) {
		return false, nil
	}
	if s.Row != a.of.model || (s.Page != nil) != a.paged {
		return a.left()
	}
	p, err := a.plan(ctx, s)
	if err != nil {
		if stood, ok := errors.AsType[*aside](err); ok {
			a.aside = stood
			return a.left()
		}
		return true, err
	}
	a.taken = true
	a.answer, err = p.read(ctx)
	a.table.kept.giveBack(p)
	return true, err
}

// left leaves a look-up to who made it, unless that was this attempt.
func (a *Attempt) left() (bool, error) {
	if a.sole {
		return true, a.aside
	}
	return false, nil
}
