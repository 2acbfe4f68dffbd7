package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Founding is what a company is at its very beginning.
type Founding struct {
	Slug, Name, CountryCode, CurrencyCode, BusinessType string
	// Plan is "" for the usual one.
	Plan string
	At   time.Time
}

const foundSQL = "select tillgraph.company_create($1, $2, $3, $4, $5, $6, $7, $8)"

// queue makes the company before its scope is entered: afterwards nobody may.
func (f *Founding) queue(b *pgx.Batch, s *tenancy.Scope) {
	var plan *string
	if f.Plan != "" {
		plan = &f.Plan
	}
	b.Queue(foundSQL, s.Company.UUID(), f.Slug, f.Name, f.CountryCode, f.CurrencyCode, f.BusinessType, f.At, plan)
}

// Found is Write in the transaction that makes the company of the scope of ctx, whose id is a new one. What fn writes is
// there together with the company, or neither is.
//
// Errors: IsUnique where there is a company with this slug, or one that looks like it.
func (db *DB) Found(ctx context.Context, f Founding, fn func(ctx context.Context, tx *Tx) error) error {
	return db.transact(ctx, &f, fn)
}
