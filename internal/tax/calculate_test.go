package tax_test

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tax"
)

func levy(name string, rate money.PPM, compound bool) tax.Levy {
	return tax.Levy{Name: name, Rate: rate, Compound: compound}
}

func TestSplitExamples(t *testing.T) {
	t.Parallel()
	gst, pst := levy("GST", 50_000, false), levy("QST", 95_000, true)
	cgst, sgst := levy("CGST", 90_000, false), levy("SGST", 90_000, false)
	for name, c := range map[string]struct {
		amount    int64
		levies    []tax.Levy
		inclusive bool
		net       int64
		bases     []int64
		amounts   []int64
	}{
		"no tax":                      {100, nil, true, 100, nil, nil},
		"Kenya, inside 116.00":        {11600, []tax.Levy{levy("VAT", 160_000, false)}, true, 10000, []int64{10000}, []int64{1600}},
		"New York, on top of 19.99":   {1999, []tax.Levy{levy("Sales tax", 88_750, false)}, false, 1999, []int64{1999}, []int64{177}},
		"Quebec of old, on 100.00":    {10000, []tax.Levy{gst, pst}, false, 10000, []int64{10000, 10500}, []int64{500, 998}},
		"Quebec of old, inside":       {11498, []tax.Levy{gst, pst}, true, 10000, []int64{10000, 10500}, []int64{500, 998}},
		"India, two halves":           {10000, []tax.Levy{cgst, sgst}, false, 10000, []int64{10000, 10000}, []int64{900, 900}},
		"India, two halves, inside":   {11800, []tax.Levy{cgst, sgst}, true, 10000, []int64{10000, 10000}, []int64{900, 900}},
		"Switzerland, 8.1 % inside":   {995, []tax.Levy{levy("MWST", 81_000, false)}, true, 920, []int64{920}, []int64{75}},
		"Switzerland, 2.6 % inside":   {450, []tax.Levy{levy("MWST", 26_000, false)}, true, 439, []int64{439}, []int64{11}},
		"zero-rated":                  {500, []tax.Levy{levy("Zero", 0, false)}, true, 500, []int64{500}, []int64{0}},
		"Uganda, 18 % inside 5,000":   {5000, []tax.Levy{levy("VAT", 180_000, false)}, true, 4237, []int64{4237}, []int64{763}},
		"Kuwait's dinar, 5 % on top":  {1234, []tax.Levy{levy("VAT", 50_000, false)}, false, 1234, []int64{1234}, []int64{62}},
		"a fixed share, then all up":  {1000, []tax.Levy{levy("A", 100_000, false), levy("B", 100_000, true)}, false, 1000, []int64{1000, 1100}, []int64{100, 110}},
		"compound first is as others": {1000, []tax.Levy{levy("A", 100_000, true)}, false, 1000, []int64{1000}, []int64{100}},
	} {
		net, taxes, err := tax.Split(c.amount, c.levies, c.inclusive)
		if err != nil || net != c.net || len(taxes) != len(c.amounts) {
			t.Errorf("%s: %d, %+v, %v", name, net, taxes, err)
			continue
		}
		for i, got := range taxes {
			if got.Levy != c.levies[i] || got.Base != c.bases[i] || got.Amount != c.amounts[i] {
				t.Errorf("%s: %+v; want %d on %d", name, got, c.amounts[i], c.bases[i])
			}
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount int64
		levies []tax.Levy
		want   error
	}{
		"a negative amount":     {-1, nil, money.ErrNegative},
		"a negative rate":       {1, []tax.Levy{levy("", -1, false)}, money.ErrNegative},
		"more than 100 %":       {1, []tax.Levy{levy("", 1_000_001, false)}, money.ErrTooLarge},
		"together more than it": {1, []tax.Levy{levy("", 500_000, false), levy("", 500_000, true)}, money.ErrTooLarge},
		"six of them":           {1, make([]tax.Levy, 6), money.ErrTooLarge},
	} {
		for _, inclusive := range []bool{true, false} {
			if _, _, err := tax.Split(c.amount, c.levies, inclusive); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestCombined(t *testing.T) {
	t.Parallel()
	for want, levies := range map[money.PPM][]tax.Levy{
		0:         nil,
		160_000:   {levy("", 160_000, false)},
		149_750:   {levy("", 50_000, false), levy("", 95_000, true)},
		180_000:   {levy("", 90_000, false), levy("", 90_000, false)},
		1_000_000: {levy("", 500_000, false), levy("", 500_000, false)},
	} {
		if got, err := tax.Combined(levies); err != nil || got != want {
			t.Errorf("%v: %d, %v; want %d", levies, got, err, want)
		}
	}
}

func drawLevies(t *rapid.T) []tax.Levy {
	most := money.MaxPPM
	levies := make([]tax.Levy, rapid.IntRange(0, tax.MaxLevies).Draw(t, "levies"))
	for i := range levies {
		levies[i] = levy("", money.PPM(rapid.Int32Range(0, int32(most)).Draw(t, "rate")), rapid.Bool().Draw(t, "compound"))
		if combined, err := tax.Combined(levies[:i+1]); err != nil || combined > money.MaxPPM {
			levies[i].Rate = 0
		}
		most = (most + 1) / 2
	}
	return levies
}

// nearest is a fraction to the nearest whole number, halves up.
func nearest(r *big.Rat) int64 {
	r = new(big.Rat).Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

// TestSplitIsTheFractions compares with taxes as fractions, rounded once a rate.
func TestSplitIsTheFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		levies := drawLevies(t)
		amount := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, money.MaxTotal)).Draw(t, "amount")
		one := big.NewRat(1, 1)
		factor := big.NewRat(1, 1)
		shares := make([]*big.Rat, len(levies))
		for i, l := range levies {
			rate := big.NewRat(int64(l.Rate), 1_000_000)
			shares[i] = new(big.Rat).Mul(map[bool]*big.Rat{true: factor, false: one}[l.Compound], rate)
			factor = new(big.Rat).Add(factor, shares[i])
		}
		net, taxes, err := tax.Split(amount, levies, true)
		if err != nil {
			t.Fatal(err)
		}
		sum := net
		for i, got := range taxes {
			sum += got.Amount
			exact := new(big.Rat).SetInt64(amount)
			if want := nearest(exact.Mul(exact, shares[i]).Quo(exact, factor)); got.Amount != want {
				t.Fatalf("tax %d of %v inside %d is %d; want %d", i, levies, amount, got.Amount, want)
			}
		}
		if sum != amount || net < 0 {
			t.Fatalf("%d and %v do not make up %d", net, taxes, amount)
		}
		net, taxes, err = tax.Split(amount, levies, false)
		if err != nil || net != amount {
			t.Fatal(net, err)
		}
		before := int64(0)
		for i, got := range taxes {
			base := amount
			if levies[i].Compound {
				base += before
			}
			want := nearest(new(big.Rat).Mul(new(big.Rat).SetInt64(base), big.NewRat(int64(levies[i].Rate), 1_000_000)))
			if got.Base != base || got.Amount != want {
				t.Fatalf("tax %d of %v on %d is %d on %d; want %d on %d", i, levies, amount, got.Amount, got.Base, want, base)
			}
			before += got.Amount
		}
	})
}
