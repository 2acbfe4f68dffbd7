// Package quota holds companies to what their plans allow: how many stores, registers and people they have.
package quota

import (
	"context"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Exceeded is the code of the problem that a plan allows no more.
const Exceeded = "QUOTA_EXCEEDED"

// Usage is how much a company has of what its plan limits: its open stores and registers, and the people who were not
// deactivated, also those that the caller doesn't see.
type Usage struct {
	Stores    int `bun:"open_stores"`
	Registers int `bun:"open_registers"`
	Users     int `bun:"people"`
}

// Count builds the statement that counts, and locks until the transaction ends: of two who would each take the last
// place, one waits for the other and counts anew.
func Count(h *postgres.Handle, has **Usage) postgres.Statement {
	return postgres.Row(has, h.NewSelect().ColumnExpr("open_stores, open_registers, people").TableExpr("tillgraph.company_usage()"))
}

// Room says whether a limit allows one more.
//
// Errors: problem QUOTA_EXCEEDED.
func Room(limit *int, has int, what string) error {
	if limit == nil || has < *limit {
		return nil
	}
	return errs.Problems{{Code: Exceeded, Field: []string{}, Message: "The company's plan allows no more " + what + "."}}
}

// ForUser makes sure that the company may have one person more.
//
// Errors: problem QUOTA_EXCEEDED.
func ForUser(ctx context.Context, tx *postgres.Tx) error {
	limit := tx.Scope().Config().Plan.Quotas().Users
	if limit == nil {
		return nil
	}
	var has *Usage
	if err := tx.Send(ctx, Count(tx.Handle, &has)); err != nil {
		return err
	}
	return Room(limit, has.Users, "people")
}
