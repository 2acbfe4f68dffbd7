package sale

import "github.com/tillgraph/tillgraph/internal/money"

// part is what is paid back for a part of a line, in minor units, all of it zero or more.
type part struct {
	discount, orderDiscount, subtotal, tax int64
}

func (p part) total() int64 { return p.subtotal + p.tax }

// part reckons what is paid back for a quantity of a line of which some came back before.
//
// Each amount goes by what will have come back in all: so much of the line's amount as the quantities stand to each
// other, rounded half away from zero, less what was paid back so far. So the parts add up to the line exactly, in
// whatever steps its goods come back, and the last of them gets the remainder. What is rounded is what the customer
// sees: where prices include tax, the total and the tax in it; otherwise the subtotal and the tax on it.
//
// What was paid back before may be ahead of that where a return in between was voided; then a part is worth nothing
// rather than less, and never more than is left.
func (l *Line) part(before *Returned, quantity int64, pricesIncludeTax bool) part {
	if before == nil {
		before = &Returned{}
	}
	upTo := before.Milli + quantity
	p := part{
		discount:      l.share(l.DiscountMinor, upTo, before.DiscountMinor),
		orderDiscount: l.share(l.OrderDiscountMinor, upTo, before.OrderDiscountMinor),
		subtotal:      l.share(l.SubtotalMinor, upTo, before.SubtotalMinor),
		tax:           l.share(l.TaxMinor, upTo, before.TaxMinor),
	}
	if pricesIncludeTax {
		total := l.share(l.TotalMinor, upTo, before.SubtotalMinor+before.TaxMinor)
		left := l.SubtotalMinor - before.SubtotalMinor // the net that may still be paid back
		p.tax = max(min(p.tax, total), total-left)
		p.subtotal = total - p.tax
	}
	return p
}

// share is the part of an amount that goes with the quantity up to which goods came back, less what was paid.
func (l *Line) share(amount, upTo, paid int64) int64 {
	due, err := money.MulDiv(amount, upTo, l.Milli)
	if err != nil || upTo >= l.Milli {
		return amount - paid
	}
	return max(due-paid, 0)
}
