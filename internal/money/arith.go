package money

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// MulDiv gives a*b/c with nothing lost on the way, rounded half away from zero: 2.5 is 3 and -2.5 is -3, which is
// how tills round and what a customer expects. Errors: ErrDivideByZero, and ErrTooLarge when the result is
// beyond ±(2^63-1).
func MulDiv(a, b, c int64) (int64, error) {
	if c == 0 {
		return 0, ErrDivideByZero
	}
	divisor := magnitude(c)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi >= divisor {
		return 0, ErrTooLarge
	}
	quotient, rest := bits.Div64(hi, lo, divisor)
	// rest >= divisor/2, written so that it can't overflow.
	if quotient <= math.MaxInt64 && rest >= divisor-rest {
		quotient++
	}
	if quotient > math.MaxInt64 {
		return 0, ErrTooLarge
	}
	if (a < 0) != (b < 0) != (c < 0) {
		return -int64(quotient), nil
	}
	return int64(quotient), nil
}

// magnitude is |n|, also for the least int64, which has no positive int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // two's complement: exactly |n|
	}
	return uint64(n)
}

// Allocate splits total in proportion to weights so that the parts sum to exactly total: each part is rounded
// towards zero, and the units left over go one each to the parts with the largest remainders, the earlier first
// where they are equal. A negative weight counts as 0; when all are 0 the parts are as equal as can be. No
// weights give no parts.
func Allocate(total int64, weights []int64) []int64 {
	if len(weights) == 0 {
		return nil
	}
	positive, sum := sanitize(weights)
	parts := make([]int64, len(weights))
	remainders := make([]*big.Int, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, weight := range positive {
		product := new(big.Int).Mul(big.NewInt(total), weight)
		part, remainder := product.QuoRem(product, sum, new(big.Int))
		parts[i], remainders[i], order[i] = part.Int64(), remainder.Abs(remainder), i
		left -= parts[i]
	}
	slices.SortStableFunc(order, func(i, j int) int { return remainders[j].Cmp(remainders[i]) })
	unit := int64(cmp.Compare(left, 0))
	for _, i := range order {
		if left == 0 {
			break
		}
		parts[i] += unit
		left -= unit
	}
	return parts
}

// sanitize gives the weights without negative ones, and their sum, which is never 0.
func sanitize(weights []int64) ([]*big.Int, *big.Int) {
	positive, sum := make([]*big.Int, len(weights)), new(big.Int)
	for i, weight := range weights {
		positive[i] = big.NewInt(max(weight, 0))
		sum.Add(sum, positive[i])
	}
	if sum.Sign() > 0 {
		return positive, sum
	}
	for i := range positive {
		positive[i] = big.NewInt(1)
	}
	return positive, big.NewInt(int64(len(positive)))
}
