package timeclock

import (
	"context"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Clock answers for the hours of the request's company.
type Clock struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes a Clock.
func New(db *postgres.DB, now func() time.Time) *Clock { return &Clock{db: db, now: now} }

// minute is the minute that has begun last: hours are counted in whole minutes, so that they add up exactly.
func (c *Clock) minute() time.Time { return c.now().Truncate(time.Minute) }

func person(ctx context.Context) (*tenancy.Scope, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	return scope, scope.Person()
}

func notFound(field, message string) error {
	return errs.Problems{{Code: form.NotFound, Field: []string{field}, Message: message}}
}

// ClockIn puts the caller on the clock in one of their stores: the named one, or that of the register they are at.
//
// Errors: problems STORE_REQUIRED, STORE_NOT_FOUND and ALREADY_CLOCKED_IN, FORBIDDEN.
func (c *Clock) ClockIn(ctx context.Context, named *id.Store) (*Entry, error) {
	scope, err := person(ctx)
	if err != nil {
		return nil, err
	}
	stores := scope.Stores()
	switch {
	case named != nil && !scope.HasStore(*named):
		return nil, errs.Problems{{Code: "STORE_NOT_FOUND", Field: []string{"storeId"}, Message: "There is no such store."}}
	case named == nil && (scope.Register.IsZero() || len(stores) != 1):
		return nil, errs.Problems{{
			Code: "STORE_REQUIRED", Field: []string{"storeId"}, Message: "Name the store: you are not at a register.",
		}}
	case named == nil:
		named = &stores[0]
	}
	now, at := c.now(), c.minute()
	entry := &Entry{
		ID: id.New[id.TimeEntry](), UserID: scope.User, ClockedInAt: at, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	entry.StoreID = *named
	err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var open *Entry
		if err := tx.Send(ctx, postgres.Row(&open, openEntry(tx, scope))); err != nil {
			return err
		}
		if open != nil {
			return alreadyIn()
		}
		return tx.Finish(ctx, tx.Add(entry))
	})
	// At the same moment, or in a store that this request doesn't reach.
	if postgres.IsUnique(err) {
		return nil, alreadyIn()
	}
	if err != nil {
		return nil, err
	}
	return entry, nil
}

func alreadyIn() error {
	return errs.Problems{{Code: "ALREADY_CLOCKED_IN", Field: []string{}, Message: "You are on the clock already."}}
}

// current is a person's open entry and its open break, locked.
type current struct {
	entry *Entry
	pause *Break
}

// change does something to the caller's open entry.
func (c *Clock) change(
	ctx context.Context, do func(tx *postgres.Tx, at *current, minute time.Time) ([]postgres.Statement, error),
) (*Entry, error) {
	scope, err := person(ctx)
	if err != nil {
		return nil, err
	}
	var at *current
	err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		at = &current{}
		if err := tx.Send(ctx, postgres.Row(&at.entry, openEntry(tx, scope).For("UPDATE"))); err != nil {
			return err
		}
		if at.entry == nil {
			return errs.Problems{{Code: "NOT_CLOCKED_IN", Field: []string{}, Message: "You are not on the clock."}}
		}
		if err := tx.Send(ctx, postgres.Row(&at.pause, tx.Select((*Break)(nil)).
			Where("?TableAlias.entry_id = ?", at.entry.ID).Where("?TableAlias.ended_at IS NULL"))); err != nil {
			return err
		}
		minute := at.entry.until(c.minute())
		if at.pause != nil {
			minute = later(minute, at.pause.StartedAt)
		}
		statements, err := do(tx, at, minute)
		if err != nil {
			return err
		}
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return nil, err
	}
	return at.entry, nil
}

// longestEntry is how long a time can be: who forgets the clock is off it after a day, and is put right by a correction.
const longestEntry = 24 * time.Hour

// until is the minute that an open entry has come to: the clock of another server may be a little ahead.
func (e *Entry) until(minute time.Time) time.Time {
	if end := e.ClockedInAt.Add(longestEntry); minute.After(end) {
		return end
	}
	return later(minute, e.ClockedInAt)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// StartBreak pauses the caller's time.
//
// Errors: problems NOT_CLOCKED_IN and ON_BREAK, FORBIDDEN.
func (c *Clock) StartBreak(ctx context.Context) (*Entry, error) {
	return c.change(ctx, func(tx *postgres.Tx, at *current, minute time.Time) ([]postgres.Statement, error) {
		if at.pause != nil {
			return nil, errs.Problems{{Code: "ON_BREAK", Field: []string{}, Message: "You are on a break already."}}
		}
		row := &Break{ID: id.New[id.TimeBreak](), EntryID: at.entry.ID, StartedAt: minute}
		row.StoreID = at.entry.StoreID
		return []postgres.Statement{tx.Add(row), c.touch(tx, at.entry)}, nil
	})
}

// EndBreak lets the caller's time go on.
//
// Errors: problems NOT_CLOCKED_IN and NOT_ON_BREAK, FORBIDDEN.
func (c *Clock) EndBreak(ctx context.Context) (*Entry, error) {
	return c.change(ctx, func(tx *postgres.Tx, at *current, minute time.Time) ([]postgres.Statement, error) {
		if at.pause == nil {
			return nil, errs.Problems{{Code: "NOT_ON_BREAK", Field: []string{}, Message: "You are not on a break."}}
		}
		return []postgres.Statement{endBreak(tx, at.pause, minute), c.touch(tx, at.entry)}, nil
	})
}

// ClockOut takes the caller off the clock, after a day at the latest, and ends their break where they are on one.
//
// Errors: the problem NOT_CLOCKED_IN, FORBIDDEN.
func (c *Clock) ClockOut(ctx context.Context) (*Entry, error) {
	return c.change(ctx, func(tx *postgres.Tx, at *current, minute time.Time) ([]postgres.Statement, error) {
		at.entry.ClockedOutAt = &minute
		statements := []postgres.Statement{c.touch(tx, at.entry)}
		if at.pause != nil {
			statements = append(statements, endBreak(tx, at.pause, minute))
		}
		return statements, nil
	})
}

func endBreak(tx *postgres.Tx, pause *Break, at time.Time) postgres.Statement {
	return postgres.Exec(nil, tx.Update((*Break)(nil)).Set("ended_at = ?", at).Where("?TableAlias.id = ?", pause.ID))
}

// touch writes an entry as a new version.
func (c *Clock) touch(tx *postgres.Tx, e *Entry) postgres.Statement {
	e.Version++
	e.UpdatedAt = c.now()
	return postgres.Exec(nil, tx.Update(e).Column("clocked_in_at", "clocked_out_at", "version", "updated_at").
		Where("?TableAlias.id = ?", e.ID))
}
