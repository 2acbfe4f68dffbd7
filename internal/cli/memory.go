package cli

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// ofContainer is how much of the container's memory the heap may come to before garbage is collected sooner.
	ofContainer = 0.9
	// memory is what the server takes for itself before garbage is collected: objects, stacks and what Go keeps of both, but
	// not the pages of its program. Whatever isn't in use may be garbage: collecting seldom is most of what memory is good for.
	memory = 48 << 20
	// leastGarbage is how much of it there may be in any case; where much is in use, half as much as that may.
	leastGarbage = 18 << 20
	// mostPercent bounds it by what is in use, where next to nothing is.
	mostPercent = 800
)

// tuneMemory trades memory for time, within what the container has. GOGC and GOMEMLIMIT decide where they are set.
func tuneMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		(&pace{percent: debug.SetGCPercent(mostPercent)}).next()
	}
	// It leaves GOMEMLIMIT alone, and does nothing where there is no limit, or none that can be read.
	_, err := memlimit.Set(memlimit.WithRatio(ofContainer), memlimit.WithProvider(memlimit.FromCgroup))
	if err != nil {
		log.Debug("the container's memory has no limit", "error", err)
	}
}

// forget gives back the pages of the program, at once and now and then.
func forget(ctx context.Context, log *slog.Logger) {
	again := time.NewTicker(forgetEvery)
	defer again.Stop()
	if err := uncache(); err != nil {
		log.DebugContext(ctx, "the cache of the program is kept", "error", err)
	}
	for {
		if err := forgetPages(); err != nil {
			log.DebugContext(ctx, "the pages of the program are kept", "error", err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// pace sets, after each collection, how much garbage there may be until the next.
type pace struct{ percent int }

// next has the collector call when it has been through: that is when it finds an object that nobody holds.
func (p *pace) next() {
	runtime.SetFinalizer(&struct{ *pace }{p}, func(*struct{ *pace }) {
		// Setting it stops everything for a moment: a little more or less isn't worth that.
		const worth = 10
		if percent := readUsage().garbage(); percent*worth > p.percent*(worth+1) || percent*worth < p.percent*(worth-1) {
			debug.SetGCPercent(percent)
			p.percent = percent
		}
		p.next()
	})
}

// usage is what memory is taken for, in bytes.
type usage struct {
	live uint64 // objects in use
	held uint64 // they, and what else the collector adds its percentage of: stacks and globals
	rest uint64 // what is taken beside objects and the room for them
}

func readUsage() usage {
	of := func(name string) uint64 {
		sample := []metrics.Sample{{Name: name}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	const classes = "/memory/classes/"
	live := of("/gc/heap/live:bytes")
	taken := of(classes+"total:bytes") - of(classes+"heap/released:bytes")
	objects := of(classes+"heap/objects:bytes") + of(classes+"heap/unused:bytes") + of(classes+"heap/free:bytes")
	return usage{
		live: live, held: live + of("/gc/scan/stack:bytes") + of("/gc/scan/globals:bytes"), rest: taken - min(taken, objects),
	}
}

// garbage is how much there may be, in percent of what is held.
func (u usage) garbage() int {
	const holes = 8 // of so many parts one is lost between objects
	var room uint64
	if taken := u.live + u.rest; taken < memory {
		room = (memory - taken) / holes * (holes - 1)
	}
	room = max(room, leastGarbage, u.held/2)
	return int(min(room*100/max(u.held, 1), mostPercent))
}
