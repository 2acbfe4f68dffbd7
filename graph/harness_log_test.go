package graph_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
)

// cost is what one request asked of the database.
type cost struct{ Statements, RoundTrips int64 }

// serverLog is the server's log. It shows warnings in the test's output, keeps what each request cost, and everything
// for a test that looks at it.
type serverLog struct {
	slog.Handler

	mu       *sync.Mutex
	all      *bytes.Buffer
	costs    map[string]cost
	failures *[]string
}

func newServerLog(t testing.TB) *serverLog {
	return &serverLog{
		Handler: slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}),
		mu:      &sync.Mutex{}, all: &bytes.Buffer{}, costs: map[string]cost{}, failures: &[]string{},
	}
}

// Enabled implements slog.Handler.
func (*serverLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (j *serverLog) Handle(ctx context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	start := j.all.Len()
	if err := slog.NewTextHandler(j.all, &slog.HandlerOptions{Level: slog.LevelDebug}).Handle(ctx, r); err != nil {
		return err
	}
	if r.Level >= slog.LevelError {
		*j.failures = append(*j.failures, j.all.String()[start:])
	}
	if r.Message == "request" {
		var request string
		var c cost
		r.Attrs(func(a slog.Attr) bool {
			switch a.Key {
			case "request_id":
				request = a.Value.String()
			case "statements":
				c.Statements = a.Value.Int64()
			case "round_trips":
				c.RoundTrips = a.Value.Int64()
			}
			return true
		})
		j.costs[request] = c
	}
	if r.Level >= slog.LevelWarn {
		return j.Handler.Handle(ctx, r)
	}
	return nil
}

func (j *serverLog) cost(request string) cost {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.costs[request]
}

// String is all that was logged.
func (j *serverLog) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}

// quiet fails the test when something was logged as an error: nothing that a client sends may be one.
func (j *serverLog) quiet(t testing.TB) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range *j.failures {
		t.Errorf("logged as an error: %s", line)
	}
}
