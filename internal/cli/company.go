package cli

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// companyCreateCommand makes a company.
//
//nolint:lll // a tag can't be broken over lines
type companyCreateCommand struct {
	Slug         string  `required:"" placeholder:"SLUG" help:"The name in the company's addresses, which people log in with: 3 to 40 small letters, digits and hyphens."`
	Name         string  `required:"" placeholder:"NAME" help:"The company's name."`
	Country      string  `required:"" placeholder:"CODE" help:"Two letters, as ISO 3166-1 has them: currency, tax, cash rounding and time zone follow from it."`
	BusinessType string  `enum:"retail,restaurant,supermarket,auto-service,dealership" default:"retail" help:"Its trade: retail, restaurant, supermarket, auto-service or dealership."`
	OwnerName    string  `required:"" placeholder:"NAME" help:"The owner's name."`
	OwnerEmail   string  `required:"" placeholder:"EMAIL" help:"What the owner logs in with."`
	StoreName    *string `placeholder:"NAME" help:"The first store's name; the company's unless given."`
	Currency     *string `placeholder:"CODE" help:"The currency, where it isn't the country's."`
	TimeZone     *string `placeholder:"ZONE" help:"The time zone, where it isn't the country's, such as Africa/Nairobi."`
	TaxRate      *string `placeholder:"PERCENT" help:"The tax on taxable goods, where it isn't the country's standard rate."`
	Sample       bool    `help:"Add some products to try."`
	Operator     string  `env:"OPERATOR" group:"Operators" placeholder:"NAME" help:"Who you are, as the company's log shows it."`

	databaseCommand `embed:""`
}

// Help says what comes of it.
func (*companyCreateCommand) Help() string {
	return "The owner's password is made and printed, once. It works with DATABASE_URL alone, like the server."
}

// Run makes the company and prints how its owner logs in.
func (c *companyCreateCommand) Run(ctx context.Context, p *process) error {
	in, err := c.input(p.rand)
	if err != nil {
		return err
	}
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		if t.loginURL == "" {
			return usagef("this needs --database-url (DATABASE_URL): companies are made as the server's role")
		}
		db, err := postgres.Open(ctx, postgres.Config{URL: t.loginURL, MaxConns: 2, StatementCache: 0, Models: graph.Models()})
		if err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		defer db.Close()
		if err := db.Verify(ctx); err != nil {
			return fmt.Errorf("no company is made on this database: %w", err)
		}
		t.log.InfoContext(ctx, "an operator's command", "operator", strings.TrimSpace(c.Operator), "command", c.Slug+": company create")
		people := staff.New(staff.Config{DB: db, Passwords: newPasswords(p), Now: p.now, Rand: p.rand})
		made, err := signup.New(signup.Config{DB: db, Staff: people, Now: p.now}).Create(ctx, in)
		if err != nil {
			return refusal(err)
		}
		return say(p.stdout, "made the company %s\n\n  store     %s, with the register %s\n  log in    companySlug %s, email %s\n  password  %s\n",
			made.Slug, made.Store.Name, made.Register.Code, made.Slug, made.Owner.Email, in.OwnerPassword)
	})
}

func (c *companyCreateCommand) input(random io.Reader) (signup.CompanySignUpInput, error) {
	password, err := newPassword(random)
	in := signup.CompanySignUpInput{
		Slug: c.Slug, Name: c.Name, CountryCode: strings.ToUpper(c.Country),
		BusinessType: tenancy.BusinessType(strings.ToUpper(strings.ReplaceAll(c.BusinessType, "-", "_"))),
		OwnerName:    c.OwnerName, OwnerEmail: c.OwnerEmail, OwnerPassword: password,
		StoreName: c.StoreName, TimeZone: c.TimeZone, SampleCatalogue: c.Sample,
	}
	if c.Currency != nil {
		currency, fault := money.ParseCurrency(strings.ToUpper(*c.Currency))
		if fault != nil {
			err = errors.Join(err, usagef("--currency: %s is no currency", *c.Currency))
		}
		in.CurrencyCode = &currency
	}
	if c.TaxRate != nil {
		rate, fault := money.ParseDecimal(*c.TaxRate)
		if fault != nil {
			err = errors.Join(err, usagef("--tax-rate: %s is no number", *c.TaxRate))
		}
		in.TaxRate = &rate
	}
	return in, err
}

// newPassword makes a password of a hundred random bits, in letters and digits that are told apart.
func newPassword(random io.Reader) (string, error) {
	const bytes, group = 12, 5
	bits := make([]byte, bytes)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("make a password: %w", err)
	}
	text := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).EncodeToString(bits)
	var groups []string
	for len(text) > group {
		groups, text = append(groups, text[:group]), text[group:]
	}
	return strings.Join(append(groups, text), "-"), nil
}

// refusal says what was wrong with the input, a line for each.
func refusal(err error) error {
	var problems errs.Problems
	if !errors.As(err, &problems) {
		return fmt.Errorf("make the company: %w", err)
	}
	lines := make([]string, len(problems))
	for i, problem := range problems {
		lines[i] = strings.Join(problem.Field, ".") + ": " + problem.Message
	}
	return usageError{errors.New(strings.Join(lines, "\n"))}
}
