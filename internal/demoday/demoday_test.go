package demoday

import (
	"slices"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "1": 100, "1.5": 150, "-0.05": -5, "12345.67": 1_234_567} {
		if got, err := parse(text, places); err != nil || got != want {
			t.Errorf("%s is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "1.234", "1,5"} {
		if got, err := parse(text, places); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	for n, want := range map[int64]string{0: "0.00", -5: "-0.05", 123_456_789: "1,234,567.89", 99_999: "999.99", 100_000: "1,000.00"} {
		if got := pretty(n); got != want {
			t.Errorf("%d is %s, not %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{1000: "1", 1255: "1.255", 500: "0.5", -300: "-0.3", 20_000: "20"} {
		if got := quantity(n); got != want {
			t.Errorf("%d is %s, not %s", n, got, want)
		}
	}
}

func TestRoundsHalvesAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ a, b, c, want int64 }{{1, 1, 2, 1}, {-1, 1, 2, -1}, {1, 1, 3, 0}, {2, 1, 3, 1}, {5, 1, 10, 1}, {49, 1, 100, 0}} {
		if got := ratio(tc.a, tc.b, tc.c); got != tc.want {
			t.Errorf("%d*%d/%d is %d, not %d", tc.a, tc.b, tc.c, got, tc.want)
		}
	}
	if got := spread(100, []int64{1, 1, 1}); !slices.Equal(got, []int64{34, 33, 33}) {
		t.Errorf("a hundred in three is %v", got)
	}
	if got := spread(5, []int64{0, 7, 3}); !slices.Equal(got, []int64{0, 4, 1}) {
		t.Errorf("five in seven to three is %v", got) // 3.5 and 1.5: the one left over goes to the earlier
	}
}

// TestTaxes has the figures of a tax office's example: 10 % excise, and 16 % VAT on the price with it.
func TestTaxes(t *testing.T) {
	t.Parallel()
	excise := levies()[taxExcise]
	got := onTop(10_000, excise)
	if got[0].amount != 1000 || got[1].base != 11_000 || got[1].amount != 1760 {
		t.Errorf("on top of 100.00 come %v", got)
	}
	net, taxes := included(12_760, excise)
	if net != 10_000 || taxes[0].amount != 1000 || taxes[1].base != 11_000 || taxes[1].amount != 1760 {
		t.Errorf("127.60 is %d and %v", net, taxes)
	}
	if net, taxes := included(116_00, levies()[taxStandard]); net != 100_00 || taxes[0].amount != 16_00 {
		t.Errorf("116.00 is %d and %v", net, taxes)
	}
}

func TestCheckDigit(t *testing.T) {
	t.Parallel()
	if got := ean13("400638133393"); got != "4006381333931" {
		t.Errorf("the EAN is %s", got)
	}
}

// TestEveningIsNow holds for every hour of the day: the shop's evening is now, and its day today.
func TestEveningIsNow(t *testing.T) {
	t.Parallel()
	for hour := range 24 {
		now := time.Date(2026, 11, 21, hour, 59, 59, 0, time.UTC)
		d := newDay(Options{Now: func() time.Time { return now }})
		if since := now.Sub(d.midnight); since < evening*time.Hour || since >= (evening+1)*time.Hour {
			t.Errorf("at %d o'clock it is %s after midnight in the shop", hour, since)
		}
		zone, err := time.LoadLocation(d.zoneName)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.midnight.In(zone); got.Hour() != 0 {
			t.Errorf("midnight is %s in %s", got, d.zoneName)
		}
	}
}
