package sale_test

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
)

func TestCalculateExamples(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line      sale.LineInput
		inclusive bool
		want      sale.LineTotals
	}{
		"16 % inside 116.00": {
			sale.LineInput{Quantity: 1000, UnitPrice: 11600, TaxRate: 160000},
			true,
			sale.LineTotals{Subtotal: 10000, Tax: 1600, Total: 11600},
		},
		"8.25 % on top of 3.49": {
			sale.LineInput{Quantity: 1000, UnitPrice: 349, TaxRate: 82500},
			false,
			sale.LineTotals{Subtotal: 349, Tax: 29, Total: 378},
		},
		"half a cent rounds up": {
			sale.LineInput{Quantity: 500, UnitPrice: 1},
			false,
			sale.LineTotals{Subtotal: 1, Total: 1},
		},
		"half a cent of tax rounds up": {
			sale.LineInput{Quantity: 1000, UnitPrice: 50, TaxRate: 10000},
			false,
			sale.LineTotals{Subtotal: 50, Tax: 1, Total: 51},
		},
		"weighed": {
			sale.LineInput{Quantity: 1234, UnitPrice: 12000},
			true,
			sale.LineTotals{Subtotal: 14808, Total: 14808},
		},
		"free": {sale.LineInput{Quantity: 1000, TaxRate: 160000}, true, sale.LineTotals{}},
	} {
		got, err := sale.Calculate([]sale.LineInput{c.line}, c.inclusive)
		if err != nil || got.Lines[0] != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestCalculateRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []sale.LineInput
		want  error
	}{
		"negative quantity":  {[]sale.LineInput{{Quantity: -1}}, money.ErrNegative},
		"negative price":     {[]sale.LineInput{{UnitPrice: -1}}, money.ErrNegative},
		"negative rate":      {[]sale.LineInput{{TaxRate: -1}}, money.ErrNegative},
		"quantity too large": {[]sale.LineInput{{Quantity: money.MaxQuantity + 1}}, money.ErrTooLarge},
		"price too large":    {[]sale.LineInput{{UnitPrice: money.MaxPrice + 1}}, money.ErrTooLarge},
		"rate over 100 %":    {[]sale.LineInput{{TaxRate: money.MaxPPM + 1}}, money.ErrTooLarge},
		"line too large":     {[]sale.LineInput{{Quantity: money.MaxQuantity, UnitPrice: money.MaxPrice}}, money.ErrTooLarge},
		"sum too large": {[]sale.LineInput{
			{Quantity: money.MaxQuantity, UnitPrice: 600_000_000}, {Quantity: money.MaxQuantity, UnitPrice: 600_000_000},
		}, money.ErrTooLarge},
	} {
		for _, inclusive := range []bool{true, false} {
			if got, err := sale.Calculate(c.lines, inclusive); !errors.Is(err, c.want) || got.Lines != nil {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
}

func drawLine(t *rapid.T) sale.LineInput {
	return sale.LineInput{
		Quantity:  rapid.Int64Range(0, 1_000_000).Draw(t, "quantity"),
		UnitPrice: rapid.Int64Range(0, 1_000_000_000).Draw(t, "price"),
		TaxRate:   money.PPM(rapid.Int32Range(0, int32(money.MaxPPM)).Draw(t, "rate")),
	}
}

func TestCalculateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(drawLine), 0, 30).Draw(t, "lines")
		inclusive := rapid.Bool().Draw(t, "inclusive")
		got, err := sale.Calculate(lines, inclusive)
		if err != nil {
			t.Fatal(err)
		}
		var sum sale.LineTotals
		for i, line := range got.Lines {
			sum.Subtotal += line.Subtotal
			sum.Tax += line.Tax
			sum.Total += line.Total
			checkLine(t, lines[i], line, inclusive)
		}
		if sum != (sale.LineTotals{Subtotal: got.Subtotal, Tax: got.Tax, Total: got.Total}) {
			t.Fatalf("lines sum to %+v, the sale says %+v", sum, got)
		}
	})
}

// checkLine: the amount is quantity times price to the nearest minor unit, and the tax, reckoned from the exact
// and unrounded amount, is within one.
func checkLine(t *rapid.T, in sale.LineInput, got sale.LineTotals, inclusive bool) {
	if got.Subtotal+got.Tax != got.Total || got.Tax < 0 || got.Subtotal < 0 {
		t.Fatalf("%+v doesn't add up", got)
	}
	exact := big.NewRat(in.Quantity*in.UnitPrice, 1000)
	rate := big.NewRat(int64(in.TaxRate), int64(money.MaxPPM))
	amount := got.Subtotal
	if inclusive {
		amount = got.Total
		rate.Quo(rate, new(big.Rat).Add(rate, big.NewRat(1, 1)))
	}
	within(t, "amount", amount, exact, big.NewRat(1, 2))
	within(t, "tax", got.Tax, new(big.Rat).Mul(exact, rate), big.NewRat(1, 1))
}

func within(t *rapid.T, what string, got int64, exact, limit *big.Rat) {
	off := new(big.Rat).Sub(exact, big.NewRat(got, 1))
	if off.Abs(off).Cmp(limit) > 0 {
		t.Fatalf("%s %d is %s away from %s", what, got, off, exact)
	}
}
