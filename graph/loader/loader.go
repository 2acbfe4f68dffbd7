// Package loader batches what the fields of one request look up: one statement a relation a level, however many
// objects ask. Loaders belong to one request and are never kept: a batch runs in the scope of who asked first.
package loader

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"github.com/tillgraph/tillgraph/internal/page"
)

const (
	// wait is how long a batch gathers keys: the fields of one level are asked for at once.
	wait = time.Millisecond
	// capacity bounds a batch; a full one goes at once.
	capacity = 1000
)

// Loader looks values up by key, many at once.
type Loader[K comparable, V any] struct {
	*dataloader.Loader[K, V]

	fetch func(context.Context, []K) (map[K]V, error)
	cache dataloader.Cache[K, V]
	// ahead keeps two LoadAll from asking for the same.
	ahead *sync.Mutex
}

// Of makes a loader of a look-up that answers many keys in any order and leaves out what isn't there: its value
// is the zero V.
func Of[K comparable, V any](look func(context.Context, []K) (map[K]V, error)) Loader[K, V] {
	fetch := func(ctx context.Context, keys []K) (map[K]V, error) {
		ctx, end := watch(page.WithoutTaker(ctx), len(keys))
		found, err := look(ctx, keys)
		end(err)
		return found, err
	}
	batch := func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		found, err := fetch(ctx, keys)
		results := make([]*dataloader.Result[V], len(keys))
		for i, key := range keys {
			results[i] = &dataloader.Result[V]{Data: found[key], Error: err}
		}
		return results
	}
	cache := dataloader.NewCache[K, V]()
	return Loader[K, V]{
		Loader: dataloader.NewBatchedLoader(batch, dataloader.WithCache(cache),
			dataloader.WithWait[K, V](wait), dataloader.WithBatchCapacity[K, V](capacity)),
		fetch: fetch, cache: cache, ahead: &sync.Mutex{},
	}
}

// LoadAll asks for many keys that Get is going to be asked for, and doesn't wait for their values. They go as one
// batch at once, and not as those that met within a time.
func (l Loader[K, V]) LoadAll(ctx context.Context, keys []K) {
	l.ahead.Lock()
	defer l.ahead.Unlock()
	a := &answer[K, V]{done: make(chan struct{})}
	var missing []K
	for _, key := range keys {
		if _, known := l.cache.Get(ctx, key); known {
			continue
		}
		batch := a // a is another one when this is called, where the keys fill several batches
		l.cache.Set(ctx, key, func() (V, error) { return batch.of(key) })
		if missing = append(missing, key); len(missing) == capacity {
			go a.fill(ctx, l.fetch, missing)
			a, missing = &answer[K, V]{done: make(chan struct{})}, nil
		}
	}
	if len(missing) > 0 {
		go a.fill(ctx, l.fetch, missing)
	}
}

// answer is what a batch of LoadAll found.
type answer[K comparable, V any] struct {
	done  chan struct{}
	found map[K]V
	err   error
}

func (a *answer[K, V]) of(key K) (V, error) {
	<-a.done
	return a.found[key], a.err
}

func (a *answer[K, V]) fill(ctx context.Context, fetch func(context.Context, []K) (map[K]V, error), keys []K) {
	defer close(a.done)
	defer func() {
		if thrown := recover(); thrown != nil {
			a.found, a.err = nil, fmt.Errorf("a look-up panicked: %v\n%s", thrown, debug.Stack())
		}
	}()
	a.found, a.err = fetch(ctx, keys)
}

// ByKey makes a loader of a look-up that answers rows, each of which knows its key.
func ByKey[K comparable, T any](fetch func(context.Context, []K) ([]*T, error), key func(*T) K) Loader[K, *T] {
	return Of(func(ctx context.Context, keys []K) (map[K]*T, error) {
		rows, err := fetch(ctx, keys)
		if err != nil {
			return nil, err
		}
		found := make(map[K]*T, len(rows))
		for _, row := range rows {
			found[key(row)] = row
		}
		return found, nil
	})
}

// Grouped makes a loader of a look-up that answers rows in the order wanted, each of which knows its parent: the
// value is the parent's rows, never nil.
func Grouped[K comparable, T any](fetch func(context.Context, []K) ([]*T, error), parent func(*T) K) Loader[K, []*T] {
	return Of(func(ctx context.Context, keys []K) (map[K][]*T, error) {
		rows, err := fetch(ctx, keys)
		if err != nil {
			return nil, err
		}
		found := make(map[K][]*T, len(keys))
		for _, key := range keys {
			found[key] = []*T{}
		}
		for _, row := range rows {
			found[parent(row)] = append(found[parent(row)], row)
		}
		return found, nil
	})
}

// Get waits for the value of one key.
func (l Loader[K, V]) Get(ctx context.Context, key K) (V, error) { return l.Load(ctx, key)() }

// Pages loads the same page of the lists of many parents. Each set of arguments is a batch of its own.
type Pages[P comparable, T any] struct {
	fetch func(context.Context, []P, page.Args) (map[P]*page.Connection[T], error)

	mu     sync.Mutex
	byArgs map[string]Loader[P, *page.Connection[T]]
}

// PagesOf makes Pages of a look-up that answers for each parent.
func PagesOf[P comparable, T any](
	fetch func(context.Context, []P, page.Args) (map[P]*page.Connection[T], error),
) *Pages[P, T] {
	return &Pages[P, T]{fetch: fetch, byArgs: map[string]Loader[P, *page.Connection[T]]{}}
}

// Get waits for a parent's page.
func (p *Pages[P, T]) Get(ctx context.Context, parent P, a page.Args) (*page.Connection[T], error) {
	connection, err := p.of(a).Get(ctx, parent)
	if err == nil && connection == nil {
		return nil, fmt.Errorf("no page for the parent %v", parent)
	}
	return connection, err
}

// LoadAll asks for the pages of many parents and doesn't wait for them.
func (p *Pages[P, T]) LoadAll(ctx context.Context, parents []P, a page.Args) {
	p.of(a).LoadAll(ctx, parents)
}

func (p *Pages[P, T]) of(a page.Args) Loader[P, *page.Connection[T]] {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.byArgs[a.Key()]
	if !ok {
		l = Of(func(ctx context.Context, parents []P) (map[P]*page.Connection[T], error) {
			return p.fetch(ctx, parents, a)
		})
		p.byArgs[a.Key()] = l
	}
	return l
}
