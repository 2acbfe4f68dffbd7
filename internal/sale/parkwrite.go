package sale

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// parking is what a parked sale about to be written meets in the database.
type parking struct {
	parked   *Parked
	register *company.Register
	store    *company.Store
	settings *company.Settings
	products map[id.Product]*catalog.Product
	// customer is who is named, or the one that they were merged into.
	customer *customer.Customer
	// lines are the parked sale's as they are, lapsed those of the store's parked sales whose time is over.
	lines, lapsed []*ParkedLine
}

// Park puts a sale aside. A key that came before with the same input gives the sale that was parked then.
//
// Errors: problems with the codes of ParkCode; nothing is written.
func (s *Sales) Park(ctx context.Context, in ParkInput) (*Parked, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var problems errs.Problems
	key := form.Text(&problems, in.IdempotencyKey, 1, 100, "idempotencyKey")
	label := form.Text(&problems, in.Label, 0, 100, "label")
	note := form.OptionalText(&problems, in.Note, 500, "note")
	register, ok := chooseRegister(&problems, scope, in.RegisterID)
	if !ok {
		return nil, problems
	}
	hash, err := in.hash(register)
	if err != nil {
		return nil, err
	}
	f, err := s.lookToPark(ctx, register, key, in)
	if err != nil {
		return nil, err
	}
	if f.parked != nil {
		return s.parkedBefore(f.parked, hash)
	}
	if f.register == nil || f.store == nil {
		problems.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
		return nil, problems
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	parked := &Parked{
		ID: id.New[id.ParkedSale](), RegisterID: register, Label: label, Note: note, Recorded: ParkedOpen,
		IdempotencyKey: key, RequestHash: hash, Version: 1, ParkedAt: now, UpdatedAt: now,
		ExpiresAt: f.expiry(now),
	}
	parked.StoreID = f.store.ID
	if !scope.User.IsZero() {
		parked.ParkedByID = &scope.User
	}
	f.check(&problems, scope)
	parked.CustomerID = f.buyer(&problems, in.CustomerID)
	lines := parkedLines(&problems, in.Lines, parked, f)
	parked.Discounts = parkedDiscounts(&problems, in.Discounts, f.store.CurrencyCode, "discounts")
	if err := problems.Err(); err != nil {
		return nil, err
	}
	reserved := parked.reserve(f.settings, lines)
	err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return parked.insert(ctx, tx, f, reserved)
	})
	if errors.Is(err, errStale) {
		return nil, errBusy()
	}
	if !postgres.IsUnique(err) {
		return parked.at(now), err
	}
	// The same key came twice at once, and the other one was faster.
	if f, err = s.lookToPark(ctx, register, key, ParkInput{}); err != nil {
		return nil, err
	}
	if f.parked == nil {
		return nil, errors.New("a parked sale collided with something other than its key")
	}
	return s.parkedBefore(f.parked, hash)
}

// insert writes a parked sale. Where it puts goods aside, those of parked sales whose time is over are free for it.
func (s *Parked) insert(ctx context.Context, tx *postgres.Tx, f *parking, r *reserving) error {
	rows := []postgres.Statement{tx.Add(s), tx.Add(&r.lines)}
	if !s.Reserved {
		return tx.Finish(ctx, rows...)
	}
	var changed int64
	first := inventory.Release(tx.Handle, s.StoreID, reservations(f.lapsed), s.UpdatedAt)
	first = append(first, r.statements(tx, s.StoreID, s.UpdatedAt)...)
	ended, lapse := lapse(tx.Handle, f.lapsed, s.UpdatedAt, &changed)
	if err := tx.Send(ctx, append(first, lapse...)...); err != nil {
		return err
	}
	if changed != ended {
		return errStale
	}
	if err := r.check(); err != nil {
		return err
	}
	return tx.Finish(ctx, rows...)
}

func (s *Sales) lookToPark(
	ctx context.Context, register id.Register, key string, in ParkInput,
) (*parking, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	f := &parking{}
	var products []*catalog.Product
	till := company.TillOf(h, register)
	err = h.Read(ctx, append(append(f.find(h, in.CustomerID), till.Statements()...),
		company.ReadSettings(h, &f.settings),
		postgres.Row(&f.parked, h.Select((*Parked)(nil)).
			Where("parked.store_id = (?)", till.StoreID()).Where("?TableAlias.idempotency_key = ?", key)),
		lapsed(h, till.StoreID(), s.now(), &f.lapsed),
		postgres.Rows(&products, h.Select((*catalog.Product)(nil)).
			Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(productsOf(in.Lines)))),
	)...)
	f.register, f.store = till.Register, till.Store
	f.know(products)
	return f, err
}

// find reads the customer that an input names.
func (f *parking) find(h *postgres.Handle, named *id.Customer) []postgres.Statement {
	if named == nil {
		return nil
	}
	return []postgres.Statement{customer.Find(h, *named, &f.customer)}
}

func (f *parking) know(products []*catalog.Product) {
	f.products = make(map[id.Product]*catalog.Product, len(products))
	for _, product := range products {
		f.products[product.ID] = product
	}
}

// expiry is when what is parked now can't be carried on any more.
func (f *parking) expiry(now time.Time) time.Time {
	return now.Add(time.Duration(f.settings.ParkedSaleHours) * time.Hour)
}

func (f *parking) check(p *errs.Problems, scope *tenancy.Scope) {
	scope.MaySell(p)
	if f.register.Status != company.Open || f.store.Status != company.Open {
		p.Add(registerClosed, []string{"registerId"}, "The register does not sell any more.")
	}
}

// parkedBefore answers a key that came before.
func (s *Sales) parkedBefore(parked *Parked, hash []byte) (*Parked, error) {
	if !bytes.Equal(parked.RequestHash, hash) {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another sale before.",
		}}
	}
	return parked.at(s.now()), nil
}

// UpdateParked changes a parked sale. With the problems form.Conflict and parkedGone it gives the sale as it is.
//
// Errors: problems with the codes of ParkUpdateCode; nothing is written.
func (s *Sales) UpdateParked(ctx context.Context, parked id.ParkedSale, in ParkUpdateInput) (*Parked, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	newLines, relined := in.Lines.ValueOK()
	named, renamed := in.CustomerID.ValueOK()
	f, err := s.lookParked(ctx, parked, newLines, named)
	if err != nil {
		return nil, err
	}
	if f.parked == nil || f.store == nil {
		return nil, errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such parked sale."}}
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	if err := f.parked.at(now).changeable(in.Version); err != nil {
		return f.parked, err
	}
	var problems errs.Problems
	scope.MaySell(&problems)
	if label, set := form.Required(&problems, in.Label, "label"); set {
		f.parked.Label = form.Text(&problems, label, 0, 100, "label")
	}
	if note, set := in.Note.ValueOK(); set {
		f.parked.Note = form.OptionalText(&problems, note, 500, "note")
	}
	if renamed {
		f.parked.CustomerID = f.buyer(&problems, named)
	}
	if discounts, set := in.Discounts.ValueOK(); set {
		f.parked.Discounts = parkedDiscounts(&problems, discounts, f.store.CurrencyCode, "discounts")
	}
	var lines []*ParkedLine
	if relined {
		lines = parkedLines(&problems, newLines, f.parked, f)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	f.parked.UpdatedAt, f.parked.ExpiresAt, f.parked.Version = now, f.expiry(now), in.Version+1
	err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return f.parked.rewrite(ctx, tx, f, lines)
	})
	if errors.Is(err, errStale) {
		return s.staleParked(ctx, parked, in.Version)
	}
	return f.parked.at(now), err
}

// changeable says why a parked sale can't be changed from a version.
func (s *Parked) changeable(version int) error {
	switch {
	case s.Status != ParkedOpen:
		return errs.Problems{{Code: parkedGone, Field: []string{"id"}, Message: "The sale does not wait any more."}}
	case s.Version != version:
		return errs.Problems{{
			Code: form.Conflict, Field: []string{"version"},
			Message: "Somebody else changed the parked sale in the meantime.",
		}}
	default:
		return nil
	}
}

// rewrite writes a changed parked sale over the version before.
func (s *Parked) rewrite(ctx context.Context, tx *postgres.Tx, f *parking, lines []*ParkedLine) error {
	var changed int64
	var first []postgres.Statement
	r := &reserving{}
	after := *s // another try begins anew
	if lines != nil {
		if s.Reserved {
			first = inventory.Release(tx.Handle, s.StoreID, reservations(f.lines), s.UpdatedAt)
		}
		r = after.reserve(f.settings, lines)
		first = append(first, r.statements(tx, s.StoreID, s.UpdatedAt)...)
	}
	if err := tx.Send(ctx, append(first, postgres.Exec(&changed, tx.Update(&after).
		Column("label", "note", "customer_id", "discounts", "reserved", "version", "updated_at", "expires_at").
		Where("?TableAlias.id = ?", s.ID).Where("?TableAlias.version = ?", s.Version-1).
		Where("?TableAlias.status = ?", ParkedOpen)))...,
	); err != nil {
		return err
	}
	if changed == 0 {
		return errStale
	}
	if lines == nil {
		return tx.Finish(ctx)
	}
	if err := r.check(); err != nil {
		return err
	}
	if err := tx.Finish(ctx,
		postgres.Exec(nil, tx.Delete((*ParkedLine)(nil)).Where("?TableAlias.parked_sale_id = ?", s.ID)),
		tx.Add(&lines),
	); err != nil {
		return err
	}
	s.Reserved = after.Reserved
	return nil
}

// staleParked answers who was too late with what the other one left.
func (s *Sales) staleParked(ctx context.Context, parked id.ParkedSale, version int) (*Parked, error) {
	rows, err := s.ParkedByID(ctx, []id.ParkedSale{parked})
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, errStale)
	}
	if err := rows[0].changeable(version); err != nil {
		return rows[0], err
	}
	return nil, errStale
}

func (s *Sales) lookParked(
	ctx context.Context, parked id.ParkedSale, lines []ParkLineInput, buyer *id.Customer,
) (*parking, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	f := &parking{}
	var products []*catalog.Product
	itsStore := h.Select((*Parked)(nil)).Column("store_id").Where("?TableAlias.id = ?", parked)
	err = h.Read(ctx, append(f.find(h, buyer),
		postgres.Row(&f.parked, h.Select((*Parked)(nil)).Where("?TableAlias.id = ?", parked)),
		postgres.Row(&f.store, h.Select((*company.Store)(nil)).Where("store.id = (?)", itsStore)),
		postgres.Rows(&f.lines, h.Select((*ParkedLine)(nil)).Where("?TableAlias.parked_sale_id = ?", parked)),
		company.ReadSettings(h, &f.settings),
		postgres.Rows(&products, h.Select((*catalog.Product)(nil)).
			Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(productsOf(lines)))),
	)...)
	f.know(products)
	return f, err
}

// DiscardParked gives a parked sale up. One that was given up or has expired is answered as it is.
//
// Errors: problems form.NotFound, and parkedGone, with which it gives the sale as it is.
func (s *Sales) DiscardParked(ctx context.Context, parked id.ParkedSale) (*Parked, error) {
	for range mostTries {
		f, err := s.lookParked(ctx, parked, nil, nil)
		if err != nil {
			return nil, err
		}
		if f.parked == nil {
			return nil, errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such parked sale."}}
		}
		now := s.now().UTC().Truncate(time.Microsecond)
		switch f.parked.at(now).Status {
		case ParkedCompleted:
			return f.parked, errs.Problems{{Code: parkedGone, Field: []string{"id"}, Message: "The sale was carried on."}}
		case ParkedDiscarded, ParkedExpired:
			return f.parked, nil
		case ParkedOpen:
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return f.parked.discard(ctx, tx, f.lines, now)
		})
		if !errors.Is(err, errStale) {
			return f.parked.at(now), err
		}
	}
	return nil, errBusy()
}

func (s *Parked) discard(ctx context.Context, tx *postgres.Tx, lines []*ParkedLine, now time.Time) error {
	var changed int64
	var first []postgres.Statement
	if s.Reserved {
		first = inventory.Release(tx.Handle, s.StoreID, reservations(lines), now)
	}
	before := s.Version
	gone := *s
	gone.Recorded, gone.Reserved, gone.UpdatedAt, gone.Version = ParkedDiscarded, false, now, before+1
	if err := tx.Send(ctx, append(first, postgres.Exec(&changed, tx.Update(&gone).
		Column("status", "reserved", "version", "updated_at").
		Where("?TableAlias.id = ?", s.ID).Where("?TableAlias.version = ?", before).
		Where("?TableAlias.status = ?", ParkedOpen)))...,
	); err != nil {
		return err
	}
	if changed == 0 {
		return errStale
	}
	if err := tx.Finish(ctx); err != nil {
		return err
	}
	*s = gone
	return nil
}

// parkedOf reads the parked sale that a sale carries on.
func (f *facts) parkedOf(h *postgres.Handle, named *id.ParkedSale) []postgres.Statement {
	if named == nil {
		return nil
	}
	return []postgres.Statement{
		postgres.Row(&f.parked, h.Select((*Parked)(nil)).Where("?TableAlias.id = ?", *named)),
		postgres.Rows(&f.parkedLines, h.Select((*ParkedLine)(nil)).Where("?TableAlias.parked_sale_id = ?", *named)),
	}
}

// carryOn makes the sale the one that a parked sale becomes: of two tills that try, one does.
func (d *draft) carryOn(p *errs.Problems, named *id.ParkedSale, f *facts) {
	if named == nil {
		return
	}
	parked := f.parked
	if parked == nil || parked.StoreID != d.sale.StoreID || parked.at(d.sale.RecordedAt).Status != ParkedOpen {
		p.Add(parkedGone, []string{"parkedSaleId"}, "There is no such parked sale, or it does not wait any more.")
		return
	}
	if parked.Reserved {
		for _, goods := range reservations(f.parkedLines) {
			d.stock.Release(goods.ProductID, goods.Milli)
		}
	}
	completed := *parked
	completed.Recorded, completed.SaleID, completed.Reserved = ParkedCompleted, &d.sale.ID, false
	completed.UpdatedAt, completed.Version = d.sale.RecordedAt, parked.Version+1
	var changed int64
	d.effects = append(d.effects, effect{
		first: func(tx *postgres.Tx) []postgres.Statement {
			return []postgres.Statement{postgres.Exec(&changed, tx.Update(&completed).
				Column("status", "reserved", "version", "updated_at").
				Where("?TableAlias.id = ?", parked.ID).Where("?TableAlias.version = ?", parked.Version).
				Where("?TableAlias.status = ?", ParkedOpen))}
		},
		stale: func() bool { return changed == 0 },
		// The sale is there only now.
		last: func(tx *postgres.Tx) []postgres.Statement {
			return []postgres.Statement{postgres.Exec(nil, tx.Update(&completed).Column("sale_id").
				Where("?TableAlias.id = ?", parked.ID))}
		},
	})
}
