package civil

import "time"

// BusinessDay gives the day that an instant counts for where a day begins so many minutes after midnight, on the clocks
// of a place: what happens earlier belongs to the day before. Where the clocks change, the day begins at the instant at
// which they show the time, or would have.
func BusinessDay(t time.Time, place *time.Location, start int) Date {
	day := Of(t, place)
	if start == 0 {
		return day
	}
	if t.Before(time.Date(day.Year, day.Month, day.Day, 0, start, 0, 0, place)) {
		return day.Add(-1)
	}
	return day
}

// Add gives the date so many days later.
func (d Date) Add(days int) Date {
	return Of(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Days says how many days later another date is, below zero where it is earlier.
func (d Date) Days(to Date) int {
	const day = 24 * time.Hour
	return int(to.midnight().Sub(d.midnight()) / day)
}

func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
