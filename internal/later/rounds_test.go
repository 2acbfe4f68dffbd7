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
