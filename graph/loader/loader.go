// Package loader batches what the fields of one request look up: one statement a relation a level, however many
// objects ask. Loaders belong to one request and are never kept: a batch runs in the scope of who asked first.
package loader

import (
	"context"
	"fmt"
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
type Loader[K comparable, V any] struct{ *dataloader.Loader[K, V] }

// Of makes a loader of a look-up that answers many keys in any order and leaves out what isn't there: its value
// is the zero V.
func Of[K comparable, V any](fetch func(context.Context, []K) (map[K]V, error)) Loader[K, V] {
	batch := func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		found, err := fetch(ctx, keys)
		results := make([]*dataloader.Result[V], len(keys))
		for i, key := range keys {
			results[i] = &dataloader.Result[V]{Data: found[key], Error: err}
		}
		return results
	}
	return Loader[K, V]{dataloader.NewBatchedLoader(batch,
		dataloader.WithWait[K, V](wait), dataloader.WithBatchCapacity[K, V](capacity))}
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

// Load asks for a parent's page without waiting for it.
func (p *Pages[P, T]) Load(ctx context.Context, parent P, a page.Args) { p.of(a).Load(ctx, parent) }

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
