package customer

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/ledger"
)

// Whatever is bought and brought back, in whatever parts: the points are those of what is left, and bringing all back
// ends where it began.
func TestEarnProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		per := rapid.Int64Range(1, 10_000).Draw(t, "per")
		parts := rapid.SliceOf(rapid.Int64Range(-50_000, 50_000)).Draw(t, "parts")
		c := &Customer{}
		var points, spent int64
		for _, part := range parts {
			points += c.Earn(part, per)
			spent += part
			if c.PointsSpendMinor < 0 || c.PointsSpendMinor >= per || points*per+c.PointsSpendMinor != spent {
				t.Fatalf("%d points and %d over for %d at %d", points, c.PointsSpendMinor, spent, per)
			}
		}
		for _, part := range parts {
			points += c.Earn(-part, per)
		}
		if points != 0 || c.PointsSpendMinor != 0 {
			t.Fatalf("%d points and %d are left of nothing", points, c.PointsSpendMinor)
		}
	})
}

// A balance is the sum of its entries, and each entry says what it was then.
func TestMoveProperties(t *testing.T) {
	t.Parallel()
	kinds := []ledger.Kind{ledger.StoreCredit, ledger.Account, ledger.Points}
	rapid.Check(t, func(t *rapid.T) {
		c := &Customer{CurrencyCode: "KES"}
		sums := map[ledger.Kind]int64{}
		for range rapid.IntRange(0, 30).Draw(t, "entries") {
			e := &ledger.Entry{
				Ledger: rapid.SampledFrom(kinds).Draw(t, "ledger"), AmountMinor: rapid.Int64Range(-1000, 1000).Draw(t, "amount"),
			}
			c.Move(e)
			sums[e.Ledger] += e.AmountMinor
			if e.BalanceMinor != sums[e.Ledger] || (e.Currency == nil) != (e.Ledger == ledger.Points) {
				t.Fatalf("%+v after %v", e, sums)
			}
		}
		got := []int64{c.StoreCreditMinor, c.OwedMinor, c.PointsBalance}
		if want := []int64{sums[ledger.StoreCredit], sums[ledger.Account], sums[ledger.Points]}; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
