package tax

import (
	"math/big"

	"github.com/tillgraph/tillgraph/internal/money"
)

// MaxLevies is how many taxes one thing bears.
const MaxLevies = 5

// Levy is one tax as it is laid on a line.
type Levy struct {
	Name, Code string
	Rate       money.PPM
	// Compound taxes are laid on the net amount and the taxes before them; the others on the net amount alone.
	Compound bool
}

// Amount is what a levy comes to, in minor units: Amount is the levy's rate times Base, to the minor unit. Where the
// price included several taxes, each is rounded by itself, and may be a minor unit off from that.
type Amount struct {
	Levy

	Base, Amount int64
}

// Split gives what is left of an amount without taxes, and the taxes, of which each is rounded once, half away from
// zero. Where the amount includes the taxes, net and taxes make it up; otherwise it is the net, and they come on top.
//
// Errors: money.ErrNegative for a negative amount or rate, money.ErrTooLarge for more than MaxLevies levies, for those
// that are more than 100 % together, and for results beyond an int64.
func Split(amount int64, levies []Levy, inclusive bool) (net int64, taxes []Amount, err error) {
	if amount < 0 {
		return 0, nil, money.ErrNegative
	}
	factors, err := factorsOf(levies)
	if err != nil {
		return 0, nil, err
	}
	if inclusive {
		return factors.within(amount, levies)
	}
	taxes = make([]Amount, len(levies))
	for i, levy := range levies {
		taxes[i] = Amount{Levy: levy, Base: base(amount, taxes[:i], levy)}
		if taxes[i].Amount, err = money.MulDiv(taxes[i].Base, int64(levy.Rate), int64(money.MaxPPM)); err != nil {
			return 0, nil, err
		}
	}
	return amount, taxes, nil
}

// base is what a levy is laid on, after those before it.
func base(net int64, before []Amount, levy Levy) int64 {
	if levy.Compound {
		for _, t := range before {
			net += t.Amount
		}
	}
	return net
}

// Combined is what levies come to together, as a share of the net amount, to the nearest part per million.
//
// Errors: as Split.
func Combined(levies []Levy) (money.PPM, error) {
	f, err := factorsOf(levies)
	if err != nil {
		return 0, err
	}
	together := new(big.Int).Sub(f.whole, f.one)
	return money.PPM(rounded(together.Mul(together, ppm()), f.one).Int64()), nil //nolint:gosec // at most MaxPPM
}

// factors are levies as exact shares of the net amount: each share, and the whole with the net itself, over one.
type factors struct {
	one, whole *big.Int
	shares     []*big.Int
}

func factorsOf(levies []Levy) (factors, error) {
	if len(levies) > MaxLevies {
		return factors{}, money.ErrTooLarge
	}
	f := factors{one: big.NewInt(1), shares: make([]*big.Int, len(levies))}
	for range levies {
		f.one.Mul(f.one, ppm())
	}
	f.whole = new(big.Int).Set(f.one)
	for i, levy := range levies {
		if levy.Rate < 0 {
			return factors{}, money.ErrNegative
		}
		on := f.one
		if levy.Compound {
			on = f.whole
		}
		// Without a rest: of one's factors of a million, no more than those of the levies before are used up.
		f.shares[i] = new(big.Int).Mul(on, big.NewInt(int64(levy.Rate)))
		f.shares[i].Quo(f.shares[i], ppm())
		f.whole.Add(f.whole, f.shares[i])
	}
	if f.whole.Cmp(new(big.Int).Lsh(f.one, 1)) > 0 {
		return factors{}, money.ErrTooLarge
	}
	return f, nil
}

// within finds the taxes that an amount includes. As they are no more than the net together, no rounding takes more
// than there is.
func (f factors) within(amount int64, levies []Levy) (net int64, taxes []Amount, err error) {
	net = amount
	taxes = make([]Amount, len(levies))
	for i, levy := range levies {
		part := new(big.Int).Mul(f.shares[i], big.NewInt(amount))
		taxes[i] = Amount{Levy: levy, Amount: rounded(part, f.whole).Int64()}
		net -= taxes[i].Amount
	}
	for i, levy := range levies {
		taxes[i].Base = base(net, taxes[:i], levy)
	}
	return net, taxes, nil
}

// rounded is a/b to the nearest whole number, halves up; both are positive.
func rounded(a, b *big.Int) *big.Int {
	twice := new(big.Int).Lsh(a, 1)
	twice.Add(twice, b)
	return twice.Quo(twice, new(big.Int).Lsh(b, 1))
}

func ppm() *big.Int { return big.NewInt(int64(money.MaxPPM)) }
