package localpg

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// lockOrAdopt answers the lock, or else the server that runs here already,
// waiting for whoever is starting or stopping one.
func (h home) lockOrAdopt(ctx context.Context, logger *slog.Logger) (*os.File, *Server, error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "lock"), os.O_RDWR|os.O_CREATE|openNoFollow, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open PostgreSQL's lock: %w", err)
	}
	srv, found, err := h.waitForLock(ctx, f, logger)
	if err != nil || found {
		_ = f.Close() // nothing was written
		return nil, srv, err
	}
	return f, nil, nil
}

// waitForLock returns when f is locked, or answers a server.
func (h home) waitForLock(ctx context.Context, f *os.File, logger *slog.Logger) (*Server, bool, error) {
	for waited := false; ; waited = true {
		locked, err := tryLock(f)
		if err != nil {
			return nil, false, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		// Looked for even with the lock held: a server that somebody started by
		// hand on our data has no share in it.
		srv, found, err := h.adopt(ctx)
		if err != nil || found || locked {
			return srv, found, err
		}
		if !waited {
			logger.InfoContext(ctx, "another process is starting or stopping PostgreSQL: waiting for it",
				slog.String("dir", h.dir))
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return nil, false, fmt.Errorf("wait for the process that holds %s: %w", f.Name(), err)
		}
	}
}

// pause waits d, or answers why ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
