package money

// ppmScale is the number of decimal places of a percentage in parts per million: 1 ppm is 0.0001 %.
const ppmScale = 4

// PPM is a tax rate in parts per million: 16 % is 160000 and 8.875 % is 88750, which basis points can't hold.
type PPM int32

// MaxPPM is 100 %.
const MaxPPM PPM = 1_000_000

// ParsePercent reads a percentage between 0 and 100 with at most 4 decimal places. Errors: ErrNegative,
// ErrTooPrecise, ErrTooLarge.
func ParsePercent(percent Decimal) (PPM, error) {
	if percent.Sign() < 0 {
		return 0, ErrNegative
	}
	n, err := percent.scaled(ppmScale, int64(MaxPPM))
	if err != nil {
		return 0, err
	}
	return PPM(n), nil //nolint:gosec // at most MaxPPM
}

// Percent gives the rate as a percentage without trailing zeros: "16", "8.25".
func (p PPM) Percent() Decimal { return Decimal{unscaled: int64(p), scale: ppmScale}.trimmed() }

// String gives the percentage with its sign, as in "8.25%".
func (p PPM) String() string { return p.Percent().String() + "%" }

// ShareOf is a part in percent of the whole, with two decimals, rounded half away from zero; false where the whole is
// nothing or the share too large to be said.
func ShareOf(part, whole int64) (Decimal, bool) {
	const hundredths = 10_000
	if whole == 0 {
		return Decimal{}, false
	}
	share, err := MulDiv(part, hundredths, whole)
	if err != nil {
		return Decimal{}, false
	}
	return Decimal{unscaled: share, scale: 2}, true
}
