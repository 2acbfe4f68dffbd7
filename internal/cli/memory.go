package cli

import (
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// ofContainer is how much of the container's memory the heap may come to before garbage is collected sooner.
	ofContainer = 0.9
	// garbage is how much of it there may be before it is collected, in bytes. Go's own measure, as much as is in use,
	// would collect a small server too often, and one that is busy with large answers too late for a small machine.
	garbage = 20 << 20
	// Between these percentages of what is in use it may be.
	leastGarbage, mostGarbage = 50, 400
)

// tuneMemory trades memory for time, within what the container has. GOGC and GOMEMLIMIT decide where they are set.
func tuneMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		(&pace{percent: debug.SetGCPercent(mostGarbage)}).next()
	}
	// It leaves GOMEMLIMIT alone, and does nothing where there is no limit, or none that can be read.
	_, err := memlimit.Set(memlimit.WithRatio(ofContainer), memlimit.WithProvider(memlimit.FromCgroup))
	if err != nil {
		log.Debug("the container's memory has no limit", "error", err)
	}
}

// pace sets, after each collection, how much garbage there may be until the next.
type pace struct{ percent int }

// next has the collector call when it has been through: that is when it finds an object that nobody holds.
func (p *pace) next() {
	runtime.SetFinalizer(&struct{ *pace }{p}, func(*struct{ *pace }) {
		// The collector adds the percentage of all these to what is in use.
		held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
		metrics.Read(held)
		var whole uint64
		for _, part := range held {
			whole += part.Value.Uint64()
		}
		// Setting it stops everything for a moment: a little more or less isn't worth that.
		const worth = 10
		if percent := garbagePercent(whole); percent*worth > p.percent*(worth+1) || percent*worth < p.percent*(worth-1) {
			debug.SetGCPercent(percent)
			p.percent = percent
		}
		p.next()
	})
}

// garbagePercent is how much garbage there may be beside so many bytes in use, stacks and globals among them, in percent
// of them.
func garbagePercent(held uint64) int {
	return int(min(max(garbage*100/max(held, 1), leastGarbage), mostGarbage))
}
