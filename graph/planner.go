package graph

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/trace"
)

// planner answers fields of Query as a whole where it can, as package reading says.
type planner struct {
	table *reading.Table
	// off leaves all to the resolvers.
	off bool
}

// wholeFields are the fields of Query whose resolvers answer with what their first look-up read, and nothing else.
func wholeFields() []string {
	return []string{
		"product", "products", "category", "categories", "sale", "sales", "store", "stores", "register", "registers", "users",
		"customer", "customers", "customerGroup", "customerGroups", "brand", "brands", "supplier", "suppliers", "taxCategories",
	}
}

// madeFields are the fields of Query that the planner writes once their resolvers have made what they answer with.
func madeFields() []string { return []string{"salesReport", "stockReport", "tillVarianceReport"} }

func (c Config) newPlanner(r *Resolver, schema *ast.Schema) (*planner, error) {
	types := append(r.wholeTypes(), madeTypes()...)
	table, err := reading.New(schema, reflect.TypeFor[generated.ResolverRoot](), c.DB.Table, types...)
	if err != nil {
		return nil, err
	}
	return &planner{table: table, off: c.ResolversOnly}, nil
}

// around is the middleware of all fields: those of Query are tried.
func (p *planner) around(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Object != "Query" || !fc.IsResolver {
		return next(ctx)
	}
	answer, way, err := p.answer(ctx, fc, next)
	taken := trace.Resolvers
	if way.Whole {
		taken = trace.Planner
		if lent, ok := answer.(reading.Lent); ok {
			if r := requestOf(ctx); r != nil {
				lent.LendTo(r)
			}
		}
	}
	trace.Field(ctx).Way(taken, string(way.Why))
	return answer, err
}

func (p *planner) answer(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	field := fc.Field
	ref, isNode := fc.Args["id"].(id.Any)
	switch {
	case p.off:
	case field.Name == "node" && isNode:
		if scope, err := tenancy.From(ctx); err == nil {
			if within, ok := nodeLoaders()[ref.Type()].within(ctx, scope); ok {
				return p.table.Node(ctx, within, field, ref, next)
			}
		}
	case field.Name == "nodes":
		return p.nodes(ctx, fc, next)
	case slices.Contains(madeFields(), field.Name):
		return p.made(ctx, fc, next)
	case slices.Contains(wholeFields(), field.Name):
		if attempt := p.table.Attempt(field); attempt != nil {
			return attempt.Resolve(ctx, next)
		}
	}
	answer, err := next(ctx)
	way := reading.Way{Field: field.Name, Why: reading.OfType, Where: field.Name}
	if p.off {
		way.Why = reading.Off
	}
	return answer, way, err
}

// nodes answers what is found by ids of several types.
func (p *planner) nodes(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	refs, _ := fc.Args["ids"].([]*id.Any)
	types := nodeLoaders()
	whole, way := p.table.Nodes(ctx, fc.Field, refs, func(typ string) (context.Context, bool) {
		scope, err := tenancy.From(ctx)
		of, known := types[typ]
		if err != nil || !known {
			return ctx, false
		}
		return of.within(ctx, scope)
	})
	if way.Whole {
		return whole, way, nil
	}
	answer, err := next(ctx)
	return answer, way, err
}

// made writes what a resolver made, in the context that its field's directive left to what is below.
func (p *planner) made(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	answer, err := next(ctx)
	if below, ok := permitted(ctx, fc.Field); ok && err == nil {
		told, way := p.table.Write(below, fc.Field, answer)
		if report, ok := answer.(*report.Payload); ok && way.Whole {
			report.GiveBack()
		}
		return told, way, nil
	}
	return answer, reading.Way{Field: fc.Field.Name, Why: reading.OfLook, Where: fc.Field.Name}, err
}
