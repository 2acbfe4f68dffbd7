// Package trace says by which way each root field of an operation was answered, whether or not anybody looks.
package trace

import (
	"context"
	"sync"
)

// The ways.
const (
	// Resolvers is how a field is answered unless it says otherwise.
	Resolvers = "resolvers"
	// Planner is how a field is answered whose whole selection was read at once.
	Planner = "planner"
)

// Root is one root field. A nil one takes what it is told and forgets it. Safe for concurrent use.
type Root struct {
	mu           sync.Mutex
	way, because string
}

type rootKey struct{}

// With begins a root field.
func With(ctx context.Context) (context.Context, *Root) {
	r := &Root{}
	return context.WithValue(ctx, rootKey{}, r), r
}

// Field is the root field that ctx is within; nil where it is within none.
func Field(ctx context.Context) *Root {
	r, _ := ctx.Value(rootKey{}).(*Root)
	return r
}

// Way says how the field is answered, and why not otherwise: a few fixed words, which are a metric's label as well. The
// last word counts.
func (r *Root) Way(way, because string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.way, r.because = way, because
}

// Taken is what was said of the field.
func (r *Root) Taken() (way, because string) {
	if r == nil {
		return Resolvers, ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.way == "" {
		return Resolvers, r.because
	}
	return r.way, r.because
}
