package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// migrateCommands move the schema.
type migrateCommands struct {
	Up     migrateUp     `cmd:"" help:"Apply what is still to be applied, and let the role of DATABASE_URL in."`
	Down   migrateDown   `cmd:"" help:"Take back the migrations that were last applied together, and the data in their tables."`
	Status migrateStatus `cmd:"" help:"Print which migrations are applied."`
}

type migrateUp struct {
	databaseCommand `embed:""`
}

// Run applies migrations and prints their names.
func (c *migrateUp) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		applied, err := t.migrate(ctx)
		if err == nil && len(applied) == 0 {
			return say(p.stdout, "nothing to apply\n")
		}
		return firstError(err, list(p.stdout, "applied", applied))
	})
}

type migrateDown struct {
	databaseCommand `embed:""`
}

// Run takes migrations back and prints their names.
func (c *migrateDown) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		return t.migrator(ctx, func(m *postgres.Migrator) error {
			taken, err := m.Down(ctx)
			if err == nil && len(taken) == 0 {
				return say(p.stdout, "nothing to take back\n")
			}
			return firstError(err, list(p.stdout, "took back", taken))
		})
	})
}

type migrateStatus struct {
	databaseCommand `embed:""`
}

// Run prints the table of migrations.
func (c *migrateStatus) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		return t.migrator(ctx, func(m *postgres.Migrator) error {
			status, err := m.Status(ctx)
			if err != nil {
				return fmt.Errorf("read the migrations: %w", err)
			}
			return printStatus(p.stdout, status)
		})
	})
}

func printStatus(w io.Writer, status []postgres.MigrationStatus) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	// The writer keeps the first error for Flush.
	_, _ = fmt.Fprintln(table, "MIGRATION\tAPPLIED")
	for _, one := range status {
		applied := "no"
		if !one.AppliedAt.IsZero() {
			applied = one.AppliedAt.UTC().Format(time.RFC3339)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\n", one.Name, applied)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the migrations: %w", err)
	}
	return nil
}

func list(w io.Writer, verb string, names []string) error {
	for _, name := range names {
		if err := say(w, "%s %s\n", verb, name); err != nil {
			return err
		}
	}
	return nil
}

// say prints what was asked for: that it couldn't be printed is a failure of the command.
func say(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
