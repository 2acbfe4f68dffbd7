package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// companyOperations are what operators do to companies. Each one that is about one company stands in its own log.
type companyOperations struct {
	Create    companyCreateCommand    `cmd:"" help:"Make a company with its owner, a store and a register."`
	List      companyListCommand      `cmd:"" help:"Print all companies."`
	Show      companyShowCommand      `cmd:"" help:"Print what a company has."`
	Suspend   companySuspendCommand   `cmd:"" help:"Let a company sell no more, until it is reinstated."`
	Reinstate companyReinstateCommand `cmd:"" help:"Let a suspended company sell again."`
	Plan      companyPlanCommand      `cmd:"" help:"Change a company's plan."`
	Feature   companyFeatureCommand   `cmd:"" help:"Switch a feature for one company, whatever its plan."`
}

// operating is what all commands of operators share.
type operating struct {
	Operator string `required:"" env:"OPERATOR" group:"Operators" placeholder:"NAME" help:"Who you are, as the company's log shows it."`

	databaseCommand `embed:""`
}

// connected runs a command on the owner's connection, and writes to the process's log that it does.
func (c operating) connected(ctx context.Context, p *process, action string, do func(ctx context.Context, conn *pgx.Conn) error) error {
	const longest = 100
	if name := strings.TrimSpace(c.Operator); name == "" || len(name) > longest {
		return usagef("--operator (OPERATOR) must be 1 to %d characters", longest)
	}
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		t.log.InfoContext(ctx, "an operator's command", "operator", strings.TrimSpace(c.Operator), "command", action)
		return t.owner(ctx, func(conn *pgx.Conn) error { return do(ctx, conn) })
	})
}

// operated is what commands about one company share.
type operated struct {
	Slug string `arg:"" placeholder:"SLUG" help:"The company's slug."`

	operating `embed:""`
}

// run does something to a company in one transaction, with what stands in its log.
func (c operated) run(ctx context.Context, p *process, action string, do func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error) error {
	const longest = 1000
	if len([]rune(action)) > longest {
		return usagef("--reason must be shorter: a company's log keeps %d characters of a command", longest)
	}
	return c.connected(ctx, p, c.Slug+": "+action, func(ctx context.Context, conn *pgx.Conn) error {
		company, err := companyBySlug(ctx, conn, c.Slug)
		if err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			// The owner of the tables is bound by their policies, too.
			if _, err := tx.Exec(ctx, fmt.Sprintf("set local app.tenant_id = '%s'", company)); err != nil {
				return fmt.Errorf("enter the company: %w", err)
			}
			if _, err := tx.Exec(ctx, `insert into support_acts (tenant_id, id, operator, at, action) values ($1, $2, $3, now(), $4)`,
				company, id.New[id.SupportAct]().UUID(), strings.TrimSpace(c.Operator), action); err != nil {
				return fmt.Errorf("write it into the company's log: %w", err)
			}
			return do(ctx, tx, company)
		})
	})
}

type companyListCommand struct {
	operating `embed:""`
}

// Run prints the directory: it shows nothing of what is a company's own.
func (c *companyListCommand) Run(ctx context.Context, p *process) error {
	return c.connected(ctx, p, "company list", func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "select slug, plan, created_at from company_directory order by slug")
		if err != nil {
			return fmt.Errorf("read the directory: %w", err)
		}
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		var slug, plan string
		var created time.Time
		_, err = pgx.ForEachRow(rows, []any{&slug, &plan, &created}, func() error {
			return say(w, "%s\t%s\t%s\n", slug, plan, created.UTC().Format(time.DateOnly))
		})
		return errors.Join(err, w.Flush())
	})
}

type companyShowCommand struct {
	operated `embed:""`
}

// Run prints what there is of a company.
func (c *companyShowCommand) Run(ctx context.Context, p *process) error {
	return c.run(ctx, p, "company show", func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		var name, status, trade, plan, features string
		var people int
		err := tx.QueryRow(ctx, `select c.name, c.status, c.business_type, d.plan,
				(select count(*) from users u where u.tenant_id = c.tenant_id and u.status <> 'DEACTIVATED'),
				coalesce((select string_agg(f.feature || case when f.enabled then ' on' else ' off' end, ', ' order by f.feature)
					from company_features f where f.tenant_id = c.tenant_id), 'none')
			from companies c join company_directory d on d.company_id = c.tenant_id where c.tenant_id = $1`, company).
			Scan(&name, &status, &trade, &plan, &people, &features)
		if err != nil {
			return fmt.Errorf("read the company: %w", err)
		}
		return say(p.stdout, "%s\nid        %s\nstatus    %s\nbusiness  %s\nplan      %s\npeople    %d\nswitched  %s\n",
			name, company, status, trade, plan, people, features)
	})
}

type companySuspendCommand struct {
	operated `embed:""`

	Reason string `required:"" help:"Why, as the company's log shows it."`
}

// Run suspends a company.
func (c *companySuspendCommand) Run(ctx context.Context, p *process) error {
	return c.run(ctx, p, "company suspend: "+c.Reason, status(p, "SUSPENDED"))
}

type companyReinstateCommand struct {
	operated `embed:""`
}

// Run reinstates a company.
func (c *companyReinstateCommand) Run(ctx context.Context, p *process) error {
	return c.run(ctx, p, "company reinstate", status(p, "ACTIVE"))
}

func status(p *process, becomes string) func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
	return func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		if _, err := tx.Exec(ctx, "update companies set status = $2, updated_at = now() where tenant_id = $1", company, becomes); err != nil {
			return fmt.Errorf("change the company: %w", err)
		}
		return say(p.stdout, "%s\n", becomes)
	}
}

type companyPlanCommand struct {
	operated `embed:""`

	Plan string `arg:"" enum:"starter,standard,enterprise" help:"starter, standard or enterprise."`
}

// Run changes a company's plan. What it has too much of stays.
func (c *companyPlanCommand) Run(ctx context.Context, p *process) error {
	plan := tenancy.Plan(strings.ToUpper(c.Plan))
	return c.run(ctx, p, "company plan "+string(plan), func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		if _, err := tx.Exec(ctx, "update company_directory set plan = $2 where company_id = $1", company, string(plan)); err != nil {
			return fmt.Errorf("change the plan: %w", err)
		}
		return say(p.stdout, "%s\n", plan)
	})
}

type companyFeatureCommand struct {
	operated `embed:""`

	Feature string `arg:"" help:"The feature, such as GIFT_CARDS."`
	Switch  string `arg:"" enum:"on,off,default" help:"on, off, or default: what the plan and the business type say."`
	Reason  string `required:"" help:"Why, as the company's log shows it."`
}

// Run switches a feature for a company.
func (c *companyFeatureCommand) Run(ctx context.Context, p *process) error {
	feature := tenancy.Feature(strings.ToUpper(strings.ReplaceAll(c.Feature, "-", "_")))
	if len(feature.Plans()) == 0 {
		return usagef("there is no feature %q; the schema's enum Feature has them all", c.Feature)
	}
	action := "company feature " + string(feature) + " " + c.Switch + ": " + c.Reason
	return c.run(ctx, p, action, func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		_, err := tx.Exec(ctx, "delete from company_features where tenant_id = $1 and feature = $2", company, string(feature))
		if err == nil && c.Switch != "default" {
			_, err = tx.Exec(ctx, "insert into company_features (tenant_id, feature, enabled, reason) values ($1, $2, $3, $4)",
				company, string(feature), c.Switch == "on", c.Reason)
		}
		if err != nil {
			return fmt.Errorf("switch the feature: %w", err)
		}
		return say(p.stdout, "%s %s\n", feature, c.Switch)
	})
}

// supportCommands are about operators' accesses.
type supportCommands struct {
	Open supportOpenCommand `cmd:"" help:"Ask for access to a company, and print its token."`
	List supportListCommand `cmd:"" help:"Print the accesses to a company, the latest first."`
	End  supportEndCommand  `cmd:"" help:"End an access before its time."`
}

type supportOpenCommand struct {
	operated `embed:""`

	Reason string        `required:"" help:"Why, as the company sees it: 1 to 500 characters."`
	For    time.Duration `default:"1h" help:"For how long: a minute to a week."`
	Write  bool          `help:"Ask for more than reading."`

	tokenSettings `embed:""`
}

// Help says what comes out.
func (*supportOpenCommand) Help() string {
	return "Only the token goes to standard output. Where the company's settings ask for its consent, it works once that is " +
		"given, and the access's time begins then; nobody's consent is waited for longer than a week."
}

// Run opens an access, or asks for it.
func (c *supportOpenCommand) Run(ctx context.Context, p *process) error {
	const least, week = time.Minute, 7 * 24 * time.Hour
	if c.For < least || c.For > week {
		return usagef("--for must be 1m to 168h")
	}
	if err := c.tokenSettings.validate(); err != nil {
		return err
	}
	keys, err := c.keys(c.databaseSettings, p)
	if err != nil {
		return err
	}
	issuer, err := c.issuer(keys, p)
	if err != nil {
		return err
	}
	access := id.New[id.SupportAccess]()
	var token string
	err = c.run(ctx, p, "support open: "+c.Reason, func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		now := p.now()
		if err := c.ask(ctx, p, tx, company, access, now); err != nil {
			return err
		}
		token, err = issuer.Issue(auth.Claims{
			Tenant: company, Subject: access.UUID(), Support: true, IssuedAt: now, ExpiresAt: now.Add(week + c.For),
		})
		if err != nil {
			return fmt.Errorf("sign a token: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return say(p.stdout, "%s\n", token)
}

func (c *supportOpenCommand) ask(
	ctx context.Context, p *process, tx pgx.Tx, company uuid.UUID, access id.SupportAccess, now time.Time,
) error {
	const week = 7 * 24 * time.Hour
	var consent bool
	err := tx.QueryRow(ctx, `select coalesce((select support_consent_required from company_settings where tenant_id = $1), false)`, company).
		Scan(&consent)
	if err != nil {
		return fmt.Errorf("read the company's settings: %w", err)
	}
	opened, expires := &now, now.Add(c.For)
	if consent {
		opened, expires = nil, now.Add(week)
	}
	if _, err := tx.Exec(ctx, `insert into support_accesses (tenant_id, id, operator, reason, writes, minutes, requested_at, opened_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, company, access.UUID(), strings.TrimSpace(c.Operator), c.Reason, c.Write,
		int(c.For/time.Minute), now, opened, expires); err != nil {
		return fmt.Errorf("ask for access: %w", err)
	}
	what := "is open until " + expires.UTC().Format(time.RFC3339)
	if consent {
		what = "waits for the company's consent"
	}
	return say(p.stderr, "%s %s\n", access, what)
}

type supportListCommand struct {
	operated `embed:""`
}

// Run prints the accesses that operators asked for, ended ones too.
func (c *supportListCommand) Run(ctx context.Context, p *process) error {
	return c.run(ctx, p, "support list", func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		rows, err := tx.Query(ctx, `select id, operator, reason, writes, expires_at,
				case when ended_at is not null then 'ENDED' when expires_at <= $2 then 'EXPIRED'
					when opened_at is null then 'WAITING' else 'OPEN' end
			from support_accesses where tenant_id = $1 order by requested_at desc, id desc limit 1000`, company, p.now())
		if err != nil {
			return fmt.Errorf("read the accesses: %w", err)
		}
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		var access id.SupportAccess
		var operator, reason, status string
		var writes bool
		var expires time.Time
		_, err = pgx.ForEachRow(rows, []any{(*uuid.UUID)(&access), &operator, &reason, &writes, &expires, &status}, func() error {
			may := "reads"
			if writes {
				may = "writes"
			}
			return say(w, "%s\t%s\t%s\t%s\t%s\t%s\n", access, status, may, expires.UTC().Format(time.RFC3339), operator, reason)
		})
		return errors.Join(err, w.Flush())
	})
}

type supportEndCommand struct {
	operated `embed:""`

	Access string `arg:"" help:"The access's id, as support open printed it."`
}

// Run ends an access.
func (c *supportEndCommand) Run(ctx context.Context, p *process) error {
	ref, err := id.Parse(c.Access)
	if err != nil || ref.Type() != "SupportAccess" {
		return usagef("%q is no id of an access", c.Access)
	}
	return c.run(ctx, p, "support end", func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
		tag, err := tx.Exec(ctx, "update support_accesses set ended_at = now() where tenant_id = $1 and id = $2 and ended_at is null",
			company, ref.UUID)
		switch {
		case err != nil:
			return fmt.Errorf("end the access: %w", err)
		case tag.RowsAffected() == 0:
			return errors.New("the company has no such access that isn't ended")
		}
		return say(p.stdout, "ended\n")
	})
}
