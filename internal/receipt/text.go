package receipt

import "github.com/tillgraph/tillgraph/internal/errs"

// The widths of receipt printers, in columns: 58 mm and 80 mm of paper.
const (
	Narrow = 32
	Wide   = 48
)

// Text prints the receipt for a printer of 32 or 48 columns: lines that end with a line break, none of which is
// wider, without control characters.
//
// Errors: BadUserInput for another width.
func (r *Receipt) Text(columns int) (string, error) {
	if columns != Narrow && columns != Wide {
		return "", errs.New(errs.BadUserInput, "A receipt has %d or %d columns.", Narrow, Wide)
	}
	p := &printer{columns: columns}
	p.center(plain(r.Company.Name))
	p.center(r.head()...)
	p.rule()
	p.rows(r.about()...)
	r.voided(p)
	p.rule()
	for _, line := range r.Lines {
		p.rows(r.item(line)...)
	}
	p.rule()
	p.rows(r.totals()...)
	p.rows(r.total())
	p.rows(r.paid()...)
	for _, list := range [][]row{r.taxRows(), r.balanceRows()} {
		if len(list) > 0 {
			p.rule()
			p.rows(list...)
		}
	}
	if note := plain(r.Sale.Note); note != "" {
		p.rule()
		p.rows(row{label: note})
	}
	r.voided(p)
	p.rule()
	p.center(rows(r.Footer())...)
	p.center(r.Sale.ID.String())
	return p.b.String(), nil
}

// voided says it on top and at the end: half of a receipt must not pass for a whole one.
func (r *Receipt) voided(p *printer) {
	if list := r.void(); list != nil {
		p.rule()
		p.center(list...)
	}
}
