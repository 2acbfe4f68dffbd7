package civil_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
)

func TestBusinessDay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, at string
		start    int
		want     string
	}{
		{"Africa/Nairobi", "2026-03-08T20:59:59Z", 0, "2026-03-08"},
		{"Africa/Nairobi", "2026-03-08T21:00:00Z", 0, "2026-03-09"},
		{"Africa/Nairobi", "2026-03-09T00:59:59Z", 240, "2026-03-08"},
		{"Africa/Nairobi", "2026-03-09T01:00:00Z", 240, "2026-03-09"},
		// The clocks go from 2:00 to 3:00: 4:00 is three hours after midnight.
		{"Europe/Berlin", "2026-03-29T01:59:59Z", 240, "2026-03-28"},
		{"Europe/Berlin", "2026-03-29T02:00:00Z", 240, "2026-03-29"},
		// And back from 3:00 to 2:00: it is five hours after.
		{"Europe/Berlin", "2026-10-25T02:59:59Z", 240, "2026-10-24"},
		{"Europe/Berlin", "2026-10-25T03:00:00Z", 240, "2026-10-25"},
		// 2:30 isn't on the clocks that day.
		{"Europe/Berlin", "2026-03-29T00:59:59Z", 150, "2026-03-28"},
		{"Europe/Berlin", "2026-03-29T01:30:00Z", 150, "2026-03-29"},
		{"America/New_York", "2026-01-01T06:00:00Z", 120, "2025-12-31"},
	} {
		place, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := civil.BusinessDay(at, place, test.start).String(); got != test.want {
			t.Errorf("%s in %s from %d: %s, want %s", test.at, test.zone, test.start, got, test.want)
		}
	}
}

// TestBusinessDayGoesOn: through a year with its changes of the clocks no instant belongs to an earlier day than one
// before it, whenever the day begins.
func TestBusinessDayGoesOn(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Atlantic/Azores", "America/Santiago", "Australia/Lord_Howe"} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for start := 30; start <= 720; start += 90 {
			last := civil.Date{}
			for at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(15 * time.Minute) {
				day := civil.BusinessDay(at, place, start)
				if day.String() < last.String() {
					t.Fatalf("%s from %d: %s is of %s, after %s", zone, start, at, day, last)
				}
				last = day
			}
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	day := civil.Date{Year: 2024, Month: 2, Day: 28}
	if got := day.Add(2).String(); got != "2024-03-01" {
		t.Error(got)
	}
	if n := day.Days(civil.Date{Year: 2025, Month: 2, Day: 28}); n != 366 {
		t.Error(n)
	}
}
