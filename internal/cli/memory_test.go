package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// TestGarbageIsBounded: the more is in use, the less garbage there may be beside it; never so little that collecting is all
// that a server does.
func TestGarbageIsBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		usage

		want uint64 // in bytes
	}{
		"what is left of the memory":      {usage{live: 10 << 20, held: 12 << 20, rest: 8 << 20}, 105 << 18},
		"less where more is in use":       {usage{live: 18 << 20, held: 20 << 20, rest: 8 << 20}, 77 << 18},
		"less where stacks take more":     {usage{live: 10 << 20, held: 20 << 20, rest: 16 << 20}, 77 << 18},
		"never too little":                {usage{live: 30 << 20, held: 32 << 20, rest: 8 << 20}, leastGarbage},
		"as much as half of a lot in use": {usage{live: 1 << 30, held: 1 << 30, rest: 1 << 20}, 1 << 29},
	} {
		got := uint64(test.garbage()) * test.held / 100
		if got > test.want || got < test.want-test.want/25 {
			t.Errorf("%s: %d KiB beside %d MiB, want %d KiB", name, got>>10, test.live>>20, test.want>>10)
		}
	}
	if got := (usage{}).garbage(); got != mostPercent {
		t.Errorf("%d%% beside nothing", got)
	}
}

// TestGarbageFollowsWhatIsInUse: the measure is taken anew after a collection.
func TestGarbageFollowsWhatIsInUse(t *testing.T) { //nolint:paralleltest // the collector is everybody's
	before := debug.SetGCPercent(mostPercent)
	defer debug.SetGCPercent(before)
	(&pace{percent: mostPercent}).next()
	held := make([]byte, 1<<30>>2)
	const halfOfIt = 50
	now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for range 100 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // finalizers run beside it
		if metrics.Read(now); now[0].Value.Uint64() == halfOfIt {
			runtime.KeepAlive(held)
			return
		}
	}
	t.Errorf("%d%% of garbage beside %d MiB", now[0].Value.Uint64(), len(held)>>20)
}
