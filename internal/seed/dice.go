package seed

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/google/uuid"
)

// dice is a seeded source of what is random in the data.
type dice struct{ *rand.Rand }

// newDice gives a source of its own to each purpose, so that one company's data doesn't depend on another's.
func newDice(seed uint64, purpose ...int) dice {
	stream := uint64(len(purpose))
	for _, p := range purpose {
		// The constant of SplitMix64, which spreads small numbers over all bits.
		stream = (stream ^ uint64(p)) * 0x9E3779B97F4A7C15 //nolint:gosec // never negative
	}
	return dice{rand.New(rand.NewPCG(seed, stream))} //nolint:gosec // made-up data, which must be the same each time
}

// chance is true in the given share of cases.
func (d dice) chance(share float64) bool { return d.Float64() < share }

// around gives a number near 1 that is never negative, further away for a larger spread.
func (d dice) around(spread float64) float64 { return math.Exp(d.NormFloat64() * spread) }

// pick gives one of the options.
func pick[T any](d dice, options []T) T { return options[d.IntN(len(options))] }

// wheel picks positions by weight.
type wheel []int

func newWheel(weights []int) wheel {
	w, sum := make(wheel, len(weights)), 0
	for i, weight := range weights {
		sum += weight
		w[i] = sum
	}
	return w
}

func (w wheel) spin(d dice) int {
	n := d.IntN(w[len(w)-1])
	return sort.Search(len(w), func(i int) bool { return w[i] > n })
}

// idMaker makes UUIDs of version 7 whose time is that of what they name, as if it had been recorded then.
type idMaker struct {
	dice
	last, count uint64
}

// next gives ids that rise as long as the time doesn't fall: those of one millisecond are counted in rand_a
// (RFC 9562, section 6.2, method 1).
func (m *idMaker) next(at time.Time) uuid.UUID {
	const perMilli = 1 << 12
	milli := uint64(at.UnixMilli()) // far after 1970
	if milli > m.last {
		m.last, m.count = milli, 0
	} else if m.count++; m.count == perMilli {
		m.last, m.count = m.last+1, 0
	}
	var v uuid.UUID
	binary.BigEndian.PutUint64(v[:8], m.last<<16|7<<12|m.count)
	binary.BigEndian.PutUint64(v[8:], m.Uint64()>>2|1<<63)
	return v
}
