package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// Start runs the server in o.Dir, or finds the one that another process already
// runs there, and returns when it takes connections. Of several Starts at once
// one runs it and the others wait, as long as ctx lets them. When ctx ends or
// the start fails, nothing is left running.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, thisMachine())
}

// machine is where PostgreSQL is looked for and fetched from. Tests have others.
type machine struct {
	path     []string // folders, searched before the globs
	globs    []string
	registry string // the npm registry's URL
	build    npmBuild
	buildErr error // why there is no build for this platform
}

func start(ctx context.Context, o Options, m machine) (*Server, error) {
	began := time.Now()
	if !supported {
		return nil, errors.New("a local PostgreSQL is not supported on this platform: set DATABASE_URL")
	}
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("start a local PostgreSQL: %w", err)
	}
	h, err := openHome(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("prepare %s for PostgreSQL: %w", o.Dir, err)
	}
	lock, running, err := h.lockOrAdopt(ctx, o.Logger)
	if err != nil {
		return nil, err
	}
	if running != nil {
		o.Logger.InfoContext(ctx, "using the PostgreSQL that another process runs",
			slog.String("dir", h.dir), slog.String("version", running.version))
		return running, nil
	}
	srv, err := h.run(ctx, o, m, lock)
	if err != nil {
		_ = lock.Close() // the start's error is the one that matters
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", h.dir, err)
	}
	o.Logger.InfoContext(ctx, "PostgreSQL is running", slog.String("dir", h.dir),
		slog.String("version", srv.version), slog.Duration("took", time.Since(began)))
	return srv, nil
}

// run brings a server up. The caller holds the lock, so nothing else is alive in
// the folder. Only when run succeeds does the lock belong to the server.
func (h home) run(ctx context.Context, o Options, m machine, lock *os.File) (*Server, error) {
	if err := h.clearLeftovers(); err != nil {
		return nil, err
	}
	bin, err := h.binaries(ctx, o, m)
	if err != nil {
		return nil, err
	}
	data, err := h.cluster(ctx, bin, lock, o.Settings["fsync"] == "off")
	if err != nil {
		return nil, err
	}
	sockets, err := h.socketDir()
	if err != nil {
		return nil, err
	}
	addr := address{sockets, defaultPort}
	for _, name := range []string{pidFileIn(data), addr.lockFile()} {
		if err := dropStale(name, data); err != nil {
			return nil, err
		}
	}
	return h.launch(ctx, launch{
		bin: bin, data: data, addr: addr,
		settings: o.Settings, lock: lock, logger: o.Logger,
	})
}
