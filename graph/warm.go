package graph

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// relations says, by the names of a type's fields, which loader its rows' fields are going to ask.
//
// A list that has been read tells its loaders all keys that its selected fields will need, at once. Without that
// the fields ask one by one from goroutines of their own, and on a busy machine some come too late for the batch:
// the answer would be the same, at a number of statements that depends on the load.
type relations[T any] struct {
	typ string
	ask map[string]ask[T]
}

// ask tells a loader what a field of rows needs.
type ask[T any] func(ctx context.Context, l *loaders, rows []*T, field graphql.CollectedField)

// to asks for the one value that each row names.
func to[T any, K comparable, V any](of func(*loaders) loader.Loader[K, V], key func(*T) K) ask[T] {
	return maybe(of, func(row *T) *K {
		k := key(row)
		return &k
	})
}

// maybe asks for the one value that some of the rows name.
func maybe[T any, K comparable, V any](of func(*loaders) loader.Loader[K, V], key func(*T) *K) ask[T] {
	return func(ctx context.Context, l *loaders, rows []*T, _ graphql.CollectedField) {
		keys := make([]K, 0, len(rows))
		for _, row := range rows {
			if k := key(row); k != nil {
				keys = append(keys, *k)
			}
		}
		of(l).LoadAll(ctx, keys)
	}
}

// pages asks for each row's page.
func pages[T any, P comparable, V any](of func(*loaders) *loader.Pages[P, V], key func(*T) P) ask[T] {
	return func(ctx context.Context, l *loaders, rows []*T, field graphql.CollectedField) {
		parents := make([]P, len(rows))
		for i, row := range rows {
			parents[i] = key(row)
		}
		of(l).LoadAll(ctx, parents, pageOfField(ctx, field))
	}
}

// The loaders that several relations ask.
func (l *loaders) stores() loader.Loader[id.Store, *company.Store]          { return l.store }
func (l *loaders) registers() loader.Loader[id.Register, *company.Register] { return l.register }
func (l *loaders) products() loader.Loader[id.Product, *catalog.Product]    { return l.product }
func (l *loaders) users() loader.Loader[id.User, *staff.User]               { return l.user }
func (l *loaders) categories() loader.Loader[id.Category, *catalog.Category] {
	return l.category
}

func saleRelations() relations[sale.Sale] {
	return relations[sale.Sale]{"Sale", map[string]ask[sale.Sale]{
		"history":  historyAsk(func(s *sale.Sale) id.Sale { return s.ID }),
		"store":    to((*loaders).stores, func(s *sale.Sale) id.Store { return s.StoreID }),
		"register": to((*loaders).registers, func(s *sale.Sale) id.Register { return s.RegisterID }),
		"cashier": maybe(func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user },
			func(s *sale.Sale) *id.User { return s.CashierID }),
		"receipt":     to((*loaders).receipts, func(s *sale.Sale) id.Sale { return s.ID }),
		"customer":    maybe((*loaders).buyers, func(s *sale.Sale) *id.Customer { return s.CustomerID }),
		"lines":       to((*loaders).linesOfSale, func(s *sale.Sale) id.Sale { return s.ID }),
		"cost":        to((*loaders).linesOfSale, func(s *sale.Sale) id.Sale { return s.ID }),
		"margin":      to((*loaders).linesOfSale, func(s *sale.Sale) id.Sale { return s.ID }),
		"tillSession": maybe((*loaders).tillSessions, func(s *sale.Sale) *id.TillSession { return s.TillSessionID }),
		"payments": to(func(l *loaders) loader.Loader[id.Sale, []*sale.Payment] { return l.payments },
			func(s *sale.Sale) id.Sale { return s.ID }),
		"discounts": to(func(l *loaders) loader.Loader[id.Sale, []*sale.AppliedDiscount] { return l.discounts },
			func(s *sale.Sale) id.Sale { return s.ID }),
		"taxes": to(func(l *loaders) loader.Loader[id.Sale, []*sale.LineTax] { return l.taxes },
			func(s *sale.Sale) id.Sale { return s.ID }),
	}}.and(saleReturnRelations())
}

func lineRelations() relations[sale.Line] {
	return relations[sale.Line]{"SaleLine", map[string]ask[sale.Line]{
		"product":  to((*loaders).products, func(l *sale.Line) id.Product { return l.ProductID }),
		"giftCard": maybe((*loaders).giftCards, func(l *sale.Line) *id.GiftCard { return l.GiftCardID }),
		"discounts": to(func(l *loaders) loader.Loader[id.SaleLine, []*sale.AppliedDiscount] { return l.lineDiscounts },
			func(l *sale.Line) id.SaleLine { return l.ID }),
		"taxes": to(func(l *loaders) loader.Loader[id.SaleLine, []*sale.LineTax] { return l.lineTaxes },
			func(l *sale.Line) id.SaleLine { return l.ID }),
	}}.and(lineReturnRelations())
}

func storeRelations() relations[company.Store] {
	key := func(s *company.Store) id.Store { return s.ID }
	return relations[company.Store]{"Store", map[string]ask[company.Store]{
		"history":   historyAsk(key),
		"registers": pages(func(l *loaders) *loader.Pages[id.Store, company.Register] { return l.registersOfStore }, key),
		"sales":     pages(func(l *loaders) *loader.Pages[id.Store, sale.Sale] { return l.salesOfStore }, key),
		"inventory": pages(func(l *loaders) *loader.Pages[id.Store, inventory.Level] { return l.stockOfStore }, key),
	}}
}

func registerRelations() relations[company.Register] {
	return relations[company.Register]{"Register", map[string]ask[company.Register]{
		"history": historyAsk(func(r *company.Register) id.Register { return r.ID }),
		"store":   to((*loaders).stores, func(r *company.Register) id.Store { return r.StoreID }),
		"sales": pages(func(l *loaders) *loader.Pages[id.Register, sale.Sale] { return l.salesOfRegister },
			func(r *company.Register) id.Register { return r.ID }),
		"tillSession":       unclosedTillOf(),
		"nextReceiptNumber": to((*loaders).counters, func(r *company.Register) id.Register { return r.ID }),
		"lastReceiptNumber": to((*loaders).counters, func(r *company.Register) id.Register { return r.ID }),
		"receiptGaps": pages(func(l *loaders) *loader.Pages[id.Register, sale.Gap] { return l.gapsOf },
			func(r *company.Register) id.Register { return r.ID }),
		"receiptConflicts": pages(func(l *loaders) *loader.Pages[id.Register, sale.Conflict] { return l.conflictsOf },
			func(r *company.Register) id.Register { return r.ID }),
	}}
}

// warm tells the loaders what the selected fields of rows are going to ask for. It doesn't wait. A field that the
// caller may not see is refused before it asks, so its permission is looked at here as well.
func warm[T any](ctx context.Context, rows []*T, of relations[T], fields []graphql.CollectedField) {
	if len(rows) == 0 {
		return
	}
	for _, field := range fields {
		ask, ok := of.ask[field.Name]
		if !ok || field.ObjectDefinition.Name != of.typ {
			continue
		}
		inside, ok := permitted(ctx, field)
		if !ok {
			continue
		}
		// What is asked for warms in turn what is selected below the field, which is not the field of ctx.
		below := &graphql.FieldContext{Parent: graphql.GetFieldContext(ctx), Object: of.typ, Field: field}
		ask(graphql.WithFieldContext(inside, below), load(inside), rows, field)
	}
}

// warmRows is a look-up whose rows warm what follows.
func warmRows[K, T any](
	fetch func(context.Context, []K) ([]*T, error), of relations[T],
) func(context.Context, []K) ([]*T, error) {
	return func(ctx context.Context, keys []K) ([]*T, error) {
		rows, err := fetch(ctx, keys)
		if err == nil {
			warm(ctx, rows, of, graphql.CollectFieldsCtx(ctx, nil))
		}
		return rows, err
	}
}

// warmPage does so for a page that is the answer of the field of ctx. The relations are made where they are needed, which
// isn't where the planner reads the page.
func warmPage[T any](ctx context.Context, c *page.Connection[T], err error, of func() relations[T]) (*page.Connection[T], error) {
	if err == nil && len(c.Edges) > 0 {
		warm(ctx, c.Nodes(), of(), nodeFields(ctx))
	}
	return c, err
}

// warmList does so for a list that is the answer of the field of ctx.
func warmList[T any](ctx context.Context, rows []*T, err error, of func() relations[T]) ([]*T, error) {
	if err == nil && len(rows) > 0 {
		warm(ctx, rows, of(), graphql.CollectFieldsCtx(ctx, nil))
	}
	return rows, err
}

// warmed is a look-up of pages whose rows warm what follows, those of all parents together.
func warmed[P comparable, T any](
	fetch func(context.Context, []P, page.Args) (map[P]*page.Connection[T], error), of relations[T],
) *loader.Pages[P, T] {
	return loader.PagesOf(func(ctx context.Context, parents []P, a page.Args) (map[P]*page.Connection[T], error) {
		pages, err := fetch(ctx, parents, a)
		if err != nil {
			return nil, err
		}
		var rows []*T
		for _, parent := range parents {
			rows = append(rows, pages[parent].Nodes()...)
		}
		warm(ctx, rows, of, nodeFields(ctx))
		return pages, nil
	})
}

// nodeFields are the fields that the field of ctx, a connection, selects of its nodes.
func nodeFields(ctx context.Context) []graphql.CollectedField {
	return append(fieldsAt(ctx, "nodes"), fieldsAt(ctx, "edges", "node")...)
}

// fieldsAt are the fields that are selected at a path below the field of ctx.
func fieldsAt(ctx context.Context, path ...string) []graphql.CollectedField {
	op := graphql.GetOperationContext(ctx)
	fields := graphql.CollectFieldsCtx(ctx, nil)
	for _, name := range path {
		var inner []graphql.CollectedField
		for _, f := range fields {
			if f.Name == name {
				inner = append(inner, graphql.CollectFields(op, f.Selections, nil)...)
			}
		}
		fields = inner
	}
	return fields
}

// pageOfField gathers the arguments of a connection below the field of ctx, as pageOf does for the field itself.
func pageOfField(ctx context.Context, f graphql.CollectedField) page.Args {
	op := graphql.GetOperationContext(ctx)
	args := f.ArgumentMap(op.Variables)
	return page.Args{
		First: number(args["first"]), Last: number(args["last"]), After: text(args["after"]), Before: text(args["before"]),
		Total: slices.ContainsFunc(graphql.CollectFields(op, f.Selections, nil), func(c graphql.CollectedField) bool {
			return c.Name == "totalCount"
		}),
	}
}

func number(v any) *int {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		var err error
		if n, err = v.Int64(); err != nil {
			return nil
		}
	default:
		return nil
	}
	i := int(n)
	return &i
}

func text(v any) *string {
	if s, ok := v.(string); ok {
		return &s
	}
	return nil
}
