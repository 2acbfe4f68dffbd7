// Package limit slows guessing down, and holds companies to what their requests may cost, over all servers that share a
// database.
package limit

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// most bounds how many keys are remembered.
const most = 100_000

// Claim is one attempt that is asked of what all servers share, or given back to it. Its key tells nothing of whose it is.
type Claim struct {
	Key     [sha256.Size]byte
	Allowed int
	Window  time.Duration
	Back    bool
}

// Grant is what came of a claim, and until when the attempts of its key count.
type Grant struct {
	Allowed bool
	Until   time.Time
}

// Shared counts attempts for all servers: Claim makes claims in one round trip, in their order up to the first that is
// refused. When it doesn't answer in 250 ms, a server counts alone for five seconds, and Failed is told why: guessing is
// slowed down on each server then, and nobody is refused for that.
type Shared struct {
	Claim  func(ctx context.Context, now time.Time, claims []Claim) ([]Grant, error)
	Failed func(error)
	Now    func() time.Time

	mu    sync.Mutex
	alone time.Time
}

// claim asks; nil where this server counts alone.
func (s *Shared) claim(ctx context.Context, claims []Claim) []Grant {
	if s == nil || s.Claim == nil || len(claims) == 0 {
		return nil
	}
	now := s.Now()
	s.mu.Lock()
	byItself := now.Before(s.alone)
	s.mu.Unlock()
	if byItself {
		return nil
	}
	// An attempt counts also where who made it goes away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestWait)
	defer cancel()
	grants, err := s.Claim(ctx, now, claims)
	if err == nil {
		return grants
	}
	s.mu.Lock()
	s.alone = s.Now().Add(alone)
	s.mu.Unlock()
	if s.Failed != nil {
		s.Failed(err)
	}
	return nil
}

// Limiter allows so many attempts for a key in a window of time, on all servers that share its counts together. It is
// safe for concurrent use.
type Limiter struct {
	name    string
	allowed int
	window  time.Duration
	shared  *Shared
	now     func() time.Time

	mu   sync.Mutex
	keys map[string]count
}

type count struct {
	used  int
	until time.Time
	// held says that a good attempt was given back that the others don't know of: the next one of this server takes it,
	// without asking.
	held bool
}

// New makes a Limiter. Those of one name count together, on all servers; without what they share it counts alone.
func New(name string, allowed int, window time.Duration, now func() time.Time, shared *Shared) *Limiter {
	return &Limiter{name: name, allowed: allowed, window: window, now: now, shared: shared, keys: map[string]count{}}
}

// Attempt is one for a key of a limiter.
type Attempt struct {
	of  *Limiter
	key string
}

// Of is an attempt for a key.
func (l *Limiter) Of(key string) Attempt { return Attempt{l, key} }

// Take uses up one attempt for a key, before it is known how it ends.
//
// Errors: RATE_LIMITED.
func (l *Limiter) Take(ctx context.Context, key string) error { return Take(ctx, l.Of(key)) }

// Take uses up attempts, before it is known how they end: in their order, up to the first that is refused. It asks what
// servers share at most once, and not at all for what this server knows to be refused.
//
// Errors: RATE_LIMITED.
func Take(ctx context.Context, attempts ...Attempt) error {
	var claims []Claim
	var claimed []Attempt
	var shared *Shared
	for _, a := range attempts {
		held, ok := a.of.take(a.key)
		if !ok {
			a.of.shared.claim(ctx, claims) // those before it are used up
			return tooMany()
		}
		if !held {
			shared, claims, claimed = a.of.shared, append(claims, a.claim(false)), append(claimed, a)
		}
	}
	for i, grant := range shared.claim(ctx, claims) {
		if !grant.Allowed {
			claimed[i].of.full(claimed[i].key, grant.Until)
			return tooMany()
		}
	}
	return nil
}

func tooMany() error { return errs.New(errs.RateLimited, "Too many attempts. Try again in a while.") }

func (a Attempt) claim(back bool) Claim {
	return Claim{
		Key: sha256.Sum256([]byte(a.of.name + "\x00" + a.key)), Allowed: a.of.allowed, Window: a.of.window, Back: back,
	}
}

// take counts an attempt on this server, and says whether what servers share knows of it already.
func (l *Limiter) take(key string) (held, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c, known := l.keys[key]
	if !known || !now.Before(c.until) {
		l.makeRoom(now)
		c = count{until: now.Add(l.window)}
	}
	if c.used >= l.allowed {
		return false, false
	}
	held, c.held = c.held, false
	c.used++
	l.keys[key] = c
	return held, true
}

// full takes down that others have used all attempts up, until when they count.
func (l *Limiter) full(key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys[key] = count{used: l.allowed, until: until}
}

// Give returns an attempt that was a good one. One of a key is kept for the next; more go back to all servers, in the
// background.
func (l *Limiter) Give(ctx context.Context, key string) {
	if l.give(key) && l.shared != nil {
		go l.shared.claim(context.WithoutCancel(ctx), []Claim{l.Of(key).claim(true)})
	}
}

func (l *Limiter) give(key string) (surplus bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.keys[key]
	if !ok || c.used == 0 {
		return true
	}
	c.used--
	surplus, c.held = c.held, true
	l.keys[key] = c
	return surplus
}

// makeRoom forgets what is over, and where that isn't enough, anything.
func (l *Limiter) makeRoom(now time.Time) {
	forget(l.keys, most, func(c count) bool { return !now.Before(c.until) })
}
