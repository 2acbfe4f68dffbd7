package report

import (
	"reflect"
	"testing"
)

// TestMemoryIsGivenBackEmpty: nothing of a report is left to the next one, which may be another company's.
func TestMemoryIsGivenBackEmpty(t *testing.T) {
	t.Parallel()
	m := &memory{sums: make([]sums, 2, 5)}
	rows, figures := m.room(3)
	for i := range m.sums {
		m.sums[i] = sums{key: key{currency: "KES", of: [mostKeys]string{"2026-01-01"}}, Net: 5}
	}
	for i := range rows {
		figures[i] = Figures{sums: &m.sums[0], costs: true}
		rows[i] = Row{Figures: &figures[i], key: &m.sums[0].key, sum: 7}
	}
	m.clear()
	for _, part := range []any{m.sums[:cap(m.sums)], m.rows[:cap(m.rows)], m.figures[:cap(m.figures)]} {
		for list, i := reflect.ValueOf(part), 0; i < list.Len(); i++ {
			if !list.Index(i).IsZero() {
				t.Errorf("%s %d is left", list.Type(), i)
			}
		}
	}
	if len(m.sums)+len(m.rows)+len(m.figures) > 0 {
		t.Error("the next one's rows would come behind these")
	}
	if rows, figures := m.room(2); len(rows) != 2 || len(figures) != 2 || &rows[0] != &m.rows[:1][0] {
		t.Error("there is other room for two")
	}
}

// TestAReportIsToldOnce: what is given back has no rows any more, and isn't given back again.
func TestAReportIsToldOnce(t *testing.T) {
	t.Parallel()
	p := &Payload{Report: &Report{Totals: []*Row{{}}, Subtotals: []*Row{{}}, rows: []*Row{{}}, memory: &memory{}}}
	for range 2 {
		p.GiveBack()
		if p.Report.RowCount()+len(p.Report.Totals)+len(p.Report.Subtotals) > 0 || p.Report.memory != nil {
			t.Error("its rows may be looked at")
		}
	}
	(&Payload{}).GiveBack()
}
