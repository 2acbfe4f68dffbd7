package money

import (
	"io"
	"strconv"
	"strings"
)

const (
	// maxDigits keeps every parsed number within an int64.
	maxDigits = 18
	// maxText bounds the work on a text before it is looked at: a sign, the digits, a point, a few leading zeros.
	maxText = 32
	// milliScale is the number of decimal places of a quantity.
	milliScale = 3
)

// Decimal is an exact decimal number: unscaled / 10^scale. The zero Decimal is 0. Numbers that are equal may
// differ in scale, so that == compares how they print, not what they are worth.
type Decimal struct {
	unscaled int64
	scale    uint8
}

// ParseDecimal reads an optional '-', digits, and optionally a point and more digits: "12", "-0.5", "3.50".
// Leading zeros are dropped, trailing ones kept as the scale; a negative zero is zero. There is no exponent, no
// '+', no space, no grouping. Errors: ErrMalformed, ErrTooLarge when there are more than 18 digits before the
// point, ErrTooPrecise when those after it are too many.
func ParseDecimal(text string) (Decimal, error) {
	if len(text) > maxText {
		return Decimal{}, ErrMalformed
	}
	body, negative := strings.CutPrefix(text, "-")
	whole, fraction, pointed := strings.Cut(body, ".")
	if !digits(whole) || pointed && !digits(fraction) {
		return Decimal{}, ErrMalformed
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > maxDigits {
		return Decimal{}, ErrTooLarge
	}
	if len(whole)+len(fraction) > maxDigits {
		return Decimal{}, ErrTooPrecise
	}
	var unscaled int64
	for _, digit := range []byte(whole + fraction) {
		unscaled = unscaled*10 + int64(digit-'0')
	}
	if negative {
		unscaled = -unscaled
	}
	return Decimal{unscaled: unscaled, scale: uint8(len(fraction))}, nil //nolint:gosec // at most maxDigits
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// Whole makes a decimal of a whole number.
func Whole(n int64) Decimal { return Decimal{unscaled: n} }

// Quantity makes a decimal of thousandths, without trailing zeros: 1000 is "1", 500 is "0.5".
func Quantity(milli int64) Decimal { return Decimal{unscaled: milli, scale: milliScale}.trimmed() }

// Minor gives the number as minor units of a currency. Trailing zeros don't count as precision. Errors:
// ErrTooPrecise, and ErrTooLarge beyond MaxPrice in either direction.
func (d Decimal) Minor(c Currency) (int64, error) { return d.scaled(c.Decimals(), MaxPrice) }

// Milli gives the number as thousandths, for a quantity. Errors: ErrTooPrecise, and ErrTooLarge beyond
// MaxQuantity in either direction.
func (d Decimal) Milli() (int64, error) { return d.scaled(milliScale, MaxQuantity) }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.unscaled < 0:
		return -1
	case d.unscaled > 0:
		return 1
	}
	return 0
}

// String gives the number with exactly its scale: "3.50", "-0.05", "7".
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends the number as String gives it.
func (d Decimal) Append(to []byte) []byte {
	var room [20]byte // of any 64 bits
	digits := strconv.AppendInt(room[:0], d.unscaled, 10)
	if digits[0] == '-' {
		to, digits = append(to, '-'), digits[1:]
	}
	if d.scale == 0 {
		return append(to, digits...)
	}
	point := len(digits) - int(d.scale)
	if point <= 0 {
		to = append(to, "0."...)
		for range -point {
			to = append(to, '0')
		}
		return append(to, digits...)
	}
	return append(append(append(to, digits[:point]...), '.'), digits[point:]...)
}

// Canonical gives the number without trailing zeros, so that equal numbers are written alike: "3.50" and "3.5" are
// "3.5".
func (d Decimal) Canonical() string { return d.trimmed().String() }

// MarshalGQL writes the number as a JSON string: as a JSON number, clients would make a float of it.
func (d Decimal) MarshalGQL(w io.Writer) { writeQuoted(w, d.String()) }

// UnmarshalGQL reads a JSON string and nothing else. Its errors don't repeat what came.
func (d *Decimal) UnmarshalGQL(src any) error {
	text, ok := src.(string)
	if !ok {
		return ErrNotString
	}
	parsed, err := ParseDecimal(text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// scaled gives the number as an integer of 10^-places.
func (d Decimal) scaled(places int, limit int64) (int64, error) {
	d = d.trimmed()
	if int(d.scale) > places {
		return 0, ErrTooPrecise
	}
	n := d.unscaled
	for range places - int(d.scale) {
		// Before each step, so that n stays far from overflow.
		if n > limit || n < -limit {
			return 0, ErrTooLarge
		}
		n *= 10
	}
	if n > limit || n < -limit {
		return 0, ErrTooLarge
	}
	return n, nil
}

// trimmed drops trailing zeros after the point.
func (d Decimal) trimmed() Decimal {
	for d.scale > 0 && d.unscaled%10 == 0 {
		d.unscaled /= 10
		d.scale--
	}
	return d
}
