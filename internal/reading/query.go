package reading

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	idColumn = "id"
	// pageAlias is what the page of a parent's list is called, and parentAlias the parents.
	pageAlias = "page"
)

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// statements are those of all levels, children before their parents.
func (p *plan) statements(ctx context.Context, h *postgres.Handle) []postgres.Statement {
	var all []postgres.Statement
	for _, l := range slices.Backward(p.levels) {
		all = append(all, l.statement(ctx, h))
		if l.totals {
			all = append(all, l.count(ctx, h))
		}
	}
	return all
}

// statement reads the level's rows: whose they are, the row itself, and what is joined to it.
func (l *level) statement(ctx context.Context, h *postgres.Handle) postgres.Statement {
	if len(l.main.columns) == 0 {
		l.main.need(l.main.of.table.Fields[0].Name) // no columns would be all of them
	}
	q := l.rowsOf(h, false)
	if l.parent != nil {
		if l.source.Page != nil {
			q.ColumnExpr("parent.id")
		} else {
			q.ColumnExpr("?.?", bun.Ident(l.main.alias), bun.Ident(l.source.Column))
		}
	}
	for _, j := range l.joins {
		j.join(q)
	}
	if l.targets == nil {
		l.selecting()
	}
	q.ColumnExpr("?", bun.Safe(l.selects))
	return postgres.Scan(ctx, l.targets, l.begin, l.each, q)
}

// selecting says what is selected of the row and of what is joined to it, in one piece: an expression for each would be half of
// what it takes to build a statement.
func (l *level) selecting() {
	if l.parent != nil {
		l.targets = append(l.targets, &postgres.Record{Targets: []any{&l.owner}})
	}
	var columns []byte
	for _, r := range append([]*record{l.main}, l.joins...) {
		for _, column := range r.columns {
			columns = append(append(append(columns, `, "`...), r.alias...), `"."`...)
			columns = append(append(columns, column...), '"')
		}
		l.targets = append(l.targets, &r.Record)
	}
	l.selects = string(columns[len(", "):])
}

// rowsOf selects from the level's rows, in their order. Where others hang on them, there isn't the one beyond the page.
func (l *level) rowsOf(h *postgres.Handle, keys bool) *bun.SelectQuery {
	s := l.source
	q := s.Base()
	switch {
	case l.parent == nil && s.Page == nil:
		return q.Where("?.? ?", bun.Ident(l.main.alias), bun.Ident(s.Column), s.Keys)
	case l.parent == nil:
		return l.seek(q, keys)
	case s.Page == nil: // as it belongs to its column's
		return q.Join("JOIN (?) AS parent ON parent.id = ?.?", l.parent.level.keys(h, l.parent),
			bun.Ident(l.main.alias), bun.Ident(s.Column))
	}
	table := l.main.of.table.Alias
	q = l.seek(l.limit(q), keys)
	for _, column := range l.inner(keys) {
		q.ColumnExpr("?.?", bun.Ident(table), bun.Ident(column))
	}
	outer := h.NewSelect().TableExpr("(?) AS parent", l.parent.level.keys(h, l.parent)).
		Join("CROSS JOIN LATERAL (?) AS page", q)
	if keys {
		return outer
	}
	return outer.OrderExpr("parent.id, " + s.Page.By(pageAlias))
}

// limit limits a list to the rows of the parent that is called parent.id.
func (l *level) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if l.source.Through != nil {
		return l.source.Through(q)
	}
	return q.Where("?.? = parent.id", bun.Ident(l.main.of.table.Alias), bun.Ident(l.source.Column))
}

func (l *level) seek(q *bun.SelectQuery, keys bool) *bun.SelectQuery {
	q = l.source.Page.Seek(q)
	if keys && !l.source.Page.All {
		// A limit of nothing is no limit to bun.
		q.Limit(int64(max(l.source.Page.Size, 1)))
	}
	return q
}

// inner are the columns that a page has within its parent's row.
func (l *level) inner(keys bool) []string {
	columns := slices.Clone(l.main.exposed)
	if keys {
		return columns
	}
	for _, column := range slices.Concat(l.main.columns, l.source.Page.Columns) {
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	return columns
}

// join joins a record where its key points.
func (r *record) join(q *bun.SelectQuery) {
	columns := slices.Clone(r.columns)
	for _, column := range r.exposed {
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	q.Join("LEFT JOIN (?) AS ? ON ?.? = ?.?", r.source.Base().Column(columns...), bun.Ident(r.alias),
		bun.Ident(r.alias), bun.Ident(idColumn), bun.Ident(r.from.alias), bun.Ident(r.by.key))
}

// keys selects the ids of a record of the level's rows, each once.
func (l *level) keys(h *postgres.Handle, r *record) *bun.SelectQuery {
	q := l.rowsOf(h, true)
	var path []*record
	for at := r; at != l.main; at = at.from {
		path = append(path, at)
	}
	for _, j := range slices.Backward(path) {
		j.join(q)
	}
	q.ColumnExpr("?.? AS id", bun.Ident(r.alias), bun.Ident(idColumn))
	if r == l.main && l.source.Through == nil {
		return q
	}
	return h.NewSelect().Distinct().ColumnExpr("pointed.id").TableExpr("(?) AS pointed", q).Where("pointed.id IS NOT NULL")
}

// count counts the rows of the whole list, of each parent where there are any.
func (l *level) count(ctx context.Context, h *postgres.Handle) postgres.Statement {
	q := l.source.Base()
	targets := []any{&l.totalNow}
	if l.parent != nil && l.source.Through != nil {
		q = h.NewSelect().ColumnExpr("parent.id").TableExpr("(?) AS parent", l.parent.level.keys(h, l.parent)).
			Join("CROSS JOIN LATERAL (?) AS page", l.limit(q).ColumnExpr("count(*) AS total")).ColumnExpr("page.total")
		return l.counting(ctx, q, &l.totalOf, &l.totalNow)
	}
	if l.parent != nil {
		column := []any{bun.Ident(l.main.of.table.Alias), bun.Ident(l.source.Column)}
		q.ColumnExpr("?.?", column...).Where("?.? IN (?)", append(column, l.parent.level.keys(h, l.parent))...).GroupExpr("1")
		targets = []any{&l.totalOf, &l.totalNow}
	}
	return l.counting(ctx, q.ColumnExpr("count(*)"), targets...)
}

func (l *level) counting(ctx context.Context, q *bun.SelectQuery, targets ...any) postgres.Statement {
	return postgres.Scan(ctx, []*postgres.Record{{Targets: targets}},
		func() { l.counted = map[[16]byte]int64{} },
		func() error {
			l.counted[l.totalOf] = l.totalNow
			return nil
		}, q)
}
