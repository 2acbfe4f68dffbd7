package inventory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

type idempotencyKey struct {
	bun.BaseModel `bun:"table:stock_idempotency_keys,alias:idempotency_key"`
	postgres.StoreOwned

	Key         string            `bun:"key"`
	RequestHash []byte            `bun:"request_hash"`
	OperationID id.StockOperation `bun:"operation_id"`
	CreatedAt   time.Time         `bun:"created_at"`
}

// Outcome is what a change came to: the levels and the movements in the order of its lines.
type Outcome struct {
	Levels    []*Level
	Movements []*Movement
	// Approval is what the change waits for, nil where it was made.
	Approval *approval.Approval
}

// orNothing is never nil, and neither are its lists.
func (o *Outcome) orNothing() *Outcome {
	if o == nil {
		o = &Outcome{}
	}
	if o.Levels == nil {
		o.Levels = []*Level{}
	}
	if o.Movements == nil {
		o.Movements = []*Movement{}
	}
	return o
}

// Adjust puts levels right. A key that came before with the same input gives the movements that it made then.
//
// Errors: problems with the codes of StockAdjustUserErrorCode, all at once, and nothing is written.
func (s *Stock) Adjust(ctx context.Context, in StockAdjustInput) (*Outcome, error) {
	var p errs.Problems
	return s.change(ctx, in.request(&p), p)
}

// Receive takes a delivery in, as Adjust does its changes.
//
// Errors: problems with the codes of StockReceiveUserErrorCode.
func (s *Stock) Receive(ctx context.Context, in StockReceiveInput) (*Outcome, error) {
	var p errs.Problems
	return s.change(ctx, in.request(&p), p)
}

// Open takes a first count, as Adjust does its changes.
//
// Errors: problems with the codes of StockOpeningUserErrorCode.
func (s *Stock) Open(ctx context.Context, in StockOpeningInput) (*Outcome, error) {
	var p errs.Problems
	return s.change(ctx, in.request(&p), p)
}

// facts are what a change meets in the database.
type facts struct {
	store    *company.Store
	scope    *tenancy.Scope
	settings *company.Settings
	products map[id.Product]*catalog.Product
	key      *idempotencyKey
}

// look reads all facts in one round trip, whatever the number of lines.
func (s *Stock) look(ctx context.Context, r *request) (*facts, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	f := &facts{scope: h.Scope(), products: make(map[id.Product]*catalog.Product, len(r.lines))}
	var products []*catalog.Product
	if err := h.Read(ctx,
		postgres.Row(&f.store, h.Select((*company.Store)(nil)).Where("?TableAlias.id = ?", r.store)),
		company.ReadSettings(h, &f.settings),
		postgres.Rows(&products, h.Select((*catalog.Product)(nil)).
			Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(r.products()))),
		postgres.Row(&f.key, h.Select((*idempotencyKey)(nil)).
			Where("?TableAlias.store_id = ?", r.store).Where("?TableAlias.key = ?", r.key)),
	); err != nil {
		return nil, err
	}
	for _, product := range products {
		f.products[product.ID] = product
	}
	return f, nil
}

func (r *request) products() []id.Product {
	products := make([]id.Product, len(r.lines))
	for i, line := range r.lines {
		products[i] = line.product
	}
	return products
}

// check finds what is wrong with the lines, given the facts.
func (r *request) check(p *errs.Problems, f *facts) {
	if f.store == nil {
		p.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
	}
	for i, line := range r.lines {
		product := f.products[line.product]
		switch {
		case product == nil:
			p.Add(productNotFound, errs.Path("lines", i, "productId"), "There is no such product.")
		case !product.Stocked():
			p.Add(productNotStocked, errs.Path("lines", i, "productId"), "This product has no stock.")
		case product.Unit == catalog.Each && line.milli%milli != 0:
			p.Add(quantityNotWhole, errs.Path("lines", i, line.field), "This product is counted in whole pieces.")
		}
		r.checkLot(p, f, i)
	}
}

// costs reads what the lines cost, in the store's currency.
func (r *request) costs(p *errs.Problems, currency money.Currency) []*money.Cost {
	costs := make([]*money.Cost, len(r.lines))
	for i, line := range r.lines {
		if line.cost == nil {
			continue
		}
		cost, err := line.cost.Cost(currency)
		switch {
		case errors.Is(err, money.ErrTooPrecise):
			p.Add(tooPrecise, errs.Path("lines", i, "unitCost"), "A cost in %s has at most %d decimals.", currency,
				currency.Decimals()+4)
		case err != nil:
			p.Add(tooLarge, errs.Path("lines", i, "unitCost"), "This is too large.")
		}
		costs[i] = &cost
	}
	return costs
}

// prepare validates a request against itself and the database, in one round trip. Its key may have come before.
func (s *Stock) prepare(ctx context.Context, r *request, p *errs.Problems) (*facts, error) {
	r.once(p)
	if len(r.lines) == 0 {
		return nil, p.Err()
	}
	return s.look(ctx, r)
}

func (s *Stock) change(ctx context.Context, r *request, p errs.Problems) (*Outcome, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.prepare(ctx, r, &p)
	if err != nil {
		return nil, err
	}
	if err := r.sum(); err != nil {
		return nil, err
	}
	if f.key != nil && r.key != "" {
		return s.replay(ctx, r, f.key)
	}
	r.check(&p, f)
	var costs []*money.Cost
	if f.store != nil {
		costs = r.costs(&p, f.store.CurrencyCode)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	c := s.start(scope, r, f, costs)
	err = s.db.Write(ctx, c.write)
	if errors.Is(err, errWaits) {
		return s.wait(ctx, scope, c)
	}
	if err == nil {
		return c.outcome(), nil
	}
	if !postgres.IsUnique(err) {
		return nil, err
	}
	// The same key came twice at once, and the other one was faster.
	if f, err = s.look(ctx, r); err != nil {
		return nil, err
	}
	if f.key == nil {
		return nil, errors.New("a change of stock collided with something other than its key")
	}
	return s.replay(ctx, r, f.key)
}

// replay answers a key that came before: with the movements that it made, and the levels as they are.
func (s *Stock) replay(ctx context.Context, r *request, key *idempotencyKey) (*Outcome, error) {
	if !bytes.Equal(key.RequestHash, r.hash) {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another change before.",
		}}
	}
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var levels []*Level
	var movements []*Movement
	if err := h.Read(ctx,
		postgres.Rows(&levels, h.Select((*Level)(nil)).Where("?TableAlias.store_id = ?", r.store).
			Where("?TableAlias.product_id = ANY (?::uuid[])", postgres.UUIDs(r.products()))),
		postgres.Rows(&movements, h.Select((*Movement)(nil)).Where("?TableAlias.operation_id = ?", key.OperationID)),
	); err != nil {
		return nil, err
	}
	return r.inOrder(levels, movements), nil
}

// inOrder puts levels and movements into the order of the lines.
func (r *request) inOrder(levels []*Level, movements []*Movement) *Outcome {
	slices.SortStableFunc(movements, func(a, b *Movement) int { return cmp.Compare(a.Sequence, b.Sequence) })
	levelOf, movementsOf := map[id.Product]*Level{}, map[id.Product][]*Movement{}
	for _, level := range levels {
		levelOf[level.ProductID] = level
	}
	for _, movement := range movements {
		movementsOf[movement.ProductID] = append(movementsOf[movement.ProductID], movement)
	}
	o := &Outcome{}
	for _, line := range r.lines {
		if level := levelOf[line.product]; level != nil {
			o.Levels = append(o.Levels, level)
		}
		// Several lines of one product are about its batches; a line that moved nothing leaves its place to the next.
		if left := movementsOf[line.product]; len(left) > 0 {
			o.Movements, movementsOf[line.product] = append(o.Movements, left[0]), left[1:]
		}
	}
	return o
}

// operation is a change about to be written.
type operation struct {
	*Moves

	request *request
	facts   *facts
	key     *idempotencyKey
	// decision is of a change that waited for it.
	decision *approval.Decision
}

func (s *Stock) start(scope *tenancy.Scope, r *request, f *facts, costs []*money.Cost) *operation {
	now := s.now().UTC().Truncate(time.Microsecond) // what the database keeps
	c := &operation{request: r, facts: f, key: &idempotencyKey{
		Key: r.key, RequestHash: r.hash, OperationID: id.New[id.StockOperation](), CreatedAt: now,
	}}
	c.key.StoreID = r.store
	occasion := Occasion{
		StoreID: r.store, OperationID: &c.key.OperationID, Note: r.note, SupplierReference: r.reference,
		OccurredAt: now, RecordedAt: now, Putting: true,
	}
	if !scope.User.IsZero() {
		occasion.UserID = &scope.User
	}
	c.Moves = NewMoves(occasion)
	for i, line := range r.lines {
		change := Change{ProductID: line.product, Kind: r.kind, Milli: line.milli, UnitCost: costs[i], Reason: r.reason}
		if line.to {
			change.To = &r.lines[i].milli
		}
		if r.kind == Adjustment {
			change.UnitCost = f.products[line.product].CostIn(f.store.CurrencyCode)
		}
		change.Portions = c.portion(line)
		c.Add(change)
	}
	return c
}

// write takes the key and the levels in one round trip, and writes the movements and commits in another.
func (c *operation) write(ctx context.Context, tx *postgres.Tx) error {
	first := append([]postgres.Statement{tx.Add(c.key)}, c.Lock(tx.Handle)...)
	if c.decision != nil {
		first = append([]postgres.Statement{c.decision.Statement(tx.Handle)}, first...)
	}
	if err := tx.Send(ctx, first...); err != nil {
		return err
	}
	if c.decision != nil {
		if err := c.decision.Err(); err != nil {
			return err
		}
	}
	var p errs.Problems
	err := c.Apply()
	switch {
	case errors.Is(err, money.ErrTooLarge):
		p.Add(tooLarge, []string{"lines"}, "A level would be larger than can be kept.")
	case err != nil:
		return fmt.Errorf("move the stock: %w", err)
	}
	for i, line := range c.request.lines {
		c.checkLine(&p, line, i)
	}
	if err := p.Err(); err != nil {
		return err
	}
	if c.waits() {
		return errWaits
	}
	return tx.Finish(ctx, c.Write(tx.Handle)...)
}

func (c *operation) checkLine(p *errs.Problems, line requestLine, i int) {
	c.checkBatch(p, line, i)
	if c.request.kind == Opening && c.Before(line.product).MovementCount > 0 {
		p.Add(alreadyCounted, errs.Path("lines", i, "productId"), "This product's stock has moved before.")
	}
	if line.to || c.facts.products[line.product].MayRunShort(c.facts.settings.NegativeStockAllowed) {
		return // what was counted is there
	}
	available, short := c.Short(line.product)
	if !short {
		return
	}
	left := money.Quantity(max(available, 0))
	*p = append(*p, errs.Problem{
		Code: stockInsufficient, Field: errs.Path("lines", i, line.field),
		Message: fmt.Sprintf("Only %s of this product are available.", left),
		Details: map[string]any{quantityAvailable: &left},
	})
}

func (c *operation) outcome() *Outcome { return c.request.inOrder(c.Levels(), c.Movements()) }

// SetThresholds says when levels are low. A product that the store never had gets a level.
//
// Errors: problems with the codes of LowStockThresholdSetUserErrorCode.
func (s *Stock) SetThresholds(ctx context.Context, in LowStockThresholdSetInput) (*Outcome, error) {
	var p errs.Problems
	r := in.request(&p)
	f, err := s.prepare(ctx, r, &p)
	if err != nil {
		return nil, err
	}
	r.check(&p, f)
	if err := p.Err(); err != nil {
		return nil, err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	rows := make(map[id.Product]*Level, len(r.lines))
	for _, line := range r.lines {
		level := &Level{ID: id.New[id.InventoryLevel](), ProductID: line.product, UpdatedAt: now}
		if !line.absent {
			level.ThresholdMilli = &line.milli
		}
		level.StoreID = r.store
		rows[line.product] = level
	}
	m := &Moves{levels: rows}
	sorted := m.Levels() // locks are taken in the order of products
	var after []*Level
	err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Rows(&after, tx.Insert(&sorted).
			On("CONFLICT (tenant_id, store_id, product_id) DO UPDATE").
			Set("low_stock_threshold = EXCLUDED.low_stock_threshold").
			Set("updated_at = EXCLUDED.updated_at").
			Returning("?TableAlias.*")))
	})
	if err != nil {
		return nil, err
	}
	return r.inOrder(after, nil), nil
}
