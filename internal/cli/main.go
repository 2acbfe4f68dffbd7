package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// What the process ends with.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// Env looks up a variable of the environment, as os.LookupEnv does.
type Env func(name string) (value string, ok bool)

// Main runs a command until it is done or the process is told to stop, and gives the exit code. The first SIGINT
// or SIGTERM asks for an orderly stop; a second one ends the process at once.
func Main(args []string, env Env, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, env, stdout, stderr)
}

// process is what a command has of the world.
type process struct {
	env            Env
	stdout, stderr io.Writer
	now            func() time.Time
	rand           io.Reader
}

// Run runs a command until it is done or ctx ends, and gives the exit code: 1 where the command failed, 2 where it
// wasn't understood.
func Run(ctx context.Context, args []string, env Env, stdout, stderr io.Writer) int {
	p := &process{env: env, stdout: stdout, stderr: stderr, now: time.Now, rand: rand.Reader}
	parser, err := newParser(env, stdout, stderr)
	if err != nil {
		return fail(stderr, exitError, err)
	}
	command, err := parser.parse(args)
	switch {
	case parser.helped:
		return exitOK
	case err != nil:
		return fail(stderr, exitUsage, fmt.Errorf("%w (see --help)", err))
	}
	command.BindTo(ctx, (*context.Context)(nil))
	var misuse usageError
	switch err := command.Run(p); {
	case errors.As(err, &misuse):
		return fail(stderr, exitUsage, err)
	case err != nil && ctx.Err() != nil:
		// What fails because it was interrupted says much that nobody asked for; its first line will do.
		line, _, _ := strings.Cut(err.Error(), "\n")
		return fail(stderr, exitError, fmt.Errorf("stopped before it was done: %s", line))
	case err != nil:
		return fail(stderr, exitError, err)
	}
	return exitOK
}

func fail(stderr io.Writer, code int, err error) int {
	// There is nobody left to tell that it couldn't be told.
	_, _ = fmt.Fprintf(stderr, "tillgraph: %v\n", err)
	return code
}

// usageError says that the settings make no sense together.
type usageError struct{ error }

// Unwrap gives the cause.
func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
