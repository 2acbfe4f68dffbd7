package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// reportCommands look after the sums of reports.
type reportCommands struct {
	Verify reportVerifyCommand `cmd:"" help:"Add all receipts up anew and compare them with what reports say."`
}

// reportVerifyCommand compares reports with the ledger.
type reportVerifyCommand struct {
	databaseCommand `embed:""`
}

// Help says what it does.
func (*reportVerifyCommand) Help() string {
	return "It reads as the server does, changes nothing, and may run while sales come in. It ends with 1 where there is " +
		"a difference, and prints each: by how much the sums are too large."
}

var errDifferent = errors.New("reports are not what the receipts say")

// Run prints the differences.
func (c *reportVerifyCommand) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		if t.loginURL == "" {
			return usagef("this needs --database-url (DATABASE_URL): it reads as the server does")
		}
		const conns = 2
		db, err := postgres.Open(ctx, postgres.Config{URL: t.loginURL, MaxConns: conns, Models: graph.Models()})
		if err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		defer db.Close()
		if err := db.Verify(ctx); err != nil {
			return fmt.Errorf("reports of this database can't be verified: %w", err)
		}
		return verifyReports(ctx, p, db)
	})
}

func verifyReports(ctx context.Context, p *process, db *postgres.DB) error {
	const most = 100
	reports := report.New(db)
	companies, found := 0, 0
	var last *id.Company
	for {
		list, err := db.ReportCompanies(ctx, last, most)
		if err != nil {
			return fmt.Errorf("list the companies: %w", err)
		}
		for _, company := range list {
			last = &company.Company
			differences, err := reports.Verify(tenancy.With(ctx, company.Scope()))
			if err != nil {
				return fmt.Errorf("verify %s: %w", company.Slug, err)
			}
			for _, d := range differences {
				if err := say(p.stdout, "%s: %s\n", company.Slug, d); err != nil {
					return err
				}
			}
			companies, found = companies+1, found+len(differences)
		}
		if len(list) < most {
			break
		}
	}
	if found > 0 {
		return fmt.Errorf("%w: %d differences", errDifferent, found)
	}
	return say(p.stdout, "the reports of %d companies are what their receipts say\n", companies)
}
