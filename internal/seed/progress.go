package seed

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress says how far a bulk run is.
type Progress struct {
	// Done and Total are sales.
	Done, Total int64
	// Rate is sales a second since the start.
	Rate float64
	// Left is how long it will take at that rate; 0 while that isn't known.
	Left time.Duration
}

// String gives a line for people.
func (p Progress) String() string {
	percent := 100.0
	if p.Total > 0 {
		percent = 100 * float64(p.Done) / float64(p.Total)
	}
	line := fmt.Sprintf("%d of %d sales (%.0f%%), %.0f a second", p.Done, p.Total, percent, p.Rate)
	if p.Left > 0 {
		line += fmt.Sprintf(", %s left", p.Left.Round(time.Second))
	}
	return line
}

// PrintProgress writes each progress over the last one, as a terminal shows it, and ends the line at the end.
func PrintProgress(w io.Writer) func(Progress) {
	return func(p Progress) {
		end := ""
		if p.Done >= p.Total {
			end = "\n"
		}
		// What can't be shown doesn't stop the work.
		_, _ = fmt.Fprintf(w, "\r%-72s%s", p, end)
	}
}

// meter counts what the workers have done.
type meter struct {
	mu          sync.Mutex
	done, total int64
	// outgrown is how many sales are several times those that the planner knows of.
	outgrown    int64
	start, last time.Time
	now         func() time.Time
	report      func(Progress)
}

// meterPause keeps a terminal from flickering.
const meterPause = 500 * time.Millisecond

// The planner learns of the tables after so many sales, and again whenever there are so many times as many. Keys are
// checked by plans that a connection keeps: those for empty tables read all of a register's sales for each line.
const (
	firstGrowth = 1000
	growth      = 4
)

func newMeter(total int64, now func() time.Time, report func(Progress)) *meter {
	return &meter{total: total, outgrown: firstGrowth, start: now(), now: now, report: report}
}

// add says whether the tables have outgrown what the planner knows of them.
func (m *meter) add(count int64) (outgrown bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done += count
	if outgrown = m.done >= m.outgrown; outgrown {
		m.outgrown = growth * m.done
	}
	m.show()
	return outgrown
}

func (m *meter) show() {
	now := m.now()
	if m.report == nil || now.Sub(m.last) < meterPause && m.done < m.total {
		return
	}
	m.last = now
	p := Progress{Done: m.done, Total: m.total}
	if elapsed := now.Sub(m.start).Seconds(); elapsed > 0 && m.done > 0 {
		p.Rate = float64(m.done) / elapsed
		p.Left = time.Duration(float64(m.total-m.done) / p.Rate * float64(time.Second))
	}
	m.report(p)
}
