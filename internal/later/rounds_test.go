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

// TestRounds: what is marked is done so many times, what fails is done again, and now and then all is looked at.
func TestRounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, other := id.Company{1}, id.Company{2}
		done, sweeps := map[id.Company]int{}, 0
		r := later.NewRounds(later.RoundsConfig{
			Log: slog.New(slog.DiscardHandler), Failed: "it failed", Again: 2,
			Do: func(_ context.Context, company id.Company) error {
				if done[company]++; company == other && done[company] == 2 {
					return errors.New("once")
				}
				return nil
			},
			Sweep: func(context.Context) error { sweeps++; return nil },
		})
		ctx, cancel := context.WithCancel(t.Context())
		r.Mark(one)
		r.Mark(one)
		r.Mark(other)
		ended := make(chan struct{})
		go func() { r.Run(ctx, time.Second, time.Minute); close(ended) }()
		time.Sleep(90 * time.Second)
		cancel()
		<-ended
		if done[one] != 2 || done[other] != 4 || sweeps != 2 {
			t.Errorf("%d, %d, %d sweeps", done[one], done[other], sweeps)
		}
	})
}

// TestEach: all companies, however many pages they are, until one fails.
func TestEach(t *testing.T) {
	t.Parallel()
	all := make([]id.Company, 1200)
	for i := range all {
		all[i] = id.Company{byte(i / 256), byte(i)}
	}
	asked := 0
	list := func(_ context.Context, after *id.Company, most int) ([]id.Company, error) {
		asked++
		from := 0
		if after != nil {
			from = slices.Index(all, *after) + 1
		}
		return all[from:min(len(all), from+most)], nil
	}
	of := func(c id.Company) id.Company { return c }
	var seen []id.Company
	if err := later.Each(t.Context(), list, of, func(c id.Company) error { seen = append(seen, c); return nil }); err != nil ||
		!slices.Equal(seen, all) || asked != 3 {
		t.Errorf("%v: %d in %d pages", err, len(seen), asked)
	}
	broken := errors.New("broken")
	if err := later.Each(t.Context(), list, of, func(id.Company) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}

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
