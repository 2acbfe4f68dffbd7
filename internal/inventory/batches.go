package inventory

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// batches are those of the products that move, in a transaction that holds their levels: who changes what is in a
// batch locks its level first, so that the batches need no lock of their own.
type batches struct {
	read []*Batch
	// of are working copies, those that expire first first.
	of    map[id.Product][]*Batch
	parts []*Part
}

// readBatches builds the statement that reads the batches of what moves by them; there is none where nothing does.
func (m *Moves) readBatches(h *postgres.Handle) []postgres.Statement {
	var products []id.Product
	lots := []string{}
	for _, c := range m.changes {
		for _, portion := range c.Portions {
			products = append(products, c.ProductID)
			if portion.Lot != nil {
				lots = append(lots, portion.Lot.Number)
			}
		}
	}
	if len(products) == 0 {
		return nil
	}
	slices.SortFunc(products, compare)
	return []postgres.Statement{postgres.Rows(&m.batches.read, h.Select((*Batch)(nil)).
		Where("?TableAlias.store_id = ?", m.occasion.StoreID).
		Where("?TableAlias.product_id ?", postgres.Among(slices.Compact(products))).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("?TableAlias.quantity <> 0").WhereOr("?TableAlias.lot_number = ANY (?::text[])", postgres.Texts(lots))
		}).
		OrderExpr("?TableAlias.product_id, ?TableAlias.expires_on NULLS LAST, ?TableAlias.created_at, ?TableAlias.id"))}
}

// start makes the copies that Apply works on.
func (b *batches) start() {
	b.of, b.parts = map[id.Product][]*Batch{}, nil
	for _, read := range b.read {
		batch := *read
		b.of[batch.ProductID] = append(b.of[batch.ProductID], &batch)
	}
}

// loose is how much of a level is of no known batch.
func (b *batches) loose(level *Level) int64 {
	left := level.Milli
	for _, batch := range b.of[level.ProductID] {
		left -= batch.Milli
	}
	return left
}

// reach says how much is missing to what a change is to reach: in the batch that it names, or in the level.
func (m *Moves) reach(level *Level, c Change) int64 {
	if len(c.Portions) == 0 {
		return *c.To - level.Milli
	}
	p := c.Portions[0]
	if p.Lot == nil {
		return *c.To - m.batches.loose(level)
	}
	if batch := m.batches.named(level.ProductID, p.Lot.Number); batch != nil {
		return *c.To - batch.Milli
	}
	return *c.To
}

func (b *batches) named(product id.Product, lot string) *Batch {
	i := slices.IndexFunc(b.of[product], func(batch *Batch) bool { return batch.LotNumber == lot })
	if i < 0 {
		return nil
	}
	return b.of[product][i]
}

func (m *Moves) ofLot(level *Level, p *Portion) {
	batch := m.batches.named(level.ProductID, p.Lot.Number)
	switch {
	case batch == nil && !p.Lot.Make && !m.occasion.Happened:
		p.Refused = LotUnknown
		return
	case batch == nil:
		batch = m.makeBatch(level, p.Lot)
	case m.occasion.Putting && !batch.agree(p.Lot):
		p.Refused = LotDatesDiffer
	}
	p.Left = batch.Milli
	if p.Milli < 0 && !m.occasion.Putting && !m.occasion.Happened {
		p.Refused = batch.refuses(m.occasion.Day)
	}
	p.take(batch, p.Milli)
}

// makeBatch makes a batch of what is printed on the goods.
func (m *Moves) makeBatch(level *Level, lot *Lot) *Batch {
	batch := &Batch{
		ID: id.New[id.StockBatch](), LevelID: level.ID, ProductID: level.ProductID, LotNumber: lot.Number,
		ManufacturedOn: lot.ManufacturedOn, Version: 1,
		CreatedAt: m.occasion.RecordedAt, UpdatedAt: m.occasion.RecordedAt, made: true,
	}
	batch.StoreID = m.occasion.StoreID
	batch.expires(lot.ExpiresOn)
	m.batches.of[level.ProductID] = append(m.batches.of[level.ProductID], batch)
	return batch
}

// agree says whether a batch is what a lot says of itself. What the lot doesn't say is as the batch has it.
func (b *Batch) agree(lot *Lot) bool {
	same := func(known, said *civil.Date) bool { return said == nil || known != nil && *known == *said }
	return same(b.ExpiresOn, lot.ExpiresOn) && same(b.ManufacturedOn, lot.ManufacturedOn)
}

// refuses says why nothing of the batch is sold on a day.
func (b *Batch) refuses(day civil.Date) Refusal {
	switch {
	case b.Quarantined:
		return BatchQuarantined
	case b.expired(day):
		return BatchExpired
	}
	return ""
}

// firstExpired takes what goes out from the batches that expire first, and then from what is of no known batch. It is
// refused where it would have to come from batches that aren't sold. Where more goes out than there is, that is of no
// batch: whether it may is for the level to say.
func (m *Moves) firstExpired(product id.Product, p *Portion, loose *int64) {
	left := -p.Milli
	var refused Refusal
	for _, batch := range m.batches.of[product] {
		if batch.Milli <= 0 {
			continue
		}
		if r := batch.refuses(m.occasion.Day); r != "" {
			refused = r
			continue
		}
		n := min(left, batch.Milli)
		p.take(batch, -n)
		left -= n
	}
	if left > max(*loose, 0) && !m.occasion.Happened {
		p.Refused = refused
	}
	*loose -= left
}

func (p *Portion) take(batch *Batch, milli int64) {
	if milli == 0 {
		return
	}
	batch.Milli += milli
	batch.moved += milli
	p.Taken = append(p.Taken, Taken{Batch: batch, Milli: milli})
}

// keep writes down what a movement was of: one part a batch.
func (b *batches) keep(movement *Movement, portions []*Portion) {
	sums := map[id.StockBatch]int64{}
	var order []id.StockBatch
	for _, p := range portions {
		for _, t := range p.Taken {
			if _, ok := sums[t.Batch.ID]; !ok {
				order = append(order, t.Batch.ID)
			}
			sums[t.Batch.ID] += t.Milli
		}
	}
	for _, batch := range order {
		if sums[batch] == 0 {
			continue
		}
		part := &Part{ID: id.New[id.StockBatchPart](), BatchID: batch, MovementID: movement.ID, Milli: sums[batch]}
		part.StoreID = movement.StoreID
		b.parts = append(b.parts, part)
	}
}

// portions says of which batches a change is, given the level before it: those that were named first, so that others
// don't take what is in them.
func (m *Moves) portions(level *Level, c Change) error {
	loose := m.batches.loose(level)
	for _, p := range c.Portions {
		p.Taken, p.Refused, p.Left = nil, "", 0
		if c.To != nil {
			p.Milli = c.Milli
		}
		if p.Lot != nil {
			m.ofLot(level, p)
		}
	}
	for _, p := range c.Portions {
		switch {
		case p.Lot != nil:
		case p.Milli < 0 && !p.Loose:
			m.firstExpired(level.ProductID, p, &loose)
		default:
			p.Left = loose
			loose += p.Milli
		}
	}
	for _, batch := range m.batches.of[level.ProductID] {
		if batch.Milli > mostMilli || batch.Milli < -mostMilli {
			return fmt.Errorf("a batch of product %s: %w", level.ProductID, money.ErrTooLarge)
		}
	}
	return nil
}

// writeBatches builds the statements that write batches and parts, as many however many there are.
func (m *Moves) writeBatches(h *postgres.Handle) (statements []postgres.Statement) {
	var made []*Batch
	var ids []id.StockBatch
	var moved []string
	for _, product := range m.products() {
		for _, batch := range m.batches.of[product] {
			switch {
			case batch.made:
				made = append(made, batch)
			case batch.moved != 0:
				ids, moved = append(ids, batch.ID), append(moved, strconv.FormatInt(batch.moved, 10))
			}
		}
	}
	if len(made) > 0 {
		statements = append(statements, h.Add(&made))
	}
	if len(ids) > 0 {
		statements = append(statements, postgres.Exec(nil, h.Update((*Batch)(nil)).
			TableExpr("unnest(?::uuid[], ?::bigint[]) AS after (id, moved)", postgres.UUIDs(ids), postgres.Texts(moved)).
			Set("quantity = ?TableAlias.quantity + after.moved").Set("updated_at = ?", m.occasion.RecordedAt).
			Where("?TableAlias.store_id = ?", m.occasion.StoreID).Where("?TableAlias.id = after.id")))
	}
	if parts := m.batches.parts; len(parts) > 0 {
		statements = append(statements, h.Add(&parts))
	}
	return statements
}
