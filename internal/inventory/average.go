package inventory

import (
	"math/big"

	"github.com/tillgraph/tillgraph/internal/money"
)

// Average is the moving weighted average cost of one unit, after goods came in at a cost:
//
//	(on hand * average + incoming * cost) / (on hand + incoming)
//
// rounded half away from zero to a ten-thousandth of a minor unit. Only stock that comes in at a known cost changes
// it: receipts, opening counts, returns and voids. What goes out leaves at the average, and what an adjustment finds
// comes in at it. While nothing is on hand, or less than nothing because more was sold than was known to be there,
// and while no average is known, the cost of what comes in is the new average: the debt was sold at whatever average
// counted then, and that is not corrected.
func Average(onHand int64, before *money.Cost, incoming int64, cost money.Cost) money.Cost {
	if onHand <= 0 || before == nil {
		return cost
	}
	value := new(big.Int).Mul(big.NewInt(onHand), big.NewInt(int64(*before)))
	value.Add(value, new(big.Int).Mul(big.NewInt(incoming), big.NewInt(int64(cost))))
	quantity := new(big.Int).Add(big.NewInt(onHand), big.NewInt(incoming))
	// Nothing here is below zero, so that half a quantity more rounds half up.
	value.Add(value.Lsh(value, 1), quantity)
	quantity.Lsh(quantity, 1)
	return money.Cost(value.Quo(value, quantity).Int64())
}
