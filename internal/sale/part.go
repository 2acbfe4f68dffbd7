package sale

import (
	"fmt"

	"github.com/tillgraph/tillgraph/internal/money"
)

// part is what is paid back for a part of a line, in minor units, all of it zero or more.
type part struct {
	discount, orderDiscount, subtotal, tax int64
}

func (p part) total() int64 { return p.subtotal + p.tax }

// part reckons what is paid back for a quantity of a line of which some came back before.
//
// Each amount goes by what will have come back in all: so much of the line's amount as the quantities stand to each
// other, rounded half away from zero, less what was paid back so far. So the parts add up to the line exactly, in
// whatever steps its goods come back, and the last of them gets the remainder. What was paid back before may be
// ahead of that where a return in between was voided; then a part is worth nothing rather than less.
func (l *Line) part(before *Returned, quantity int64) part {
	if before == nil {
		before = &Returned{}
	}
	upTo := before.Milli + quantity
	return part{
		discount:      l.share(l.DiscountMinor, upTo, before.DiscountMinor),
		orderDiscount: l.share(l.OrderDiscountMinor, upTo, before.OrderDiscountMinor),
		subtotal:      l.share(l.SubtotalMinor, upTo, before.SubtotalMinor),
		tax:           l.share(l.TaxMinor, upTo, before.TaxMinor),
	}
}

// share is the part of an amount that goes with the quantity up to which goods came back, less what was paid.
func (l *Line) share(amount, upTo, paid int64) int64 {
	if upTo >= l.Milli {
		return amount - paid
	}
	due, err := money.MulDiv(amount, upTo, l.Milli)
	if err != nil {
		panic(fmt.Sprintf("a part of a line is larger than the line: %v", err)) // upTo is less than the whole
	}
	return max(due-paid, 0)
}
