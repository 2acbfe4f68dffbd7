package postgres

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// Stats counts what one request asked of the database. The entry, BEGIN and COMMIT count as statements.
type Stats struct {
	statements atomic.Int64
	roundTrips atomic.Int64
	rows       atomic.Int64
	touched    touched

	// parent counts all that is counted here.
	parent *Stats
	texts  *texts
}

// Part counts a part of what s counts.
func (s *Stats) Part() *Stats { return &Stats{parent: s} }

// Statements is how many statements ran.
func (s *Stats) Statements() int64 { return s.statements.Load() }

// RoundTrips is how many times the request waited for the database, preparing apart.
func (s *Stats) RoundTrips() int64 { return s.roundTrips.Load() }

// Rows is how many rows were read.
func (s *Stats) Rows() int64 { return s.rows.Load() }

// texts are the statements of a request, each once, as they were sent: with their parameters' places, and none of those.
type texts struct {
	mu   sync.Mutex
	list []string
}

// mostTexts and longestText bound them.
const mostTexts, longestText = 30, 32 << 10

// KeepTexts has the texts of statements kept. It is called before anything is counted.
func (s *Stats) KeepTexts() { s.texts = &texts{} }

// Texts are the statements that were kept: those that a domain has built, without what enters a scope and ends a transaction.
func (s *Stats) Texts() []string {
	if s.texts == nil {
		return nil
	}
	s.texts.mu.Lock()
	defer s.texts.mu.Unlock()
	return slices.Clone(s.texts.list)
}

func (t *texts) add(text string) {
	if len(text) > longestText {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) < mostTexts && !slices.Contains(t.list, text) {
		t.list = append(t.list, text)
	}
}

func countRows(ctx context.Context, rows int64) {
	s, _ := ctx.Value(statsKey{}).(*Stats)
	for ; s != nil; s = s.parent {
		s.rows.Add(rows)
	}
}

type statsKey struct{}

// WithStats counts into s what is done with the context.
func WithStats(ctx context.Context, s *Stats) context.Context {
	return context.WithValue(ctx, statsKey{}, s)
}

// StatsOf is what counts what is done with the context; nil where nothing does.
func StatsOf(ctx context.Context) *Stats {
	s, _ := ctx.Value(statsKey{}).(*Stats)
	return s
}

func count(ctx context.Context, statements, roundTrips int64) {
	s, _ := ctx.Value(statsKey{}).(*Stats)
	for ; s != nil; s = s.parent {
		s.statements.Add(statements)
		s.roundTrips.Add(roundTrips)
	}
}

// keep keeps the text of a statement where a request asks for that.
func keep(ctx context.Context, text string) {
	s, _ := ctx.Value(statsKey{}).(*Stats)
	for ; s != nil; s = s.parent {
		if s.texts != nil {
			s.texts.add(text)
		}
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
