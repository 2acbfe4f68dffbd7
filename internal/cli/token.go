package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/auth"
)

// tokenCommand mints an access token.
type tokenCommand struct {
	Company string        `required:"" placeholder:"SLUG" help:"The company's slug, such as savanna."`
	User    string        `required:"" placeholder:"EMAIL" help:"The user's address."`
	TTL     time.Duration `name:"ttl" default:"1h" help:"How long the token works."`

	tokenSettings   `embed:""`
	databaseCommand `embed:""`
}

// Help says what comes out.
func (*tokenCommand) Help() string {
	return "Only the token goes to standard output. It needs the key that the server verifies with, and the database " +
		"as its owner (or the private one) to look the user up. It belongs to no login: it can't be logged out, and " +
		"stops working when it expires or the user is deactivated."
}

// Run prints the token alone.
func (c *tokenCommand) Run(ctx context.Context, p *process) error {
	if c.TTL <= 0 {
		return usagef("--ttl must be above zero")
	}
	if err := c.tokenSettings.validate(); err != nil {
		return err
	}
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		keys, err := c.keys(c.databaseSettings, p)
		if err != nil {
			return err
		}
		issuer, err := c.issuer(keys, p)
		if err != nil {
			return err
		}
		company, user, err := c.lookUp(ctx, t)
		if err != nil {
			return err
		}
		token, err := mint(issuer, company, user, p.now(), c.TTL)
		if err != nil {
			return err
		}
		return say(p.stdout, "%s\n", token)
	})
}

func mint(issuer *auth.Issuer, company, user uuid.UUID, now time.Time, ttl time.Duration) (string, error) {
	token, err := issuer.Issue(auth.Claims{Tenant: company, Subject: user, IssuedAt: now, ExpiresAt: now.Add(ttl)})
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}

func (c *tokenCommand) lookUp(ctx context.Context, t *target) (company, user uuid.UUID, err error) {
	if err := t.ready(ctx); err != nil {
		return company, user, err
	}
	err = t.owner(ctx, func(conn *pgx.Conn) error {
		if company, err = companyBySlug(ctx, conn, c.Company); err != nil {
			return err
		}
		user, err = userByEmail(ctx, conn, company, c.User)
		return err
	})
	return company, user, err
}

func companyBySlug(ctx context.Context, conn *pgx.Conn, slug string) (uuid.UUID, error) {
	var company uuid.UUID
	err := conn.QueryRow(ctx, `select company_id from company_directory where slug = $1`, slug).Scan(&company)
	if errors.Is(err, pgx.ErrNoRows) {
		return company, fmt.Errorf("there is no company %q", slug)
	}
	if err != nil {
		return company, fmt.Errorf("look up the company: %w", err)
	}
	return company, nil
}

// userByEmail names the company to the database first: its row-level security binds the owner too.
func userByEmail(ctx context.Context, conn *pgx.Conn, company uuid.UUID, email string) (uuid.UUID, error) {
	var user uuid.UUID
	var status string
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local app.tenant_id = '%s'", company)); err != nil {
			return fmt.Errorf("enter the company: %w", err)
		}
		return tx.QueryRow(ctx, `select id, status from users where tenant_id = $1 and email = $2`,
			company, strings.ToLower(email)).Scan(&user, &status)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return user, fmt.Errorf("the company has no user %q", email)
	case err != nil:
		return user, fmt.Errorf("look up the user: %w", err)
	case status != "ACTIVE":
		return user, fmt.Errorf("the user %q is deactivated: a token of theirs would be refused", email)
	}
	return user, nil
}
