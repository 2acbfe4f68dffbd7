package inventory

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// errWaits says that a change is for a second person to decide; nothing of it was written.
var errWaits = errors.New("the change waits for a second person")

// waits says so of the movements that Apply found.
func (c *operation) waits() bool {
	if c.request.kind != Adjustment || c.decision != nil || len(c.Movements()) == 0 {
		return false
	}
	return c.facts.settings.StockWaits(c.worth())
}

// worth is what the movements come to at cost, in whichever direction; nil where the cost of one isn't known, or where
// the sum is beyond counting.
func (c *operation) worth() *int64 {
	var sum int64
	for _, m := range c.Movements() {
		if m.Cost == nil {
			return nil
		}
		minor, err := m.Cost.Of(max(m.Milli, -m.Milli))
		if err != nil {
			return nil
		}
		sum += minor // at most 500 of what a total may be
	}
	return &sum
}

// wait puts an adjustment down for a second person. What was counted is kept as the difference that was found: until
// it is approved, goods come and go. A request that comes again finds what it asked for then.
func (s *Stock) wait(ctx context.Context, scope *tenancy.Scope, c *operation) (*Outcome, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	a := approval.Ask(scope, c.facts.settings, now)
	a.Kind, a.StoreID, a.CurrencyCode = approval.StockAdjustment, c.request.store, c.facts.store.CurrencyCode
	a.AmountMinor, a.Reason = c.worth(), c.request.note
	reason := string(*c.request.reason)
	a.RequestKey, a.RequestHash, a.StockReason = &c.request.key, c.request.hash, &reason
	for _, change := range c.made {
		a.Lines = append(a.Lines, change.waiting())
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, tx.Add(a))
	})
	if postgres.IsUnique(err) {
		return s.waiting(ctx, c.request)
	}
	if err != nil {
		return nil, err
	}
	return &Outcome{Approval: a}, nil
}

// waiting finds what a request asked for before.
func (s *Stock) waiting(ctx context.Context, r *request) (*Outcome, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var a *approval.Approval
	if err := h.Read(ctx, postgres.Row(&a, h.Select((*approval.Approval)(nil)).
		Where("?TableAlias.store_id = ?", r.store).Where("?TableAlias.request_key = ?", r.key))); err != nil {
		return nil, err
	}
	if a == nil || !bytes.Equal(a.RequestHash, r.hash) {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another change before.",
		}}
	}
	return &Outcome{Approval: a.At(s.now())}, nil
}

// CarryOut moves the stock of an adjustment that waited, together with the decision, in the name of who asked for it.
//
// Errors: problem NOT_POSSIBLE, where the shop has changed so that it can't be done; those of the decision.
func (s *Stock) CarryOut(ctx context.Context, a *approval.Approval, d *approval.Decision) error {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return err
	}
	reason := Reason(*a.StockReason)
	r := &request{
		name: "stockAdjust", kind: Adjustment, store: a.StoreID, reason: &reason, key: *a.RequestKey, note: a.Reason,
		hash: a.RequestHash,
	}
	for _, line := range a.Lines {
		r.lines = append(r.lines, requestLine{
			product: line.ProductID(), field: "change", milli: line.Milli, lot: lotOf(line), loose: line.Loose,
		})
	}
	f, err := s.look(ctx, r)
	if err != nil {
		return err
	}
	var p errs.Problems
	r.check(&p, f)
	if err := p.Err(); err != nil {
		return notPossible(err)
	}
	c := s.start(scope, r, f, make([]*money.Cost, len(r.lines)))
	c.decision = d
	c.inNameOf(a.RequestedByID)
	err = s.db.Write(ctx, c.write)
	if postgres.IsUnique(err) {
		// Who decided a moment before has used the key; unless the decision could be made, and the key is another's.
		if decided := d.Err(); decided != nil {
			return decided
		}
		return errs.Problems{{
			Code: approval.NotPossible, Field: []string{"id"}, Message: "The same request was carried out in the meantime.",
		}}
	}
	return notPossible(err)
}

// inNameOf makes somebody the one who moved the stock.
func (m *Moves) inNameOf(user id.User) { m.occasion.UserID = &user }

// notPossible is what has become impossible since it was asked for, as the decision about it shows that.
func notPossible(err error) error {
	var p errs.Problems
	if !errors.As(err, &p) {
		return err
	}
	for _, problem := range p {
		switch problem.Code {
		case storeNotFound, productNotFound, productNotStocked, quantityNotWhole, tooLarge, stockInsufficient,
			lotRequired, lotNotTracked, string(LotDatesDiffer):
			return errs.Problems{{Code: approval.NotPossible, Field: []string{"id"}, Message: problem.Message}}
		}
	}
	return err
}
