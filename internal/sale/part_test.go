package sale

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// discountedSale draws a sale of several lines, with discounts of its lines and of the order.
func discountedSale(t *rapid.T, inclusive bool) []*Line {
	discount := rapid.Custom(func(t *rapid.T) Discount {
		if rapid.Bool().Draw(t, "fixed") {
			return Discount{Kind: Fixed, Minor: rapid.Int64Range(0, 100_000).Draw(t, "minor")}
		}
		return Discount{Kind: Percent, Rate: money.PPM(rapid.Int64Range(0, 1_000_000).Draw(t, "rate"))}
	})
	inputs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) LineInput {
		return LineInput{
			Quantity: rapid.Int64Range(1, 50_000).Draw(t, "quantity"), UnitPrice: rapid.Int64Range(0, 100_000).Draw(t, "price"),
			Discounts: rapid.SliceOfN(discount, 0, 2).Draw(t, "discounts"),
			Levies:    []tax.Levy{{Name: "VAT", Rate: money.PPM(rapid.Int64Range(0, 300_000).Draw(t, "tax"))}},
		}
	}), 1, 4).Draw(t, "lines")
	totals, err := Calculate(inputs, rapid.SliceOfN(discount, 0, 2).Draw(t, "order"), inclusive)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]*Line, len(inputs))
	for i, input := range inputs {
		lines[i] = &Line{Kind: SaleLine, Milli: input.Quantity}
		lines[i].take(totals.Lines[i])
	}
	return lines
}

// TestPartsAddUp returns the lines of any discounted sale in any parts, and voids some of the returns in between: what
// is paid back is never more than was paid, and it is exactly that when all came back.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inclusive := rapid.Bool().Draw(t, "inclusive")
		for _, line := range discountedSale(t, inclusive) {
			before := &Returned{}
			var parts []Returned
			returned := func(quantity int64) {
				p := line.part(before, quantity, inclusive)
				back := Returned{
					Milli: quantity, DiscountMinor: p.discount, OrderDiscountMinor: p.orderDiscount,
					SubtotalMinor: p.subtotal, TaxMinor: p.tax,
				}
				if min(p.discount, p.orderDiscount, p.subtotal, p.tax) < 0 {
					t.Fatalf("less than nothing is paid back: %+v of %+v after %+v", p, line, before)
				}
				parts = append(parts, back)
				add(before, back, 1)
				notMore(t, line, before)
			}
			for range rapid.IntRange(0, 12).Draw(t, "steps") {
				left := line.returnable(before)
				if left == 0 || len(parts) > 0 && rapid.IntRange(0, 3).Draw(t, "void") == 0 {
					i := rapid.IntRange(0, len(parts)-1).Draw(t, "which")
					add(before, parts[i], -1)
					parts = append(parts[:i], parts[i+1:]...)
					notMore(t, line, before)
					continue
				}
				returned(rapid.Int64Range(1, left).Draw(t, "part"))
			}
			if left := line.returnable(before); left > 0 {
				returned(left)
			}
			if before.Milli != line.Milli || before.DiscountMinor != line.DiscountMinor ||
				before.OrderDiscountMinor != line.OrderDiscountMinor || before.SubtotalMinor != line.SubtotalMinor ||
				before.TaxMinor != line.TaxMinor {
				t.Fatalf("all came back as %+v of %+v", before, line)
			}
		}
	})
}

func add(to *Returned, part Returned, sign int64) {
	to.Milli += sign * part.Milli
	to.DiscountMinor += sign * part.DiscountMinor
	to.OrderDiscountMinor += sign * part.OrderDiscountMinor
	to.SubtotalMinor += sign * part.SubtotalMinor
	to.TaxMinor += sign * part.TaxMinor
}

// notMore says that not more was paid back than was paid.
func notMore(t *rapid.T, line *Line, before *Returned) {
	if before.Milli > line.Milli || before.SubtotalMinor > line.SubtotalMinor || before.TaxMinor > line.TaxMinor ||
		before.SubtotalMinor+before.TaxMinor > line.TotalMinor || before.DiscountMinor > line.DiscountMinor ||
		before.OrderDiscountMinor > line.OrderDiscountMinor {
		t.Fatalf("more came back than there was: %+v of %+v", before, line)
	}
}

// A part without voids in between is what its quantity is worth, to the minor unit.
func TestPartsAreInProportion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inclusive := rapid.Bool().Draw(t, "inclusive")
		for _, line := range discountedSale(t, inclusive) {
			before := &Returned{}
			for left := line.Milli; left > 0; left = line.returnable(before) {
				quantity := rapid.Int64Range(1, left).Draw(t, "part")
				p := line.part(before, quantity, inclusive)
				paid := p.subtotal
				whole := line.SubtotalMinor
				if inclusive {
					paid, whole = p.total(), line.TotalMinor
				}
				fair := float64(whole) * float64(quantity) / float64(line.Milli)
				if diff := float64(paid) - fair; diff > 1 || diff < -1 {
					t.Fatalf("%d of %+v is paid back with %d instead of %f", quantity, line, paid, fair)
				}
				add(before, Returned{
					Milli: quantity, DiscountMinor: p.discount, OrderDiscountMinor: p.orderDiscount,
					SubtotalMinor: p.subtotal, TaxMinor: p.tax,
				}, 1)
			}
		}
	})
}
