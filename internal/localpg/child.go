package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// child is the server process.
type child struct {
	cmd     *exec.Cmd
	logger  *slog.Logger
	serving atomic.Bool // from when it takes connections until it is told to stop
	done    chan struct{}
	err     error // how it ended; to be read after done
}

// startChild runs cmd. When it has ended, cleanUp is called and done closed; a
// cmd that cannot be started is the error, and then cleanUp is not called.
func startChild(cmd *exec.Cmd, logger *slog.Logger, cleanUp func()) (*child, error) {
	c := &child{cmd: cmd, logger: logger, done: make(chan struct{})}
	started := make(chan error)
	go c.run(started, cleanUp)
	return c, <-started
}

func (c *child) run(started chan<- error, cleanUp func()) {
	// The parent whose death the kernel reports to the child is the thread that
	// forked it, not the process. This one is kept for as long as the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	c.err = c.cmd.Wait()
	if c.serving.Load() {
		c.logger.Error("PostgreSQL ended by itself", slog.Any("error", c.exitErr()))
	}
	cleanUp()
	close(c.done)
}

// exitErr is why the child ended, never nil: a server that was not asked to has
// no good reason.
func (c *child) exitErr() error {
	if c.err == nil {
		return errors.New("exit status 0")
	}
	return c.err
}

// grace is how long each harder way of stopping is given.
const grace = 5 * time.Second

func (c *child) stop(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	default:
	}
	if err := c.signal(fastSignal); err != nil {
		return err
	}
	select {
	case <-c.done:
		if c.err != nil {
			return fmt.Errorf("stop PostgreSQL: %w", c.err)
		}
		return nil
	case <-ctx.Done():
	}
	err := fmt.Errorf("stop PostgreSQL cleanly: %w", context.Cause(ctx))
	return errors.Join(err, c.force())
}

// force ends the child without its checkpoint.
func (c *child) force() error {
	for _, sig := range []syscall.Signal{immediateSignal, killSignal} {
		if err := c.signal(sig); err != nil {
			return err
		}
		select {
		case <-c.done:
			return nil
		case <-time.After(grace):
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not end", c.cmd.Process.Pid)
}

// abandon ends a child whose start failed.
func (c *child) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := c.stop(ctx); err != nil {
		c.logger.Warn("a PostgreSQL that did not come up was stopped", slog.Any("error", err))
	}
}

// signal sends sig; a child that has ended already is no error.
func (c *child) signal(sig syscall.Signal) error {
	c.serving.Store(false)
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal PostgreSQL: %w", err)
	}
	return nil
}
