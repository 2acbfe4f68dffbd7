package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// TestGarbageIsBounded: the more is in use, the less garbage there may be beside it, in percent; never so little that
// collecting is all that a server does.
func TestGarbageIsBounded(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: mostGarbage, 1 << 20: mostGarbage, 10 << 20: 200, 20 << 20: 100, 25 << 20: 80, 1 << 30: leastGarbage} {
		if got := garbagePercent(live); got != want {
			t.Errorf("%d%% beside %d MiB, want %d%%", got, live>>20, want)
		}
	}
}

// TestGarbageFollowsWhatIsInUse: the measure is taken anew after a collection.
func TestGarbageFollowsWhatIsInUse(t *testing.T) { //nolint:paralleltest // the collector is everybody's
	before := debug.SetGCPercent(mostGarbage)
	defer debug.SetGCPercent(before)
	(&pace{percent: mostGarbage}).next()
	held := make([]byte, 1<<30>>2)
	now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for range 100 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // finalizers run beside it
		if metrics.Read(now); now[0].Value.Uint64() == leastGarbage {
			runtime.KeepAlive(held)
			return
		}
	}
	t.Errorf("%d%% of garbage beside %d MiB", now[0].Value.Uint64(), len(held)>>20)
}
