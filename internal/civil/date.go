// Package civil has the calendar date, which belongs to a store's time zone and to no instant.
package civil

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
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
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, errs.New(errs.BadUserInput, "A date is written as YYYY-MM-DD.")
	}
	return Of(t, time.UTC), nil
}

// String gives YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

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
