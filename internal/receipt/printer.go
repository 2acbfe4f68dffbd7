package receipt

import (
	"strconv"
	"strings"
)

// printer writes lines none of which is wider than its columns.
type printer struct {
	columns int
	b       strings.Builder
}

func (p *printer) line(text string) {
	p.b.WriteString(strings.TrimRight(text, " "))
	p.b.WriteByte('\n')
}

func (p *printer) rule() { p.line(strings.Repeat("-", p.columns)) }

// center writes texts, each in the middle of lines of its own; an empty one is an empty line.
func (p *printer) center(texts ...string) {
	for _, text := range texts {
		if text == "" {
			p.line("")
		}
		for _, line := range wrap(text, p.columns) {
			p.line(strings.Repeat(" ", (p.columns-columns(line))/2) + line)
		}
	}
}

// rows writes labels at the left and amounts at the right. Where there is no room for both, the label goes first, and
// the amount stands alone.
func (p *printer) rows(list ...row) {
	for _, r := range list {
		p.row(r)
	}
}

func (p *printer) row(r row) {
	indent := 2 * r.indent
	margin := strings.Repeat(" ", indent)
	lines := wrap(r.label, p.columns-indent)
	amounts := wrap(r.amount, p.columns-indent)
	if len(lines) > 0 && len(amounts) == 1 {
		last := &lines[len(lines)-1]
		if gap := p.columns - indent - columns(*last) - columns(amounts[0]); gap > 0 {
			*last, amounts = *last+strings.Repeat(" ", gap)+amounts[0], nil
		}
	}
	for _, line := range lines {
		p.line(margin + line)
	}
	for _, amount := range amounts {
		p.line(strings.Repeat(" ", p.columns-columns(amount)) + amount)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
