package cli

import (
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// collectAt is how much garbage there may be, in percent of what is in use, before it is collected. With what a
	// server has in use that is tens of megabytes, and a tenth less of the processor.
	collectAt = 300
	// ofContainer is how much of the container's memory the heap may come to before garbage is collected sooner.
	ofContainer = 0.9
)

// tuneMemory trades memory for time, within what the container has. GOGC and GOMEMLIMIT decide where they are set.
func tuneMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	// It leaves GOMEMLIMIT alone, and does nothing where there is no limit, or none that can be read.
	_, err := memlimit.Set(memlimit.WithRatio(ofContainer), memlimit.WithProvider(memlimit.FromCgroup))
	if err != nil {
		log.Debug("the container's memory has no limit", "error", err)
	}
}
