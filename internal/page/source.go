package page

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Source says which rows a look-up is about, as the domain whose rows they are says it, for who reads them together with
// all that belongs to them.
type Source struct {
	// Row is the model.
	Row    reflect.Type
	Handle *postgres.Handle
	// Base selects the rows of all parents, or of all keys. It is called for each statement that starts from it.
	Base func() *bun.SelectQuery
	// Column holds the key that was asked for, or the parent; "" for a list of its own.
	Column string
	// Through is instead of Column where it takes more to tell whose rows they are, as in Parents.
	Through func(*bun.SelectQuery) *bun.SelectQuery
	// Keys compares the column with those that were asked for; nil but in look-ups by key.
	Keys schema.QueryAppender
	// Page is nil where all rows are meant.
	Page *Slice
}

// Slice is the page of a list, or of All of it, in its order.
type Slice struct {
	All  bool
	Size int
	// Backward says that rows come from the end, and Continued that they begin at a cursor.
	Backward, Continued bool
	// Seek limits a query to the page, and one row more which tells whether another page follows, in the order in which
	// they are read.
	Seek func(*bun.SelectQuery) *bun.SelectQuery
	// By is that order, as columns of an alias.
	By func(alias string) string
	// Columns are those that the order goes by, which Cursor reads of a row.
	Columns []string
	Cursor  func(row any) string
}

// Taker takes over what a look-up was about to read, and says whether it has.
type Taker func(ctx context.Context, s Source) (bool, error)

type takerKey struct{}

// WithTaker has the next look-ups ask whether their rows are taken over. What they give then is empty.
func WithTaker(ctx context.Context, t Taker) context.Context {
	return context.WithValue(ctx, takerKey{}, t)
}

// Take asks, where somebody may want to take over. The source is built for them alone.
func Take(ctx context.Context, source func() Source) (bool, error) {
	t, _ := ctx.Value(takerKey{}).(Taker)
	if t == nil {
		return false, nil
	}
	return t(ctx, source())
}

// slice describes a page whose arguments were checked.
func slice[T any](order Order[T], a Args, size int) *Slice {
	s := &Slice{
		Size: size, Backward: a.backward(), Continued: a.cursor() != nil,
		Seek: func(q *bun.SelectQuery) *bun.SelectQuery {
			q, _ = order.seek(q, a, size) // it was done before
			return q
		},
		By:     func(alias string) string { return order.by(alias, order.Desc != a.backward()) },
		Cursor: func(row any) string { return order.cursor(row.(*T)) }, //nolint:forcetypeassert // rows are of the model
	}
	for _, c := range order.Columns {
		s.Columns = append(s.Columns, c.Name)
	}
	return s
}

// whole describes all of a list in its order.
func whole[T any](order Order[T]) *Slice {
	s := slice(order, Args{}, 0)
	s.All = true
	s.Seek = func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr(order.by("?TableAlias", order.Desc)) }
	return s
}

// WithoutTaker leaves the next look-ups alone, whose rows are for others too.
func WithoutTaker(ctx context.Context) context.Context {
	if t, _ := ctx.Value(takerKey{}).(Taker); t == nil {
		return ctx
	}
	return WithTaker(ctx, nil)
}
