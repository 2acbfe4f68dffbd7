package sale

import (
	"fmt"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tax"
)

const (
	// milli is how many thousandths make one unit of a product.
	milli = 1000
	// ppm is how many parts per million make the whole.
	ppm = int64(money.MaxPPM)
)

// LineInput is what one line is calculated from.
type LineInput struct {
	// Quantity is in thousandths of the product's unit.
	Quantity int64
	// UnitPrice is in minor units for one unit of the product.
	UnitPrice int64
	// Gross, where it is given, is the line's amount in place of quantity times price: what a scale printed.
	Gross *int64
	// Discounts come off one after the other.
	Discounts []Discount
	// Levies are the taxes on the line, in their order.
	Levies []tax.Levy
	// Priced, where it is given, is taken as it is, and nothing else of the line counts: goods come back at a part of
	// what they were sold for, below zero. It has no part in the discounts of the order.
	Priced *LineTotals
}

// LineTotals are what a line comes to, in minor units. Total is Subtotal + Tax, always; Gross less Discount less
// OrderDiscount is the Total where prices include tax, and the Subtotal otherwise.
type LineTotals struct {
	// Gross is the line before all discounts, Discount the sum of Discounts, OrderDiscount its share of the order's.
	Gross, Discount, OrderDiscount int64
	Subtotal, Tax, Total           int64
	// Discounts is what each of the line's discounts takes off, Taxes what each of its taxes comes to.
	Discounts []int64
	Taxes     []tax.Amount
}

// Totals are what a sale comes to, in minor units: the sums of its lines.
type Totals struct {
	Lines []LineTotals
	// OrderDiscounts is what each discount of the order takes off.
	OrderDiscounts []int64
	// Discount is what all discounts of lines and order take off.
	Discount             int64
	Subtotal, Tax, Total int64
}

// Calculate is the one place where a sale's amounts come from.
//
// A line's gross is quantity times price, rounded to the minor unit. Its own discounts come off, then its share of
// each of the order's, which is spread in proportion to what the lines are left with. Where prices include tax, what
// is left is what the customer owes, the taxes are parts of it and the subtotal is the rest. Otherwise it is the
// subtotal, and the taxes come on top. Each rounding is half away from zero. Tax is rounded per line and rate, and
// never again for the sale, so that a receipt adds up as printed.
//
// Errors: money.ErrNegative for a negative quantity, price, discount or rate; money.ErrTooLarge for what is beyond the
// limits of package money, taxes over 100 % among them, or a total that is.
func Calculate(lines []LineInput, order []Discount, pricesIncludeTax bool) (Totals, error) {
	totals := Totals{Lines: make([]LineTotals, len(lines))}
	for i, input := range lines {
		line, err := discounted(input)
		if err != nil {
			return Totals{}, fmt.Errorf("line %d: %w", i+1, err)
		}
		totals.Lines[i] = line
	}
	var err error
	if totals.OrderDiscounts, err = spread(totals.Lines, lines, order); err != nil {
		return Totals{}, err
	}
	for i, input := range lines {
		line := &totals.Lines[i]
		if err := line.tax(input, pricesIncludeTax); err != nil {
			return Totals{}, fmt.Errorf("line %d: %w", i+1, err)
		}
		totals.Discount += line.Discount + line.OrderDiscount
		totals.Subtotal += line.Subtotal
		totals.Tax += line.Tax
		totals.Total += line.Total
		// After every line, so that no number of lines can overflow.
		if !within(totals.Total, totals.Subtotal, totals.Tax, totals.Discount) {
			return Totals{}, money.ErrTooLarge
		}
	}
	return totals, nil
}

// discounted is a line with its own discounts, before the order's and before tax.
func discounted(in LineInput) (LineTotals, error) {
	if in.Priced != nil {
		p := in.Priced
		if !within(p.Gross, p.Discount, p.OrderDiscount, p.Subtotal, p.Tax, p.Total) {
			return LineTotals{}, money.ErrTooLarge
		}
		return *p, nil
	}
	gross, err := in.gross()
	if err != nil {
		return LineTotals{}, err
	}
	line := LineTotals{Gross: gross, Discounts: make([]int64, len(in.Discounts))}
	for i, discount := range in.Discounts {
		if line.Discounts[i], err = discount.of(line.left()); err != nil {
			return LineTotals{}, err
		}
		line.Discount += line.Discounts[i]
	}
	return line, nil
}

func (in *LineInput) gross() (int64, error) {
	if in.Quantity < 0 || in.UnitPrice < 0 {
		return 0, money.ErrNegative
	}
	if in.Quantity > money.MaxQuantity || in.UnitPrice > money.MaxPrice {
		return 0, money.ErrTooLarge
	}
	gross, err := money.MulDiv(in.Quantity, in.UnitPrice, milli)
	if in.Gross != nil {
		gross, err = *in.Gross, nil
	}
	switch {
	case err != nil:
		return 0, err
	case gross < 0:
		return 0, money.ErrNegative
	case gross > money.MaxTotal:
		return 0, money.ErrTooLarge
	}
	return gross, nil
}

// left is what discounts leave of the line.
func (l *LineTotals) left() int64 { return l.Gross - l.Discount - l.OrderDiscount }

// tax works the taxes out of what is left.
func (l *LineTotals) tax(in LineInput, pricesIncludeTax bool) error {
	if in.Priced != nil {
		return nil
	}
	var err error
	if l.Subtotal, l.Taxes, err = tax.Split(l.left(), in.Levies, pricesIncludeTax); err != nil {
		return fmt.Errorf("work out the tax: %w", err)
	}
	l.Tax = 0
	for _, t := range l.Taxes {
		l.Tax += t.Amount
	}
	l.Total = l.Subtotal + l.Tax
	if !within(l.Total) {
		return money.ErrTooLarge
	}
	return nil
}

func within(amounts ...int64) bool {
	for _, amount := range amounts {
		if amount > money.MaxTotal || amount < -money.MaxTotal {
			return false
		}
	}
	return true
}
