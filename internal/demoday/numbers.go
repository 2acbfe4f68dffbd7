package demoday

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

const (
	// places is how many decimals amounts of the day have, and milli those of quantities.
	places, milli = 2, 3
	// unit is one of a product, in thousandths.
	unit = 1000
	// whole is 100 % in parts per million, the scale of rates.
	whole = 1_000_000
	// percentPlaces makes parts per million of a percentage.
	percentPlaces = 4
)

// parse reads a decimal number as an integer with so many decimals.
func parse(text string, places int) (int64, error) {
	before, after, _ := strings.Cut(text, ".")
	if before == "" || len(after) > places {
		return 0, fmt.Errorf("%q is no number with at most %d decimals", text, places)
	}
	n, err := strconv.ParseInt(before+after+strings.Repeat("0", places-len(after)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}

// decimal writes an integer with so many decimals as a number.
func decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", places+1, n)
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// amount writes minor units as the graph takes them.
func amount(n int64) string { return decimal(n, places) }

// quantity writes thousandths without zeros that say nothing.
func quantity(n int64) string {
	return strings.TrimSuffix(strings.TrimRight(decimal(n, milli), "0"), ".")
}

// pretty writes minor units for people: 12345600 is 123,456.00.
func pretty(n int64) string {
	text, sign := amount(n), ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	point := strings.IndexByte(text, '.')
	for at := point - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

// nearest is a fraction to the nearest integer, halves away from zero.
func nearest(r *big.Rat) int64 {
	n := new(big.Int).Abs(r.Num())
	n.Lsh(n, 1).Add(n, r.Denom())
	n.Quo(n, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n.Int64()
}

// ratio is a*b/c to the nearest integer.
func ratio(a, b, c int64) int64 {
	return nearest(new(big.Rat).Mul(big.NewRat(a, 1), big.NewRat(b, c)))
}

// spread splits a total in proportion to weights: each part rounded down, and what is left over one each to the parts
// that lost most, the earlier first.
func spread(total int64, weights []int64) []int64 {
	sum := int64(0)
	for _, w := range weights {
		sum += w
	}
	parts, order := make([]int64, len(weights)), make([]int, len(weights))
	if sum == 0 {
		return parts
	}
	left := total
	for i, w := range weights {
		parts[i], order[i] = total*w/sum, i
		left -= parts[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return int(total*weights[j]%sum - total*weights[i]%sum)
	})
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

// minor is an amount of the graph in minor units: an object with an amount, or a decimal.
type minor int64

// UnmarshalJSON reads either form.
func (m *minor) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if _, after, ok := strings.Cut(text, `"amount":"`); ok {
		text, _, _ = strings.Cut(after, `"`)
	}
	n, err := parse(text, places)
	*m = minor(n)
	return err
}

// thousandths is a quantity of the graph.
type thousandths int64

// UnmarshalJSON reads a decimal.
func (q *thousandths) UnmarshalJSON(raw []byte) error {
	n, err := parse(strings.Trim(string(raw), `"`), milli)
	*q = thousandths(n)
	return err
}

// rate is a percentage of the graph in parts per million.
type rate int64

// UnmarshalJSON reads a decimal.
func (r *rate) UnmarshalJSON(raw []byte) error {
	n, err := parse(strings.Trim(string(raw), `"`), percentPlaces)
	*r = rate(n)
	return err
}
