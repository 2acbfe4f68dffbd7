package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/timeclock"
)

func timeEntryRelations() relations[timeclock.Entry] {
	key := func(e *timeclock.Entry) id.TimeEntry { return e.ID }
	return relations[timeclock.Entry]{"TimeEntry", map[string]ask[timeclock.Entry]{
		"user":    to((*loaders).users, func(e *timeclock.Entry) id.User { return e.UserID }),
		"store":   to((*loaders).stores, func(e *timeclock.Entry) id.Store { return e.StoreID }),
		"breaks":  to(func(l *loaders) loader.Loader[id.TimeEntry, []*timeclock.Break] { return l.pauses }, key),
		"changes": to(func(l *loaders) loader.Loader[id.TimeEntry, []*timeclock.Change] { return l.timeChange }, key),
	}}
}

func timeChangeRelations() relations[timeclock.Change] {
	return relations[timeclock.Change]{"TimeEntryChange", map[string]ask[timeclock.Change]{
		"changedBy": maybe((*loaders).users, func(c *timeclock.Change) *id.User { return c.ChangedByID }),
	}}
}

func dayRelations() relations[timeclock.HoursOfDay] {
	return relations[timeclock.HoursOfDay]{"HoursOfDay", map[string]ask[timeclock.HoursOfDay]{
		"user":  to((*loaders).users, func(d *timeclock.HoursOfDay) id.User { return d.UserID }),
		"store": to((*loaders).stores, func(d *timeclock.HoursOfDay) id.Store { return d.StoreID }),
	}}
}

func weekRelations() relations[timeclock.HoursOfWeek] {
	return relations[timeclock.HoursOfWeek]{"HoursOfWeek", map[string]ask[timeclock.HoursOfWeek]{
		"user":  to((*loaders).users, func(w *timeclock.HoursOfWeek) id.User { return w.UserID }),
		"store": to((*loaders).stores, func(w *timeclock.HoursOfWeek) id.Store { return w.StoreID }),
	}}
}

// warmHours tells the loaders of whom and where the hours of the field of ctx are.
func warmHours(ctx context.Context, h *timeclock.Hours, err error) (*timeclock.Hours, error) {
	if err != nil {
		return nil, err
	}
	warm(ctx, h.Days, dayRelations(), fieldsAt(ctx, "days"))
	warm(ctx, h.Weeks, weekRelations(), fieldsAt(ctx, "weeks"))
	return h, nil
}
