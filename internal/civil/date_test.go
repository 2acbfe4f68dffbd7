package civil_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
)

// TestTheDayOfAPlace: an instant is of different days in different places.
func TestTheDayOfAPlace(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 8, 22, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"UTC": "2026-03-08", "Africa/Nairobi": "2026-03-09", "America/New_York": "2026-03-08", "Asia/Kathmandu": "2026-03-09",
		"Pacific/Kiritimati": "2026-03-09", "Pacific/Pago_Pago": "2026-03-08",
	} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := civil.Of(at, place).String(); got != want {
			t.Errorf("in %s it is %s, want %s", zone, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "seconds"), 0) // years 1 to 9999
		d := civil.Of(day, time.UTC)
		back, err := civil.Parse(d.String())
		if err != nil || back != d || len(d.String()) != len("2026-01-02") {
			t.Fatalf("%s came back as %s, %v", d, back, err)
		}
		var out bytes.Buffer
		d.MarshalGQL(&out)
		var read civil.Date
		if err := read.UnmarshalGQL(d.String()); err != nil || read != d || out.String() != `"`+d.String()+`"` {
			t.Fatalf("%s is written %s and read as %s, %v", d, &out, read, err)
		}
	})
	for _, text := range []string{
		"", "2026-02-29", "2026-13-01", "2026-1-2", "26-01-02", "2026-01-02T00:00:00Z", " 2026-01-02", "02.01.2026", "2026-00-10",
	} {
		if d, err := civil.Parse(text); errs.CodeOf(err) != errs.BadUserInput || d != (civil.Date{}) {
			t.Errorf("%q is %s, %v", text, d, err)
		}
	}
	var d civil.Date
	for _, v := range []any{nil, 20260102, true, []any{"2026-01-02"}} {
		if err := d.UnmarshalGQL(v); errs.CodeOf(err) != errs.BadUserInput {
			t.Errorf("%#v: %v", v, err)
		}
	}
}

func TestDatesInTheDatabase(t *testing.T) {
	t.Parallel()
	var d civil.Date
	day := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	if err := d.ScanDate(pgtype.Date{Time: day, Valid: true}); err != nil || d != (civil.Date{Year: 2026, Month: time.December, Day: 31}) {
		t.Errorf("%s, %v", d, err)
	}
	if value, err := d.Value(); err != nil || value != "2026-12-31" {
		t.Errorf("%v, %v", value, err)
	}
	if err := d.ScanDate(pgtype.Date{}); err == nil {
		t.Error("null is a date")
	}
}

// TestDatesAreReadAndWrittenAsBefore: what is read and written without package time, and what isn't, is what that says.
func TestDatesAreReadAndWrittenAsBefore(t *testing.T) {
	t.Parallel()
	for day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC); day.Year() < 2101; day = day.AddDate(0, 0, 1) {
		text := day.Format(time.DateOnly)
		read, err := civil.Parse(text)
		if err != nil || read != civil.Of(day, time.UTC) || read.String() != text {
			t.Fatalf("%s is read as %v, %v, and written as %s", text, read, err, read.String())
		}
	}
	for _, text := range []string{
		"2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-01", "26-01-01", "2026/01/01",
		"2026-01-1a", "2026-01-011", "+026-01-01", "-026-01-01", "20 6-01-01", "",
	} {
		if read, err := civil.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, read)
		}
	}
	for text, d := range map[string]civil.Date{
		"0999-05-06": {Year: 999, Month: 5, Day: 6}, "12345-05-06": {Year: 12345, Month: 5, Day: 6}, "0000-00-00": {},
	} {
		if got := d.String(); got != text {
			t.Errorf("%s instead of %s", got, text)
		}
	}
}
