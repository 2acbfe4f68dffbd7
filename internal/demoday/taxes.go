package demoday

import "math/big"

// levy is one tax as it is laid on a line.
type levy struct {
	name, code string
	// ppm is its rate.
	ppm      int64
	compound bool
}

// levied is what a levy came to, and what it was laid on.
type levied struct {
	levy

	base, amount int64
}

// included takes the taxes out of an amount that has them in it: each by itself, as its exact share of the amount,
// rounded once. What is left is the net.
func included(amount int64, levies []levy) (net int64, taxes []levied) {
	one := big.NewRat(1, 1)
	all := big.NewRat(1, 1)
	shares := make([]*big.Rat, len(levies))
	for i, l := range levies {
		on := one
		if l.compound {
			on = all
		}
		shares[i] = new(big.Rat).Mul(on, big.NewRat(l.ppm, whole))
		all = new(big.Rat).Add(all, shares[i])
	}
	net = amount
	taxes = make([]levied, len(levies))
	for i, l := range levies {
		share := new(big.Rat).Quo(shares[i], all)
		taxes[i] = levied{levy: l, amount: nearest(share.Mul(share, big.NewRat(amount, 1)))}
		net -= taxes[i].amount
	}
	for i := range taxes {
		taxes[i].base = net + before(taxes[:i], taxes[i].compound)
	}
	return net, taxes
}

// onTop lays taxes on a net amount, one after the other.
func onTop(net int64, levies []levy) []levied {
	taxes := make([]levied, len(levies))
	for i, l := range levies {
		base := net + before(taxes[:i], l.compound)
		taxes[i] = levied{levy: l, base: base, amount: ratio(base, l.ppm, whole)}
	}
	return taxes
}

// before is what the taxes before a compound one add to its base.
func before(taxes []levied, compound bool) (sum int64) {
	for _, t := range taxes {
		if compound {
			sum += t.amount
		}
	}
	return sum
}
