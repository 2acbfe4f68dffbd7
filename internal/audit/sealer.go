package audit

import (
	"context"
	"log/slog"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// sealMost is how many records of a company are sealed in one transaction, and sealTogether where it is one of several.
	sealMost, sealTogether = 2000, 500
	// again is in how many rounds a company is looked at after it was marked: a record isn't sealed while a transaction
	// goes on that began before it.
	again = 2
)

// Sealer adds the records of changes to the chains of their companies; those of accesses are sealed as they are written.
// Several may run, of several servers: of one company only one seals at a time, and each record is sealed once.
type Sealer struct {
	*later.Rounds

	db  *postgres.DB
	log *slog.Logger
}

// NewSealer makes a Sealer, which does nothing until it runs.
func NewSealer(db *postgres.DB, log *slog.Logger) *Sealer {
	s := &Sealer{db: db, log: log}
	s.Rounds = later.NewRounds(later.RoundsConfig{
		Log: log, Failed: "the trail wasn't sealed", Again: again, Do: s.Seal, Together: s.sealAll, Sweep: s.Sweep,
	})
	return s
}

// Seal seals all records of a company that can be. While somebody else adds to its chain it isn't waited for: the company
// comes again in the next rounds.
func (s *Sealer) Seal(ctx context.Context, company id.Company) error {
	for {
		sealed, err := s.db.SealAudit(ctx, sealMost, company)
		if err != nil {
			return err
		}
		if sealed[0] == postgres.BeingSealed {
			s.Mark(company)
		}
		if sealed[0] < sealMost {
			return nil
		}
	}
}

// sealAll seals the records of several companies, in one transaction but for what is much.
func (s *Sealer) sealAll(ctx context.Context, companies []id.Company) error {
	sealed, err := s.db.SealAudit(ctx, sealTogether, companies...)
	if err != nil {
		return err
	}
	for i, company := range companies {
		if sealed[i] == postgres.BeingSealed {
			s.Mark(company)
		}
		if sealed[i] < sealTogether {
			continue
		}
		if err := s.Seal(ctx, company); err != nil {
			return err
		}
	}
	return nil
}

// Sweep seals the records of all companies.
func (s *Sealer) Sweep(ctx context.Context) error {
	return later.Each(ctx, s.db.AuditCompanies, companyOf, func(c *postgres.Audited) error {
		if !c.Waiting {
			return nil
		}
		return s.Seal(ctx, c.Company)
	})
}

// Keep removes what companies don't keep any longer, every so often. It ends with ctx.
func (s *Sealer) Keep(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.Retain(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the oldest records of the trail weren't removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Retain removes the records that companies don't keep any longer.
func (s *Sealer) Retain(ctx context.Context) error {
	return later.Each(ctx, s.db.AuditCompanies, companyOf, func(c *postgres.Audited) error {
		for {
			removed, err := s.db.RetainAudit(ctx, c.Company, sealMost)
			if err != nil || removed < sealMost {
				return err
			}
		}
	})
}

func companyOf(c *postgres.Audited) id.Company { return c.Company }
