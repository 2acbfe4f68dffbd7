package timeclock

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
)

// The days of a time add up to it, to the minute, in every zone and also where its clocks change.
func TestDaysAddUp(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Africa/Nairobi", "America/New_York", "Europe/London", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu",
		"Africa/Cairo", "Asia/Beirut", "America/Havana", "Pacific/Apia",
	}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1_700_000_000/60, 1_900_000_000/60).Draw(t, "from")*60, 0)
		whole := rapid.Int64Range(0, 4*24*60).Draw(t, "minutes")
		to := from.Add(time.Duration(whole) * time.Minute)
		var sum int64
		last := ""
		eachDay(from, to, zone, func(date civil.Date, minutes int64) {
			if minutes <= 0 || date.String() <= last {
				t.Fatalf("%d minutes on %s after %s", minutes, date, last)
			}
			sum, last = sum+minutes, date.String()
		})
		if sum != whole {
			t.Fatalf("%d of %d minutes", sum, whole)
		}
	})
}

func TestDaysWhereTheClocksChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, from, to string
		want           map[string]int64
	}{
		// A night of 23 and one of 25 hours.
		{"America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", map[string]int64{"2026-03-08": 23 * 60}},
		{"America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", map[string]int64{"2026-11-01": 25 * 60}},
		{"Africa/Nairobi", "2026-03-08T20:00:00Z", "2026-03-08T22:30:00Z", map[string]int64{"2026-03-08": 60, "2026-03-09": 90}},
		// Midnight is skipped: the day begins at one.
		{"Asia/Beirut", "2026-03-28T21:00:00Z", "2026-03-28T23:00:00Z", map[string]int64{"2026-03-28": 60, "2026-03-29": 60}},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := time.Parse(time.RFC3339, test.from)
		to, _ := time.Parse(time.RFC3339, test.to)
		got := map[string]int64{}
		eachDay(from, to, zone, func(d civil.Date, minutes int64) { got[d.String()] += minutes })
		if len(got) != len(test.want) {
			t.Errorf("%s: %v", test.zone, got)
		}
		for date, minutes := range test.want {
			if got[date] != minutes {
				t.Errorf("%s: %v, want %v", test.zone, got, test.want)
			}
		}
	}
}

func TestMonday(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-11-16": "2026-11-16", "2026-11-21": "2026-11-16", "2026-11-22": "2026-11-16", "2026-03-01": "2026-02-23",
	} {
		d, err := civil.Parse(day)
		if err != nil || mondayOf(d).String() != want {
			t.Errorf("%s is in the week of %s: %v", day, mondayOf(d), err)
		}
	}
}
