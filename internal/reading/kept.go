package reading

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// plans are those of the fields of documents: a document that comes again selects the same. Whoever asks and for what, that
// changes nothing of a plan but whether it is allowed and what its look-ups are about to read, which is asked each time.
// Planning took a third of the time that writing a report of 160 rows takes, and a tenth of the memory of an answer of one
// row. Safe for concurrent use; each plan is one answer's at a time.
//
// They hold their documents, and the other way around neither: what a pool has is dropped when garbage was collected twice
// without anybody asking for it.
type plans struct{ of sync.Map } // of weak.Pointer[ast.Field] to *sync.Pool

// begin gives the plan of a field for who asks now: one that is kept, and ready, or one with nothing in it yet. The source says
// which rows a field of rows has. An aside says that who asks may not see all of it.
func (t *Table) begin(
	ctx context.Context, field graphql.CollectedField, scope *tenancy.Scope, of *Type, s page.Source,
) (p *plan, ready bool, err error) {
	op := graphql.GetOperationContext(ctx)
	if p := t.kept.take(field, op, scope); p != nil {
		if ready, err = p.again(ctx, of, s); err != nil {
			t.kept.giveBack(p)
			return nil, false, err
		}
		if ready {
			return p, true, nil
		}
	}
	p = &plan{table: t, op: op, scope: scope, field: field}
	p.collecting = p.collector(ctx)
	return p, false, nil
}

// take gives a plan of a field to who asks for it now, nil where there is none.
func (k *plans) take(field graphql.CollectedField, op *graphql.OperationContext, scope *tenancy.Scope) *plan {
	pool, known := k.of.Load(weak.Make(field.Field))
	if !known || !alone(field) {
		return nil
	}
	p, _ := pool.(*sync.Pool).Get().(*plan)
	if p != nil {
		p.op, p.scope = op, scope
	}
	return p
}

// giveBack keeps a plan that is through, unless it is good for this request alone.
func (k *plans) giveBack(p *plan) {
	if p.once || !alone(p.field) {
		return
	}
	p.forget()
	key := weak.Make(p.field.Field)
	pool, known := k.of.Load(key)
	if !known {
		if pool, known = k.of.LoadOrStore(key, new(sync.Pool)); !known {
			runtime.AddCleanup(p.field.Field, func(key weak.Pointer[ast.Field]) { k.of.Delete(key) }, key)
		}
	}
	pool.(*sync.Pool).Put(p) //nolint:forcetypeassert // nothing else is put there
}

// alone says that a field is selected in one place, and nothing else of the document adds to it.
func alone(field graphql.CollectedField) bool {
	return slices.Equal(field.Field.SelectionSet, field.Selections)
}

// forget leaves nothing in a plan of the answer that was written and of who asked.
func (p *plan) forget() {
	for _, r := range p.records {
		r.forget()
	}
	for _, c := range p.cells {
		c.forget()
	}
	for _, l := range p.levels {
		l.forget()
	}
	p.op, p.scope, p.collecting, p.collected, p.gathering = nil, nil, nil, nil, false
}

// guard is what the schema says of who may ask for a field.
type guard struct {
	directives ast.DirectiveList
	where      string
}

// again readies a kept plan for who asks now: whether what it was allowed is theirs too, which an aside denies, and what there is
// to read, which is looked for anew. It doesn't fit where that is of another shape, as in another order.
func (p *plan) again(ctx context.Context, of *Type, s page.Source) (fits bool, err error) {
	for _, g := range p.guards {
		if err := p.allowed(g.directives, g.where); err != nil {
			return false, err
		}
	}
	if p.makes != nil && p.records[0].of != of {
		return false, nil
	}
	p.collecting = p.collector(ctx)
	for i, l := range p.levels {
		if p.makes == nil && i == 0 {
			l.source.Source = s
			fits = l.main.of == of && p.like(l.shape, s)
		} else {
			fits = p.sought(&l.source, l.shape)
		}
		for _, j := range l.joins {
			fits = fits && p.sought(&j.source, j.shape)
		}
		if !fits {
			return false, nil
		}
	}
	return true, nil
}

// seek finds what is to be read, for this request, and for the others for which the plan is kept.
func seek(find func() (page.Source, error)) (sought, error) {
	s, err := find()
	return sought{s, find}, err
}

// sought is what is read, and how it is found for another request; nil where that says itself.
type sought struct {
	page.Source

	find func() (page.Source, error)
}

// sought finds anew what is to be read.
func (p *plan) sought(of *sought, shape shape) bool {
	s, err := of.find()
	of.Source = s
	return err == nil && p.like(shape, s)
}

// shape is what of a source a plan depends on, beside the statement.
type shape struct {
	row                 reflect.Type
	column              string
	through, paged, all bool
	order               []string
}

func shapeOf(s page.Source) shape {
	of := shape{row: s.Row, column: s.Column, through: s.Through != nil}
	if s.Page != nil {
		of.paged, of.all, of.order = true, s.Page.All, s.Page.Columns
	}
	return of
}

// like says that a source has a shape, and is of the request.
func (p *plan) like(shape shape, s page.Source) bool {
	of := shapeOf(s)
	return of.row == shape.row && of.column == shape.column && of.through == shape.through && of.paged == shape.paged &&
		of.all == shape.all && slices.Equal(of.order, shape.order) && s.Handle.Scope() == p.scope
}

// forgetful keeps something of an answer, and may have to forget it.
type forgetful interface{ forget() }

func (r *record) forget() {
	r.value.SetZero()
	r.source.Source, r.Present = page.Source{}, false
}

func (l *level) forget() {
	l.main.forget()
	for _, j := range l.joins {
		j.forget()
	}
	if l.holder != nil {
		l.holder.forget()
	}
	clear(l.cursors[:cap(l.cursors)])
	clear(l.groups)
	clear(l.places)
	l.source.Source, l.counted, l.wanted, l.rows = page.Source{}, nil, l.wanted[:0], 0
	l.owner, l.last, l.totalOf, l.totalNow = [16]byte{}, [16]byte{}, [16]byte{}, 0
}
