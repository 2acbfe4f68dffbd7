package sale

import (
	"github.com/tillgraph/tillgraph/internal/money"
)

// DiscountKind says how a discount is reckoned.
type DiscountKind string

// The kinds of discounts.
const (
	// Fixed is an amount.
	Fixed DiscountKind = "FIXED"
	// Percent is a share of what the discounts before it leave.
	Percent DiscountKind = "PERCENT"
)

// Discount is taken off a line or an order.
type Discount struct {
	Kind DiscountKind
	// Minor is the amount of a fixed discount, in minor units; Rate the share of the other kind.
	Minor int64
	Rate  money.PPM
}

// of is what the discount takes off an amount: never more than there is.
func (d Discount) of(left int64) (int64, error) {
	if d.Minor < 0 || d.Rate < 0 {
		return 0, money.ErrNegative
	}
	if d.Kind != Percent {
		return min(d.Minor, left), nil
	}
	if d.Rate > money.MaxPPM {
		return 0, money.ErrTooLarge
	}
	return money.MulDiv(left, int64(d.Rate), ppm)
}

// spread takes the discounts of an order off its lines, each in proportion to what the lines are left with, so that
// the parts add up and no line falls below zero. It gives what each discount takes off.
func spread(totals []LineTotals, lines []LineInput, order []Discount) ([]int64, error) {
	amounts := make([]int64, len(order))
	for n, discount := range order {
		weights, left := leftovers(totals, lines)
		if !within(left) {
			return nil, money.ErrTooLarge
		}
		amount, err := discount.of(left)
		if err != nil {
			return nil, err
		}
		amounts[n] = amount
		if amount == 0 {
			continue // no line has anything left, maybe: it would be spread evenly
		}
		for i, part := range money.Allocate(amount, weights) {
			totals[i].OrderDiscount += part
		}
	}
	return amounts, nil
}

// leftovers are what discounts leave of each line that isn't priced already, and the sum: beyond the limits as soon
// as that is.
func leftovers(totals []LineTotals, lines []LineInput) (each []int64, sum int64) {
	each = make([]int64, len(totals))
	for i := range totals {
		if lines[i].Priced != nil {
			continue
		}
		each[i] = totals[i].left()
		if sum += each[i]; !within(sum) {
			return each, sum
		}
	}
	return each, sum
}
