package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// sealMost is how many records are sealed in one transaction.
	sealMost = 2000
	// sweepMost is how many companies one look is at.
	sweepMost = 500
	// again is in how many rounds a company is looked at after it was marked: a record isn't sealed while a transaction
	// goes on that began before it.
	again = 3
)

// Sealer adds records to the chains of their companies. Several may run, of several servers: of one company only one
// seals at a time, and each record is sealed once.
type Sealer struct {
	db  *postgres.DB
	log *slog.Logger

	mu    sync.Mutex
	dirty map[id.Company]int
}

// NewSealer makes a Sealer, which does nothing until it runs.
func NewSealer(db *postgres.DB, log *slog.Logger) *Sealer {
	return &Sealer{db: db, log: log, dirty: map[id.Company]int{}}
}

// Mark says that a company has records that aren't sealed. It doesn't wait.
func (s *Sealer) Mark(company id.Company) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty[company] = again
}

// Run seals the records of the companies that were marked, every so often, and now and then those of all, for what
// other servers left behind. It ends with ctx.
func (s *Sealer) Run(ctx context.Context, every, sweep time.Duration) {
	tick, whole := time.NewTicker(every), time.NewTicker(sweep)
	defer tick.Stop()
	defer whole.Stop()
	s.swept(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.marked(ctx)
		case <-whole.C:
			s.swept(ctx)
		}
	}
}

func (s *Sealer) marked(ctx context.Context) {
	for _, company := range s.due() {
		if err := s.Seal(ctx, company); err != nil {
			s.failed(ctx, err)
			s.Mark(company)
		}
	}
}

func (s *Sealer) due() []id.Company {
	s.mu.Lock()
	defer s.mu.Unlock()
	companies := make([]id.Company, 0, len(s.dirty))
	for company, rounds := range s.dirty {
		companies = append(companies, company)
		if s.dirty[company] = rounds - 1; rounds <= 1 {
			delete(s.dirty, company)
		}
	}
	return companies
}

func (s *Sealer) swept(ctx context.Context) {
	if err := s.Sweep(ctx); err != nil {
		s.failed(ctx, err)
	}
}

func (s *Sealer) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.log.ErrorContext(ctx, "the trail wasn't sealed", "error", err)
	}
}

// Seal seals all records of a company that can be. What somebody else is sealing is left to them.
func (s *Sealer) Seal(ctx context.Context, company id.Company) error {
	for {
		sealed, err := s.db.SealAudit(ctx, company, sealMost)
		if err != nil || sealed < sealMost {
			return err
		}
	}
}

// Sweep seals the records of all companies.
func (s *Sealer) Sweep(ctx context.Context) error {
	return s.each(ctx, func(c *postgres.Audited) error {
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
	return s.each(ctx, func(c *postgres.Audited) error {
		for {
			removed, err := s.db.RetainAudit(ctx, c.Company, sealMost)
			if err != nil || removed < sealMost {
				return err
			}
		}
	})
}

// each does something for every company.
func (s *Sealer) each(ctx context.Context, do func(*postgres.Audited) error) error {
	var last *id.Company
	for {
		companies, err := s.db.AuditCompanies(ctx, last, sweepMost)
		if err != nil {
			return err
		}
		for _, c := range companies {
			if err := do(c); err != nil {
				return err
			}
			last = &c.Company
		}
		if len(companies) < sweepMost {
			return nil
		}
	}
}
