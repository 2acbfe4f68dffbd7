package seed

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// What a seeded source is for; see newDice.
const (
	purposeIDs = iota
	purposeTrade
	purposeStock
	purposeRows
	purposePlan
	purposeTills
	purposeLabels
)

// ticket is a sale before it has ids. One is reused for all sales of a store.
type ticket struct {
	register int
	number   int64
	cashier  uuid.UUID
	at       time.Time
	lines    []ticketLine
	inputs   []sale.LineInput
	totals   sale.Totals
	payments []payment
}

type ticketLine struct {
	// product is its position in the company's products.
	product int
	own     bool
}

// trade is what makes a store's sales, the same ones each time it is made.
type trade struct {
	dice
	company *company
	store   *store
	period  period
	hours   wheel
	ticket  ticket
	// receipts counts by register.
	receipts []int64
	last     int64
}

func newTrade(c *company, s *store, p period, seed uint64) *trade {
	return &trade{
		dice: newDice(seed, c.number, s.number, purposeTrade), company: c, store: s, period: p,
		hours: newWheel(hourWeights()), receipts: make([]int64, len(s.registers)),
	}
}

// each calls do with every sale in the order of time, up to the end of the period's last day, also those that the
// period doesn't cover. The ticket is do's only until it returns.
func (t *trade) each(do func(*ticket) error) error {
	first := t.firstDay()
	var times []int64
	for day, count := range money.Allocate(t.store.sales, t.dayWeights(first)) {
		times = t.dayTimes(times[:0], first.AddDate(0, 0, day), count)
		for _, at := range times {
			if err := t.sell(at); err != nil {
				return err
			}
			if err := do(&t.ticket); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *trade) firstDay() time.Time {
	y, m, d := t.period.until.In(t.store.zone).Date()
	return time.Date(y, m, d-t.period.days+1, 0, 0, 0, 0, t.store.zone)
}

// dayWeights give the week and the year their shape.
func (t *trade) dayWeights(first time.Time) []int64 {
	weekday := [7]float64{1.15, 0.85, 0.85, 0.9, 1, 1.25, 1.45}
	month := [12]float64{0.85, 0.9, 0.97, 1.02, 0.97, 0.97, 0.95, 1, 0.97, 1, 1.1, 1.45}
	weights := make([]int64, t.period.days)
	for i := range weights {
		day := first.AddDate(0, 0, i)
		weight := weekday[day.Weekday()] * month[day.Month()-1] * t.around(0.08)
		// Wages are paid at the end of the month.
		if day.Day() >= 28 || day.Day() <= 3 {
			weight *= 1.12
		}
		weights[i] = int64(weight * 1e6)
	}
	return weights
}

// hourWeights give the day its shape, from midnight: busy at lunch, busiest after work.
func hourWeights() []int {
	return []int{0, 0, 0, 0, 0, 0, 0, 3, 5, 5, 5, 7, 11, 11, 7, 6, 7, 12, 15, 12, 7, 3, 0, 0}
}

// dayTimes are when a day's sales happen, in milliseconds, no two at once.
func (t *trade) dayTimes(times []int64, day time.Time, count int64) []int64 {
	y, m, d := day.Date()
	for range count {
		at := time.Date(y, m, d, t.hours.spin(t.dice), t.IntN(60), t.IntN(60), 0, t.store.zone)
		times = append(times, at.UnixMilli()+t.Int64N(1000))
	}
	slices.Sort(times)
	for i, at := range times {
		t.last = max(at, t.last+1)
		times[i] = t.last
	}
	return times
}

// sell fills the ticket.
func (t *trade) sell(at int64) error {
	k := &t.ticket
	k.at = time.UnixMilli(at).In(t.store.zone)
	k.register = min(t.IntN(len(t.store.registers)), t.IntN(len(t.store.registers)))
	t.receipts[k.register]++
	k.number = t.receipts[k.register]
	k.cashier = t.store.cashiers[(k.register+k.at.YearDay())%len(t.store.cashiers)]
	t.fillBasket()
	var err error
	if k.totals, err = sale.Calculate(k.inputs, nil, t.store.inclusive); err != nil {
		return fmt.Errorf("calculate a sale of %s: %w", t.company.slug, err)
	}
	k.payments = t.pay(k.payments[:0], k.totals.Total)
	return nil
}

// maxBasket is the most lines that a sale has.
const maxBasket = 12

func (t *trade) fillBasket() {
	k := &t.ticket
	k.lines, k.inputs = k.lines[:0], k.inputs[:0]
	size := 1
	for size < maxBasket && t.chance(0.67) {
		size++
	}
	for range size {
		n := t.company.bought.spin(t.dice)
		if slices.ContainsFunc(k.lines, func(l ticketLine) bool { return l.product == n }) {
			continue
		}
		p := &t.company.products[n]
		price, own := t.store.price(p)
		input := sale.LineInput{Quantity: t.quantity(p.unit), UnitPrice: price, Levies: t.company.levies(t.store, p)}
		k.lines = append(k.lines, ticketLine{product: n, own: own})
		k.inputs = append(k.inputs, input)
	}
}

// quantity is in thousandths: pieces, or as a scale weighs, to 5 g.
func (t *trade) quantity(unit string) int64 {
	if unit != unitEach {
		return 150 + 5*min(t.Int64N(400), t.Int64N(400))
	}
	n := int64(1)
	for n < 6 && t.chance(0.22) {
		n++
	}
	return n * thousandths
}
