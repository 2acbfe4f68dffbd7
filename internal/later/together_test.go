package later_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
)

// TestRoundsTogether: what is marked is done for several at once, and where that fails for each by itself.
func TestRoundsTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		together, alone := map[id.Company]int{}, map[id.Company]int{}
		most, bad := 0, id.Company{1}
		r := later.NewRounds(later.RoundsConfig{
			Log: slog.New(slog.DiscardHandler), Failed: "it failed",
			Do: func(_ context.Context, company id.Company) error {
				if alone[company]++; company == bad && alone[company] < 3 {
					return errors.New("twice")
				}
				return nil
			},
			Together: func(_ context.Context, companies []id.Company) error {
				most = max(most, len(companies))
				if slices.Contains(companies, bad) {
					return errors.New("not together")
				}
				for _, company := range companies {
					together[company]++
				}
				return nil
			},
			Sweep: func(context.Context) error { return nil },
		})
		const companies = 120
		for i := range companies {
			r.Mark(id.Company{byte(i)})
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx, time.Second, time.Minute); close(ended) }()
		time.Sleep(10 * time.Second)
		cancel()
		<-ended
		for i := range companies {
			if company := (id.Company{byte(i)}); company != bad && together[company]+alone[company] != 1 {
				t.Errorf("company %d: %d times together, %d alone", i, together[company], alone[company])
			}
		}
		if together[bad] != 0 || alone[bad] != 3 || most != 50 || len(together) < companies-50 {
			t.Errorf("%d alone, %d at once, %d together", alone[bad], most, len(together))
		}
	})
}
