package tenancy

import "sync/atomic"

// Claim is that a scope, which was looked up for an earlier request, is what a look-up would give now. It is one
// request's: the first thing that the request does in the database asks whether it holds, in its own transaction and
// before anything else, and nothing is answered until it does.
type Claim struct {
	// Question is what to ask the database, which whoever made the claim knows.
	Question any

	verdict atomic.Int32
	doubted atomic.Bool
}

const (
	open int32 = iota
	held
	broken
)

// Held says that nothing is to be asked any more.
func (c *Claim) Held() bool { return c == nil || c.verdict.Load() == held }

// Broken says that the scope is not what it was: whatever follows from it is void.
func (c *Claim) Broken() bool { return c != nil && c.verdict.Load() == broken }

// Hold says that the claim holds. A broken one stays broken.
func (c *Claim) Hold() { c.verdict.CompareAndSwap(open, held) }

// Break says that the claim doesn't hold.
func (c *Claim) Break() { c.verdict.Store(broken) }

// Doubt says that something was sent to be committed whose answer got lost: the request must not begin again.
func (c *Claim) Doubt() {
	if c != nil {
		c.doubted.Store(true)
	}
}

// Doubted says that something may have been done already.
func (c *Claim) Doubted() bool { return c != nil && c.doubted.Load() }

// Claimed gives a scope that was made for an earlier request to another one, which is to find out whether it holds.
func (s *Scope) Claimed(question any) *Scope {
	again := *s
	again.within = &narrowings{}
	again.configChanged = newConfigChanged()
	again.claim = &Claim{Question: question}
	return &again
}

// Claim is what the scope rests on, nil where it was looked up for this very request.
func (s *Scope) Claim() *Claim {
	if s == nil {
		return nil
	}
	return s.claim
}
