package limit_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/limit"
)

// While the database doesn't answer, a server counts alone: nobody is refused for that, and guessing is slowed down.
func TestAttemptsWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	var asked, told atomic.Int64
	now := time.Now()
	shared := &limit.Shared{
		Claim: func(ctx context.Context, _ time.Time, claims []limit.Claim) ([]limit.Grant, error) {
			if asked.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			grants := make([]limit.Grant, len(claims))
			for i := range grants {
				grants[i] = limit.Grant{Allowed: true, Until: now.Add(time.Minute)}
			}
			return grants, nil
		},
		Failed: func(error) { told.Add(1) }, Now: func() time.Time { return now },
	}
	l := limit.New("x", 3, time.Minute, shared.Now, shared)
	take := func(key string) {
		t.Helper()
		if err := l.Take(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		take("a")
	}
	if l.Take(t.Context(), "a") == nil || asked.Load() != 1 || told.Load() != 1 {
		t.Errorf("asked %d times, told %d", asked.Load(), told.Load())
	}
	now = now.Add(6 * time.Second)
	take("b")
	l.Give(t.Context(), "b")
	take("b") // what was given back is taken, without asking
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
	if l.Take(t.Context(), "a") == nil || asked.Load() != 2 {
		t.Error("asked for what this server knows to be refused")
	}
}
