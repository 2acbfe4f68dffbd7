// Package later does what an answer doesn't wait for: mail, above all. What is under way when the process dies is
// lost, so that only what can be asked for again belongs here.
package later

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	workers = 2
	waiting = 1000
	// longest ends a job that hangs.
	longest = time.Minute
)

// Queue does jobs one after the other, a few at once.
type Queue struct {
	log  *slog.Logger
	jobs chan job
	done chan struct{}

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

type job struct {
	ctx  context.Context //nolint:containedctx // a job is a call that waits
	what string
	fn   func(context.Context) error
}

// New starts a queue. Close it.
func New(log *slog.Logger) *Queue {
	q := &Queue{log: log, jobs: make(chan job, waiting), done: make(chan struct{})}
	for range workers {
		q.wg.Go(q.work)
	}
	return q
}

// Do has a job done after who asks has gone; what it is called stands in the log when it fails. It is false where too
// much waits already, or the queue is closed: then nothing will be done.
func (q *Queue) Do(ctx context.Context, what string, fn func(context.Context) error) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	select {
	case q.jobs <- job{ctx: context.WithoutCancel(ctx), what: what, fn: fn}:
		return true
	default:
		q.log.ErrorContext(ctx, "too much is waiting, so that this is not done", "what", what)
		return false
	}
}

// Close takes no more jobs and waits for those that are waiting, until ctx ends.
func (q *Queue) Close(ctx context.Context) {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.jobs)
		go func() { q.wg.Wait(); close(q.done) }()
	}
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-ctx.Done():
		q.log.WarnContext(ctx, "jobs were left undone", "waiting", len(q.jobs))
	}
}

func (q *Queue) work() {
	for j := range q.jobs {
		q.run(j)
	}
}

func (q *Queue) run(j job) {
	ctx, cancel := context.WithTimeout(j.ctx, longest)
	defer cancel()
	defer func() {
		if thrown := recover(); thrown != nil {
			q.log.ErrorContext(ctx, "a job panicked", "what", j.what, "panic", thrown)
		}
	}()
	if err := j.fn(ctx); err != nil {
		q.log.ErrorContext(ctx, "a job failed", "what", j.what, "error", err)
	}
}
