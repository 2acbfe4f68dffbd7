package postgres

import (
	"context"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
)

// mostTouched is how many stores are told apart of one request.
const mostTouched = 100

// touched are the stores whose rows a request read or wrote, as the rows say that pass by anyway.
type touched struct {
	mu     sync.Mutex
	stores []id.Store
	// any says that figures of several stores were read, which don't say of which, or rows of too many; some that rows
	// were changed or removed which weren't read.
	any, some bool
}

// Stores are the stores whose rows were read or written, sorted. Where that can't be told, which is so of counts and sums,
// it may be all that the request could reach.
func (s *Stats) Stores() (stores []id.Store, all bool) {
	s.touched.mu.Lock()
	defer s.touched.mu.Unlock()
	stores = slices.Clone(s.touched.stores)
	slices.SortFunc(stores, func(a, b id.Store) int { return slices.Compare(a[:], b[:]) })
	return stores, s.touched.any || s.touched.some && len(stores) == 0
}

// whole is what s is a part of: stores are those of a request.
func (s *Stats) whole() *Stats {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

func (s *Stats) touch(store id.Store) {
	if s == nil {
		return
	}
	s = s.whole()
	s.touched.mu.Lock()
	defer s.touched.mu.Unlock()
	switch {
	case slices.Contains(s.touched.stores, store):
	case store.IsZero() || len(s.touched.stores) >= mostTouched:
		s.touched.any = true
	default:
		s.touched.stores = append(s.touched.stores, store)
	}
}

func (s *Stats) touchAny() {
	if s != nil {
		s = s.whole()
		s.touched.mu.Lock()
		s.touched.any = true
		s.touched.mu.Unlock()
	}
}

func (s *Stats) touchSome() {
	if s != nil {
		s = s.whole()
		s.touched.mu.Lock()
		s.touched.some = true
		s.touched.mu.Unlock()
	}
}

// inStore is a row that belongs to a store, or is one.
type inStore interface {
	store() id.Store
	storeColumn() string
}

func (o *StoreOwned) store() id.Store  { return o.StoreID }
func (o *StoreItself) store() id.Store { return o.ID }

func (*StoreOwned) storeColumn() string  { return "store_id" }
func (*StoreItself) storeColumn() string { return "id" }

// StoreColumn is the column of a model that says which store a row is of, "" for what is the company's.
func StoreColumn(row any) string {
	if in, ok := row.(inStore); ok {
		return in.storeColumn()
	}
	return ""
}

// ofStores says that a statement is about rows of stores, as far as it says what it is about.
func ofStores(q bun.Query) bool {
	model, ok := q.GetModel().(bun.TableModel)
	if !ok {
		return true
	}
	_, is := model.Table().ZeroIface.(inStore)
	return is
}

// toucher notes the stores of rows of one result.
type toucher struct {
	stats *Stats
	last  id.Store
	noted bool
}

// read notes a row that was read by a statement.
func (t *toucher) read(row any, q bun.Query) {
	if t.stats == nil {
		return
	}
	switch row := row.(type) {
	case inStore:
		if store := row.store(); !t.noted || store != t.last {
			t.stats.touch(store)
			t.last, t.noted = store, true
		}
	case owned: // the company's own
	default:
		if !t.noted && ofStores(q) {
			t.figure(q)
		}
		t.noted = true
	}
}

// figure notes a value: what a select found may be of several stores, what a change gives back is of its own rows.
func (t *toucher) figure(q bun.Query) {
	switch q.(type) {
	case *bun.UpdateQuery, *bun.DeleteQuery, *bun.InsertQuery:
		t.stats.touchSome()
	default:
		t.stats.touchAny()
	}
}

// wrote notes what a statement changed that reads nothing.
func (h *Handle) wrote(q bun.Query, affected int64) {
	if h.stats == nil || affected == 0 {
		return
	}
	switch q.(type) {
	case *bun.UpdateQuery, *bun.DeleteQuery:
		if ofStores(q) {
			h.stats.touchSome()
		}
	}
}

// wroteRow notes a row that is added.
func wroteRow(ctx context.Context, row owned) {
	if in, ok := row.(inStore); ok && !in.store().IsZero() {
		StatsOf(ctx).touch(in.store())
	}
}
