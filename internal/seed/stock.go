package seed

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// tally is what a first pass over a store's sales finds out.
type tally struct {
	// planned and sold are thousandths by product: over the whole period, and up to its end.
	planned, sold []int64
	// receipts are the last receipt numbers by register.
	receipts []int64
}

func newTally(c *company, s *store, p period, seed uint64) (tally, error) {
	t := tally{
		planned: make([]int64, len(c.products)), sold: make([]int64, len(c.products)),
		receipts: make([]int64, len(s.registers)),
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
			}
		}
		return nil
	})
	return t, err
}

// opening gives what was there of each product before the first sale. It covers the whole of the last day, so
// that it is the same at whatever time of that day the data is made.
func (t tally) opening(c *company, s *store, seed uint64) []int64 {
	d := newDice(seed, c.number, s.number, purposeStock)
	opening := make([]int64, len(c.products))
	for i := range opening {
		left := min(d.Int64N(60), d.Int64N(60))
		if d.chance(0.06) {
			// Something to reorder.
			left = d.Int64N(3)
		}
		if t.planned[i] == 0 {
			left++ // A movement of nothing isn't one.
		}
		opening[i] = t.planned[i] + left*thousandths
	}
	return opening
}

// writeStock writes a store's own prices, what it had and has of each product, and where its receipts stand.
func writeStock(ctx context.Context, tx pgx.Tx, c *company, s *store, t tally, opening []int64, ids *idMaker, until time.Time) error {
	var rows inserts
	addPrices(&rows, c, s, ids)
	addCounters(&rows, c, s, t)
	var products, levels, movements uuids
	var quantities, left ints
	for i := range c.products {
		products, quantities = append(products, column(c.products[i].id)), append(quantities, opening[i])
		left = append(left, opening[i]-t.sold[i])
		levels, movements = append(levels, column(ids.next(c.opened))), append(movements, column(ids.next(c.opened)))
	}
	rows.add(`insert into inventory_levels (tenant_id, store_id, id, product_id, quantity, updated_at)
		select $1, $2, l.id, l.product_id, l.quantity, $6
		from unnest($3::uuid[], $4::uuid[], $5::bigint[]) as l(id, product_id, quantity)`,
		c.id, s.id, levels, products, left, until)
	rows.add(`insert into stock_movements (tenant_id, store_id, id, product_id, reason, quantity, quantity_after,
			occurred_at, recorded_at)
		select $1, $2, m.id, m.product_id, 'OPENING', m.quantity, m.quantity, $6, $6
		from unnest($3::uuid[], $4::uuid[], $5::bigint[]) as m(id, product_id, quantity)`,
		c.id, s.id, movements, products, quantities, c.opened)
	return rows.send(ctx, tx)
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
