// Package limit counts attempts in memory, in this process alone: it slows guessing down. What a few guesses more
// would break is counted in the database instead.
package limit

import (
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// most bounds how many keys are remembered.
const most = 100_000

// Limiter allows so many attempts for a key in a window of time. It is safe for concurrent use.
type Limiter struct {
	allowed int
	window  time.Duration
	now     func() time.Time

	mu   sync.Mutex
	keys map[string]count
}

type count struct {
	used  int
	until time.Time
}

// New makes a Limiter.
func New(allowed int, window time.Duration, now func() time.Time) *Limiter {
	return &Limiter{allowed: allowed, window: window, now: now, keys: map[string]count{}}
}

// Take uses up one attempt, before it is known how it ends.
//
// Errors: RATE_LIMITED.
func (l *Limiter) Take(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c, ok := l.keys[key]
	if !ok || !now.Before(c.until) {
		l.makeRoom(now)
		c = count{until: now.Add(l.window)}
	}
	if c.used >= l.allowed {
		return errs.New(errs.RateLimited, "Too many attempts. Try again in a while.")
	}
	c.used++
	l.keys[key] = c
	return nil
}

// Give returns an attempt that was a good one.
func (l *Limiter) Give(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.keys[key]; ok && c.used > 0 {
		c.used--
		l.keys[key] = c
	}
}

// makeRoom forgets what is over, and where that isn't enough, anything.
func (l *Limiter) makeRoom(now time.Time) {
	if len(l.keys) < most {
		return
	}
	for key, c := range l.keys {
		if !now.Before(c.until) {
			delete(l.keys, key)
		}
	}
	for key := range l.keys {
		if len(l.keys) < most {
			return
		}
		delete(l.keys, key)
	}
}
