package sale

import (
	"fmt"

	"github.com/tillgraph/tillgraph/internal/money"
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
	TaxRate   money.PPM
}

// LineTotals are what a line comes to, in minor units. Total is Subtotal + Tax, always.
type LineTotals struct {
	Subtotal, Tax, Total int64
}

// Totals are what a sale comes to, in minor units: the sums of its lines.
type Totals struct {
	Lines                []LineTotals
	Subtotal, Tax, Total int64
}

// Calculate is the one place where a sale's amounts come from.
//
// A line's amount is quantity times price, rounded to the minor unit. Where prices include tax, that amount is
// what the customer owes and the tax is the part of it that is rate/(1+rate), rounded; the subtotal is the rest.
// Otherwise the amount is the subtotal, and the tax is rate times it, rounded, on top. Each rounding is half away
// from zero. Tax is rounded per line and never again for the sale, so that a receipt adds up as printed.
//
// Errors: money.ErrNegative for a negative quantity, price or rate; money.ErrTooLarge for what is beyond the
// limits of package money, a rate over 100 % among them, or a total that is.
func Calculate(lines []LineInput, pricesIncludeTax bool) (Totals, error) {
	totals := Totals{Lines: make([]LineTotals, len(lines))}
	for i, input := range lines {
		line, err := calculateLine(input, pricesIncludeTax)
		if err != nil {
			return Totals{}, fmt.Errorf("line %d: %w", i+1, err)
		}
		totals.Lines[i] = line
		totals.Subtotal += line.Subtotal
		totals.Tax += line.Tax
		totals.Total += line.Total
		// After every line, so that no number of lines can overflow.
		if totals.Total > money.MaxTotal {
			return Totals{}, money.ErrTooLarge
		}
	}
	return totals, nil
}

func calculateLine(in LineInput, pricesIncludeTax bool) (LineTotals, error) {
	if in.Quantity < 0 || in.UnitPrice < 0 || in.TaxRate < 0 {
		return LineTotals{}, money.ErrNegative
	}
	if in.Quantity > money.MaxQuantity || in.UnitPrice > money.MaxPrice || in.TaxRate > money.MaxPPM {
		return LineTotals{}, money.ErrTooLarge
	}
	amount, err := money.MulDiv(in.Quantity, in.UnitPrice, milli)
	if err != nil {
		return LineTotals{}, err
	}
	rate := int64(in.TaxRate)
	if pricesIncludeTax {
		tax, err := money.MulDiv(amount, rate, ppm+rate)
		return limited(LineTotals{Subtotal: amount - tax, Tax: tax, Total: amount}, err)
	}
	tax, err := money.MulDiv(amount, rate, ppm)
	return limited(LineTotals{Subtotal: amount, Tax: tax, Total: amount + tax}, err)
}

func limited(line LineTotals, err error) (LineTotals, error) {
	if err != nil {
		return LineTotals{}, err
	}
	if line.Total > money.MaxTotal {
		return LineTotals{}, money.ErrTooLarge
	}
	return line, nil
}
