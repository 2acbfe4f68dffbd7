package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// launch is what a server is started with.
type launch struct {
	bin      binaries
	data     string
	addr     address
	settings map[string]string
	lock     *os.File
	logger   *slog.Logger
}

// launch runs the server and waits until it takes connections.
func (h home) launch(ctx context.Context, l launch) (*Server, error) {
	logFile, from, err := h.openLog()
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	// Not CommandContext's ctx: that one ends with the start, the server does not.
	cmd := h.command(context.WithoutCancel(ctx), l.bin.program("postgres"), l.args()...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.ExtraFiles = []*os.File{l.lock}
	cmd.SysProcAttr = h.account.procAttr(fastSignal)
	logger := l.logger.With(slog.String("log", h.logName()))
	c, err := startChild(cmd, logger, func() {
		h.dropShortSocketDir(l.addr.socketDir)
		_ = l.lock.Close() // last, so that nobody starts while this one still clears up
	})
	_ = logFile.Close() // the child has its own
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	version, err := waitReady(ctx, c, l.addr)
	if err == nil {
		c.serving.Store(true)
		return &Server{addr: l.addr, version: version, child: c}, nil
	}
	c.abandon(ctx)
	return nil, fmt.Errorf("%w; %s ends with:\n%s", err, h.logName(), h.logSince(from))
}

// args is the server's command line. Of a setting given twice the last counts:
// ours come last, because who may connect rests on them.
func (l launch) args() []string {
	args := []string{"-D", l.data}
	for _, k := range slices.Sorted(maps.Keys(l.settings)) {
		args = append(args, "-c", k+"="+l.settings[k])
	}
	// The folder is an item of a list: quoted, it is taken as it is.
	sockets := `"` + strings.ReplaceAll(l.addr.socketDir, `"`, `""`) + `"`
	return append(args,
		"-c", "listen_addresses=",
		"-c", "unix_socket_directories="+sockets,
		"-c", "unix_socket_permissions=0700",
		"-c", "port="+strconv.Itoa(l.addr.port),
		"-c", "logging_collector=off",
		"-c", "log_destination=stderr",
	)
}

// waitReady tries to connect until it works, the child is gone or ctx ends.
func waitReady(ctx context.Context, c *child, addr address) (string, error) {
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		version, err := ping(ctx, addr)
		if err == nil {
			return version, nil
		}
		select {
		case <-c.done:
			return "", fmt.Errorf("PostgreSQL ended while starting: %w", c.exitErr())
		default:
		}
		if ctx.Err() == nil && !mayComeUp(err) {
			return "", fmt.Errorf("connect to the new server: %w", err)
		}
		if err := pause(ctx, wait); err != nil {
			return "", fmt.Errorf("wait for the new server: %w", err)
		}
	}
}

// maxLog is the size a server's log may have at a start; then the one before it
// is given up.
const maxLog = 16 << 20

func (h home) logName() string { return filepath.Join(h.dir, "postgres.log") }

// openLog opens the server's log and answers its size so far.
func (h home) openLog() (*os.File, int64, error) {
	name := h.logName()
	if info, err := os.Lstat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, name+".1"); err != nil {
			return nil, 0, err
		}
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|openNoFollow, 0o600) //nolint:gosec // in our own folder
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// logSince answers the last lines that the server has written beyond an offset.
func (h home) logSince(offset int64) string {
	f, err := os.Open(h.logName())
	if err != nil {
		return err.Error()
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err == nil {
		offset = max(offset, info.Size()-16<<10)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, offset, 1<<20))
	if err != nil {
		return err.Error()
	}
	return lastLines(b, 20)
}
