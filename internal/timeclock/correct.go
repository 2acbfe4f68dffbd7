package timeclock

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TimeEntryCorrectInput is what an entry should have said.
type TimeEntryCorrectInput struct {
	Version      int
	ClockedInAt  time.Time
	ClockedOutAt time.Time
	Breaks       []BreakInput
	Reason       string
}

// BreakInput is a break as it should have been.
type BreakInput struct{ StartedAt, EndedAt time.Time }

const mostBreaks = 20

// validate checks a correction and cuts its instants to whole minutes.
func (in *TimeEntryCorrectInput) validate(now time.Time) (reason string, err error) {
	var p errs.Problems
	in.ClockedInAt, in.ClockedOutAt = in.ClockedInAt.Truncate(time.Minute), in.ClockedOutAt.Truncate(time.Minute)
	switch {
	case in.ClockedOutAt.Before(in.ClockedInAt):
		p.Add(form.Invalid, []string{"clockedOutAt"}, "This must not be before the beginning.")
	case in.ClockedOutAt.After(now):
		p.Add(form.Invalid, []string{"clockedOutAt"}, "This must not be in the future.")
	case in.ClockedOutAt.Sub(in.ClockedInAt) > longestEntry:
		p.Add(form.Invalid, []string{"clockedOutAt"}, "Nobody is on the clock for more than 24 hours.")
	}
	if len(in.Breaks) > mostBreaks {
		p.Add(form.Invalid, []string{"breaks"}, "At most %d breaks.", mostBreaks)
	}
	last := in.ClockedInAt
	for i := range in.Breaks {
		b := &in.Breaks[i]
		b.StartedAt, b.EndedAt = b.StartedAt.Truncate(time.Minute), b.EndedAt.Truncate(time.Minute)
		if b.StartedAt.Before(last) || b.EndedAt.Before(b.StartedAt) || b.EndedAt.After(in.ClockedOutAt) {
			p.Add(form.Invalid, errs.Path("breaks", i), "Breaks lie within the time, one after the other.")
		}
		last = b.EndedAt
	}
	reason = form.Text(&p, in.Reason, 1, 500, "reason")
	return reason, p.Err()
}

// Correct sets what an entry should have said, and writes down what it said before, who corrected it and why. With a
// CONFLICT problem it gives the entry as it is. Only owners correct their own.
//
// Errors: problems INVALID, NOT_FOUND, CONFLICT, OWN_ACCOUNT and OVERLAP.
func (c *Clock) Correct(ctx context.Context, entry id.TimeEntry, in TimeEntryCorrectInput) (*Entry, error) {
	now := c.now()
	reason, err := in.validate(now)
	if err != nil {
		return nil, err
	}
	var e *Entry
	err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		e = nil
		var person *staff.User
		var pauses []*Break
		var overlaps bool
		ofEntry := tx.Select((*Entry)(nil)).Column("user_id").Where("?TableAlias.id = ?", entry)
		if err := tx.Send(ctx,
			// The person first: of two corrections that would overlap, the second sees the first.
			postgres.Row(&person, tx.Select((*staff.User)(nil)).Where("person.id = (?)", ofEntry).For("UPDATE")),
			postgres.Row(&e, tx.Select((*Entry)(nil)).Where("?TableAlias.id = ?", entry).For("UPDATE")),
			postgres.Rows(&pauses, tx.Select((*Break)(nil)).Where("?TableAlias.entry_id = ?", entry).
				OrderExpr("?TableAlias.started_at, ?TableAlias.id")),
			postgres.Value(&overlaps, tx.NewSelect().ColumnExpr("tillgraph.on_the_clock(?, ?, ?)",
				entry, in.ClockedInAt, in.ClockedOutAt))); err != nil {
			return err
		}
		if err := correctable(tx.Scope(), e, in.Version); err != nil {
			return err
		}
		if overlaps {
			return errs.Problems{{
				Code: "OVERLAP", Field: []string{"clockedInAt"}, Message: "It would overlap with another time of the same person.",
			}}
		}
		return tx.Finish(ctx, c.correction(tx, e, pauses, in, reason)...)
	})
	var p errs.Problems
	if errors.As(err, &p) && p[0].Code == form.Conflict {
		return e, err
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func correctable(scope *tenancy.Scope, e *Entry, version int) error {
	switch {
	case e == nil || !scope.CanAt(tenancy.TimeWrite, e.StoreID):
		return notFound("id", "There is no such time.")
	case e.UserID == scope.User && scope.Role != tenancy.Owner:
		return errs.Problems{{Code: "OWN_ACCOUNT", Field: []string{"id"}, Message: "Somebody else corrects your own hours."}}
	case e.Version != version:
		return errs.Problems{{
			Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the time in the meantime.",
		}}
	}
	return nil
}

// correction writes down what was, then what is.
func (c *Clock) correction(
	tx *postgres.Tx, e *Entry, pauses []*Break, in TimeEntryCorrectInput, reason string,
) []postgres.Statement {
	change := &Change{
		ID: id.New[id.TimeEntryChange](), EntryID: e.ID, Reason: reason, CreatedAt: c.now(),
		OldClockedInAt: e.ClockedInAt, OldClockedOutAt: e.ClockedOutAt, OldBreaks: []time.Time{},
	}
	change.StoreID = e.StoreID
	if user := tx.Scope().User; !user.IsZero() {
		change.ChangedByID = &user
	}
	for _, pause := range pauses {
		change.OldBreaks = append(change.OldBreaks, pause.StartedAt)
		if pause.EndedAt != nil {
			change.OldBreaks = append(change.OldBreaks, *pause.EndedAt)
		}
	}
	e.ClockedInAt, e.ClockedOutAt = in.ClockedInAt, &in.ClockedOutAt
	statements := []postgres.Statement{
		tx.Add(change),
		postgres.Exec(nil, tx.Delete((*Break)(nil)).Where("?TableAlias.entry_id = ?", e.ID)),
		c.touch(tx, e),
	}
	rows := make([]*Break, 0, len(in.Breaks))
	for _, b := range in.Breaks {
		row := &Break{ID: id.New[id.TimeBreak](), EntryID: e.ID, StartedAt: b.StartedAt, EndedAt: &b.EndedAt}
		row.StoreID = e.StoreID
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		statements = append(statements, tx.Add(&rows))
	}
	return slices.Clip(statements)
}
