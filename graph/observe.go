package graph

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"go.opentelemetry.io/otel/attribute"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/telemetry"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// failed remembers the code of an error in the answer, once.
func (r *request) failed(code string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.codes, code) {
		r.codes = append(r.codes, code)
	}
}

// observed notes what an operation is, and traces it and its loaders' batches.
func (c Config) observed(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	kind := string(op.Operation.Operation)
	if r := requestOf(ctx); r != nil {
		r.kind, r.about = kind, c.abouts.of(op)
		if c.Accessed != nil || c.Signals != nil {
			r.named = clipped(op.Operation.Name, longestOperation)
		}
		if c.Signals != nil {
			r.ids = r.about.idsWith(op.Variables)
		}
		r.cost = perRequest + costOf(op)
	}
	ctx = requestOf(ctx).origin(ctx, op.Operation.Name)
	metrics, traces := c.Metrics, c.Traces // and not all of c with each request
	ctx = loader.WithWatch(ctx, func(ctx context.Context, keys int) (context.Context, func(error)) {
		metrics.Batch(keys)
		return traces.Start(ctx, "look up", attribute.Int("tillgraph.keys", keys))
	})
	ctx, end := traces.Start(ctx, "GraphQL "+kind, attribute.String("graphql.operation.type", kind))
	respond := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		answer := respond(ctx)
		if answer != nil && len(answer.Errors) > 0 {
			end(answer.Errors)
		} else {
			end(nil)
		}
		return answer
	}
}

// account writes what became of a request to the log, and counts it.
func (c Config) account(ctx context.Context, r *request, status int, took time.Duration) {
	r.mu.Lock()
	codes := slices.Clone(r.codes)
	r.mu.Unlock()
	slow := c.SlowAfter > 0 && took >= c.SlowAfter && r.kind != ""
	if slow || c.Logger.Enabled(ctx, slog.LevelInfo) {
		c.log(ctx, r, status, took, slow)
	}
	company := ""
	if scope, err := tenancy.From(ctx); err == nil {
		company = scope.CompanySlug
	}
	c.record(ctx, r, codes, took)
	c.signal(ctx, r, codes, took)
	c.Metrics.Request(&telemetry.Request{
		Operation: r.kind, Company: company, Status: status, Took: took, Cost: r.cost,
		Statements: r.stats.Statements(), RoundTrips: r.stats.RoundTrips(), Rows: r.stats.Rows(), Codes: codes,
	})
}

// log writes a line about a request, and another one where it was slow.
func (c Config) log(ctx context.Context, r *request, status int, took time.Duration, slow bool) {
	about := append(who(ctx),
		slog.String("request_id", r.id), slog.String("operation", r.operation),
		slog.Int("status", status), slog.Duration("took", took),
		slog.Int64("statements", r.stats.Statements()), slog.Int64("round_trips", r.stats.RoundTrips()))
	c.Logger.LogAttrs(ctx, slog.LevelInfo, "request", about...)
	if !slow {
		return
	}
	// The document itself may hold what a log should not: who has registered or sent it knows it by its hash.
	c.Logger.LogAttrs(ctx, slog.LevelWarn, "a slow operation", append(about,
		slog.String("document", r.about.hash), slog.Int("cost", r.cost))...)
	if c.SlowPlans {
		c.plans(ctx, r, r.about.hash)
	}
}
