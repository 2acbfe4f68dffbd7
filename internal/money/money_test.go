package money_test

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
)

func TestParseCurrency(t *testing.T) {
	t.Parallel()
	for code, decimals := range map[string]int{"UGX": 0, "JPY": 0, "KES": 2, "USD": 2, "EUR": 2, "KWD": 3, "CLF": 4} {
		c, err := money.ParseCurrency(code)
		if err != nil || c.Decimals() != decimals {
			t.Errorf("%s: %d decimals, %v; want %d", code, c.Decimals(), err, decimals)
		}
	}
	for _, code := range []string{"", "usd", "US", "USDX", "XXX", "XAU", "HRK", "ÄÖÜ"} {
		if _, err := money.ParseCurrency(code); !errors.Is(err, money.ErrUnknownCurrency) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestMoneyPrints(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]money.Money{
		"3.50 USD":  {Minor: 350, Currency: "USD"},
		"-0.05 USD": {Minor: -5, Currency: "USD"},
		"0.00 KES":  {Currency: "KES"},
		"3500 UGX":  {Minor: 3500, Currency: "UGX"},
		"0.001 KWD": {Minor: 1, Currency: "KWD"},
	} {
		if got := m.String(); got != want {
			t.Errorf("%+v: %s, want %s", m, got, want)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0.00", "007.50": "7.50", "-12.5": "-12.5", "3.50": "3.50",
		"999999999999999999": "999999999999999999", "0.000000000000000001": "0.000000000000000001",
	} {
		if d, err := money.ParseDecimal(text); err != nil || d.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, d, err, want)
		}
	}
	for text, want := range map[string]error{
		"": money.ErrMalformed, "-": money.ErrMalformed, ".5": money.ErrMalformed, "5.": money.ErrMalformed,
		"+5": money.ErrMalformed, " 5": money.ErrMalformed, "5 ": money.ErrMalformed, "1e3": money.ErrMalformed,
		"1,000": money.ErrMalformed, "1.2.3": money.ErrMalformed, "--1": money.ErrMalformed, "٣": money.ErrMalformed,
		"0x10": money.ErrMalformed, "1_000": money.ErrMalformed, "NaN": money.ErrMalformed, "1\n": money.ErrMalformed,
		strings.Repeat("0", 40): money.ErrMalformed, "1000000000000000000": money.ErrTooLarge,
		"1.000000000000000000": money.ErrTooPrecise,
	} {
		if _, err := money.ParseDecimal(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-0.00", "3.50", "1e9", "-", ".", "00012.5", "999999999999999999.9", "٣", "+1", " 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := money.ParseDecimal(text)
		if err != nil {
			return
		}
		again, err := money.ParseDecimal(d.String())
		if err != nil || again != d {
			t.Fatalf("%q prints as %q, which reads as %v, %v", text, d, again, err)
		}
		want, ok := new(big.Rat).SetString(text)
		if got, _ := new(big.Rat).SetString(d.String()); !ok || want.Cmp(got) != 0 {
			t.Fatalf("%q reads as %s", text, d)
		}
	})
}

func TestGraphQLForms(t *testing.T) {
	t.Parallel()
	var d money.Decimal
	for _, src := range []any{3.5, 3, int64(3), nil, true, []any{"3"}} {
		if err := d.UnmarshalGQL(src); !errors.Is(err, money.ErrNotString) {
			t.Errorf("%v: %v", src, err)
		}
	}
	if err := d.UnmarshalGQL("3.50"); err != nil {
		t.Fatal(err)
	}
	var c money.Currency
	if err := c.UnmarshalGQL("KES"); err != nil {
		t.Fatal(err)
	}
	if err := c.UnmarshalGQL(404); !errors.Is(err, money.ErrUnknownCurrency) {
		t.Error(err)
	}
	var out strings.Builder
	d.MarshalGQL(&out)
	c.MarshalGQL(&out)
	if out.String() != `"3.50""KES"` {
		t.Error(out.String())
	}
}

func TestErrorsDontEcho(t *testing.T) {
	t.Parallel()
	var d money.Decimal
	if err := d.UnmarshalGQL("<script>"); err == nil || strings.Contains(err.Error(), "script") {
		t.Error(err)
	}
}

func TestMinorAndMilli(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, currency string
		want           int64
		err            error
	}{
		{"3.5", "USD", 350, nil},
		{"3.5000", "USD", 350, nil},
		{"3.501", "USD", 0, money.ErrTooPrecise},
		{"3500.0", "UGX", 3500, nil},
		{"0.5", "UGX", 0, money.ErrTooPrecise},
		{"-1.234", "KWD", -1234, nil},
		{"10000000000", "USD", money.MaxPrice, nil},
		{"10000000000.01", "USD", 0, money.ErrTooLarge},
		{"-999999999999999999", "CLF", 0, money.ErrTooLarge},
	} {
		d, err := money.ParseDecimal(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Minor(money.Currency(c.currency)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s %s: %d, %v", c.text, c.currency, got, err)
		}
	}
	d, _ := money.ParseDecimal("1.2345")
	if _, err := d.Milli(); !errors.Is(err, money.ErrTooPrecise) {
		t.Error(err)
	}
	for milli, want := range map[int64]string{1000: "1", 500: "0.5", 1234: "1.234", 0: "0", -1500: "-1.5", 10000: "10"} {
		if got := money.Quantity(milli).String(); got != want {
			t.Errorf("%d: %s, want %s", milli, got, want)
		}
	}
}

func TestDecimalRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(-money.MaxPrice, money.MaxPrice).Draw(t, "minor")
		currency := money.Currency(rapid.SampledFrom([]string{"UGX", "USD", "KWD", "CLF"}).Draw(t, "currency"))
		d, err := money.ParseDecimal(money.Money{Minor: minor, Currency: currency}.Amount().String())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Minor(currency); err != nil || got != minor {
			t.Fatalf("%d became %d, %v", minor, got, err)
		}
		milli := rapid.Int64Range(-money.MaxQuantity, money.MaxQuantity).Draw(t, "milli")
		if got, err := money.Quantity(milli).Milli(); err != nil || got != milli {
			t.Fatalf("%d became %d, %v", milli, got, err)
		}
		rate := money.PPM(rapid.Int32Range(0, int32(money.MaxPPM)).Draw(t, "rate"))
		if got, err := money.ParsePercent(rate.Percent()); err != nil || got != rate {
			t.Fatalf("%d became %d, %v", rate, got, err)
		}
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for rate, want := range map[money.PPM]string{0: "0%", 160000: "16%", 82500: "8.25%", 88450: "8.845%", 1: "0.0001%"} {
		if got := rate.String(); got != want {
			t.Errorf("%d: %s, want %s", rate, got, want)
		}
	}
	for text, want := range map[string]error{
		"100": nil, "100.0001": money.ErrTooLarge, "-1": money.ErrNegative, "1.00001": money.ErrTooPrecise,
	} {
		d, _ := money.ParseDecimal(text)
		if _, err := money.ParsePercent(d); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// roundedQuotient is a*b/c half away from zero, the slow and obvious way.
func roundedQuotient(a, b, c int64) *big.Int {
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	divisor := big.NewInt(c)
	negative := product.Sign()*divisor.Sign() < 0
	product.Abs(product).Lsh(product, 1)
	divisor.Abs(divisor)
	product.Add(product, divisor).Quo(product, divisor.Lsh(divisor, 1))
	if negative {
		product.Neg(product)
	}
	return product
}

func TestMulDiv(t *testing.T) {
	t.Parallel()
	if _, err := money.MulDiv(1, 1, 0); !errors.Is(err, money.ErrDivideByZero) {
		t.Error(err)
	}
	for _, c := range [][4]int64{{5, 1, 2, 3}, {-5, 1, 2, -3}, {5, -1, -2, 3}, {4, 1, 3, 1}, {0, -7, 2, 0}} {
		if got, err := money.MulDiv(c[0], c[1], c[2]); err != nil || got != c[3] {
			t.Errorf("%v: %d, %v", c, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b"), rapid.Int64().Draw(t, "c")
		if c == 0 {
			return
		}
		want := roundedQuotient(a, b, c)
		got, err := money.MulDiv(a, b, c)
		limit := new(big.Int).Lsh(big.NewInt(1), 63)
		if want.CmpAbs(limit) >= 0 {
			if !errors.Is(err, money.ErrTooLarge) {
				t.Fatalf("no error where the result is %s", want)
			}
		} else if err != nil || want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%d, %v; want %s", got, err, want)
		}
	})
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total         int64
		weights, want []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{10, []int64{0, 5, -3, 5}, []int64{0, 5, 0, 5}},
		{5, []int64{0, 0}, []int64{3, 2}},
		{5, nil, nil},
	} {
		if got := money.Allocate(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%d by %v: %v, want %v", c.total, c.weights, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Min(0), 1, 20).Draw(t, "weights")
		parts := money.Allocate(total, weights)
		checkParts(t, total, weights, parts)
	})
}

// checkParts: the parts sum to the total, and each is within one unit of its exact share.
func checkParts(t *rapid.T, total int64, weights, parts []int64) {
	sum, weight := new(big.Int), new(big.Int)
	for i := range parts {
		sum.Add(sum, big.NewInt(parts[i]))
		weight.Add(weight, big.NewInt(weights[i]))
	}
	if sum.Cmp(big.NewInt(total)) != 0 {
		t.Fatalf("parts %v sum to %s, not %d", parts, sum, total)
	}
	if weight.Sign() == 0 {
		return
	}
	for i := range parts {
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])), weight)
		off := exact.Sub(exact, new(big.Rat).SetInt64(parts[i]))
		if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
			t.Fatalf("part %d of %v is off by %s", i, parts, off)
		}
	}
}
