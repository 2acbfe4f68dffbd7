package postgres

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// Stats counts what one request asked of the database. The entry, BEGIN and COMMIT count as statements.
type Stats struct {
	statements atomic.Int64
	roundTrips atomic.Int64
	rows       atomic.Int64
	touched    touched
}

// Statements is how many statements ran.
func (s *Stats) Statements() int64 { return s.statements.Load() }

// RoundTrips is how many times the request waited for the database, preparing apart.
func (s *Stats) RoundTrips() int64 { return s.roundTrips.Load() }

// Rows is how many rows were read.
func (s *Stats) Rows() int64 { return s.rows.Load() }

func countRows(ctx context.Context, rows int64) {
	if s, ok := ctx.Value(statsKey{}).(*Stats); ok {
		s.rows.Add(rows)
	}
}

type statsKey struct{}

// WithStats counts into s what is done with the context.
func WithStats(ctx context.Context, s *Stats) context.Context {
	return context.WithValue(ctx, statsKey{}, s)
}

func count(ctx context.Context, statements, roundTrips int64) {
	if s, ok := ctx.Value(statsKey{}).(*Stats); ok {
		s.statements.Add(statements)
		s.roundTrips.Add(roundTrips)
	}
}

// tracer feeds Stats from pgx.
type tracer struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	count(ctx, 1, 1)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	count(ctx, int64(data.Batch.Len()), 1)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
