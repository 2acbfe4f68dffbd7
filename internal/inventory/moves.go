package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Occasion is what the movements of one transaction share.
type Occasion struct {
	StoreID id.Store
	// UserID is who did it, nil where a register acted by itself.
	UserID      *id.User
	RegisterID  *id.Register
	SaleID      *id.Sale
	OperationID *id.StockOperation
	Note        string
	// SupplierReference is the supplier's delivery note or invoice.
	SupplierReference      string
	OccurredAt, RecordedAt time.Time
	// Day is the store's day on which goods are sold: those of a batch that expired before are not. Putting says that
	// stock is put right, of whichever batch; Happened that it happened already, and is taken down whatever there is.
	Day               civil.Date
	Putting, Happened bool
}

// Change is one movement about to happen.
type Change struct {
	ProductID id.Product
	Kind      Kind
	// Milli comes in, or goes out where it is below zero.
	Milli int64
	// To, where given, is the level to be reached, and Milli what is missing to it.
	To *int64
	// UnitCost is what one unit cost. For goods that come in it changes the average, unless they are an adjustment's;
	// otherwise it stands in for an average that isn't known.
	UnitCost *money.Cost
	Reason   *Reason
	// Portions say which batches it is of; there are none where the product has no batches. Together they are Milli, and
	// where there is To there is one.
	Portions []*Portion
}

// Moves are movements of one store's stock about to be written, in three steps of one transaction: Lock takes the
// levels, Apply computes, and Write writes what Apply found. A transaction that is tried again does all three again.
type Moves struct {
	occasion Occasion
	changes  []Change
	released map[id.Product]int64

	locked []*Level
	// looked are the products whose levels were only looked at, and may not be there.
	looked    []id.Product
	levels    map[id.Product]*Level
	movements []*Movement
	// made are the changes of the movements.
	made    []Change
	batches batches
}

// NewMoves makes Moves.
func NewMoves(o Occasion) *Moves { return &Moves{occasion: o, released: map[id.Product]int64{}} }

// Add adds a change. Those of one product happen in the order in which they were added.
func (m *Moves) Add(c Change) { m.changes = append(m.changes, c) }

// Release gives back what was reserved of a product: with what is sold from a parked sale, its reservation ends.
func (m *Moves) Release(product id.Product, milli int64) { m.released[product] += milli }

// Empty says that nothing moves.
func (m *Moves) Empty() bool { return len(m.changes) == 0 && len(m.released) == 0 }

// Lock builds the statements that lock the levels in the order of their products, adding those that aren't there yet.
func (m *Moves) Lock(h *postgres.Handle) []postgres.Statement {
	return append(lock(h, m.occasion.StoreID, m.products(), m.occasion.RecordedAt, &m.locked), m.readBatches(h)...)
}

// LockThere is Lock without adding levels, where next to always all are there. Missing says afterwards that some aren't: then
// Lock must follow in the same transaction. It may wait for what waits for this one then, the one case in which it may, and
// the database ends one of them, which begins again.
func (m *Moves) LockThere(h *postgres.Handle) []postgres.Statement {
	products := m.products()
	if len(products) == 0 {
		return nil
	}
	return append([]postgres.Statement{lockThere(h, m.occasion.StoreID, products, &m.locked)}, m.readBatches(h)...)
}

// LockAhead is LockThere before it is known what moves, for the products of which something may: they are locked in the same
// order. Moves adopt the levels.
func LockAhead(h *postgres.Handle, store id.Store, products []id.Product, levels *[]*Level) postgres.Statement {
	return lockThere(h, store, products, levels)
}

// Adopt takes levels that were locked ahead, and builds what else LockThere would read. Missing says afterwards that they
// aren't all.
func (m *Moves) Adopt(h *postgres.Handle, levels []*Level) []postgres.Statement {
	products := m.products()
	m.locked = slices.DeleteFunc(slices.Clone(levels), func(l *Level) bool {
		_, moves := slices.BinarySearchFunc(products, l.ProductID, compare)
		return !moves
	})
	return m.readBatches(h)
}

// Missing says that not all levels were locked.
func (m *Moves) Missing() bool { return len(m.locked) < len(m.products()) }

// Look builds the statement that reads the levels in place of Lock, where nothing is going to be written: Apply then
// says what would happen, if nobody is faster.
func (m *Moves) Look(h *postgres.Handle) []postgres.Statement {
	if m.looked = m.products(); len(m.looked) == 0 {
		return nil
	}
	return append([]postgres.Statement{postgres.Rows(&m.locked, levelsOf(h, m.occasion.StoreID, m.looked))}, m.readBatches(h)...)
}

// products are those of which anything moves or is released, each once and in order.
func (m *Moves) products() []id.Product {
	products := make([]id.Product, 0, len(m.changes)+len(m.released))
	for _, c := range m.changes {
		products = append(products, c.ProductID)
	}
	for product := range m.released {
		products = append(products, product)
	}
	slices.SortFunc(products, compare)
	return slices.Compact(products)
}

// fill adds the levels that Look didn't find, as Lock makes them.
func (m *Moves) fill() {
	found := m.locked
	for _, product := range m.looked {
		if m.Before(product) == nil {
			found = append(found, &Level{ProductID: product})
		}
	}
	m.locked = found
	slices.SortFunc(m.locked, func(a, b *Level) int { return compare(a.ProductID, b.ProductID) })
}

// lock locks the levels of products, which may be named twice, and gives them in the order of their products. Every
// transaction takes them in this order, so that no two wait for each other.
func lock(
	h *postgres.Handle, store id.Store, products []id.Product, at time.Time, levels *[]*Level,
) []postgres.Statement {
	if len(products) == 0 {
		return nil
	}
	products = slices.Clone(products)
	slices.SortFunc(products, compare)
	products = slices.Compact(products)
	missing := make([]*Level, len(products))
	for i, product := range products {
		missing[i] = &Level{ID: id.New[id.InventoryLevel](), ProductID: product, UpdatedAt: at}
		missing[i].StoreID = store
	}
	return []postgres.Statement{
		postgres.Exec(nil, h.Insert(&missing).On("CONFLICT (tenant_id, store_id, product_id) DO NOTHING")),
		lockThere(h, store, products, levels),
	}
}

func lockThere(h *postgres.Handle, store id.Store, products []id.Product, levels *[]*Level) postgres.Statement {
	return postgres.Rows(levels, levelsOf(h, store, products).For("UPDATE"))
}

// levelsOf are the levels of products in a store, in the order of the products.
func levelsOf(h *postgres.Handle, store id.Store, products []id.Product) *bun.SelectQuery {
	return h.Select((*Level)(nil)).Where("?TableAlias.store_id = ?", store).
		Where("?TableAlias.product_id ?", postgres.Among(products)).OrderExpr("?TableAlias.product_id")
}

func compare(a, b id.Product) int { return slices.Compare(a[:], b[:]) }

// Apply computes the movements and the levels after them from the levels that Lock took, or that Look found.
//
// Errors: money.ErrTooLarge for a level that is too large to be kept.
func (m *Moves) Apply() error {
	m.fill()
	m.batches.start()
	m.levels, m.movements = make(map[id.Product]*Level, len(m.locked)), nil
	m.made = nil
	for _, locked := range m.locked {
		level := *locked
		level.ReservedMilli = max(level.ReservedMilli-m.released[level.ProductID], 0)
		level.UpdatedAt = m.occasion.RecordedAt
		m.levels[level.ProductID] = &level
	}
	var failed error
	for _, c := range m.changes {
		level := m.levels[c.ProductID]
		if level == nil {
			return fmt.Errorf("the level of product %s was not locked", c.ProductID)
		}
		failed = errors.Join(failed, m.apply(level, c))
	}
	return failed
}

// mostMilli bounds a level: a million times what may be moved at once.
const mostMilli = money.MaxQuantity * 1_000_000

func (m *Moves) apply(level *Level, c Change) error {
	if c.To != nil {
		c.Milli = m.reach(level, c)
	}
	if err := m.portions(level, c); err != nil {
		return err
	}
	if c.Milli == 0 {
		return nil // what was counted is what was there
	}
	if after := level.Milli + c.Milli; after > mostMilli || after < -mostMilli {
		return fmt.Errorf("a level of product %s: %w", c.ProductID, money.ErrTooLarge)
	}
	cost := level.Average
	switch {
	case c.Milli > 0 && c.UnitCost != nil && c.Kind != Adjustment:
		cost = c.UnitCost
		after := Average(level.Milli, level.Average, c.Milli, *cost)
		level.Average = &after
	case cost == nil:
		cost = c.UnitCost
	}
	level.Milli += c.Milli
	level.MovementCount++
	movement := &Movement{
		ID: id.New[id.StockMovement](), LevelID: level.ID, ProductID: c.ProductID, Sequence: level.MovementCount,
		Kind: c.Kind, Milli: c.Milli, MilliAfter: level.Milli, Cost: cost, Reason: c.Reason,
		Note: m.occasion.Note, SupplierReference: m.occasion.SupplierReference,
		UserID: m.occasion.UserID, RegisterID: m.occasion.RegisterID, SaleID: m.occasion.SaleID,
		OperationID: m.occasion.OperationID, OccurredAt: m.occasion.OccurredAt, RecordedAt: m.occasion.RecordedAt,
	}
	movement.StoreID = m.occasion.StoreID
	m.movements = append(m.movements, movement)
	m.made = append(m.made, c)
	m.batches.keep(movement, c.Portions)
	return nil
}

// Before is a level as Lock found it.
func (m *Moves) Before(product id.Product) *Level {
	i, found := slices.BinarySearchFunc(m.locked, product, func(l *Level, p id.Product) int { return compare(l.ProductID, p) })
	if !found {
		return nil
	}
	return m.locked[i]
}

// After is a level as Apply leaves it.
func (m *Moves) After(product id.Product) *Level { return m.levels[product] }

// Levels are all levels as Apply leaves them, in the order of their products.
func (m *Moves) Levels() []*Level {
	levels := make([]*Level, 0, len(m.levels))
	for _, level := range m.levels {
		levels = append(levels, level)
	}
	slices.SortFunc(levels, func(a, b *Level) int { return compare(a.ProductID, b.ProductID) })
	return levels
}

// Movements are those that Apply made, in the order of the changes; a change that comes to nothing makes none.
func (m *Moves) Movements() []*Movement { return m.movements }

// Short says whether more of a product goes out than is available, where negative stock is refused, and how much was
// available. What comes in with the same changes counts, and so does what they release; a product of which nothing
// goes out on balance is never short.
func (m *Moves) Short(product id.Product) (available int64, short bool) {
	before, after := m.Before(product), m.After(product)
	if before == nil || after == nil || after.Milli >= before.Milli {
		return 0, false
	}
	out := after.Milli - before.Milli
	return after.AvailableMilli() - out, after.AvailableMilli() < 0
}

// Write builds the statements that write what Apply found.
func (m *Moves) Write(h *postgres.Handle) []postgres.Statement {
	var statements []postgres.Statement
	if levels := m.Levels(); len(levels) > 0 {
		statements = append(statements, update(h, m.occasion.StoreID, levels, m.occasion.RecordedAt))
	}
	if len(m.movements) > 0 {
		statements = append(statements, h.Add(&m.movements))
	}
	return append(statements, m.writeBatches(h)...)
}

// update sets what moves of locked levels.
func update(h *postgres.Handle, store id.Store, levels []*Level, at time.Time) postgres.Statement {
	columns := make([][]string, 5)
	for _, l := range levels {
		cost := money.Cost(-1)
		if l.Average != nil {
			cost = *l.Average
		}
		for i, n := range []int64{l.Milli, l.ReservedMilli, int64(cost), l.MovementCount} {
			columns[i] = append(columns[i], strconv.FormatInt(n, 10))
		}
		columns[4] = append(columns[4], l.ProductID.UUID().String())
	}
	return postgres.Exec(nil, h.Update((*Level)(nil)).
		// Of sub-selects the database keeps the plan, as with postgres.Among.
		TableExpr(`unnest((SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::uuid[]))
			AS after (quantity, reserved, average_cost, movement_count, product_id)`,
			postgres.Texts(columns[0]), postgres.Texts(columns[1]), postgres.Texts(columns[2]),
			postgres.Texts(columns[3]), postgres.Texts(columns[4])).
		Set("quantity = after.quantity").Set("reserved = after.reserved").
		Set("average_cost = nullif(after.average_cost, -1)").Set("movement_count = after.movement_count").
		Set("updated_at = ?", at).
		Where("?TableAlias.store_id = ?", store).Where("?TableAlias.product_id = after.product_id"))
}

// Reservation is a quantity of a product that is put aside.
type Reservation struct {
	ProductID id.Product
	// Milli is above zero.
	Milli int64
}

// Reserve builds the statement that puts goods aside in a store, and answers with the levels after it, in the order
// of their products. Stock doesn't move by it, and there may be less than is put aside: the caller looks at
// Level.AvailableMilli, where that matters.
func Reserve(
	h *postgres.Handle, store id.Store, goods []Reservation, at time.Time, after *[]*Level,
) []postgres.Statement {
	sums := sum(goods)
	if len(sums) == 0 {
		return nil
	}
	rows := make([]*Level, len(sums))
	for i, r := range sums {
		rows[i] = &Level{
			ID: id.New[id.InventoryLevel](), ProductID: r.ProductID, ReservedMilli: r.Milli, UpdatedAt: at,
		}
		rows[i].StoreID = store
	}
	// One after the other in the order of products, as lock takes them.
	return []postgres.Statement{postgres.Rows(after, h.Insert(&rows).
		On("CONFLICT (tenant_id, store_id, product_id) DO UPDATE").
		Set("reserved = ?TableAlias.reserved + EXCLUDED.reserved").
		Set("updated_at = EXCLUDED.updated_at").
		Returning("?TableAlias.*"))}
}

// Release builds the statements that give goods back that Reserve put aside. For what is sold at the same time there
// is Moves.Release.
func Release(h *postgres.Handle, store id.Store, goods []Reservation, at time.Time) []postgres.Statement {
	sums := sum(goods)
	if len(sums) == 0 {
		return nil
	}
	products, quantities := make([]id.Product, len(sums)), make([]string, len(sums))
	for i, r := range sums {
		products[i], quantities[i] = r.ProductID, strconv.FormatInt(r.Milli, 10)
	}
	var locked []*Level
	return append(lock(h, store, products, at, &locked), postgres.Exec(nil, h.Update((*Level)(nil)).
		TableExpr("unnest(?::uuid[], ?::bigint[]) AS back (product_id, quantity)",
			postgres.UUIDs(products), postgres.Texts(quantities)).
		Set("reserved = greatest(?TableAlias.reserved - back.quantity, 0)").
		Set("updated_at = ?", at).
		Where("?TableAlias.store_id = ?", store).Where("?TableAlias.product_id = back.product_id")))
}

// sum gives each product once, in the order of their ids.
func sum(goods []Reservation) []Reservation {
	byProduct := map[id.Product]int64{}
	for _, r := range goods {
		byProduct[r.ProductID] += r.Milli
	}
	sums := make([]Reservation, 0, len(byProduct))
	for product, milli := range byProduct {
		sums = append(sums, Reservation{ProductID: product, Milli: milli})
	}
	slices.SortFunc(sums, func(a, b Reservation) int {
		return cmp.Or(compare(a.ProductID, b.ProductID), cmp.Compare(a.Milli, b.Milli))
	})
	return sums
}
