package till

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// change is what happens to a session while nothing else can happen to its register.
type change struct {
	tx    *postgres.Tx
	scope *tenancy.Scope
	now   time.Time
	key   *idempotencyKey
	// replayed says that the key came before, and what it was then.
	replayed *idempotencyKey
	session  *Session
}

// lock takes the key and the register, and reads what else is asked for, as it is then: one round trip. After it the
// change is replayed, or nobody has used the key.
func (c *change) lock(ctx context.Context, of postgres.RegisterOwned, more ...postgres.Statement) error {
	var locked *company.ReceiptCounter
	var taken int64
	var statements []postgres.Statement
	if c.key != nil {
		statements = append(statements, postgres.Exec(&taken, c.tx.Insert(c.key).On("CONFLICT DO NOTHING")))
	}
	statements = append(statements, postgres.Row(&locked, c.tx.Select((*company.ReceiptCounter)(nil)).
		Where("?TableAlias.register_id = ?", of.RegisterID).For("UPDATE")))
	var found *idempotencyKey
	if c.key != nil {
		// The index begins with the store: without it, all keys of the company would be looked through.
		statements = append(statements, postgres.Row(&found, c.tx.Select((*idempotencyKey)(nil)).
			Where("?TableAlias.store_id = ?", of.StoreID).
			Where("?TableAlias.register_id = ?", of.RegisterID).Where("?TableAlias.key = ?", c.key.Key)))
	}
	if err := c.tx.Send(ctx, append(statements, more...)...); err != nil {
		return err
	}
	if locked == nil {
		return fmt.Errorf("register %s has no receipt counter", of.RegisterID)
	}
	if c.key == nil {
		return nil
	}
	switch {
	case found == nil:
		return errors.New("an idempotency key was neither there nor taken")
	case !bytes.Equal(found.RequestHash, c.key.RequestHash):
		return errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for something else before.",
		}}
	case taken == 0:
		c.replayed = found
	}
	return nil
}

// ask is a change that somebody asks for.
type ask struct {
	session id.TillSession
	// key and hash are of changes that are sent with an idempotency key.
	key  string
	hash []byte
	// movement is what the key is to be of, beside the session.
	movement *id.DrawerMovement
	// more are statements whose answers the rules need, read under the lock.
	more func(c *change) []postgres.Statement
	// rules find what is wrong, and give the statements of the change; it isn't called for a replay.
	rules func(c *change, p *errs.Problems) ([]postgres.Statement, error)
}

// find reads a session, to know its register; nil where there is none.
func (t *Tills) find(ctx context.Context, session id.TillSession) (*Session, error) {
	sessions, err := t.ByID(ctx, []id.TillSession{session})
	if err != nil || len(sessions) == 0 {
		return nil, err
	}
	return sessions[0], nil
}

// do makes a change of a session that was found: two round trips, whatever there is of sales.
func (t *Tills) do(ctx context.Context, found *Session, a ask) (*change, error) {
	var c *change
	err := t.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		c = &change{tx: tx, scope: tx.Scope(), now: t.now()}
		if a.hash != nil {
			c.key = &idempotencyKey{
				Key: a.key, RequestHash: a.hash, SessionID: found.ID, MovementID: a.movement, CreatedAt: c.now,
			}
			c.key.RegisterOwned = found.RegisterOwned
		}
		more := []postgres.Statement{
			postgres.Row(&c.session, tx.Select((*Session)(nil)).Where("?TableAlias.id = ?", found.ID)),
		}
		if a.more != nil {
			more = append(more, a.more(c)...)
		}
		if err := c.lock(ctx, found.RegisterOwned, more...); err != nil {
			return err
		}
		if c.session == nil {
			return fmt.Errorf("the till session %s is gone", found.ID)
		}
		if c.replayed != nil {
			return nil
		}
		var p errs.Problems
		statements, err := a.rules(c, &p)
		if err != nil {
			return err
		}
		if err := p.Err(); err != nil || len(statements) == 0 {
			return err
		}
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// update writes what a change made of the session; what it was at the opening has no grant to be changed.
func (c *change) update() (postgres.Statement, error) {
	s := c.session
	var approved *string
	if s.Approved != nil {
		raw, err := json.Marshal(s.Approved)
		if err != nil {
			return postgres.Statement{}, fmt.Errorf("write variances down: %w", err)
		}
		text := string(raw)
		approved = &text
	}
	return postgres.Exec(nil, c.tx.Update((*Session)(nil)).
		Set("status = ?", s.Status).Set("holder_id = ?", s.HolderID).
		Set("counted_at = ?", s.CountedAt).Set("count_number = ?", s.CountNumber).
		Set("variance_limit = ?", s.VarianceLimitMinor).
		Set("approved_variances = ?::jsonb", approved).
		Set("approved_at = ?", s.ApprovedAt).Set("approved_by_id = ?", s.ApprovedByID).
		Set("approval_reason = ?", s.ApprovalReason).
		Set("closed_at = ?", s.ClosedAt).Set("closed_by_id = ?", s.ClosedByID).
		Where("?TableAlias.id = ?", s.ID)), nil
}

func noSession() error {
	return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such till session."}}
}

// person is who asks; nil where a register asks by itself.
func (c *change) person() *id.User { return personOf(c.scope) }

func personOf(scope *tenancy.Scope) *id.User {
	if scope.User.IsZero() {
		return nil
	}
	user := scope.User
	return &user
}

// needPerson is a problem where a register asks by itself: for this somebody must answer.
func needPerson(p *errs.Problems, scope *tenancy.Scope) {
	if scope.User.IsZero() {
		p.Add(personRequired, []string{}, "A person must do this: log in instead of using the register's key.")
	}
}

// Open opens a session of a register, with a float.
//
// Errors: problems with the codes of OpenUserErrorCode.
func (t *Tills) Open(ctx context.Context, in OpenInput) (*Session, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	form.Text(&p, in.IdempotencyKey, 1, mostKey, "idempotencyKey")
	scope.MaySell(&p)
	var at *spot
	switch {
	case scope.Register.IsZero() && in.RegisterID == nil:
		p.Add(registerRequired, []string{"registerId"}, "Say whose till is opened.")
	default:
		if at, err = t.place(ctx, scope, in.RegisterID); err != nil {
			return nil, err
		}
		placed(&p, at.register)
	}
	if at == nil || at.register == nil || at.store == nil {
		return nil, p.Err()
	}
	return t.openAt(ctx, &p, at, in)
}

func placed(p *errs.Problems, register *company.Register) {
	if register == nil {
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
	}
}

// place reads the register that is named, or that asks, and its store; nil where it isn't the caller's.
func (t *Tills) place(
	ctx context.Context, scope *tenancy.Scope, named *id.Register,
) (*spot, error) {
	at := scope.Register
	if named != nil {
		at = *named
	}
	if !scope.Register.IsZero() && at != scope.Register {
		return &spot{}, nil
	}
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	itsStore := h.Select((*company.Register)(nil)).Column("store_id").Where("?TableAlias.id = ?", at)
	s := &spot{}
	return s, h.Read(ctx,
		postgres.Row(&s.register, h.Select((*company.Register)(nil)).Where("?TableAlias.id = ?", at)),
		postgres.Row(&s.store, h.Select((*company.Store)(nil)).Where("store.id = (?)", itsStore)),
		company.ReadSettings(h, &s.settings))
}

// spot is where a till stands, and how its days are counted.
type spot struct {
	register *company.Register
	store    *company.Store
	settings *company.Settings
}

// day is the business day of an instant.
func (s *spot) day(t time.Time) civil.Date {
	return civil.BusinessDay(t, civil.Place(s.store.TimeZone), s.settings.BusinessDayStart)
}

func (t *Tills) openAt(
	ctx context.Context, p *errs.Problems, at *spot, in OpenInput,
) (*Session, error) {
	register, store := at.register, at.store
	float, ok := minor(p, in.OpeningFloat, store.CurrencyCode, "openingFloat")
	if ok && float < 0 {
		p.Add(form.Invalid, []string{"openingFloat"}, "There can't be less cash than none.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	request, err := hash("open", register.ID, number(&in.OpeningFloat))
	if err != nil {
		return nil, err
	}
	var made *Session
	err = t.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		c := &change{tx: tx, scope: tx.Scope(), now: t.now()}
		s := &Session{
			ID: id.New[id.TillSession](), Status: Open, CurrencyCode: store.CurrencyCode, FloatMinor: float,
			OpenedByID: c.person(), HolderID: c.person(),
		}
		s.StoreID, s.RegisterID = register.StoreID, register.ID
		c.key = &idempotencyKey{
			Key: strings.TrimSpace(in.IdempotencyKey), RequestHash: request, SessionID: s.ID, CreatedAt: c.now,
		}
		c.key.RegisterOwned = s.RegisterOwned
		var err error
		made, err = c.open(ctx, s, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (c *change) open(
	ctx context.Context, s *Session, at *spot,
) (*Session, error) {
	var last *Session
	if err := c.lock(ctx, s.RegisterOwned, postgres.Row(&last, c.tx.Select((*Session)(nil)).
		Where("?TableAlias.register_id = ?", s.RegisterID).OrderExpr("?TableAlias.number DESC").Limit(1))); err != nil {
		return nil, err
	}
	if c.replayed != nil {
		var before *Session
		err := c.tx.Send(ctx, postgres.Row(&before, c.tx.Select((*Session)(nil)).
			Where("?TableAlias.id = ?", c.replayed.SessionID)))
		return before, err
	}
	if err := mayOpen(at.register, at.store, last); err != nil {
		return nil, err
	}
	s.Number, s.OpenedAt = 1, c.now
	if last != nil {
		s.Number = last.Number + 1
		if last.ClosedAt.After(s.OpenedAt) {
			s.OpenedAt = *last.ClosedAt // by the clock of another server: sessions don't overlap
		}
	}
	s.BusinessDate = at.day(s.OpenedAt)
	statements := []postgres.Statement{c.tx.Add(s)}
	if s.HolderID != nil {
		statements = append(statements, c.tx.Add(holder(s, 1)))
	}
	return s, c.tx.Finish(ctx, statements...)
}

func mayOpen(register *company.Register, store *company.Store, last *Session) error {
	var p errs.Problems
	if register.Status != company.Open {
		p.Add(registerClosed, []string{"registerId"}, "The register does not sell any more.")
	}
	if store.Status != company.Open {
		p.Add(storeClosed, []string{"registerId"}, "The store does not sell any more.")
	}
	if last != nil && last.Status != Closed {
		p.Add(alreadyOpen, []string{"registerId"}, "The register's till is open: close it first.")
	}
	return p.Err()
}

func holder(s *Session, position int) *Holder {
	h := &Holder{SessionID: s.ID, Position: position, HolderID: *s.HolderID, Since: s.OpenedAt}
	h.RegisterOwned = s.RegisterOwned
	return h
}

// Move writes a movement of the drawer down.
//
// Errors: problems with the codes of MoveUserErrorCode.
func (t *Tills) Move(ctx context.Context, session id.TillSession, in MoveInput) (*Session, *Movement, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, nil, err
	}
	var p errs.Problems
	key := form.Text(&p, in.IdempotencyKey, 1, mostKey, "idempotencyKey")
	m := &Movement{ID: id.New[id.DrawerMovement](), SessionID: session, Kind: in.Kind}
	m.Reason = form.Text(&p, in.Reason, 1, mostReason, "reason")
	needPerson(&p, scope)
	m.PersonID = scope.User
	found, err := t.find(ctx, session)
	if err != nil {
		return nil, nil, err
	}
	if found == nil {
		p.Add(form.NotFound, []string{"id"}, "There is no such till session.")
		return nil, nil, p.Err()
	}
	m.RegisterOwned, m.CurrencyCode = found.RegisterOwned, found.CurrencyCode
	m.AmountMinor = in.amount(&p, found)
	if err := p.Err(); err != nil {
		return nil, nil, err
	}
	request, err := hash("move", session, in.Kind, number(in.Amount), m.Reason, m.PersonID)
	if err != nil {
		return nil, nil, err
	}
	c, err := t.do(ctx, found, ask{
		session: session, key: key, hash: request, movement: &m.ID,
		rules: func(c *change, p *errs.Problems) ([]postgres.Statement, error) {
			if c.session.Status != Open {
				p.Add(notOpen, []string{"id"}, "The till was counted or closed.")
			}
			m.RecordedAt = c.now
			return []postgres.Statement{c.tx.Add(m)}, nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	if c.replayed == nil || c.replayed.MovementID == nil {
		return c.session, m, nil
	}
	before, err := t.MovementsByID(ctx, []id.DrawerMovement{*c.replayed.MovementID})
	if err != nil || len(before) == 0 {
		return nil, nil, errors.Join(err, errors.New("the movement of an idempotency key is gone"))
	}
	return c.session, before[0], nil
}

func (in MoveInput) amount(p *errs.Problems, s *Session) int64 {
	if in.Kind == NoSale {
		if in.Amount != nil {
			p.Add(amountNotAllowed, []string{"amount"}, "Nothing is put in or taken out.")
		}
		return 0
	}
	if in.Amount == nil || in.Amount.Sign() <= 0 {
		p.Add(amountNotPositive, []string{"amount"}, "An amount must be above zero.")
		return 0
	}
	n, _ := minor(p, *in.Amount, s.CurrencyCode, "amount")
	return n
}
