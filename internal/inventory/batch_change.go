package inventory

import (
	"strings"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/money"
)

// LongestLot is how many characters a lot number may have.
const LongestLot = 50

// LotInput is what is printed on goods.
type LotInput struct {
	Number         string
	ExpiresOn      *civil.Date
	ManufacturedOn *civil.Date
}

// lot reads the lot of a line; nil where there is none.
func (in *LotInput) lot(p *errs.Problems, i int) *Lot {
	if in == nil {
		return nil
	}
	lot := &Lot{
		Number:    form.Text(p, in.Number, 1, LongestLot, "lines", i, "lot", "number"),
		ExpiresOn: in.ExpiresOn, ManufacturedOn: in.ManufacturedOn, Make: true,
	}
	datesOf(p, in.ExpiresOn, in.ManufacturedOn, errs.Path("lines", i, "lot", "manufacturedOn"))
	return lot
}

// datesOf refuses what expires before it was made.
func datesOf(p *errs.Problems, expires, manufactured *civil.Date, path []string) {
	if expires != nil && manufactured != nil && expires.Days(*manufactured) > 0 {
		p.Add(form.Invalid, path, "It can't expire before it was made.")
	}
}

// checkLot says whether a line names a batch as its product needs it.
func (r *request) checkLot(p *errs.Problems, f *facts, i int) {
	line := r.lines[i]
	product := f.products[line.product]
	if r.kind == "" || product == nil || !product.Stocked() {
		return
	}
	tracked := Tracks(f.scope, f.settings, product)
	switch {
	case tracked && line.lot == nil && !line.loose:
		p.Add(lotRequired, errs.Path("lines", i, "lot"), "Say which lot the goods are of.")
	case !tracked && line.lot != nil:
		p.Add(lotNotTracked, errs.Path("lines", i, "lot"), "This product has no batches here.")
	case !tracked && line.loose:
		p.Add(lotNotTracked, errs.Path("lines", i, "unbatched"), "This product has no batches here.")
	}
}

// portion is what a line says of batches: nothing where it says nothing.
func (c *operation) portion(line requestLine) []*Portion {
	if line.lot == nil && !line.loose {
		return nil
	}
	return []*Portion{{Milli: line.milli, Lot: line.lot, Loose: line.loose}}
}

// checkBatch says why a line can't be of its batch.
func (c *operation) checkBatch(p *errs.Problems, line requestLine, i int) {
	portion := c.portionOf(line)
	if portion == nil {
		return
	}
	if portion.Refused == LotDatesDiffer {
		p.Add(string(LotDatesDiffer), errs.Path("lines", i, "lot"),
			"The store has goods of this lot with other dates: look at them again, or put the batch right.")
	}
	if portion.Milli < 0 && portion.Left+portion.Milli < 0 {
		left := money.Quantity(max(portion.Left, 0))
		*p = append(*p, errs.Problem{
			Code: stockInsufficient, Field: errs.Path("lines", i, line.field), Message: "Only " + left.String() + " of this are there.",
			Details: map[string]any{quantityAvailable: &left},
		})
	}
}

func (c *operation) portionOf(line requestLine) *Portion {
	for _, change := range c.changes {
		for _, portion := range change.Portions {
			if change.ProductID == line.product && portion.Lot == line.lot && portion.Loose == line.loose {
				return portion
			}
		}
	}
	return nil
}

// waiting is a change as an approval keeps it.
func (c Change) waiting() *approval.Line {
	line := &approval.Line{Product: c.ProductID.UUID(), Milli: c.Milli}
	for _, p := range c.Portions {
		line.Loose = p.Loose
		if p.Lot != nil {
			line.Lot, line.ExpiresOn, line.ManufacturedOn = p.Lot.Number, dateText(p.Lot.ExpiresOn), dateText(p.Lot.ManufacturedOn)
		}
	}
	return line
}

// lotOf is the lot of a line that waited.
func lotOf(line *approval.Line) *Lot {
	if line.Lot == "" {
		return nil
	}
	return &Lot{Number: line.Lot, ExpiresOn: dateOf(line.ExpiresOn), ManufacturedOn: dateOf(line.ManufacturedOn), Make: true}
}

func dateText(day *civil.Date) string {
	if day == nil {
		return ""
	}
	return day.String()
}

func dateOf(text string) *civil.Date {
	day, err := civil.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil
	}
	return &day
}
