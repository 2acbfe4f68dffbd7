package page

import (
	"context"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Connection is one page of a list.
type Connection[T any] struct {
	Edges    []*Edge[T]
	PageInfo *Info
	// TotalCount is how many rows the whole list has; zero unless it was asked for.
	TotalCount int
}

// Edge is a row and its place in the list.
type Edge[T any] struct {
	Cursor string
	Node   *T
}

// Info tells whether there is more, and where.
type Info struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// Nodes are the rows without their cursors.
func (c *Connection[T]) Nodes() []*T {
	nodes := make([]*T, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// List reads a page of what base selects, in one round trip. base is called for each statement that starts from
// it, because a bun query can be rendered only once.
func List[T any](
	ctx context.Context, h *postgres.Handle, base func() *bun.SelectQuery, order Order[T], a Args,
) (*Connection[T], error) {
	size, err := a.size()
	if err != nil {
		return nil, err
	}
	order = order.of(h)
	q, err := order.seek(base(), a, size)
	if err != nil {
		return nil, err
	}
	if taken, err := Take(ctx, func() Source {
		return Source{Row: reflect.TypeFor[T](), Handle: h, Base: base, Page: slice(order, a, size)}
	}); taken {
		return &Connection[T]{PageInfo: &Info{}}, err
	}
	var rows []*T
	var total int
	statements := []postgres.Statement{postgres.Rows(&rows, q)}
	if a.Total {
		statements = append(statements, postgres.Value(&total, base().ColumnExpr("count(*)")))
	}
	if err := h.Read(ctx, statements...); err != nil {
		return nil, err
	}
	return connect(order, a, size, rows, total), nil
}

// connect makes a page of the rows that seek gave.
func connect[T any](order Order[T], a Args, size int, rows []*T, total int) *Connection[T] {
	more := len(rows) > size
	if more {
		rows = rows[:size]
	}
	if a.backward() {
		slices.Reverse(rows)
	}
	c := &Connection[T]{Edges: make([]*Edge[T], len(rows)), PageInfo: &Info{}, TotalCount: total}
	for i, row := range rows {
		c.Edges[i] = &Edge[T]{Cursor: order.cursor(row), Node: row}
	}
	// Looking the other way would cost a statement: there is something before a cursor that was handed out.
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = more, a.After != nil
	if a.backward() {
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = a.Before != nil, more
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	return c
}

// Parents says how the rows of a list belong to their parents.
type Parents[T any, P ~[16]byte] struct {
	// Column of the list's table that holds the parent's id.
	Column string
	// Through limits a list to the rows of the parent that is called parent.id, where it takes more than a column
	// to tell whose they are. It is instead of Column, and Of reads the column owner_id.
	Through func(*bun.SelectQuery) *bun.SelectQuery
	Of      func(*T) P
}

// limit limits a list to the rows of each parent in turn.
func (p Parents[T, P]) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if p.Through != nil {
		return p.Through(q)
	}
	return q.Where("?TableAlias.? = parent.id", bun.Ident(p.Column))
}

// count counts the rows of all parents.
func (p Parents[T, P]) count(h *postgres.Handle, ids []P, base func() *bun.SelectQuery) *bun.SelectQuery {
	if p.Through != nil {
		return h.NewSelect().ColumnExpr("parent.id AS parent, page.total").
			TableExpr("unnest(?::uuid[]) AS parent (id)", postgres.UUIDs(ids)).
			Join("CROSS JOIN LATERAL (?) AS page", p.Through(base()).ColumnExpr("count(*) AS total"))
	}
	return base().ColumnExpr("?TableAlias.? AS parent, count(*) AS total", bun.Ident(p.Column)).
		Where("?TableAlias.? = ANY (?::uuid[])", bun.Ident(p.Column), postgres.UUIDs(ids)).
		GroupExpr("1")
}

// each reads a list for each of the parents, one after the other.
func (p Parents[T, P]) each(h *postgres.Handle, ids []P, list *bun.SelectQuery, by string) *bun.SelectQuery {
	if p.Through != nil {
		list.ColumnExpr("?TableAlias.*").ColumnExpr("parent.id AS owner_id")
	}
	return h.NewSelect().ColumnExpr("page.*").
		TableExpr("unnest(?::uuid[]) AS parent (id)", postgres.UUIDs(ids)).
		Join("CROSS JOIN LATERAL (?) AS page", list).OrderExpr("parent.id, " + by)
}

func (p Parents[T, P]) source(h *postgres.Handle, base func() *bun.SelectQuery, part *Slice) Source {
	return Source{Row: reflect.TypeFor[T](), Handle: h, Base: base, Column: p.Column, Through: p.Through, Page: part}
}

type parentCount struct {
	Parent [16]byte `bun:"parent"`
	Total  int      `bun:"total"`
}

// PerParent reads the same page of the lists of many parents: one statement, whatever their number. Each parent
// is in the answer.
func PerParent[T any, P ~[16]byte](
	ctx context.Context, h *postgres.Handle, ids []P, parents Parents[T, P],
	base func() *bun.SelectQuery, order Order[T], a Args,
) (map[P]*Connection[T], error) {
	size, err := a.size()
	if err != nil {
		return nil, err
	}
	order = order.of(h)
	inner, err := order.seek(parents.limit(base()), a, size)
	if err != nil {
		return nil, err
	}
	if taken, err := Take(ctx, func() Source { return parents.source(h, base, slice(order, a, size)) }); taken {
		return nil, err
	}
	q := parents.each(h, ids, inner, order.by("page", order.Desc != a.backward()))
	var rows []*T
	var counts []*parentCount
	statements := []postgres.Statement{postgres.Rows(&rows, q)}
	if a.Total {
		statements = append(statements, postgres.Rows(&counts, parents.count(h, ids, base)))
	}
	if err := h.Read(ctx, statements...); err != nil {
		return nil, err
	}
	byParent, totals := map[P][]*T{}, map[P]int{}
	for _, row := range rows {
		byParent[parents.Of(row)] = append(byParent[parents.Of(row)], row)
	}
	for _, c := range counts {
		totals[P(c.Parent)] = c.Total
	}
	pages := make(map[P]*Connection[T], len(ids))
	for _, parent := range ids {
		pages[parent] = connect(order, a, size, byParent[parent], totals[parent])
	}
	return pages, nil
}

// AllPerParent reads the whole lists of many parents: one statement, whatever their number. Each parent is in the answer.
func AllPerParent[T any, P ~[16]byte](
	ctx context.Context, h *postgres.Handle, ids []P, parents Parents[T, P], base func() *bun.SelectQuery, order Order[T],
) (map[P][]*T, error) {
	all := whole(order)
	if taken, err := Take(ctx, func() Source { return parents.source(h, base, all) }); taken {
		return nil, err
	}
	var rows []*T
	if err := h.Read(ctx, postgres.Rows(&rows, parents.each(h, ids, all.Seek(parents.limit(base())), all.By("page")))); err != nil {
		return nil, err
	}
	lists := make(map[P][]*T, len(ids))
	for _, parent := range ids {
		lists[parent] = []*T{}
	}
	for _, row := range rows {
		lists[parents.Of(row)] = append(lists[parents.Of(row)], row)
	}
	return lists, nil
}

// ByKey reads the rows whose column holds one of the keys: one statement of one shape, whatever their number, and another for one.
func ByKey[T any, K ~[16]byte](
	ctx context.Context, h *postgres.Handle, column string, keys []K, refine ...func(*bun.SelectQuery) *bun.SelectQuery,
) ([]*T, error) {
	base := func() *bun.SelectQuery {
		q := h.Select((*T)(nil))
		for _, fn := range refine {
			q = fn(q)
		}
		return q
	}
	if taken, err := Take(ctx, func() Source {
		return Source{Row: reflect.TypeFor[T](), Handle: h, Base: base, Column: column, Keys: postgres.Among(keys)}
	}); taken {
		return nil, err
	}
	q := base().Where("?TableAlias.? ?", bun.Ident(column), postgres.Among(keys))
	var rows []*T
	if err := h.Read(ctx, postgres.Rows(&rows, q)); err != nil {
		return nil, err
	}
	return rows, nil
}
