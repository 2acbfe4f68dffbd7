package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// signalsCommand prints signals.
type signalsCommand struct {
	Slug string `arg:"" optional:"" placeholder:"SLUG" help:"Of this company alone, each with its evidence: the company's log shows that you looked."`

	Nobody bool          `help:"Of nobody known alone, each with its evidence."`
	Since  time.Duration `default:"24h" help:"Of hours that began at most so long ago: signals are kept for 90 days."`

	operating `embed:""`
}

// Help says what the columns are.
func (*signalsCommand) Help() string {
	return "Without a company it prints, for each that has any, a line a kind: how often it was noticed, the hours that it was " +
		"noticed in, and the last time. Then come the companies with the largest shares of the time and of the rows of all " +
		"requests. FOREIGN_ID and SLOW are told operators alone."
}

// Run prints them.
func (c *signalsCommand) Run(ctx context.Context, p *process) error {
	if c.Slug != "" && c.Nobody {
		return usagef("name a company, or --nobody")
	}
	if c.Since <= 0 {
		return usagef("--since must be above zero")
	}
	since := p.now().Add(-c.Since)
	if c.Slug != "" {
		of := operated{Slug: c.Slug, operating: c.operating}
		return of.run(ctx, p, "signals", func(ctx context.Context, tx pgx.Tx, company uuid.UUID) error {
			return printEvidence(ctx, p, tx, since, &company)
		})
	}
	return c.connected(ctx, p, "signals", func(ctx context.Context, conn *pgx.Conn) error {
		if c.Nobody {
			return printEvidence(ctx, p, conn, since, nil)
		}
		return printSignals(ctx, p, conn, since)
	})
}

// asked is a connection or a transaction.
type asked interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// mostEvidence is how many signals are printed with their evidence.
const mostEvidence = 1000

// printEvidence prints each signal of a company, which has been entered, or of nobody.
func printEvidence(ctx context.Context, p *process, from asked, since time.Time, company *uuid.UUID) error {
	rows, err := from.Query(ctx, `
		select hour, kind, occurrences, last_at, coalesce('usually ' || usual, ''), user_id, at_register_id, operator, address, request_id, operation
		from signals where tenant_id = $1 and hour >= $2
		union all
		select hour, kind, occurrences, last_at, coalesce(format('%s %% of the time, %s %% of the rows', round((share_of_time * 100)::numeric),
			round((share_of_rows * 100)::numeric)), ''), user_id, at_register_id, operator, address, request_id, operation
		from operator_signals where company_id is not distinct from $1 and hour >= $2
		order by 1 desc, 2 limit $3`, company, since, mostEvidence)
	if err != nil {
		return fmt.Errorf("read the signals: %w", err)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	var hour, last time.Time
	var kind, detail, operator, address, request, operation string
	var n int64
	var user, register *uuid.UUID
	into := []any{&hour, &kind, &n, &last, &detail, &user, &register, &operator, &address, &request, &operation}
	_, err = pgx.ForEachRow(rows, into, func() error {
		evidence := []string{}
		for _, part := range []struct{ name, value string }{
			{"", detail},
			{"user ", userText(user)},
			{"register ", registerText(register)},
			{"operator ", operator},
			{"from ", address},
			{"request ", request},
			{"operation ", operation},
		} {
			if part.value != "" {
				evidence = append(evidence, part.name+part.value)
			}
		}
		return say(w, "%s\t%s\t%d\tlast %s\t%s\n", hour.UTC().Format(time.RFC3339), kind, n, last.UTC().Format(time.TimeOnly),
			strings.Join(evidence, ", "))
	})
	return errors.Join(err, w.Flush())
}

func userText(user *uuid.UUID) string {
	if user == nil {
		return ""
	}
	return id.User(*user).String()
}

func registerText(register *uuid.UUID) string {
	if register == nil {
		return ""
	}
	return id.Register(*register).String()
}

// noticed is what was noticed of a company.
type noticed struct {
	slug, kind string
	n          int64
	hours      int
	last       time.Time
}

// usedUp is what a company's requests took.
type usedUp struct {
	slug     string
	requests int64
	micros   int64
	rows     int64
}

// printSignals prints a line for each company and kind, and whose requests took the most.
func printSignals(ctx context.Context, p *process, conn *pgx.Conn, since time.Time) error {
	companies, err := directory(ctx, conn)
	if err != nil {
		return err
	}
	list, err := noticedOf(ctx, conn, `select '-', kind, sum(occurrences)::bigint, count(*), max(last_at) from operator_signals
		where company_id is null and hour >= $1 group by kind order by kind`, since)
	if err != nil {
		return err
	}
	var busy []usedUp
	for _, company := range companies {
		more, took, err := ofCompany(ctx, conn, company, since)
		if err != nil {
			return err
		}
		list = append(list, more...)
		if took.requests > 0 {
			busy = append(busy, took)
		}
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, one := range list {
		if err := say(w, "%s\t%s\t%d\tin %d hours\tlast %s\n", one.slug, one.kind, one.n, one.hours, one.last.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
	}
	if len(list) > 0 && len(busy) > 0 {
		// A table of its own, with its own columns.
		if err := errors.Join(w.Flush(), say(p.stdout, "\n")); err != nil {
			return err
		}
	}
	return errors.Join(printShares(w, busy), w.Flush())
}

type slugged struct {
	company uuid.UUID
	slug    string
}

func directory(ctx context.Context, conn *pgx.Conn) ([]slugged, error) {
	rows, err := conn.Query(ctx, "select company_id, slug from company_directory order by slug")
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (slugged, error) {
		var one slugged
		err := row.Scan(&one.company, &one.slug)
		return one, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	return list, nil
}

func noticedOf(ctx context.Context, from asked, sql string, args ...any) ([]noticed, error) {
	rows, err := from.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read the signals: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (noticed, error) {
		var one noticed
		err := row.Scan(&one.slug, &one.kind, &one.n, &one.hours, &one.last)
		return one, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the signals: %w", err)
	}
	return list, nil
}

// ofCompany reads figures of one company, and nothing that is its own: the owner of the tables is bound by their policies.
func ofCompany(ctx context.Context, conn *pgx.Conn, company slugged, since time.Time) (list []noticed, took usedUp, err error) {
	took.slug = company.slug
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local app.tenant_id = '%s'", company.company)); err != nil {
			return fmt.Errorf("enter the company: %w", err)
		}
		if list, err = noticedOf(ctx, tx, `select $3::text, kind, sum(occurrences)::bigint, count(*), max(last_at) from (
				select kind, occurrences, last_at from signals where tenant_id = $1 and hour >= $2
				union all
				select kind, occurrences, last_at from operator_signals where company_id = $1 and hour >= $2) s
			group by kind order by kind`, company.company, since, company.slug); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `select coalesce(sum(requests), 0)::bigint, coalesce(sum(micros), 0)::bigint, coalesce(sum(rows_read), 0)::bigint
			from company_activity where tenant_id = $1 and hour >= $2`, company.company, since).
			Scan(&took.requests, &took.micros, &took.rows); err != nil {
			return fmt.Errorf("read what requests took: %w", err)
		}
		return nil
	})
	return list, took, err //nolint:wrapcheck // it says what it did
}

// mostShares is how many companies are printed with their shares.
const mostShares = 20

// printShares prints who took the most of the time of all.
func printShares(w io.Writer, busy []usedUp) error {
	var micros, rows int64
	for _, one := range busy {
		micros, rows = micros+one.micros, rows+one.rows
	}
	slices.SortFunc(busy, func(a, b usedUp) int {
		return cmp.Or(cmp.Compare(max(share(b.micros, micros), share(b.rows, rows)), max(share(a.micros, micros), share(a.rows, rows))),
			strings.Compare(a.slug, b.slug))
	})
	for _, one := range busy[:min(len(busy), mostShares)] {
		if err := say(w, "%s\t%d requests\t%.1f %% of the time\t%.1f %% of the rows\n", one.slug, one.requests,
			share(one.micros, micros), share(one.rows, rows)); err != nil {
			return err
		}
	}
	return nil
}

// share is a part in percent.
func share(part, of int64) float64 {
	const hundred = 100
	if of == 0 {
		return 0
	}
	return hundred * float64(part) / float64(of)
}
