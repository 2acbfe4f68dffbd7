package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// auditCommands are about the trail of changes and accesses.
type auditCommands struct {
	Verify auditVerifyCommand `cmd:"" help:"Verify that nobody tampered with the trail."`
}

// anchorSettings say where heads of chains are kept.
//
//nolint:lll // a tag can't be broken over lines
type anchorSettings struct {
	AuditAnchor string `name:"audit-anchor" env:"AUDIT_ANCHOR" group:"Operation" placeholder:"URL" help:"Where the heads of the trail's chains are kept, a JSON object a line: file:///path, which is added to, or https://address, which gets them by POST and gives all of them by GET. Whoever can change the database should not reach it."`
}

// anchors are those that are set, nil where none are.
func (s *anchorSettings) anchors() (*audit.Anchors, error) {
	if s.AuditAnchor == "" {
		return nil, nil //nolint:nilnil // none are asked for
	}
	anchors, err := audit.OpenAnchors(s.AuditAnchor, nil)
	if err != nil {
		return nil, usagef("--audit-anchor (AUDIT_ANCHOR): %v", err)
	}
	return anchors, nil
}

// auditVerifyCommand verifies chains.
type auditVerifyCommand struct {
	Company string `placeholder:"SLUG" help:"Of this company alone."`

	anchorSettings `embed:""`

	databaseCommand `embed:""`
}

// Help says what it does.
func (*auditVerifyCommand) Help() string {
	return "It reads as the server does, changes nothing, and may run while the server does. It ends with 1 where a record " +
		"was changed, removed, inserted or reordered past the server, and prints the first such record of each company."
}

var (
	errTampered  = errors.New("the trail is not what the server wrote")
	errNoCompany = errors.New("there is no such company")
)

// Run prints what each chain is.
func (c *auditVerifyCommand) Run(ctx context.Context, p *process) error {
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
			return fmt.Errorf("the trail of this database can't be verified: %w", err)
		}
		anchors, err := c.anchors()
		if err != nil {
			return err
		}
		heads := map[string][]audit.Anchor{}
		if anchors != nil {
			if heads, err = anchors.Read(ctx); err != nil {
				return err
			}
		}
		return c.verify(ctx, p, db, heads)
	})
}

func (c *auditVerifyCommand) verify(ctx context.Context, p *process, db *postgres.DB, heads map[string][]audit.Anchor) error {
	const most = 100
	trail := audit.New(db)
	verified, broken := 0, 0
	var last *id.Company
	for {
		list, err := db.ReportCompanies(ctx, last, most)
		if err != nil {
			return fmt.Errorf("list the companies: %w", err)
		}
		for _, company := range list {
			last = &company.Company
			if c.Company != "" && company.Slug != c.Company {
				continue
			}
			found, err := trail.Verify(tenancy.With(ctx, company.Scope()), audit.Check{
				Anchors: heads[company.Company.UUID().String()],
			})
			if err != nil {
				return fmt.Errorf("verify %s: %w", company.Slug, err)
			}
			verified++
			if found.Broken != nil {
				broken++
			}
			if err := say(p.stdout, "%s\n", verdict(company.Slug, found)); err != nil {
				return err
			}
		}
		if len(list) < most {
			break
		}
	}
	switch {
	case c.Company != "" && verified == 0:
		return fmt.Errorf("%w: %s", errNoCompany, c.Company)
	case broken > 0:
		return fmt.Errorf("%w: of %d companies", errTampered, broken)
	}
	return nil
}

func verdict(slug string, v *audit.Verification) string {
	if v.Broken != nil {
		return fmt.Sprintf("%s: %s", slug, v.Broken)
	}
	text := fmt.Sprintf("%s: %d records are as they were; the chain ends at position %d with %s", slug, v.Records, v.LastPosition, v.Head)
	if v.Waiting > 0 {
		text += fmt.Sprintf("; %d more are not sealed yet", v.Waiting)
	}
	return text
}
