package report

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// foldMost is how many receipts go into the sums in one transaction.
	foldMost = 2000
	// sweepMost is how many companies one look is at.
	sweepMost = 500
)

// Folder adds what is pending to the sums. Several may run, of several servers: of one company only one folds at a time,
// and each receipt is folded once.
type Folder struct {
	db  *postgres.DB
	log *slog.Logger

	mu    sync.Mutex
	dirty map[id.Company]bool
}

// NewFolder makes a Folder, which does nothing until it runs.
func NewFolder(db *postgres.DB, log *slog.Logger) *Folder {
	return &Folder{db: db, log: log, dirty: map[id.Company]bool{}}
}

// Mark says that something of a company is pending. It doesn't wait.
func (f *Folder) Mark(company id.Company) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dirty[company] = true
}

// Run folds the companies that were marked, every so often, and now and then all that there are, for what other servers
// left behind. It ends with ctx.
func (f *Folder) Run(ctx context.Context, every, sweep time.Duration) {
	tick, whole := time.NewTicker(every), time.NewTicker(sweep)
	defer tick.Stop()
	defer whole.Stop()
	f.sweep(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.marked(ctx)
		case <-whole.C:
			f.sweep(ctx)
		}
	}
}

func (f *Folder) marked(ctx context.Context) {
	f.mu.Lock()
	dirty := f.dirty
	f.dirty = map[id.Company]bool{}
	f.mu.Unlock()
	for company := range dirty {
		if err := f.Fold(ctx, company); err != nil {
			f.failed(ctx, err)
			f.Mark(company)
		}
	}
}

func (f *Folder) sweep(ctx context.Context) {
	if err := f.Sweep(ctx); err != nil {
		f.failed(ctx, err)
	}
}

func (f *Folder) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		f.log.ErrorContext(ctx, "the sums of reports weren't brought up to date", "error", err)
	}
}

// Fold adds all that is pending of a company. What somebody else is folding is left to them.
func (f *Folder) Fold(ctx context.Context, company id.Company) error {
	for {
		folded, err := f.db.FoldReports(ctx, company, foldMost)
		if err != nil || folded < foldMost {
			return err
		}
	}
}

// Sweep folds all companies.
func (f *Folder) Sweep(ctx context.Context) error {
	var last *id.Company
	for {
		companies, err := f.db.ReportCompanies(ctx, last, sweepMost)
		if err != nil {
			return err
		}
		for _, c := range companies {
			if c.Pending {
				if err := f.Fold(ctx, c.Company); err != nil {
					return err
				}
			}
			last = &c.Company
		}
		if len(companies) < sweepMost {
			return nil
		}
	}
}
