package report

import (
	"context"
	"log/slog"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// foldMost is how many receipts go into the sums in one transaction.
const foldMost = 2000

// Folder adds what is pending to the sums. Several may run, of several servers: of one company only one folds at a time,
// and each receipt is folded once.
type Folder struct {
	*later.Rounds

	db *postgres.DB
}

// NewFolder makes a Folder, which does nothing until it runs.
func NewFolder(db *postgres.DB, log *slog.Logger) *Folder {
	f := &Folder{db: db}
	f.Rounds = later.NewRounds(later.RoundsConfig{
		Log: log, Failed: "the sums of reports weren't brought up to date", Do: f.Fold, Sweep: f.Sweep,
	})
	return f
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
	return later.Each(ctx, f.db.ReportCompanies, companyOf, func(c *postgres.Reporting) error {
		if !c.Pending {
			return nil
		}
		return f.Fold(ctx, c.Company)
	})
}

func companyOf(c *postgres.Reporting) id.Company { return c.Company }
