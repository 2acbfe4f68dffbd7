package timeclock

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// What hours are asked of at once is bounded: the days, and the times in them.
const (
	mostDays    = 62
	mostEntries = 20_000
)

// HoursOfDay are a person's hours in one store on one day of the store's calendar.
type HoursOfDay struct {
	UserID  id.User
	StoreID id.Store
	Date    civil.Date
	// Minutes are worked, BreakMinutes are not.
	Minutes, BreakMinutes int64
	// Open says that the person is still on the clock, up to now.
	Open bool
}

// HoursOfWeek are a person's hours in one store in the week that begins on a Monday, of the days that were asked for.
type HoursOfWeek struct {
	UserID                id.User
	StoreID               id.Store
	Monday                civil.Date
	Minutes, BreakMinutes int64
}

// Hours are who worked how long.
type Hours struct {
	Days         []*HoursOfDay
	Weeks        []*HoursOfWeek
	TotalMinutes int64
}

// HoursInput says whose hours, where and when: both days belong to it.
type HoursInput struct {
	From, To civil.Date
	UserID   *id.User
	StoreID  *id.Store
}

// Hours sums up the entries that the caller may see, by day and week in each store's time zone. What crosses midnight
// is parted there, to the minute, also where the clocks change.
//
// Errors: BAD_USER_INPUT for days in the wrong order, or too many of them or of times.
func (c *Clock) Hours(ctx context.Context, in HoursInput) (*Hours, error) {
	from, to := utc(in.From), utc(in.To)
	if to.Before(from) || to.Sub(from) >= mostDays*24*time.Hour {
		return nil, errs.New(errs.BadUserInput, "Ask for 1 to %d days, the first one first.", mostDays)
	}
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	now := c.minute()
	// A day begins at most 14 hours earlier than in UTC, and ends at most 12 later.
	const before, after = -14 * time.Hour, 36 * time.Hour
	entries := func() *bun.SelectQuery {
		q := allowed(h)(h.Select((*Entry)(nil))).
			Where("?TableAlias.clocked_in_at < ?", to.Add(after)).
			Where("?TableAlias.clocked_in_at > ?", from.Add(before-longestEntry)).
			Where("(?TableAlias.clocked_out_at IS NULL OR ?TableAlias.clocked_out_at > ?)", from.Add(before))
		if in.UserID != nil {
			q.Where("?TableAlias.user_id = ?", *in.UserID)
		}
		if in.StoreID != nil {
			q.Where("?TableAlias.store_id = ?", *in.StoreID)
		}
		return q.Limit(mostEntries + 1)
	}
	var rows []*Entry
	var pauses []*Break
	var stores []*company.Store
	if err := h.Read(ctx, postgres.Rows(&rows, entries()),
		postgres.Rows(&pauses, h.Select((*Break)(nil)).Where("pause.entry_id IN (?)", entries().Column("id"))),
		postgres.Rows(&stores, h.Select((*company.Store)(nil)))); err != nil {
		return nil, err
	}
	if len(rows) > mostEntries {
		return nil, errs.New(errs.BadUserInput, "Ask for fewer days, or for one store or person: there are more than %d times.",
			mostEntries)
	}
	zones := map[id.Store]*time.Location{}
	for _, store := range stores {
		if zones[store.ID], err = time.LoadLocation(store.TimeZone); err != nil {
			return nil, err
		}
	}
	byEntry := map[id.TimeEntry][]*Break{}
	for _, pause := range pauses {
		byEntry[pause.EntryID] = append(byEntry[pause.EntryID], pause)
	}
	s := sum{days: map[dayKey]*HoursOfDay{}, from: in.From, to: in.To}
	for _, entry := range rows {
		if zone := zones[entry.StoreID]; zone != nil {
			s.add(entry, byEntry[entry.ID], zone, now)
		}
	}
	return s.hours(), nil
}

type dayKey struct {
	user  id.User
	store id.Store
	date  civil.Date
}

type sum struct {
	days     map[dayKey]*HoursOfDay
	from, to civil.Date
}

// add parts an entry and its breaks at the midnights of a zone.
func (s *sum) add(e *Entry, pauses []*Break, zone *time.Location, now time.Time) {
	end := e.until(now)
	if e.ClockedOutAt != nil {
		end = *e.ClockedOutAt
	}
	eachDay(e.ClockedInAt, end, zone, func(date civil.Date, minutes int64) {
		if day := s.day(e, date); day != nil {
			day.Minutes += minutes
			day.Open = day.Open || e.ClockedOutAt == nil
		}
	})
	for _, pause := range pauses {
		until := later(end, pause.StartedAt)
		if pause.EndedAt != nil {
			until = *pause.EndedAt
		}
		eachDay(pause.StartedAt, until, zone, func(date civil.Date, minutes int64) {
			if day := s.day(e, date); day != nil {
				day.Minutes -= minutes
				day.BreakMinutes += minutes
			}
		})
	}
}

// eachDay gives the days of a zone's calendar that a time touches, and how many minutes lie in each.
func eachDay(from, to time.Time, zone *time.Location, give func(civil.Date, int64)) {
	for from.Before(to) {
		local := from.In(zone)
		// Where midnight is skipped or comes twice, the first instant of the next date counts: time.Date finds one
		// near it, and what remains of the date is found from there.
		next := nextDay(local, zone)
		until := to
		if next.Before(to) {
			until = next
		}
		give(civil.Of(local, zone), int64(until.Sub(from)/time.Minute))
		from = until
	}
}

// nextDay is the first instant after another whose date is a later one.
func nextDay(local time.Time, zone *time.Location) time.Time {
	today := civil.Of(local, zone)
	low, high := local, local.Add(26*time.Hour)
	// The date of an instant never goes back, so that the change can be searched for, to the minute.
	for high.Sub(low) > time.Minute {
		middle := low.Add(high.Sub(low) / 2).Truncate(time.Minute)
		if !middle.After(low) {
			break
		}
		if civil.Of(middle, zone) == today {
			low = middle
		} else {
			high = middle
		}
	}
	return high.Truncate(time.Minute)
}

func (s *sum) day(e *Entry, date civil.Date) *HoursOfDay {
	if date.String() < s.from.String() || date.String() > s.to.String() {
		return nil
	}
	key := dayKey{e.UserID, e.StoreID, date}
	if s.days[key] == nil {
		s.days[key] = &HoursOfDay{UserID: e.UserID, StoreID: e.StoreID, Date: date}
	}
	return s.days[key]
}

func (s *sum) hours() *Hours {
	h := &Hours{Days: slices.Collect(maps.Values(s.days)), Weeks: []*HoursOfWeek{}}
	slices.SortFunc(h.Days, func(a, b *HoursOfDay) int {
		return cmp.Or(cmp.Compare(a.Date.String(), b.Date.String()), cmp.Compare(a.UserID.String(), b.UserID.String()),
			cmp.Compare(a.StoreID.String(), b.StoreID.String()))
	})
	weeks := map[dayKey]*HoursOfWeek{}
	for _, d := range h.Days {
		monday := mondayOf(d.Date)
		key := dayKey{d.UserID, d.StoreID, monday}
		if weeks[key] == nil {
			weeks[key] = &HoursOfWeek{UserID: d.UserID, StoreID: d.StoreID, Monday: monday}
			h.Weeks = append(h.Weeks, weeks[key])
		}
		weeks[key].Minutes += d.Minutes
		weeks[key].BreakMinutes += d.BreakMinutes
		h.TotalMinutes += d.Minutes
	}
	return h
}

func mondayOf(d civil.Date) civil.Date {
	at := utc(d)
	const week = 7
	return civil.Of(at.AddDate(0, 0, -((int(at.Weekday())+week-1)%week)), time.UTC)
}

func utc(d civil.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
