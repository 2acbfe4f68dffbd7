package approval

import (
	"context"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// The codes of problems, beside those of package form.
const (
	registerNotFound = "REGISTER_NOT_FOUND"
	personRequired   = "PERSON_REQUIRED"
	ownRequest       = "OWN_REQUEST"
	notAllowed       = "NOT_ALLOWED"
	alreadyDecided   = "ALREADY_DECIDED"
	expired          = "EXPIRED"
	// NotPossible says that what was asked for can't be done any more.
	NotPossible = "NOT_POSSIBLE"

	mostReason = 500
)

// RequestInput asks for leave to do something at a till.
type RequestInput struct {
	Kind       TillKind
	RegisterID id.Register
	Amount     money.Decimal
	Reason     string
}

// TillKind is a kind that a till asks for.
type TillKind string

// Request asks a second person for leave to give a discount, or to take goods back without a receipt, at a till.
//
// Errors: problems INVALID, PERSON_REQUIRED and REGISTER_NOT_FOUND.
func (s *Approvals) Request(ctx context.Context, in RequestInput) (*Approval, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	reason := form.Text(&p, in.Reason, 1, mostReason, "reason")
	if scope.User.IsZero() {
		p.Add(personRequired, []string{}, "Log in at the till first: only people ask.")
	}
	if !scope.Register.IsZero() && in.RegisterID != scope.Register {
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	var a *Approval
	err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var register *company.Register
		var store *company.Store
		var settings *company.Settings
		ofRegister := tx.Select((*company.Register)(nil)).Column("store_id").Where("?TableAlias.id = ?", in.RegisterID)
		if err := tx.Send(ctx, company.ReadSettings(tx.Handle, &settings),
			postgres.Row(&register, tx.Select((*company.Register)(nil)).Where("?TableAlias.id = ?", in.RegisterID)),
			postgres.Row(&store, tx.Select((*company.Store)(nil)).Where("store.id = (?)", ofRegister))); err != nil {
			return err
		}
		var p errs.Problems
		if register == nil || store == nil {
			p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
			return p
		}
		amount := form.Price(&p, in.Amount, store.CurrencyCode, "amount")
		if amount <= 0 && len(p) == 0 {
			p.Add(form.Invalid, []string{"amount"}, "This must be above zero.")
		}
		if err := p.Err(); err != nil {
			return err
		}
		a = Ask(scope, settings, s.now())
		a.Kind, a.StoreID, a.RegisterID = Kind(in.Kind), register.StoreID, &register.ID
		a.CurrencyCode, a.AmountMinor, a.Reason = store.CurrencyCode, &amount, reason
		return tx.Finish(ctx, tx.Add(a))
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Ask begins an approval that the caller asks for.
func Ask(scope *tenancy.Scope, settings *company.Settings, now time.Time) *Approval {
	return &Approval{
		ID: id.New[id.Approval](), Recorded: Pending, Status: Pending, Lines: []*Line{},
		RequestedByID: scope.User, RequestedAt: now, ExpiresAt: now.Add(time.Duration(settings.ApprovalHours) * time.Hour),
	}
}

// Decision is what a person decides about what waits.
type Decision struct {
	approval *Approval
	by       id.User
	at       time.Time
	reason   string
	becomes  Status
	made     []*Approval
}

// Statement makes the decision, where it is still to be made.
func (d *Decision) Statement(h *postgres.Handle) postgres.Statement {
	q := h.Update((*Approval)(nil)).
		Set("status = ?", string(d.becomes)).Set("decided_by_id = ?", d.by).Set("decided_at = ?", d.at).
		Set("decision_reason = ?", d.reason).
		Where("?TableAlias.id = ?", d.approval.ID).Where("?TableAlias.status = ?", string(Pending)).
		Where("?TableAlias.expires_at > ?", d.at).Where("?TableAlias.requested_by_id <> ?", d.by).
		Returning("?TableAlias.*")
	if d.becomes == Used {
		q.Set("used_at = ?", d.at)
	}
	return postgres.Rows(&d.made, q)
}

// Err says that somebody else was faster, once the statement was sent.
func (d *Decision) Err() error {
	if len(d.made) == 1 {
		*d.approval = *d.made[0].At(d.at)
		return nil
	}
	return errs.Problems{{Code: alreadyDecided, Field: []string{"id"}, Message: "This was decided already."}}
}

// Approve lets something happen that waits. Stock moves at once; a till uses its approval when it sells.
//
// Errors: problems NOT_FOUND, INVALID, OWN_REQUEST, NOT_ALLOWED, ALREADY_DECIDED, EXPIRED and NOT_POSSIBLE.
func (s *Approvals) Approve(ctx context.Context, approval id.Approval, note *string) (*Approval, error) {
	var p errs.Problems
	reason := form.OptionalText(&p, note, mostReason, "note")
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, err := s.decision(ctx, approval, Approved, reason)
	if err != nil {
		return nil, err
	}
	if d.approval.Kind == StockAdjustment {
		d.becomes = Used
		err = s.carryOut(ctx, d.approval, d)
	} else {
		err = s.decide(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	return d.approval, nil
}

// Refuse says no to something that waits.
//
// Errors: problems NOT_FOUND, INVALID, OWN_REQUEST, NOT_ALLOWED, ALREADY_DECIDED and EXPIRED.
func (s *Approvals) Refuse(ctx context.Context, approval id.Approval, why string) (*Approval, error) {
	var p errs.Problems
	reason := form.Text(&p, why, 1, mostReason, "reason")
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, err := s.decision(ctx, approval, Refused, reason)
	if err != nil {
		return nil, err
	}
	if err := s.decide(ctx, d); err != nil {
		return nil, err
	}
	return d.approval, nil
}

// decision looks whether the caller may decide about an approval. What is in a store where they may not isn't there.
func (s *Approvals) decision(ctx context.Context, approval id.Approval, becomes Status, reason string) (*Decision, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope := h.Scope()
	var a *Approval
	if err := h.Read(ctx, postgres.Row(&a, h.Select((*Approval)(nil)).Where("?TableAlias.id = ?", approval))); err != nil {
		return nil, err
	}
	now := s.now()
	refuse := func(code, message string) (*Decision, error) {
		return nil, errs.Problems{{Code: code, Field: []string{"id"}, Message: message}}
	}
	switch {
	case a == nil || !scope.CanAt(tenancy.ApprovalDecide, a.StoreID):
		return refuse(form.NotFound, "There is no such approval.")
	case scope.User.IsZero() || scope.User == a.RequestedByID:
		return refuse(ownRequest, "Somebody else must decide about this.")
	case !scope.CanAt(a.Kind.needs(), a.StoreID):
		return refuse(notAllowed, "This needs the permission "+string(a.Kind.needs())+".")
	case a.Recorded != Pending:
		return refuse(alreadyDecided, "This was decided already.")
	case a.At(now).Status == Expired:
		return refuse(expired, "This has waited too long: it must be asked for again.")
	}
	return &Decision{approval: a, by: scope.User, at: now, reason: reason, becomes: becomes}, nil
}

func (s *Approvals) decide(ctx context.Context, d *Decision) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, d.Statement(tx.Handle)); err != nil {
			return err
		}
		if err := d.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx)
	})
}
