package graph

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	// planEvery is how often the plans of one document are logged: a slow database is not to be asked still more.
	planEvery = 10 * time.Minute
	// mostPlanned bounds the documents that are remembered for that, and planTime how long the plans of one may take.
	mostPlanned = 1000
	planTime    = 10 * time.Second
)

// planned remembers of which documents the plans were logged.
type planned struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// due says whether a document's plans are to be logged, and remembers that they are.
func (p *planned) due(document string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, ok := p.last[document]; ok && now.Sub(last) < planEvery {
		return false
	}
	if p.last == nil || len(p.last) >= mostPlanned {
		p.last = map[string]time.Time{}
	}
	p.last[document] = now
	return true
}

// plans logs how the database answers the statements of a slow operation, once the answer is on its way: as the restricted
// role, in the request's scope, without the values that the client sent.
func (c Config) plans(ctx context.Context, r *request, document string) {
	scope, err := tenancy.From(ctx)
	if err != nil || c.planned == nil || !c.planned.due(document, c.Now()) {
		return
	}
	texts := r.stats.Texts()
	c.Later.Do(postgres.WithStats(ctx, &postgres.Stats{}), "the plans of a slow operation", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, planTime)
		defer cancel()
		h, err := c.DB.Bind(ctx)
		if err != nil {
			return err
		}
		for i, text := range texts {
			plan, err := h.Explain(ctx, text)
			if ctx.Err() != nil {
				return ctx.Err() //nolint:wrapcheck // its time is over
			}
			about := []slog.Attr{
				slog.String("document", document), slog.String("company", scope.CompanySlug), slog.String("request_id", r.id),
				slog.Int("number", i+1), slog.Int("of", len(texts)), slog.String("statement", text),
			}
			if err != nil {
				about = append(about, slog.String("error", err.Error()))
			}
			c.Logger.LogAttrs(ctx, slog.LevelWarn, "the plan of a slow operation", append(about, slog.String("plan", plan))...)
		}
		return nil
	})
}
