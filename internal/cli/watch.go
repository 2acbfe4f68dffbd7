package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/telemetry"
)

// watch is what operators see of a server: nothing, unless they asked.
type watch struct {
	metrics  *telemetry.Metrics
	traces   *telemetry.Traces
	listener net.Listener
	http     *http.Server
}

// watch takes the operators' port, and finds their collector of traces.
func (s watchSettings) watch(ctx context.Context, p *process) (*watch, error) {
	w := &watch{}
	var err error
	if telemetry.Asked(p.env) {
		if w.traces, err = telemetry.NewTraces(ctx); err != nil {
			return nil, err
		}
	}
	if s.MetricsListen == "" {
		return w, nil
	}
	w.metrics = telemetry.New()
	var config net.ListenConfig
	if w.listener, err = config.Listen(ctx, "tcp", s.MetricsListen); err != nil {
		return nil, errors.Join(fmt.Errorf("--metrics-listen (METRICS_LISTEN): %w", err), w.traces.Close(ctx))
	}
	return w, nil
}

// statements traces what is asked of the database: the texts, which have no values in them.
func (w *watch) statements() pgx.QueryTracer {
	if w.traces == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(w.traces.Provider()))
}

// show serves the figures.
func (w *watch) show(ctx context.Context, db *postgres.DB, log *slog.Logger) error {
	if w.listener == nil {
		return nil
	}
	w.metrics.Pools(func() []telemetry.Pool {
		read, write := db.PoolStats()
		pools := []telemetry.Pool{{Name: "read"}, {Name: "write"}}
		for i, s := range []interface {
			TotalConns() int32
			AcquiredConns() int32
			MaxConns() int32
			EmptyAcquireCount() int64
		}{read, write} {
			pools[i].Total, pools[i].Busy, pools[i].Most, pools[i].Waited = s.TotalConns(), s.AcquiredConns(), s.MaxConns(), s.EmptyAcquireCount()
		}
		return pools
	})
	w.http = &http.Server{Handler: w.metrics.Handler(), ReadHeaderTimeout: readHeaderTimeout}
	log.InfoContext(ctx, "metrics and profiles", "address", w.listener.Addr().String())
	go func() { _ = w.http.Serve(w.listener) }() // it ends with close
	return nil
}

func (w *watch) close(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	err := w.traces.Close(ctx)
	switch {
	case w.http != nil:
		err = errors.Join(err, w.http.Close())
	case w.listener != nil:
		err = errors.Join(err, w.listener.Close())
	}
	return err
}
