package report

import (
	"slices"
	"sync"
)

// memory is what the rows of a report are in. Nearly all reports are read, told and dropped at once; a fifth of what a
// request for 30 days allocated were their rows.
type memory struct {
	sums    []sums
	rows    []Row
	figures []Figures
}

// mostKept is how many rows a memory may have to be another report's: few have more.
const mostKept = 2048

var memories = sync.Pool{New: func() any { return new(memory) }}

func newMemory() *memory {
	m, _ := memories.Get().(*memory)
	return m
}

// room is for so many rows and their figures.
func (m *memory) room(n int) ([]Row, []Figures) {
	m.rows, m.figures = slices.Grow(m.rows, n)[:n], slices.Grow(m.figures, n)[:n]
	return m.rows, m.figures
}

// giveBack ends it: nothing of the report is left in it, nor may it be looked at.
func (m *memory) giveBack() {
	if max(cap(m.sums), cap(m.rows), cap(m.figures)) > mostKept {
		return
	}
	m.clear()
	memories.Put(m)
}

// clear empties what was used: the rest is empty.
func (m *memory) clear() {
	clear(m.sums)
	clear(m.rows)
	clear(m.figures)
	m.sums, m.rows, m.figures = m.sums[:0], m.rows[:0], m.figures[:0]
}

// GiveBack ends a report that is told: its rows are another one's from now on, so that nobody may look at them again.
func (r *Report) GiveBack() {
	if r.memory != nil {
		r.memory.giveBack()
		r.memory, r.rows, r.Totals, r.Subtotals = nil, nil, nil, nil
	}
}

// GiveBack ends the report, where there is one.
func (p *Payload) GiveBack() {
	if p.Report != nil {
		p.Report.GiveBack()
	}
}
