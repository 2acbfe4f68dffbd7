package sale

import (
	"context"
	"errors"
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// effect is what a sale does elsewhere in the shop, in its own transaction: to a gift card, to a till session.
// Its statements ride in the sale's two round trips.
type effect struct {
	// first are statements that go with the receipt number, before the sale's own rows.
	first func(tx *postgres.Tx) []postgres.Statement
	// check looks at what the first statements answered; a problem ends the sale, and nothing is written.
	check func(p *errs.Problems)
	// stale says that what the sale was reckoned from was changed by somebody else in the meantime: the sale ends, and
	// is reckoned again.
	stale func() bool
	// last are statements that go with the sale's own rows and the commit.
	last func(tx *postgres.Tx) []postgres.Statement
}

// errStale says that somebody else changed what a transaction was reckoned from.
var errStale = errors.New("changed in the meantime")

// errBusy is for who was too late over and over.
func errBusy() error {
	return errs.New(errs.Unavailable, "Others are changing the same things all the time. Try again.")
}

// mostTries is how often something is reckoned anew. Of several that want the same at once one gets it each time.
const mostTries = 20

// plain begins the draft of a sale of products and nothing else, at a place that is known and sells: all that such a sale
// takes is known before its facts are there. It is nil for any other, and where something is wrong with it already.
func (s *Sales) plain(scope *tenancy.Scope, f *facts, in RecordInput, problems errs.Problems) *draft {
	if len(f.named) == 0 || len(problems) > 0 {
		return nil
	}
	var found errs.Problems
	d := s.begin(&found, scope, f, in)
	if len(found) > 0 {
		return nil
	}
	return d
}

// writePlain records a plain sale in two round trips: the first reads its facts and takes the key, the number and the stock,
// the second writes it and commits. Where something is wrong with it, all that is given back; its key was new then.
func (s *Sales) writePlain(
	ctx context.Context, scope *tenancy.Scope, d *draft, f *facts, in RecordInput, hash []byte,
) error {
	d.key.RequestHash = hash
	return s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if d.claimed {
			return errStale // what was known may be known no more
		}
		d.claimed = true
		if err := tx.Send(ctx, slices.Concat(f.asked, d.claim(tx), []postgres.Statement{
			inventory.LockAhead(tx.Handle, f.store.ID, f.named, &d.levels),
		})...); err != nil {
			return err
		}
		var problems errs.Problems
		d.complete(&problems, scope, f, in)
		if err := problems.Err(); err != nil {
			return err
		}
		return d.write(ctx, tx)
	})
}

// claim takes the key and the number, and then finds the till's session.
func (d *draft) claim(tx *postgres.Tx) []postgres.Statement {
	return slices.Concat([]postgres.Statement{tx.Add(d.key)}, d.number.first(tx), d.till.find(tx.Handle))
}

// write takes the key, the number and the stock in one round trip, and writes the sale and commits in another. What a store
// has sold never before takes one more.
func (d *draft) write(ctx context.Context, tx *postgres.Tx) error {
	var first []postgres.Statement
	if d.claimed {
		first = d.stock.Adopt(tx.Handle, d.levels)
	} else {
		first = append(d.claim(tx), d.stock.LockThere(tx.Handle)...)
	}
	for _, e := range d.effects {
		if e.first != nil {
			first = append(first, e.first(tx)...)
		}
	}
	if len(first) > 0 {
		if err := tx.Send(ctx, first...); err != nil {
			return err
		}
	}
	if d.stock.Missing() { // something is sold in a store that never had it
		if err := tx.Send(ctx, d.stock.Lock(tx.Handle)...); err != nil {
			return err
		}
	}
	if err := d.checkEffects(); err != nil {
		return err
	}
	d.sale.ReceiptNumber = d.number.is
	last := append(d.number.last(tx, d.sale.RecordedAt),
		tx.Add(d.sale),
		tx.Add(&d.lines),
	)
	if len(d.taxes) > 0 {
		last = append(last, tx.Add(&d.taxes))
	}
	if len(d.offs) > 0 {
		discounts := d.discountRows()
		last = append(last, tx.Add(&discounts))
	}
	last = append(last, d.stock.Write(tx.Handle)...)
	if len(d.payments) > 0 {
		last = append(last, tx.Add(&d.payments))
	}
	for _, e := range d.effects {
		if e.last != nil {
			last = append(last, e.last(tx)...)
		}
	}
	return tx.Finish(ctx, last...)
}

// checkEffects collects what the first statements found wrong.
func (d *draft) checkEffects() error {
	var problems errs.Problems
	if err := d.number.check(&problems); err != nil {
		return err
	}
	if err := d.applyStock(&problems); err != nil {
		return err
	}
	for _, e := range d.effects {
		if e.stale != nil && e.stale() {
			return errStale
		}
	}
	for _, e := range d.effects {
		if e.check != nil {
			e.check(&problems)
		}
	}
	return problems.Err()
}
