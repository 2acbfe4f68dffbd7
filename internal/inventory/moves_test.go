package inventory

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// round rounds half away from zero; x is not below zero.
func round(x *big.Rat) int64 {
	twice := new(big.Int).Add(new(big.Int).Lsh(x.Num(), 1), x.Denom())
	return twice.Quo(twice, new(big.Int).Lsh(x.Denom(), 1)).Int64()
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// Random histories are compared with a model in exact fractions: each average is that of the one before, rounded once;
// against a model that never rounds it is off by half a unit for each receipt at most; levels are the sums of their
// movements, and a history carries on from one movement to the next.
func TestMovesAgainstAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		product := id.New[id.Product]()
		level := &Level{ID: id.New[id.InventoryLevel](), ProductID: product}
		var exact *big.Rat // the average that is never rounded
		drift := new(big.Rat)
		var quantity int64
		for range rapid.IntRange(1, 40).Draw(t, "transactions") {
			m := NewMoves(Occasion{})
			m.locked = []*Level{level}
			changes := rapid.SliceOfN(change(product), 1, 4).Draw(t, "changes")
			for _, c := range changes {
				m.Add(c)
			}
			if err := m.Apply(); err != nil {
				t.Fatal(err)
			}
			at, sequence, kept := quantity, level.MovementCount, level.Average
			made := m.Movements()
			for _, c := range changes {
				if c.To != nil {
					c.Milli = *c.To - at
				}
				if c.Milli == 0 {
					continue
				}
				if len(made) == 0 {
					t.Fatal("a movement is missing")
				}
				movement := made[0]
				made = made[1:]
				sequence++
				cost := kept
				if c.Milli > 0 && c.UnitCost != nil && c.Kind != Adjustment {
					cost = c.UnitCost
					kept, exact = model(kept, exact, drift, at, c)
				} else if cost == nil {
					cost = c.UnitCost
				}
				at += c.Milli
				if movement.MilliAfter != at || movement.Milli != c.Milli || movement.Sequence != sequence ||
					!equal(movement.Cost, cost) {
					t.Fatalf("%+v came to %+v after %d, %v", c, movement, at, cost)
				}
			}
			level = m.After(product)
			quantity = at
			if len(made) > 0 || level.Milli != quantity || level.MovementCount != sequence || !equal(level.Average, kept) {
				t.Fatalf("%+v, want %d, %v", level, quantity, kept)
			}
			if exact != nil {
				off := new(big.Rat).Sub(rat(int64(*level.Average)), exact)
				if off.Abs(off).Cmp(drift) > 0 {
					t.Fatalf("the average %d is off by %s, more than %s", *level.Average, off, drift)
				}
			}
		}
	})
}

// model is what a receipt makes of the average: rounded once, and never rounded.
func model(before *money.Cost, exact, drift *big.Rat, onHand int64, c Change) (*money.Cost, *big.Rat) {
	if onHand <= 0 || before == nil {
		drift.SetInt64(0)
		cost := *c.UnitCost
		return &cost, rat(int64(cost))
	}
	weigh := func(average *big.Rat) *big.Rat {
		value := new(big.Rat).Mul(rat(onHand), average)
		value.Add(value, new(big.Rat).Mul(rat(c.Milli), rat(int64(*c.UnitCost))))
		return value.Quo(value, rat(onHand+c.Milli))
	}
	drift.Add(drift, big.NewRat(1, 2))
	after := money.Cost(round(weigh(rat(int64(*before)))))
	return &after, weigh(exact)
}

func equal(a, b *money.Cost) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func change(product id.Product) *rapid.Generator[Change] {
	return rapid.Custom(func(t *rapid.T) Change {
		c := Change{
			ProductID: product,
			Kind:      rapid.SampledFrom([]Kind{Sale, Return, Void, Adjustment, Receipt, Opening}).Draw(t, "kind"),
			Milli:     rapid.Int64Range(-money.MaxQuantity, money.MaxQuantity).Draw(t, "milli"),
		}
		if rapid.Bool().Draw(t, "small") {
			c.Milli %= 5000
		}
		if rapid.Bool().Draw(t, "costed") {
			c.UnitCost = new(money.Cost(rapid.Int64Range(0, int64(money.MaxCost)).Draw(t, "cost")))
		}
		if c.Kind == Adjustment && rapid.Bool().Draw(t, "counted") {
			c.To = new(rapid.Int64Range(0, money.MaxQuantity).Draw(t, "to"))
		}
		return c
	})
}

// A shop bought 10 at 2.00 and 20 at 3.50: the average is 3.00. It sold 35, which left it at that; what came in then
// was the new average, and what was sold before stays as it was.
func TestAverage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		onHand, incoming int64
		before           *money.Cost
		cost, want       money.Cost
	}{
		{"the first", 0, 10_000, nil, 200, 200},
		{"the mean", 10_000, 20_000, new(money.Cost(200)), 350, 300},
		{"half up", 1, 1, new(money.Cost(1)), 2, 2},
		{"a third", 2, 1, new(money.Cost(1)), 2, 1},
		{"nothing left", 0, 5_000, new(money.Cost(300)), 400, 400},
		{"below zero", -5_000, 1_000, new(money.Cost(300)), 400, 400},
		{"a count without a cost", 5_000, 1_000, nil, 400, 400},
		{"for nothing", 1_000, 1_000, new(money.Cost(300)), 0, 150},
		{"the largest", money.MaxQuantity * 1_000_000, money.MaxQuantity, new(money.MaxCost), money.MaxCost, money.MaxCost},
	} {
		if got := Average(c.onHand, c.before, c.incoming, c.cost); got != c.want {
			t.Errorf("%s: %d, not %d", c.name, got, c.want)
		}
	}
}

func TestLevelsHaveALimit(t *testing.T) {
	t.Parallel()
	product := id.New[id.Product]()
	for _, milli := range []int64{1, -1} {
		m := NewMoves(Occasion{})
		m.locked = []*Level{{ProductID: product, Milli: milli * mostMilli}}
		m.Add(Change{ProductID: product, Kind: Receipt, Milli: milli})
		if err := m.Apply(); !errors.Is(err, money.ErrTooLarge) {
			t.Errorf("%v", err)
		}
	}
}

// What is short is what would be left below zero without what is reserved, and only where something goes out.
func TestShort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                      string
		level, reserved, released int64
		moves                     []int64
		available                 int64
		short                     bool
	}{
		{"enough", 5, 0, 0, []int64{-5}, 5, false},
		{"too much", 5, 0, 0, []int64{-6}, 5, true},
		{"of several together", 5, 0, 0, []int64{-3, -3}, 5, true},
		{"put aside for others", 5, 3, 0, []int64{-3}, 2, true},
		{"put aside for oneself", 5, 3, 3, []int64{-3}, 5, false},
		{"what comes back", 0, 0, 0, []int64{1, -1}, 0, false},
		{"what comes back is too little", 0, 0, 0, []int64{1, -2}, 0, true},
		{"in debt already", -3, 0, 0, []int64{2}, 0, false},
		{"more debt", -3, 0, 0, []int64{-1}, -3, true},
	} {
		product := id.New[id.Product]()
		m := NewMoves(Occasion{})
		m.locked = []*Level{{ProductID: product, Milli: c.level, ReservedMilli: c.reserved}}
		for _, milli := range c.moves {
			m.Add(Change{ProductID: product, Kind: Sale, Milli: milli})
		}
		if c.released > 0 {
			m.Release(product, c.released)
		}
		if err := m.Apply(); err != nil {
			t.Fatal(err)
		}
		available, short := m.Short(product)
		if short != c.short || short && available != c.available {
			t.Errorf("%s: %d, %v", c.name, available, short)
		}
	}
}
