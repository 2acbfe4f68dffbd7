package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// isolationCommands are about how companies are kept apart.
type isolationCommands struct {
	Check isolationCheckCommand `cmd:"" help:"Read the database's catalogue and the program's models, and print what that proves."`
}

// isolationCheckCommand proves what of the isolation can be read.
type isolationCheckCommand struct {
	databaseCommand `embed:""`
}

// Help says what it does.
func (*isolationCheckCommand) Help() string {
	return "It logs in as the server does, reads pg_catalog alone and changes nothing in a database that it was given, which may be in use. " +
		"It prints each rule with how much it covers, and what the rules let pass with the reason. Where a rule doesn't hold it " +
		"names the first exception and ends with 1. The server looks at the same when it starts."
}

var errNotIsolated = errors.New("the isolation does not hold")

// Run prints what was proved.
func (c *isolationCheckCommand) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		if t.loginURL == "" {
			return usagef("this needs --database-url (DATABASE_URL): it looks as the server does")
		}
		const conns = 2
		db, err := postgres.Open(ctx, postgres.Config{URL: t.loginURL, MaxConns: conns, Models: graph.Models()})
		if err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		defer db.Close()
		proofs, err := db.Prove(ctx)
		if err != nil {
			return fmt.Errorf("the isolation can't be looked at: %w", err)
		}
		return showProofs(p.stdout, proofs)
	})
}

func showProofs(w io.Writer, proofs []postgres.Proof) error {
	failed := 0
	for _, proof := range proofs {
		outcome := "holds"
		if len(proof.Findings) > 0 {
			outcome = "FAILS"
			failed++
		}
		if err := say(w, "%s  %4d %-12s  %s\n", outcome, proof.Objects, proof.Kind, proof.Rule); err != nil {
			return err
		}
		if err := showFinding(w, proof.Findings); err != nil {
			return err
		}
	}
	if err := showExceptions(w); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d rules fail", errNotIsolated, failed, len(proofs))
	}
	return say(w, "\nAll %d rules hold.\n", len(proofs))
}

// showExceptions prints what the rules let pass, and why.
func showExceptions(w io.Writer) error {
	err := say(w, "\nTables of no company:\n")
	for _, table := range postgres.SharedTables() {
		err = errors.Join(err, say(w, "  %s\n      %s\n", table.Name, table.Reason))
	}
	err = errors.Join(err, say(w, "\nSECURITY DEFINER functions, and who calls them:\n"))
	for _, function := range postgres.DefinerFunctions() {
		err = errors.Join(err, say(w, "  %s (%s)\n      %s\n", function.Name, function.Caller, function.Reason))
	}
	return err
}

// showFinding names the first exception of a rule.
func showFinding(w io.Writer, findings []error) error {
	switch len(findings) {
	case 0:
		return nil
	case 1:
		return say(w, "       %v\n", findings[0])
	}
	return say(w, "       %v, and %d more\n", findings[0], len(findings)-1)
}
