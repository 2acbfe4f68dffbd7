package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
)

var anyDimension = []Dimension{
	ByStore, ByRegister, ByCashier, ByDay, ByWeek, ByMonth, ByHour, ByWeekday, ByCategory, ByCategoryToday, ByProduct, ByTender,
	ByTaxRate, ByDiscountReason,
}

func anyInput(t *rapid.T) *Input {
	in := &Input{From: civil.Date{Year: 2020, Month: 1, Day: 1}.Add(rapid.IntRange(0, 3000).Draw(t, "from"))}
	in.To = in.From.Add(rapid.IntRange(0, mostDays-1).Draw(t, "days"))
	for range rapid.IntRange(0, mostDimensions).Draw(t, "dimensions") {
		d := rapid.SampledFrom(anyDimension).Draw(t, "dimension")
		if !slices.Contains(in.GroupBy, d) {
			in.GroupBy = append(in.GroupBy, d)
		}
	}
	if rapid.Bool().Draw(t, "sorted") {
		in.Sort = new(rapid.SampledFrom([]Sort{InOrder, ByNet}).Draw(t, "sort"))
	}
	if rapid.Bool().Draw(t, "compared") {
		in.CompareWith = new(LastYear)
	}
	if rapid.Bool().Draw(t, "filtered") {
		in.Filter = &Filter{CashierIDs: []id.User{id.New[id.User]()}, Hours: []int{1, 2}, Tenders: []string{"CASH"}}
	}
	return in
}

// TestPagesAreTheWhole: the parts of a report have each of its stores and days once, in order; no week and no month is in
// two, where rows are of these.
func TestPagesAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		stores := make([]id.Store, rapid.IntRange(1, 60).Draw(t, "stores"))
		for i := range stores {
			stores[i] = id.New[id.Store]()
		}
		pages := in.pages(stores)
		if len(pages) > mostPages || len(pages) == 0 {
			t.Fatalf("%d pages", len(pages))
		}
		days := map[id.Store]civil.Date{}
		for _, page := range pages {
			if page.From.Days(page.To) < 0 {
				t.Fatalf("a page from %s to %s", page.From, page.To)
			}
			for _, store := range page.StoreIDs {
				want, begun := days[store]
				if !begun {
					want = in.From
				}
				if page.From != want {
					t.Fatalf("a page begins on %s, not on %s", page.From, want)
				}
				days[store] = page.To.Add(1)
				split := page.To != in.To
				if split && slices.Contains(in.GroupBy[:min(2, len(in.GroupBy))], ByWeek) && !slices.Contains(in.GroupBy[:1], ByDay) && sinceMonday(page.To) != 6 &&
					(in.GroupBy[0] == ByWeek || in.GroupBy[0] == ByStore) {
					t.Fatalf("a week is cut after %s", page.To)
				}
				if split && in.GroupBy[0] == ByMonth && page.To.Add(1).Day != 1 {
					t.Fatalf("a month is cut after %s", page.To)
				}
			}
		}
		for _, store := range stores {
			if days[store] != in.To.Add(1) {
				t.Fatalf("a store ends before %s", days[store])
			}
		}
	})
}

// TestSubjectIsKept: what the database has of what a file is of is that.
func TestSubjectIsKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		in.StoreIDs = []id.Store{id.New[id.Store]()}
		for _, of := range []exportable{
			in,
			&StockInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs, CategoryIDs: []id.Category{id.New[id.Category]()}, Sort: new(SlowestStock)},
			&StockInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs},
			&VarianceInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs},
			&ZReportsInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs, RegisterIDs: []id.Register{id.New[id.Register]()}},
			&ZReportsInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs},
		} {
			text, err := json.Marshal(Subject{of})
			if err != nil {
				t.Fatal(err)
			}
			var back Subject
			if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(of, back.of) {
				t.Fatalf("%v: %s became %+v", err, text, back.of)
			}
		}
	})
	const days = `"from": "2026-01-01", "to": "2026-01-01"`
	for _, text := range []string{`{}`, `{"from": "x"}`, `{` + days + `, "stores": ["x"]}`, `[]`, `{` + days + `, "kind": "NONE"}`} {
		if err := json.Unmarshal([]byte(text), new(Subject)); err == nil {
			t.Errorf("%s is something that files are of", text)
		}
	}
	// What was asked for before there were several kinds.
	var earlier Subject
	if err := json.Unmarshal([]byte(`{`+days+`, "groupBy": ["STORE"]}`), &earlier); err != nil || earlier.of.kind() != OfSales {
		t.Errorf("%v: %+v", err, earlier.of)
	}
}

// TestPartsAreTheWhole: the parts of stock and of Z reports have each store, and each day, once and in order.
func TestPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		for range rapid.IntRange(0, 60).Draw(t, "stores") {
			in.StoreIDs = append(in.StoreIDs, id.New[id.Store]())
		}
		var stores []id.Store
		for _, part := range (&StockInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs}).cut() {
			if of := part.span(); of.from == in.From && of.to == in.To {
				stores = append(stores, of.stores...)
			}
		}
		if !slices.Equal(stores, in.StoreIDs) {
			t.Fatalf("stock of %v instead of %v", stores, in.StoreIDs)
		}
		if n := len((&StockInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs, Sort: new(CostliestStock)}).cut()); n != 1 {
			t.Fatalf("what is ordered by worth is of %d parts", n)
		}
		next := in.From
		for _, part := range (&ZReportsInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs}).cut() {
			of := part.span()
			if of.from != next || of.from.Days(of.to) < 0 || !slices.Equal(of.stores, in.StoreIDs) {
				t.Fatalf("a part of %v after %s", of, next)
			}
			next = of.to.Add(1)
		}
		if next != in.To.Add(1) {
			t.Fatalf("Z reports end before %s", next)
		}
	})
}

// TestTextsAreInert: whatever a text is, a spreadsheet takes no cell of a CSV file for a formula, and the text is in it.
func TestTextsAreInert(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[=+\-@\t\r|%'" ,;a-z0-9é]*`).Draw(t, "text")
		var out bytes.Buffer
		s, err := newSheet(CSV, &out, []head{{title: "T"}, {title: "N", number: true}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.row([]string{text, "-1.50"}); err != nil {
			t.Fatal(err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		cell := inert(text)
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Fatalf("%q begins a formula", cell)
		}
		if cell != text && cell != "'"+text {
			t.Fatalf("%q became %q", text, cell)
		}
		if !bytes.Contains(out.Bytes(), []byte(",-1.50\r\n")) {
			t.Fatalf("%q", out.String())
		}
	})
}

// TestLettersAreInTime: letters go out once a period, at the time on the clocks of a place, also where they change.
func TestLettersAreInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   ScheduleKind
		zone   string
		minute int
		now    string
		want   []string
	}{
		// The clocks go forward on the 8th of March, over the time itself, and back on the 1st of November.
		{DailyClose, "America/New_York", 150, "2026-03-07T12:00:00Z", []string{"2026-03-08T06:30:00Z", "2026-03-09T06:30:00Z"}},
		{DailyClose, "America/New_York", 420, "2026-10-31T12:00:00Z", []string{"2026-11-01T12:00:00Z", "2026-11-02T12:00:00Z"}},
		{DailyClose, "Africa/Nairobi", 420, "2026-11-21T03:59:59Z", []string{"2026-11-21T04:00:00Z", "2026-11-22T04:00:00Z"}},
		{DailyClose, "Africa/Nairobi", 420, "2026-11-21T04:00:00Z", []string{"2026-11-22T04:00:00Z"}},
		{Weekly, "UTC", 0, "2026-11-21T04:00:00Z", []string{"2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"}},
		{Weekly, "UTC", 600, "2026-11-23T09:00:00Z", []string{"2026-11-23T10:00:00Z", "2026-11-30T10:00:00Z"}},
		{Weekly, "UTC", 600, "2026-11-23T10:00:00Z", []string{"2026-11-30T10:00:00Z"}},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		s := &Schedule{Kind: c.kind, TimeZone: c.zone, MinuteOfDay: c.minute}
		s.begin(now)
		for _, want := range c.want {
			if got := s.DueAt.UTC().Format(time.RFC3339); got != want {
				t.Errorf("%v: %s", c, got)
			}
			s.advance()
		}
	}
}
