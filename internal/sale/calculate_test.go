package sale_test

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/tax"
)

func levies(rates ...money.PPM) []tax.Levy {
	list := make([]tax.Levy, len(rates))
	for i, rate := range rates {
		list[i] = tax.Levy{Name: "Tax", Rate: rate}
	}
	return list
}

func percent(rate money.PPM) sale.Discount { return sale.Discount{Kind: sale.Percent, Rate: rate} }

func fixed(minor int64) sale.Discount { return sale.Discount{Kind: sale.Fixed, Minor: minor} }

// sums are a line's amounts: gross, discount, order discount, subtotal, tax, total.
type sums [6]int64

func sumsOf(l sale.LineTotals) sums {
	return sums{l.Gross, l.Discount, l.OrderDiscount, l.Subtotal, l.Tax, l.Total}
}

func TestCalculateExamples(t *testing.T) {
	t.Parallel()
	quebec := []tax.Levy{{Name: "GST", Rate: 50_000}, {Name: "QST", Rate: 95_000, Compound: true}}
	printed := int64(735)
	for name, c := range map[string]struct {
		line      sale.LineInput
		inclusive bool
		want      sums
	}{
		"16 % inside 116.00": {
			sale.LineInput{Quantity: 1000, UnitPrice: 11600, Levies: levies(160000)}, true, sums{11600, 0, 0, 10000, 1600, 11600},
		},
		"8.25 % on top of 3.49": {
			sale.LineInput{Quantity: 1000, UnitPrice: 349, Levies: levies(82500)}, false, sums{349, 0, 0, 349, 29, 378},
		},
		"New York, 8.875 % on top of 19.99": {
			sale.LineInput{Quantity: 1000, UnitPrice: 1999, Levies: levies(88750)}, false, sums{1999, 0, 0, 1999, 177, 2176},
		},
		"Quebec of old, compound": {
			sale.LineInput{Quantity: 2000, UnitPrice: 5000, Levies: quebec}, false, sums{10000, 0, 0, 10000, 1498, 11498},
		},
		"half a cent rounds up": {
			sale.LineInput{Quantity: 500, UnitPrice: 1}, false, sums{1, 0, 0, 1, 0, 1},
		},
		"half a cent of tax rounds up": {
			sale.LineInput{Quantity: 1000, UnitPrice: 50, Levies: levies(10000)}, false, sums{50, 0, 0, 50, 1, 51},
		},
		"weighed": {
			sale.LineInput{Quantity: 1234, UnitPrice: 12000}, true, sums{14808, 0, 0, 14808, 0, 14808},
		},
		"weighed and printed by a scale": {
			sale.LineInput{Quantity: 613, UnitPrice: 1200, Gross: &printed}, true, sums{735, 0, 0, 735, 0, 735},
		},
		"free": {sale.LineInput{Quantity: 1000, Levies: levies(160000)}, true, sums{}},
		"10 % off, then 5.00": {
			sale.LineInput{Quantity: 2000, UnitPrice: 5000, Levies: levies(160000), Discounts: []sale.Discount{percent(100_000), fixed(500)}},
			true,
			sums{10000, 1500, 0, 7328, 1172, 8500},
		},
		"10 % off before the tax on top": {
			sale.LineInput{Quantity: 1000, UnitPrice: 1999, Levies: levies(88750), Discounts: []sale.Discount{percent(100_000)}},
			false,
			sums{1999, 200, 0, 1799, 160, 1959},
		},
		"two halves leave a quarter": {
			sale.LineInput{Quantity: 1000, UnitPrice: 1000, Discounts: []sale.Discount{percent(500_000), percent(500_000)}},
			true,
			sums{1000, 750, 0, 250, 0, 250},
		},
		"no more is taken off than there is": {
			sale.LineInput{Quantity: 1000, UnitPrice: 1000, Levies: levies(160000), Discounts: []sale.Discount{fixed(900), fixed(900)}},
			true,
			sums{1000, 1000, 0, 0, 0, 0},
		},
		"Kuwait's thousandths": {
			sale.LineInput{Quantity: 3000, UnitPrice: 1250, Levies: levies(50_000)}, true, sums{3750, 0, 0, 3571, 179, 3750},
		},
		"Uganda's whole shillings": {
			sale.LineInput{Quantity: 1000, UnitPrice: 3500, Levies: levies(180_000)}, true, sums{3500, 0, 0, 2966, 534, 3500},
		},
	} {
		got, err := sale.Calculate([]sale.LineInput{c.line}, nil, c.inclusive)
		if err != nil || sumsOf(got.Lines[0]) != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

// An order of 10.00, 20.00 and 30.00, the second for half its price, with 5.00 off and then 10 % off, and something
// that comes back.
func TestCalculateOrder(t *testing.T) {
	t.Parallel()
	back := sale.LineTotals{
		Gross: -1000, Discount: -100, OrderDiscount: -50, Subtotal: -733, Tax: -117, Total: -850,
		Taxes: []tax.Amount{{Levy: tax.Levy{Name: "VAT", Rate: 160_000}, Base: -733, Amount: -117}},
	}
	got, err := sale.Calculate([]sale.LineInput{
		{Quantity: 1000, UnitPrice: 1000},
		{Quantity: 1000, UnitPrice: 2000, Discounts: []sale.Discount{percent(500_000)}},
		{Priced: &back},
		{Quantity: 3000, UnitPrice: 1000},
	}, []sale.Discount{fixed(500), percent(100_000)}, true)
	if err != nil {
		t.Fatal(err)
	}
	want := []sums{
		{1000, 0, 190, 810, 0, 810},
		{2000, 1000, 190, 810, 0, 810},
		{-1000, -100, -50, -733, -117, -850},
		{3000, 0, 570, 2430, 0, 2430},
	}
	for i, line := range got.Lines {
		if sumsOf(line) != want[i] {
			t.Errorf("line %d: %v; want %v", i, sumsOf(line), want[i])
		}
	}
	if !reflect.DeepEqual(got.OrderDiscounts, []int64{500, 450}) || got.Discount != 1950-150 || got.Total != 4050-850 ||
		got.Tax != -117 || got.Subtotal != 4050-733 {
		t.Errorf("%+v", got)
	}
}

func TestCalculateRefuses(t *testing.T) {
	t.Parallel()
	large := money.MaxTotal + 1
	negative := int64(-1)
	for name, c := range map[string]struct {
		lines []sale.LineInput
		want  error
	}{
		"negative quantity":  {[]sale.LineInput{{Quantity: -1}}, money.ErrNegative},
		"negative price":     {[]sale.LineInput{{UnitPrice: -1}}, money.ErrNegative},
		"negative amount":    {[]sale.LineInput{{Gross: &negative}}, money.ErrNegative},
		"negative rate":      {[]sale.LineInput{{Levies: levies(-1)}}, money.ErrNegative},
		"negative discount":  {[]sale.LineInput{{Discounts: []sale.Discount{fixed(-1)}}}, money.ErrNegative},
		"negative percent":   {[]sale.LineInput{{Discounts: []sale.Discount{percent(-1)}}}, money.ErrNegative},
		"more than all off":  {[]sale.LineInput{{Discounts: []sale.Discount{percent(money.MaxPPM + 1)}}}, money.ErrTooLarge},
		"quantity too large": {[]sale.LineInput{{Quantity: money.MaxQuantity + 1}}, money.ErrTooLarge},
		"price too large":    {[]sale.LineInput{{UnitPrice: money.MaxPrice + 1}}, money.ErrTooLarge},
		"amount too large":   {[]sale.LineInput{{Gross: &large}}, money.ErrTooLarge},
		"rate over 100 %":    {[]sale.LineInput{{Levies: levies(money.MaxPPM + 1)}}, money.ErrTooLarge},
		"line too large":     {[]sale.LineInput{{Quantity: money.MaxQuantity, UnitPrice: money.MaxPrice}}, money.ErrTooLarge},
		"return too large":   {[]sale.LineInput{{Priced: &sale.LineTotals{Total: -large}}}, money.ErrTooLarge},
		"sum too large": {[]sale.LineInput{
			{Quantity: money.MaxQuantity, UnitPrice: 600_000_000}, {Quantity: money.MaxQuantity, UnitPrice: 600_000_000},
		}, money.ErrTooLarge},
		"sum of returns too large": {[]sale.LineInput{
			{Priced: &sale.LineTotals{Total: -money.MaxTotal}}, {Priced: &sale.LineTotals{Total: -money.MaxTotal}},
		}, money.ErrTooLarge},
	} {
		for _, inclusive := range []bool{true, false} {
			for _, order := range [][]sale.Discount{nil, {percent(1)}} {
				if got, err := sale.Calculate(c.lines, order, inclusive); !errors.Is(err, c.want) || got.Lines != nil {
					t.Errorf("%s: %+v, %v", name, got, err)
				}
			}
		}
	}
	for _, discount := range []sale.Discount{fixed(-1), percent(-1), percent(money.MaxPPM + 1)} {
		if _, err := sale.Calculate([]sale.LineInput{{Quantity: 1000, UnitPrice: 1}}, []sale.Discount{discount}, true); err == nil {
			t.Errorf("%+v was taken off an order", discount)
		}
	}
}

func drawDiscount(t *rapid.T) sale.Discount {
	if rapid.Bool().Draw(t, "fixed") {
		return fixed(rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1_000_000_000)).Draw(t, "off"))
	}
	return percent(money.PPM(rapid.Int32Range(0, int32(money.MaxPPM)).Draw(t, "percent")))
}

func drawLine(t *rapid.T, inclusive bool) sale.LineInput {
	if rapid.IntRange(0, 4).Draw(t, "back") == 0 {
		sold := rapid.Int64Range(0, 1_000_000).Draw(t, "sold")
		off := rapid.Int64Range(0, sold).Draw(t, "off")
		back := sale.LineTotals{Gross: -sold, Discount: -off, Subtotal: off - sold, Tax: -rapid.Int64Range(0, 1000).Draw(t, "tax")}
		if inclusive {
			back.Subtotal -= back.Tax
		}
		back.Total = back.Subtotal + back.Tax
		return sale.LineInput{Priced: &back}
	}
	line := sale.LineInput{
		Quantity:  rapid.Int64Range(0, 1_000_000).Draw(t, "quantity"),
		UnitPrice: rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1_000_000_000)).Draw(t, "price"),
		Discounts: rapid.SliceOfN(rapid.Custom(drawDiscount), 0, 3).Draw(t, "discounts"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "taxes") {
		line.Levies = append(line.Levies, tax.Levy{
			Rate: money.PPM(rapid.Int32Range(0, 250_000).Draw(t, "rate")), Compound: rapid.Bool().Draw(t, "compound"),
		})
	}
	if rapid.IntRange(0, 5).Draw(t, "printed") == 0 {
		gross := rapid.Int64Range(0, 100_000).Draw(t, "gross")
		line.Gross = &gross
	}
	return line
}

func TestCalculateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inclusive := rapid.Bool().Draw(t, "inclusive")
		draw := func(t *rapid.T) sale.LineInput { return drawLine(t, inclusive) }
		lines := rapid.SliceOfN(rapid.Custom(draw), 0, 30).Draw(t, "lines")
		order := rapid.SliceOfN(rapid.Custom(drawDiscount), 0, 3).Draw(t, "order")
		got, err := sale.Calculate(lines, order, inclusive)
		if err != nil {
			t.Fatal(err)
		}
		var all sums
		var spread int64
		for i, line := range got.Lines {
			one := sumsOf(line)
			for k := range all {
				all[k] += one[k]
			}
			if lines[i].Priced != nil {
				if one != sumsOf(*lines[i].Priced) {
					t.Fatalf("%v came back as %v", *lines[i].Priced, one)
				}
				continue
			}
			spread += line.OrderDiscount
			checkLine(t, lines[i], line, inclusive)
		}
		if all[1]+all[2] != got.Discount || all[3] != got.Subtotal || all[4] != got.Tax || all[5] != got.Total {
			t.Fatalf("lines sum to %v, the sale says %+v", all, got)
		}
		if got.Subtotal+got.Tax != got.Total {
			t.Fatalf("%d and %d are not %d", got.Subtotal, got.Tax, got.Total)
		}
		if inclusive && got.Total != all[0]-got.Discount || !inclusive && got.Subtotal != all[0]-got.Discount {
			t.Fatalf("%+v is not %d less its discounts", got, all[0])
		}
		for _, amount := range got.OrderDiscounts {
			spread -= amount
		}
		if spread != 0 {
			t.Fatalf("the parts of %v are %d off", got.OrderDiscounts, spread)
		}
	})
}

// checkLine: what is sold is never below zero, and its parts add up.
func checkLine(t *rapid.T, in sale.LineInput, got sale.LineTotals, inclusive bool) {
	for _, amount := range sumsOf(got) {
		if amount < 0 {
			t.Fatalf("%+v is below zero", got)
		}
	}
	var off, taxes int64
	for _, amount := range got.Discounts {
		off += amount
	}
	for _, amount := range got.Taxes {
		taxes += amount.Amount
	}
	left := got.Gross - got.Discount - got.OrderDiscount
	if off != got.Discount || taxes != got.Tax || got.Subtotal+got.Tax != got.Total || len(got.Taxes) != len(in.Levies) ||
		inclusive && left != got.Total || !inclusive && left != got.Subtotal {
		t.Fatalf("%+v doesn't add up", got)
	}
	exact := in.Quantity * in.UnitPrice
	if in.Gross != nil {
		exact = 1000 * *in.Gross
	}
	if rest := exact - 1000*got.Gross; rest < -500 || rest >= 500 {
		t.Fatalf("%d thousandths are not %d", exact, got.Gross)
	}
}
