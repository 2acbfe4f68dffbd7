package seed

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
)

// tally is what a first pass over a store's sales finds out.
type tally struct {
	// planned and sold are thousandths by product: over the whole period, and up to its end.
	planned, sold []int64
	// lines are how many sales it was in, by product, up to the period's end.
	lines []int64
	// receipts are the last receipt numbers by register.
	receipts []int64
}

func newTally(c *company, s *store, p period, seed uint64) (tally, error) {
	t := tally{
		planned: make([]int64, len(c.products)), sold: make([]int64, len(c.products)),
		lines: make([]int64, len(c.products)), receipts: make([]int64, len(s.registers)),
	}
	err := newTrade(c, s, p, seed).each(func(k *ticket) error {
		happened := p.covers(k.at)
		if happened {
			t.receipts[k.register] = k.number
		}
		for i, line := range k.lines {
			t.planned[line.product] += k.inputs[i].Quantity
			if happened {
				t.sold[line.product] += k.inputs[i].Quantity
				t.lines[line.product]++
			}
		}
		return nil
	})
	return t, err
}

// stockRows are what a store has of each product before its first sale, by the product's place in the company's list.
type stockRows struct {
	levels []pgtype.UUID
	// counted is what was there, and received what came in on top of it; either may be 0, but not both.
	counted, received []int64
	// openingCost and receiptCost are what a unit of them cost, and average what comes of the two.
	openingCost, receiptCost, average []money.Cost
	movements                         []int64
}

// opening gives what was there of each product before the first sale: what a count found, and a delivery that covers
// the whole of the last day, so that it is the same at whatever time of that day the data is made. In a company that is made
// for measuring it is one of the two.
func (t tally) opening(c *company, s *store, seed uint64, ids *idMaker) *stockRows {
	d := newDice(seed, c.number, s.number, purposeStock)
	r := &stockRows{}
	for i := range c.products {
		left := min(d.Int64N(60), d.Int64N(60))
		if d.chance(0.06) {
			// Something to reorder.
			left = d.Int64N(3)
		}
		if t.planned[i] == 0 {
			left++ // A movement of nothing isn't one.
		}
		counted, received := left*thousandths, t.planned[i]
		if c.measured() && received > 0 {
			counted, received = 0, counted+received
		}
		base := float64(c.products[i].price) * (0.55 + 0.3*d.Float64())
		if s.inclusive && c.products[i].taxable {
			base *= float64(money.MaxPPM) / float64(money.MaxPPM+s.rate)
		}
		opening, receipt := money.CostOf(int64(base)), money.CostOf(int64(base*(0.97+0.08*d.Float64())))
		var average money.Cost
		movements := int64(0)
		if counted > 0 {
			average = opening
			movements++
		}
		if received > 0 {
			average = inventory.Average(counted, &average, received, receipt)
			movements++
		}
		r.levels = append(r.levels, column(ids.next(c.opened)))
		r.counted, r.received = append(r.counted, counted), append(r.received, received)
		r.openingCost, r.receiptCost = append(r.openingCost, opening), append(r.receiptCost, receipt)
		r.average, r.movements = append(r.average, average), append(r.movements, movements)
	}
	return r
}

// lowStock is the threshold below which the made-up shops reorder.
const lowStock = 5 * thousandths

// A company that is made for measuring reorders one of so many products by a threshold, and none stands where there isn't
// one: each is a record of the trail, which takes longer than all else of a store's opening.
const (
	watched = 20
	none    = -1
)

// writeStock writes a store's own prices, what it had and has of each product, and where its receipts stand.
func writeStock(
	ctx context.Context, tx pgx.Tx, c *company, s *store, t tally, stock *stockRows, ids *idMaker, until time.Time,
) error {
	var rows inserts
	addPrices(&rows, c, s, ids)
	addCounters(&rows, c, s, t)
	var products uuids
	var left, costs, movements, thresholds ints
	for i := range c.products {
		products = append(products, column(c.products[i].id))
		left = append(left, stock.counted[i]+stock.received[i]-t.sold[i])
		costs = append(costs, int64(stock.average[i]))
		movements = append(movements, stock.movements[i]+t.lines[i])
		threshold := int64(lowStock)
		if c.measured() && i%watched != 0 {
			threshold = none
		}
		thresholds = append(thresholds, threshold)
	}
	rows.add(`insert into inventory_levels (tenant_id, store_id, id, product_id, quantity, average_cost, movement_count,
			low_stock_threshold, updated_at)
		select $1, $2, l.id, l.product_id, l.quantity, l.cost, l.movements, nullif(l.threshold, -1), $9
		from unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
			as l(id, product_id, quantity, cost, movements, threshold)`,
		c.id, s.id, uuids(stock.levels), products, left, costs, movements, thresholds, until)
	addOpening(&rows, c, s, stock, ids)
	return rows.send(ctx, tx)
}

// addOpening writes the counts that the shop opened with, and its first delivery.
func addOpening(rows *inserts, c *company, s *store, stock *stockRows, ids *idMaker) {
	var levels, movements, products uuids
	var kinds, references texts
	var sequences, quantities, after, costs ints
	add := func(i int, kind, reference string, quantity, level int64, cost money.Cost) {
		if quantity == 0 {
			return
		}
		sequence := int64(1)
		if level != quantity {
			sequence = 2
		}
		levels, products = append(levels, stock.levels[i]), append(products, column(c.products[i].id))
		movements, sequences = append(movements, column(ids.next(c.opened))), append(sequences, sequence)
		kinds, references = append(kinds, kind), append(references, reference)
		quantities, after, costs = append(quantities, quantity), append(after, level), append(costs, int64(cost))
	}
	for i := range c.products {
		add(i, string(inventory.Opening), "", stock.counted[i], stock.counted[i], stock.openingCost[i])
		add(i, string(inventory.Receipt), "Delivery 1", stock.received[i], stock.counted[i]+stock.received[i],
			stock.receiptCost[i])
	}
	rows.add(`insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity,
			quantity_after, unit_cost, supplier_reference, occurred_at, recorded_at)
		select $1, $2, m.id, m.level_id, m.product_id, m.sequence, m.kind, m.quantity, m.after, m.cost, m.reference, $3, $3
		from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[],
				$11::bigint[], $12::text[])
			as m(id, level_id, product_id, sequence, kind, quantity, after, cost, reference)`,
		c.id, s.id, c.opened, movements, levels, products, sequences, kinds, quantities, after, costs, references)
}

func addPrices(rows *inserts, c *company, s *store, ids *idMaker) {
	var prices ints
	var products, own uuids
	for i := range c.products {
		if price, ok := s.prices[c.products[i].sku]; ok {
			prices, products = append(prices, price), append(products, column(c.products[i].id))
			own = append(own, column(ids.next(c.opened)))
		}
	}
	rows.add(`insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price, created_at, updated_at)
		select $1, $2, p.id, p.product_id, $3, p.price, $7, $7
		from unnest($4::uuid[], $5::uuid[], $6::bigint[]) as p(id, product_id, price)`,
		c.id, s.id, string(c.currency), own, products, prices, c.opened)
}

func addCounters(rows *inserts, c *company, s *store, t tally) {
	var registers uuids
	var next ints
	for i, register := range s.registers {
		registers, next = append(registers, column(register)), append(next, t.receipts[i]+1)
	}
	rows.add(`insert into receipt_counters (tenant_id, store_id, register_id, next_number)
		select $1, $2, r.id, r.next_number from unnest($3::uuid[], $4::bigint[]) as r(id, next_number)`,
		c.id, s.id, registers, next)
}
