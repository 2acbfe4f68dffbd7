package signal

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Signals answers for those of the request's company.
type Signals struct {
	db *postgres.DB
}

// NewSignals makes a Signals.
func NewSignals(db *postgres.DB) *Signals { return &Signals{db: db} }

// Filter says which signals to list. All that is given must hold.
type Filter struct {
	Kind     *Kind
	From, To *time.Time
}

// List lists the company's signals, the newest hour first.
func (s *Signals) List(ctx context.Context, f *Filter, a page.Args) (*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h.Select((*Signal)(nil))) }, byHour(), a)
}

func (f *Filter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.Kind != nil {
		q.Where("?TableAlias.kind = ?", *f.Kind)
	}
	if f.From != nil {
		q.Where("?TableAlias.hour >= ?", *f.From)
	}
	if f.To != nil {
		q.Where("?TableAlias.hour < ?", *f.To)
	}
	return q
}
