package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tillgraph/tillgraph/internal/localpg"
)

// A private PostgreSQL that ends this often within this time isn't helped by another start.
const (
	mostRevivals  = 5
	revivalWindow = time.Minute
)

// keepAlive starts the private PostgreSQL again whenever it ends by itself: requests fail with a clear error
// meanwhile, and the server goes on. lost is closed when another start doesn't help.
func (t *target) keepAlive(ctx context.Context, now func() time.Time) (lost <-chan struct{}) {
	ended := make(chan struct{})
	if !t.local() || t.reused() {
		return ended // never closed: it isn't ours to start
	}
	go func() {
		defer close(ended)
		var starts []time.Time
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.current().Done():
			}
			starts = append(starts, now())
			if n := len(starts) - mostRevivals; n > 0 && starts[len(starts)-1].Sub(starts[n-1]) < revivalWindow {
				return
			}
			t.log.ErrorContext(ctx, "the private PostgreSQL ended by itself and is started again",
				"log", "postgres.log in the data folder")
			if err := t.revive(ctx); err != nil {
				t.log.ErrorContext(ctx, "the private PostgreSQL doesn't start again", "error", err)
				if errors.Is(err, errMoved) {
					return
				}
				// It may have been ended while it started: that is one of its ends, and no reason to give up.
			}
		}
	}()
	return ended
}

var errMoved = errors.New("it came back at another address")

func (t *target) revive(ctx context.Context) error {
	server, err := localpg.Start(ctx, t.options)
	if err != nil {
		return fmt.Errorf("start it: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || server.URL(localLogin, localDatabase) != t.loginURL {
		return errors.Join(errMoved, server.Stop(context.WithoutCancel(ctx)))
	}
	t.server = server
	return nil
}

func (t *target) current() *localpg.Server {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.server
}
