package customer

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Merge makes a customer the double of another, once: its balances move there, its sales are read through the other,
// and what only it had is known of the other. Merged into the same one before, it changes nothing.
//
// Errors: problems INVALID, NOT_FOUND, MERGED and ERASED.
func (c *Customers) Merge(ctx context.Context, double, into id.Customer) (*Customer, error) {
	if double == into {
		return nil, errs.Problems{{
			Code: form.Invalid, Field: []string{"intoId"}, Message: "A customer can't be the double of itself.",
		}}
	}
	var survivor *Customer
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var rows, doubles []*Customer
		if err := tx.Send(ctx,
			// In the order of their ids, so that two merges don't wait for one another.
			postgres.Rows(&rows, tx.Select((*Customer)(nil)).
				Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs([]id.Customer{double, into})).
				OrderExpr("?TableAlias.id").For("UPDATE")),
			postgres.Rows(&doubles, tx.Select((*Customer)(nil)).
				Where("?TableAlias.merged_into_id = ANY (?::uuid[])", postgres.UUIDs([]id.Customer{double, into})).
				OrderExpr("?TableAlias.id").For("UPDATE")),
		); err != nil {
			return err
		}
		var lost *Customer
		for _, row := range rows {
			if row.ID == double {
				lost = row
			} else {
				survivor = row
			}
		}
		done, err := mergeable(lost, survivor)
		if err != nil || done {
			return err
		}
		return c.merge(ctx, tx, lost, survivor, doubles)
	})
	if err != nil {
		return nil, err
	}
	return survivor, nil
}

// mergeable checks two customers; done says that the merge has happened before.
func mergeable(lost, survivor *Customer) (done bool, err error) {
	var p errs.Problems
	check := func(c *Customer, field string) {
		switch {
		case c == nil:
			p = append(p, notFound(field))
		case c.MergedIntoID != nil:
			p.Add(merged, []string{field}, "This customer was merged into another one before.")
		case c.ErasedAt != nil:
			p.Add(erased, []string{field}, "This customer was erased.")
		}
	}
	if lost != nil && survivor != nil && lost.MergedIntoID != nil && *lost.MergedIntoID == survivor.ID {
		return true, nil
	}
	check(lost, "id")
	check(survivor, "intoId")
	return false, p.Err()
}

func (c *Customers) merge(ctx context.Context, tx *postgres.Tx, lost, survivor *Customer, doubles []*Customer) error {
	now := c.instant()
	entries := moves(lost, ledger.Merge, now)
	for _, e := range slices.Clone(entries) {
		there := &ledger.Entry{
			Ledger: e.Ledger, Reason: ledger.Merge, AmountMinor: -e.AmountMinor, SpendMinor: -e.SpendMinor,
			OccurredAt: now, RecordedAt: now,
		}
		survivor.Move(there)
		survivor.PointsSpendMinor += there.SpendMinor
		entries = append(entries, there)
	}
	by(tx, entries)
	survivor.CreditLimitMinor = max(survivor.CreditLimitMinor, lost.CreditLimitMinor)
	survivor.adopt(lost)
	lost.MergedIntoID = &survivor.ID
	// The double gives its reference up before the other one takes it.
	statements := []postgres.Statement{c.write(tx, lost), c.write(tx, survivor)}
	statements = append(statements,
		postgres.Exec(nil, tx.Update((*Customer)(nil)).Set("merged_into_id = ?", survivor.ID).
			Where("?TableAlias.merged_into_id = ?", lost.ID)),
		postgres.Exec(nil, tx.Delete((*Word)(nil)).Where("?TableAlias.customer_id = ?", lost.ID)))
	statements = append(statements, indexing(tx, survivor, append(doubles, lost)...)...)
	if len(entries) > 0 {
		statements = append(statements, ledger.Insert(tx.Handle, &entries))
	}
	return tx.Finish(ctx, statements...)
}

// moves empties a customer's balances.
func moves(c *Customer, reason ledger.Reason, now time.Time) []*ledger.Entry {
	var entries []*ledger.Entry
	move := func(kind ledger.Kind, minor, spend int64) {
		if minor == 0 && spend == 0 {
			return
		}
		e := &ledger.Entry{
			Ledger: kind, Reason: reason, AmountMinor: -minor, SpendMinor: -spend, OccurredAt: now, RecordedAt: now,
		}
		c.Move(e)
		entries = append(entries, e)
	}
	move(ledger.StoreCredit, c.StoreCreditMinor, 0)
	move(ledger.Account, c.OwedMinor, 0)
	move(ledger.Points, c.PointsBalance, c.PointsSpendMinor)
	c.PointsSpendMinor = 0
	return entries
}

// by says in entries who makes them.
func by(tx *postgres.Tx, entries []*ledger.Entry) {
	for _, e := range entries {
		if user := tx.Scope().User; !user.IsZero() {
			e.UserID = &user
		}
	}
}

// adopt takes over what only the double knew.
func (c *Customer) adopt(double *Customer) {
	for _, field := range []struct{ mine, theirs *string }{
		{&c.Name, &double.Name}, {&c.Phone, &double.Phone}, {&c.Email, &double.Email}, {&c.TaxNumber, &double.TaxNumber},
	} {
		if *field.mine == "" {
			*field.mine = *field.theirs
		}
	}
	notes := []rune(strings.TrimSpace(c.Notes + "\n" + double.Notes))
	c.Notes = string(notes[:min(len(notes), mostNotes)])
	if c.ExternalReference == nil {
		c.ExternalReference, double.ExternalReference = double.ExternalReference, nil
	}
	if c.CustomerGroupID == nil {
		c.CustomerGroupID = double.CustomerGroupID
	}
}

const balanceOpen = "BALANCE_OPEN"

// Erase removes what a company knows of a person: name, phone, e-mail, tax number, notes, reference, and the words
// that they were found by, of their doubles too. What they bought stays, without them. While the shop owes them or
// they owe the shop it is refused, unless forced: then the balances are written off. Points always are.
// Erased before, it changes nothing.
//
// Errors: problems NOT_FOUND, MERGED and BALANCE_OPEN.
func (c *Customers) Erase(ctx context.Context, customer id.Customer, force bool) (*Customer, error) {
	var gone *Customer
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var doubles []*Customer
		if err := tx.Send(ctx, lock(tx, customer, &gone), doublesOf(tx, customer, &doubles)); err != nil {
			return err
		}
		var problems errs.Problems
		switch {
		case gone == nil:
			problems = append(problems, notFound("id"))
		case gone.MergedIntoID != nil:
			problems.Add(merged, []string{"id"}, "This customer was merged into another one: erase that one.")
		case gone.ErasedAt != nil:
			return nil
		case !force && (gone.StoreCreditMinor != 0 || gone.OwedMinor != 0):
			problems = append(problems, gone.open())
		}
		if err := problems.Err(); err != nil {
			return err
		}
		return c.erase(ctx, tx, gone, doubles)
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

func (c *Customer) open() errs.Problem {
	return errs.Problem{
		Code: balanceOpen, Field: []string{"force"},
		Message: "The customer has store credit or an account that is not even: settle it, or write it off by force.",
		Details: map[string]any{"storeCredit": c.StoreCredit(), "accountBalance": c.AccountBalance()},
	}
}

func (c *Customers) erase(ctx context.Context, tx *postgres.Tx, gone *Customer, doubles []*Customer) error {
	now := c.instant()
	entries := moves(gone, ledger.Erasure, now)
	by(tx, entries)
	var statements []postgres.Statement
	ids := []id.Customer{gone.ID}
	for _, row := range append(doubles, gone) {
		row.Name, row.Phone, row.Email, row.TaxNumber, row.Notes = "", "", "", "", ""
		row.ExternalReference, row.CustomerGroupID, row.ErasedAt, row.CreditLimitMinor = nil, nil, &now, 0
		ids = append(ids, row.ID)
		statements = append(statements, c.write(tx, row))
	}
	statements = append(statements, postgres.Exec(nil, tx.Delete((*Word)(nil)).
		Where("?TableAlias.customer_id = ANY (?::uuid[])", postgres.UUIDs(ids))))
	if len(entries) > 0 {
		statements = append(statements, ledger.Insert(tx.Handle, &entries))
	}
	return tx.Finish(ctx, statements...)
}
