package wire

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache keeps the values that were asked for last, as long as their keys together are no longer than so many bytes:
// who sends one large document after the other doesn't fill the memory with them. Safe for concurrent use.
type Cache[T any] struct {
	mu         sync.Mutex
	entries    *simplelru.LRU[string, T]
	bytes      int
	most, each int
	weigh      func(T) int
}

var _ graphql.Cache[int] = (*Cache[int])(nil)

// NewCache makes a cache of so many values whose keys have at most so many bytes together, and each of them an eighth
// of that.
func NewCache[T any](values, bytes int) *Cache[T] {
	c := &Cache[T]{most: bytes, each: bytes / 8, weigh: func(T) int { return 0 }}
	entries, err := simplelru.NewLRU(values, func(key string, value T) { c.bytes -= len(key) + c.weigh(value) })
	if err != nil {
		panic(err) // a size below one
	}
	c.entries = entries
	return c
}

// Weighing has values count as well, as so many bytes. It is called before the cache is used.
func (c *Cache[T]) Weighing(weigh func(T) int) *Cache[T] {
	c.weigh = weigh
	return c
}

// Get implements graphql.Cache.
func (c *Cache[T]) Get(_ context.Context, key string) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries.Get(key)
}

// Add implements graphql.Cache.
func (c *Cache[T]) Add(_ context.Context, key string, value T) {
	bytes := len(key) + c.weigh(value)
	if bytes > c.each {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries.Remove(key)
	c.entries.Add(key, value)
	for c.bytes += bytes; c.bytes > c.most; {
		c.entries.RemoveOldest()
	}
}

// Len is how many values there are.
func (c *Cache[T]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries.Len()
}
