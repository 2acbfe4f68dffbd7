package report

import (
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// TestCurrenciesAreAddedUpApart: shares and running totals are of a row's own currency, in whatever order the rows are.
func TestCurrenciesAreAddedUpApart(t *testing.T) {
	t.Parallel()
	var rows []*Row
	for i, c := range []money.Currency{"KES", "KES", "UGX", "KES", "TZS", "UGX"} {
		s := &sums{key: key{currency: c}, Net: int64(1) << i}
		rows = append(rows, &Row{key: &s.key, Figures: &Figures{sums: s, family: choose(nil)}})
	}
	shares(rows)
	running(rows)
	var wholes, sums []int64
	for _, row := range rows {
		running, _ := row.RunningTotal()
		wholes, sums = append(wholes, row.whole), append(sums, running.Minor)
	}
	if want := []int64{11, 11, 36, 11, 16, 36}; !slices.Equal(wholes, want) {
		t.Errorf("wholes %v, want %v", wholes, want)
	}
	if want := []int64{1, 3, 4, 11, 16, 36}; !slices.Equal(sums, want) {
		t.Errorf("running totals %v, want %v", sums, want)
	}
}

// TestRoomIsBounded: room is made for what a short report has, and not for what a long one may have.
func TestRoomIsBounded(t *testing.T) {
	t.Parallel()
	first := civil.Date{Year: 2026, Month: 6, Day: 1}
	for _, c := range []struct {
		groupBy []Dimension
		stores  int
		days    int
		want    int
	}{
		{nil, 3, 30, 1},
		{[]Dimension{ByStore}, 3, 30, 3},
		{[]Dimension{ByDay, ByStore}, 3, 30, 90},
		{[]Dimension{ByDay, ByStore, ByProduct}, 3, 30, 1024},
		{[]Dimension{ByDay}, 3, mostDays, 1024},
		{[]Dimension{ByCashier}, 3, 30, 16},
	} {
		q := query{groupBy: c.groupBy, span: span{stores: make([]id.Store, c.stores), from: first, to: first.Add(c.days - 1)}}
		if got := q.likely(); got != c.want {
			t.Errorf("%v of %d stores and %d days: %d, want %d", c.groupBy, c.stores, c.days, got, c.want)
		}
	}
}
