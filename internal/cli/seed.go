package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/seed"
)

// demoSeed makes the demo data the same everywhere.
const demoSeed = 1

// seedCommand fills the database.
//
//nolint:lll // a tag can't be broken over lines
type seedCommand struct {
	Companies  *int   `placeholder:"N" help:"Make that many companies instead of the demo's, 1 to 9999: a few chains, many single shops."`
	Sales      *int64 `placeholder:"N" help:"How many sales these companies make together, over two years."`
	RandomSeed uint64 `default:"1" placeholder:"N" help:"What everything random comes from: the same number makes the same data on the same day."`

	databaseCommand `embed:""`
}

// Help says what is made.
func (*seedCommand) Help() string {
	return "Without --companies and --sales it makes three demo companies, in a database that has no other. Every user " +
		"that it makes has the password " + seed.Password + ": it is for trying and measuring, never beside real data."
}

// Run makes the data.
func (c *seedCommand) Run(ctx context.Context, p *process) error {
	if err := c.validate(); err != nil {
		return err
	}
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		if c.Companies == nil {
			return c.demo(ctx, p, t)
		}
		return c.bulk(ctx, p, t)
	})
}

func (c *seedCommand) validate() error {
	switch {
	case (c.Companies == nil) != (c.Sales == nil):
		return usagef("--companies and --sales go together: give both, or neither for the demo data")
	case c.Companies != nil && (*c.Companies < 1 || *c.Companies > 9999):
		return usagef("--companies must be 1 to 9999")
	case c.Sales != nil && *c.Sales < 0:
		return usagef("--sales can't be below zero")
	}
	return nil
}

func (c *seedCommand) demo(ctx context.Context, p *process, t *target) error {
	made, err := t.demo(ctx, p, c.RandomSeed)
	if err != nil {
		return err
	}
	if len(made.Made) == 0 {
		return errors.New("the database has the demo companies already: nothing was changed")
	}
	return say(p.stderr, "made %d demo companies with %d sales; their users' password is %s\n",
		len(made.Made), made.Sales, seed.Password)
}

func (c *seedCommand) bulk(ctx context.Context, p *process, t *target) error {
	err := t.withoutTriggers(ctx, func(lent bool) error {
		return seed.Bulk(ctx, t.connect, seed.BulkOptions{
			Options: t.seedOptions(p, c.RandomSeed), Companies: *c.Companies, Sales: *c.Sales, KeysBySet: lent,
			Progress: seed.PrintProgress(p.stderr),
		})
	})
	if err != nil {
		return fmt.Errorf("make companies: %w", err)
	}
	return say(p.stderr, "made %d companies with %d sales; log in as owner@bulk-0001.example of bulk-0001, "+
		"with the password %s\n", *c.Companies, *c.Sales, seed.Password)
}

// withoutTriggers lets the owner of the private PostgreSQL's tables turn off triggers while do runs. Who owns those of a
// configured database has what its superuser gave.
func (t *target) withoutTriggers(ctx context.Context, do func(lent bool) error) (err error) {
	if !t.local() {
		return do(false)
	}
	back, err := postgres.LendTriggers(ctx, t.current().URL(localSuperuser, localDatabase), localOwner)
	if err != nil {
		return fmt.Errorf("prepare the private PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, back(context.WithoutCancel(ctx))) }()
	return do(true)
}

func (t *target) seedOptions(p *process, random uint64) seed.Options {
	return seed.Options{Now: p.now, Logger: t.log, Seed: random, HashPassword: newPasswords(p).Hash}
}

// newPasswords computes as many hashes at once as there are processors.
func newPasswords(p *process) *auth.Passwords {
	return auth.NewPasswords(runtime.GOMAXPROCS(0), p.rand)
}

// demo makes the demo companies that are missing.
func (t *target) demo(ctx context.Context, p *process, random uint64) (seed.DemoResult, error) {
	var result seed.DemoResult
	err := t.owner(ctx, func(conn *pgx.Conn) (err error) {
		result, err = seed.Demo(ctx, conn, t.seedOptions(p, random))
		return wrap("make demo data", err)
	})
	return result, err
}
