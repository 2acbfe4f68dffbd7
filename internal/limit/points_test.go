package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tillgraph/tillgraph/internal/limit"
)

// shared are the buckets of all servers, as the database keeps them.
type shared struct {
	mu    sync.Mutex
	by    map[[32]byte]*level
	asked int
	// down is what it answers instead, after a while.
	down  error
	takes time.Duration
}

type level struct {
	points float64
	at     time.Time
}

func (s *shared) take(ctx context.Context, company [16]byte, asks []limit.Ask) ([]limit.Lease, error) {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.down != nil {
		return nil, s.down
	}
	if s.by == nil {
		s.by = map[[32]byte]*level{}
	}
	leases, enough := make([]limit.Lease, len(asks)), true
	levels := make([]*level, len(asks))
	for i, a := range asks {
		key := [32]byte(append(company[:], a.Holder[:]...))
		l := s.by[key]
		if l == nil {
			l = &level{points: float64(a.Most), at: time.Now()}
			s.by[key] = l
		}
		l.points = min(float64(a.Most), l.points+float64(a.Back)+time.Since(l.at).Seconds()*float64(a.PerSecond))
		l.at, levels[i] = time.Now(), l
		enough = enough && l.points >= float64(a.Need)
	}
	for i, a := range asks {
		if enough {
			leases[i].Points = max(0, min(a.Want, int64(levels[i].points)))
			levels[i].points -= float64(leases[i].Points)
		}
		leases[i].Left = int64(levels[i].points)
	}
	return leases, nil
}

func (s *shared) server(failed func(error)) *limit.Points {
	return &limit.Points{Take: s.take, Failed: failed, Now: time.Now}
}

var size = limit.Size{Most: 10_000, PerSecond: 100}

func holder(n byte) [16]byte { return [16]byte{15: n} }

// TestServersShareABucket: whoever asks where, all together get what there is, but for a lease of each server.
func TestServersShareABucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &shared{takes: time.Millisecond}
		failed := func(err error) { t.Error(err) }
		servers := []*limit.Points{db.server(failed), db.server(failed), db.server(failed)}
		ours, theirs := [16]byte{1}, [16]byte{2}
		spent := map[byte]int{}
		for i := range 1000 {
			who := byte(1 + i%4)
			if servers[i%3].Spend(t.Context(), ours, holder(who), size, 40) == 0 {
				spent[who] += 40
			}
		}
		all := spent[1] + spent[2] + spent[3] + spent[4]
		came := int(time.Since(db.by[[32]byte{1}].at).Seconds()*100) + 1000*100/1000 // in the time that the asking took
		if all > int(size.Most)+came || all < int(size.Most)-3*600 {
			t.Errorf("%d points were spent of %d", all, size.Most)
		}
		if db.asked > 400 {
			t.Errorf("the shared buckets were asked %d times for 1000 requests", db.asked)
		}
		if servers[0].Spend(t.Context(), theirs, holder(9), size, 40) != 0 {
			t.Error("another company's are spent")
		}
		wait := servers[1].Spend(t.Context(), ours, holder(1), size, 1000)
		if wait <= 0 || wait > 12*time.Second {
			t.Errorf("the wait for 1000 points is %s", wait)
		}
		time.Sleep(wait + 3*time.Second)
		if again := servers[1].Spend(t.Context(), ours, holder(1), size, 1000); again != 0 {
			t.Errorf("after it, it is %s", again)
		}
		time.Sleep(time.Second)
	})
}

// TestOneGetsHalf of what the company has: the others go on.
func TestOneGetsHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &shared{}
		p := db.server(func(err error) { t.Error(err) })
		spent := 0
		for p.Spend(t.Context(), [16]byte{1}, holder(1), size, 10) == 0 {
			spent += 10
		}
		if spent != int(size.Most)/2 {
			t.Errorf("one has spent %d of %d", spent, size.Most)
		}
		if wait := p.Spend(t.Context(), [16]byte{1}, holder(2), size, 10); wait != 0 {
			t.Errorf("another waits %s", wait)
		}
		status := p.Status([16]byte{1}, holder(1), size)
		if status.Available != 0 || status.Most != 5000 || status.PerSecond != 50 {
			t.Errorf("%+v", status)
		}
		time.Sleep(2 * time.Second)
		if status = p.Status([16]byte{1}, holder(1), size); status.Available != 100 {
			t.Errorf("two seconds later: %+v", status)
		}
	})
}

// TestWhatIsGivenBack can be spent on another server.
func TestWhatIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &shared{}
		failed := func(err error) { t.Error(err) }
		a, b := db.server(failed), db.server(failed)
		if wait := a.Spend(t.Context(), [16]byte{1}, holder(1), size, 50_000); wait != 0 {
			t.Fatalf("what costs more than there may be waits %s for a full bucket", wait)
		}
		if b.Spend(t.Context(), [16]byte{1}, holder(1), size, 3000) == 0 {
			t.Error("they are spent twice")
		}
		a.Give([16]byte{1}, holder(1), size, 4000)
		synctest.Wait()
		time.Sleep(time.Second)
		if wait := b.Spend(t.Context(), [16]byte{1}, holder(1), size, 3000); wait != 0 {
			t.Errorf("the other server waits %s", wait)
		}
		time.Sleep(time.Second)
	})
}

// TestASlowDatabaseStopsNobody: the server counts alone for a while, and no further than the plan.
func TestASlowDatabaseStopsNobody(t *testing.T) {
	t.Parallel()
	for name, db := range map[string]*shared{"slow": {takes: time.Hour}, "gone": {down: errors.New("gone")}} {
		synctest.Test(t, func(t *testing.T) {
			var told atomic.Int64
			p := db.server(func(error) { told.Add(1) })
			begun, spent := time.Now(), 0
			for p.Spend(t.Context(), [16]byte{1}, holder(1), size, 100) == 0 {
				spent += 100
			}
			if took := time.Since(begun); took > time.Second || spent != int(size.Most)/2 || told.Load() != 1 {
				t.Errorf("%s: %d points in %s, told %d times", name, spent, took, told.Load())
			}
			time.Sleep(2 * time.Second)
			if p.Spend(t.Context(), [16]byte{1}, holder(1), size, 100) != 0 {
				t.Errorf("%s: nothing comes back", name)
			}
			db.takes, db.down = 0, nil
			time.Sleep(10 * time.Second)
			if p.Spend(t.Context(), [16]byte{1}, holder(1), size, 100) != 0 || len(db.by) == 0 {
				t.Errorf("%s: it doesn't ask again", name)
			}
			time.Sleep(time.Second)
		})
	}
}

// TestManyAtOnce is for the race detector, and nobody gets more than there is.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	db := &shared{}
	still := time.Now()
	p := &limit.Points{Take: db.take, Failed: func(err error) { t.Error(err) }, Now: func() time.Time { return still }}
	var spent atomic.Int64
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for range 100 {
				if p.Spend(t.Context(), [16]byte{1}, holder(byte(i%7)), limit.Size{Most: 10_000, PerSecond: 1}, 10) == 0 {
					spent.Add(10)
				}
				p.Status([16]byte{1}, holder(byte(i)), size)
			}
		})
	}
	all.Wait()
	if spent.Load() > 10_000+100 {
		t.Errorf("%d were spent", spent.Load())
	}
}
