package limit

import (
	"context"
	"sync"
	"time"
)

// Size is how many points a bucket holds, and how many come back in a second.
type Size struct{ Most, PerSecond int64 }

// part is the same for one of those who spend a company's points: half of them, so that a program that runs wild
// leaves the other half to the tills.
func (s Size) part() Size { return Size{Most: max(s.Most/2, 1), PerSecond: max(s.PerSecond/2, 1)} }

// Ask is what is asked of one of the shared buckets: Want points if there are as many as are needed, after Back are
// put in.
type Ask struct {
	Holder [16]byte
	Size

	Need, Want, Back int64
}

// Lease is what came of it, and what is left there.
type Lease struct{ Points, Left int64 }

// Status is what somebody can spend.
type Status struct{ Most, Available, PerSecond int64 }

const (
	// leased is the part of a bucket that a server leases at once.
	leased = 50
	// idle is how long what nobody uses is remembered where there is much.
	idle = time.Minute
	// longestWait is how long a request waits for a lease, and alone how long a server counts by itself when it got
	// none.
	longestWait = 250 * time.Millisecond
	alone       = 5 * time.Second
	// fresh is how long it is taken for true what was left in a shared bucket: others may have put points in since.
	fresh = time.Second
	// tries is how often a request asks for a lease that others take from it.
	tries = 5
	// mostBuckets bounds what is remembered of one company, and mostCompanies of all.
	mostBuckets, mostCompanies = 1000, 10_000
)

// Points holds companies, and each who asks for one, to the points that they may spend, over all servers that share
// buckets: a server leases points for many requests at once, and asks again before they are used up. When the shared
// buckets can't be reached in time, a server counts alone for a while, from what it knew: nobody is refused for that.
// It is safe for concurrent use.
type Points struct {
	// Take leases from the shared buckets of a company, and Failed is told why it couldn't.
	Take   func(ctx context.Context, company [16]byte, asks []Ask) ([]Lease, error)
	Failed func(error)
	Now    func() time.Time

	mu        sync.Mutex
	companies map[[16]byte]*spender
}

// spender is a company's buckets on this server.
type spender struct {
	mu sync.Mutex
	// all is the company's own, and buckets are those of who asks for it.
	all     *bucket
	buckets map[[16]byte]*bucket
	// asking is closed when the lease that is being asked for is there.
	asking chan struct{}
	// waiting is what requests are going to spend that wait for it.
	waiting int64
	alone   time.Time
	used    time.Time
}

// bucket is what a server has of a shared one.
type bucket struct {
	size Size
	// have is leased and not spent; left was in the shared bucket at a time, and is more since.
	have, left int64
	at, used   time.Time
}

// known is what may be in the shared bucket at most, as far as this server knows.
func (b *bucket) known(now time.Time) int64 {
	since := now.Sub(b.at).Seconds()
	if since >= float64(b.size.Most)/float64(b.size.PerSecond) {
		return b.size.Most
	}
	return min(b.size.Most, b.left+int64(max(since, 0)*float64(b.size.PerSecond)))
}

func (b *bucket) chunk() int64 { return max(b.size.Most/leased, 1) }

// surplus says that a server has more than it may keep from the others.
func (c *spender) surplus(b *bucket) bool { return b.have-c.waiting > 2*b.chunk() }

// short is how many points of n are missing here. What costs more than a bucket holds takes a full one.
func (b *bucket) short(n int64) int64 { return min(n, b.size.Most) - b.have }

// wait is how long it takes at least until the shared bucket has what is missing.
func (b *bucket) wait(n int64, now time.Time) time.Duration {
	missing := b.short(n) - b.known(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(float64(missing) / float64(b.size.PerSecond) * float64(time.Second))
}

// Spend takes n points of a company of a size and of the holder who asks for it. Where there are not enough, wait says
// when there may be.
func (p *Points) Spend(ctx context.Context, company, holder [16]byte, size Size, n int64) (wait time.Duration) {
	c := p.spender(company)
	for try := range tries {
		wait, asking := p.spend(c, company, holder, size, n) //nolint:contextcheck // a lease outlives the request
		if wait > 0 || asking == nil {
			return wait
		}
		if try == 0 {
			c.wait(n)
			defer c.wait(-n)
		}
		select {
		case <-asking:
		case <-ctx.Done():
			return time.Second
		}
	}
	return time.Second
}

func (c *spender) wait(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting += n
}

// spend takes points where they are here, says how long it takes where it is known that there are none, and else what
// to wait for.
func (p *Points) spend(c *spender, company, holder [16]byte, size Size, n int64) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := p.Now()
	all, own := c.both(holder, size, now)
	if wait := max(all.wait(n, now), own.wait(n, now)); wait > 0 && (now.Before(c.alone) || now.Sub(all.at) < fresh) {
		return wait, nil
	}
	if all.short(n) <= 0 && own.short(n) <= 0 {
		all.have -= min(n, all.size.Most)
		own.have -= min(n, own.size.Most)
		if c.asking == nil && now.After(c.alone) && (all.have < all.chunk()/4 || own.have < own.chunk()/4) {
			p.ask(c, company, holder, own, 0)
		}
		return 0, nil
	}
	if now.Before(c.alone) {
		for _, b := range []*bucket{all, own} {
			if short := b.short(n); short > 0 {
				b.left, b.at, b.have = b.known(now)-short, now, b.have+short
			}
			b.have -= min(n, b.size.Most)
		}
		return 0, nil
	}
	if c.asking == nil {
		p.ask(c, company, holder, own, n)
	}
	return 0, c.asking
}

// Give takes points back that were spent and not used.
func (p *Points) Give(company, holder [16]byte, size Size, n int64) {
	c := p.spender(company)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := p.Now()
	all, own := c.both(holder, size, now)
	all.have, own.have = min(all.have+n, all.size.Most), min(own.have+n, own.size.Most)
	if (c.surplus(all) || c.surplus(own)) && c.asking == nil && now.After(c.alone) {
		p.ask(c, company, holder, own, 0)
	}
}

// Status is what a holder can spend, as far as this server knows.
func (p *Points) Status(company, holder [16]byte, size Size) Status {
	c := p.spender(company)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := p.Now()
	all, own := c.both(holder, size, now)
	return Status{
		Most: own.size.Most, PerSecond: own.size.PerSecond,
		Available: max(0, min(own.size.Most, own.have+own.known(now), all.have+all.known(now))),
	}
}

// ask leases what n points need, and some more, in the background: who waits for it may go away.
func (p *Points) ask(c *spender, company, holder [16]byte, own *bucket, n int64) {
	done := make(chan struct{})
	c.asking = done
	buckets := []*bucket{c.all, own}
	asks := make([]Ask, len(buckets))
	for i, b := range buckets {
		a := Ask{Size: b.size, Need: max(b.short(n), 0)}
		if c.surplus(b) {
			a.Back = b.have - c.waiting - b.chunk()
			b.have -= a.Back
		}
		if a.Need > 0 || b.have < b.chunk() {
			a.Want = max(a.Need, b.chunk())
		}
		asks[i] = a
	}
	asks[1].Holder = holder
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), longestWait)
		defer cancel()
		leases, err := p.Take(ctx, company, asks)
		c.mu.Lock()
		defer c.mu.Unlock()
		now := p.Now()
		for i, b := range buckets {
			if err != nil {
				b.have += asks[i].Back
				continue
			}
			b.have += leases[i].Points
			b.left, b.at, b.used = leases[i].Left, now, now
		}
		if err != nil {
			c.alone = now.Add(alone)
			p.Failed(err)
		}
		c.asking = nil
		close(done)
		if err == nil && (c.surplus(c.all) || c.surplus(own)) {
			p.ask(c, company, holder, own, 0) // given back in the meantime
		}
	}()
}

func (p *Points) spender(company [16]byte) *spender {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	c, ok := p.companies[company]
	if !ok {
		if p.companies == nil {
			p.companies = map[[16]byte]*spender{}
		}
		forget(p.companies, mostCompanies, func(c *spender) bool { return now.Sub(c.used) > idle })
		c = &spender{buckets: map[[16]byte]*bucket{}}
		p.companies[company] = c
	}
	c.used = now
	return c
}

// both are the company's bucket and that of who asks for it.
func (c *spender) both(holder [16]byte, size Size, now time.Time) (all, own *bucket) {
	if c.all == nil {
		c.all = &bucket{}
	}
	own, ok := c.buckets[holder]
	if !ok {
		forget(c.buckets, mostBuckets, func(b *bucket) bool { return now.Sub(b.used) > idle })
		own = &bucket{}
		c.buckets[holder] = own
	}
	c.all.use(size, now)
	own.use(size.part(), now)
	return c.all, own
}

// use makes a bucket one of a size, which is another where the plan is. How much is in the shared one isn't known then.
func (b *bucket) use(size Size, now time.Time) {
	if b.size != size {
		b.size, b.have, b.left, b.at = size, min(b.have, size.Most), size.Most, time.Time{}
	}
	b.used = now
}

// forget makes room in a map that is full: by what is over, and where that isn't enough, by anything.
func forget[K comparable, V any](kept map[K]V, most int, over func(V) bool) {
	if len(kept) < most {
		return
	}
	for key, v := range kept {
		if over(v) {
			delete(kept, key)
		}
	}
	for key := range kept {
		if len(kept) < most {
			return
		}
		delete(kept, key)
	}
}
