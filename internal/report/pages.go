package report

import (
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
)

const (
	// mostPages bounds the parts that a report for a file is made in, and mostFileRows the rows of all of them: a
	// spreadsheet has room for a million.
	mostPages    = 5000
	mostFileRows = 500_000
	// pageDays and pageWeeks are how much time a part is of.
	pageDays  = 31
	pageWeeks = 4
)

// pages cuts a report into parts whose rows, one part after the other, are those of the whole: by its first group, and
// by the second within that. What is ordered by figures is one part.
func (in *Input) pages(stores []id.Store) []Input {
	whole := *in
	whole.StoreIDs = stores
	if in.Sort != nil && *in.Sort != InOrder || len(in.GroupBy) == 0 {
		return []Input{whole}
	}
	if in.GroupBy[0] != ByStore {
		return whole.periods(in.GroupBy[0])
	}
	var list []Input
	for _, store := range stores {
		one := whole
		one.StoreIDs = []id.Store{store}
		if len(in.GroupBy) == 1 {
			list = append(list, one)
			continue
		}
		list = append(list, one.periods(in.GroupBy[1])...)
	}
	if len(list) > mostPages || len(list) == 0 {
		return []Input{whole}
	}
	return list
}

// periods cuts by time. Where two periods are compared there is one part: the other one is as long as the whole.
func (in *Input) periods(by Dimension) []Input {
	var end func(civil.Date) civil.Date
	switch by {
	case ByDay:
		end = func(d civil.Date) civil.Date { return d.Add(pageDays - 1) }
	case ByWeek:
		end = func(d civil.Date) civil.Date { return d.Add(7*pageWeeks - 1 - sinceMonday(d)) }
	case ByMonth:
		end = func(d civil.Date) civil.Date {
			return months(civil.Date{Year: d.Year, Month: d.Month, Day: 1}, 1).Add(-1)
		}
	default:
	}
	if end == nil || in.CompareWith != nil {
		return []Input{*in}
	}
	var list []Input
	for from := in.From; from.Days(in.To) >= 0; {
		part := *in
		part.From = from
		if to := end(from); to.Days(in.To) > 0 {
			part.To = to
		}
		list = append(list, part)
		from = part.To.Add(1)
	}
	return list
}

// sinceMonday is how many days ago a week began.
func sinceMonday(d civil.Date) int {
	monday := civil.Date{Year: 2024, Month: 1, Day: 1}
	return ((monday.Days(d) % 7) + 7) % 7
}
