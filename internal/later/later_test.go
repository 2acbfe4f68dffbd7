package later_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tillgraph/tillgraph/internal/later"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	q := later.New(slog.New(slog.NewTextHandler(&log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int64
	for range 20 {
		q.Do(ctx, "count", func(ctx context.Context) error {
			if ctx.Err() == nil { // who asked has gone, and the job goes on
				done.Add(1)
			}
			return nil
		})
	}
	cancel()
	q.Do(t.Context(), "fail", func(context.Context) error { return errors.New("no luck") })
	q.Do(t.Context(), "panic", func(context.Context) error { panic("at the job") })
	q.Close(t.Context())
	if done.Load() != 20 || !strings.Contains(log.String(), "no luck") || !strings.Contains(log.String(), "at the job") {
		t.Errorf("%d of 20 were done: %s", done.Load(), log.String())
	}
	if q.Do(t.Context(), "late", func(context.Context) error { return nil }) {
		t.Error("a closed queue takes jobs")
	}
	q.Close(t.Context())
}
