package limit_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/limit"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	l := limit.New("", 3, time.Minute, func() time.Time { return now }, nil)
	take := func(want bool) {
		t.Helper()
		if err := l.Take(t.Context(), "a"); (err == nil) != want || err != nil && errs.CodeOf(err) != errs.RateLimited {
			t.Fatal(err)
		}
	}
	for range 3 {
		take(true)
	}
	take(false)
	if l.Take(t.Context(), "b") != nil {
		t.Error("another key is stopped, too")
	}
	l.Give(t.Context(), "a")
	take(true)
	take(false)
	now = now.Add(time.Minute)
	take(true)
}

func TestLimiterAtOnce(t *testing.T) {
	t.Parallel()
	l := limit.New("", 10, time.Minute, time.Now, nil)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if l.Take(t.Context(), "a") == nil {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 10 {
		t.Errorf("%d of 50 were let through", taken.Load())
	}
}
