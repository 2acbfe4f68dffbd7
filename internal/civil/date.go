// Package civil has the calendar date, which belongs to a store's time zone and to no instant.
package civil

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Of gives the date at an instant, on the clocks of a place.
func Of(t time.Time, place *time.Location) Date {
	year, month, day := t.In(place).Date()
	return Date{Year: year, Month: month, Day: day}
}

// Parse reads YYYY-MM-DD.
func Parse(text string) (Date, error) {
	if d, ok := plain(text); ok {
		return d, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, errs.New(errs.BadUserInput, "A date is written as YYYY-MM-DD.")
	}
	return Of(t, time.UTC), nil
}

// plain reads what every month has, of which there are thousands in a long list; the rest is left to package time.
func plain(text string) (d Date, ok bool) {
	const form, ten, least = "YYYY-MM-DD", 10, 28
	if len(text) != len(form) || text[4] != '-' || text[7] != '-' {
		return d, false
	}
	number := func(digits string) (n int) {
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return -1
			}
			n = n*ten + int(digits[i]-'0')
		}
		return n
	}
	d = Date{Year: number(text[:4]), Month: time.Month(number(text[5:7])), Day: number(text[8:])}
	ok = d.Year >= 0 && d.Month >= time.January && d.Month <= time.December && d.Day >= 1 && d.Day <= least
	return d, ok
}

// String gives YYYY-MM-DD.
func (d Date) String() string {
	const room = 16
	return string(d.Append(make([]byte, 0, room)))
}

// Append appends YYYY-MM-DD.
func (d Date) Append(to []byte) []byte {
	const ten, thousand = 10, 1000
	if d.Year < thousand || d.Year >= ten*thousand {
		return fmt.Appendf(to, "%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	month, day := byte(d.Month), byte(d.Day) //nolint:gosec // of a calendar
	to = strconv.AppendInt(to, int64(d.Year), ten)
	return append(to, '-', '0'+month/ten, '0'+month%ten, '-', '0'+day/ten, '0'+day%ten)
}

// Value hands the date to SQL.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// ScanDate reads the date from a row.
func (d *Date) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		return errors.New("scan a date: null")
	}
	*d = Of(v.Time, time.UTC)
	return nil
}

// MarshalGQL writes the scalar Date.
func (d Date) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, `"`+d.String()+`"`) }

// UnmarshalGQL reads the scalar Date.
func (d *Date) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return errs.New(errs.BadUserInput, "A date is written as YYYY-MM-DD.")
	}
	parsed, err := Parse(text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
