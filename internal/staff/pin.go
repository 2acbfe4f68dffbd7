package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	shortestPIN, longestPIN = 4, 8
	// pinFailures lock a person's PIN, wherever and however many at once they come.
	pinFailures = 5
	// registerFailures stop a register for a while, whosever PINs it tries.
	registerFailures = 30
	registerWindow   = 15 * time.Minute
)

// SetPIN sets the caller's PIN for registers, and unlocks it.
//
// Errors: the problem INVALID, FORBIDDEN.
func (s *Staff) SetPIN(ctx context.Context, text string) error {
	scope, err := withPassword(ctx)
	if err != nil {
		return err
	}
	if !goodPIN(text) {
		return errs.Problems{{
			Code: form.Invalid, Field: []string{"pin"},
			Message: "A PIN has 4 to 8 digits that are not all the same and not in a row, such as 1234.",
		}}
	}
	hash, err := s.Passwords.HashPIN(ctx, text)
	if err != nil {
		return fmt.Errorf("hash a PIN: %w", err)
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(nil, tx.Insert(&pin{UserID: scope.User, PINHash: hash, UpdatedAt: s.Now()}).
			On("CONFLICT (tenant_id, user_id) DO UPDATE").Set("pin_hash = EXCLUDED.pin_hash").
			Set("updated_at = EXCLUDED.updated_at").Set("failures = 0")))
	})
}

func goodPIN(text string) bool {
	if len(text) < shortestPIN || len(text) > longestPIN || strings.Trim(text, "0123456789") != "" {
		return false
	}
	steps := map[byte]bool{}
	for i := 1; i < len(text); i++ {
		steps[text[i]-text[i-1]] = true
	}
	const down = 255 // one less, as a byte
	return len(steps) > 1 || !steps[0] && !steps[1] && !steps[down]
}

// RegisterPINLoginInput says who takes over a register.
type RegisterPINLoginInput struct {
	UserID      *id.User
	StaffNumber *string
	PIN         string
}

// AtRegister is a person's time at a register.
type AtRegister struct {
	AccessToken string
	ExpiresAt   time.Time
	User        *User
}

func wrongPIN() error {
	return errs.Problems{{
		Code: "INVALID_PIN", Field: []string{"pin"},
		Message: "The person and the PIN don't belong together here. After five wrong PINs a manager has to unlock it.",
	}}
}

// LoginWithPIN lets a person work at the register whose device key asks. Whatever is wrong, the answer is the same: an
// unknown person, one without access to the store, a wrong PIN, one that is locked.
//
// Each guess is counted, for the person and for the register, in a transaction of its own before it is looked at; a
// right one takes its counts back. So however many come at once, on however many servers, no more are looked at than
// the limit.
//
// Errors: problems NOT_A_REGISTER, INVALID and INVALID_PIN, RATE_LIMITED.
func (s *Staff) LoginWithPIN(ctx context.Context, in RegisterPINLoginInput) (*AtRegister, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if scope.Register.IsZero() || !scope.User.IsZero() {
		return nil, errs.Problems{{
			Code: "NOT_A_REGISTER", Field: []string{}, Message: "PINs are for registers: send the register's device key.",
		}}
	}
	if (in.UserID == nil) == (in.StaffNumber == nil) {
		return nil, errs.Problems{{
			Code: form.Invalid, Field: []string{"userId"}, Message: "Name the person by their id or by their number.",
		}}
	}
	store := scope.Stores()[0]
	reserved, err := s.reserve(ctx, store, in)
	if err != nil {
		return nil, err
	}
	if reserved == nil {
		signal.Note(ctx, signal.Found{Kind: signal.PINRefused})
		if err := s.Passwords.VerifyDummy(ctx, in.PIN); err != nil {
			return nil, fmt.Errorf("check a PIN: %w", err)
		}
		return nil, wrongPIN()
	}
	matches, err := s.Passwords.Verify(ctx, reserved.PINHash, in.PIN)
	if err != nil {
		return nil, fmt.Errorf("check a PIN: %w", err)
	}
	if !matches {
		signal.Note(ctx, signal.Found{Kind: signal.PINRefused, User: reserved.UserID})
		return nil, wrongPIN()
	}
	return s.takeOver(ctx, store, reserved.UserID)
}

// reserve counts an attempt and gives the PIN to compare with; nil where there is nobody, or no attempt left.
func (s *Staff) reserve(ctx context.Context, store id.Store, in RegisterPINLoginInput) (*pin, error) {
	var reserved *pin
	var failures int
	err := s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		reserved = nil
		now := s.Now()
		row := &pinAttempts{Failures: 1, Since: now}
		row.TenantID, row.StoreID, row.RegisterID = tx.Scope().Company, store, tx.Scope().Register
		over := now.Add(-registerWindow)
		if err := tx.Send(ctx, postgres.Value(&failures, tx.Insert(row).
			On("CONFLICT (tenant_id, store_id, register_id) DO UPDATE").
			Set("failures = CASE WHEN ?TableAlias.since < ? THEN 1 ELSE ?TableAlias.failures + 1 END", over).
			Set("since = CASE WHEN ?TableAlias.since < ? THEN EXCLUDED.since ELSE ?TableAlias.since END", over).
			Returning("failures"))); err != nil {
			return err
		}
		if failures > registerFailures {
			return tx.Finish(ctx)
		}
		who := tx.Select((*User)(nil)).Column("id").Where("?TableAlias.status = ?", string(Active)).
			Where("(?TableAlias.role = ? OR ?TableAlias.all_stores OR ?TableAlias.id IN (?))", string(tenancy.Owner),
				tx.Select((*StoreAccess)(nil)).Column("user_id").Where("?TableAlias.store_id = ?", store))
		if in.UserID != nil {
			who.Where("?TableAlias.id = ?", *in.UserID)
		} else {
			who.Where("?TableAlias.staff_number = ?", *in.StaffNumber)
		}
		return tx.Finish(ctx, postgres.Row(&reserved, tx.Update((*pin)(nil)).Set("failures = failures + 1").
			Where("pin.user_id = (?)", who).Where("?TableAlias.failures < ?", pinFailures).Returning("*")))
	})
	if err == nil && failures > registerFailures {
		signal.Note(ctx, signal.Found{Kind: signal.PINRefused})
		err = errs.New(errs.RateLimited, "This register has tried too many PINs. Try again in a while.")
	}
	return reserved, err
}

// takeOver begins the time of a person whose PIN was right.
func (s *Staff) takeOver(ctx context.Context, store id.Store, user id.User) (*AtRegister, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	begun := s.session(ctx, user, s.PINTTL)
	begun.AtStoreID, begun.AtRegisterID = &store, &scope.Register
	at := &AtRegister{ExpiresAt: begun.ExpiresAt.Truncate(time.Second)}
	at.AccessToken, err = s.Issuer.Issue(auth.Claims{
		Tenant: scope.Company.UUID(), Subject: user.UUID(), Session: begun.ID.UUID(), Register: scope.Register.UUID(),
		IssuedAt: begun.CreatedAt, ExpiresAt: begun.ExpiresAt,
	})
	if err != nil {
		return nil, fmt.Errorf("issue an access token: %w", err)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx,
			postgres.Exec(nil, tx.Update((*pinAttempts)(nil)).Set("failures = greatest(failures - 1, 0)").
				Where("?TableAlias.register_id = ?", scope.Register)),
			postgres.Exec(nil, tx.Update((*pin)(nil)).Set("failures = 0").Where("?TableAlias.user_id = ?", user)),
			tx.Add(begun),
			postgres.Row(&at.User, tx.Select((*User)(nil)).Where("?TableAlias.id = ?", user)))
	})
	if err != nil {
		return nil, err
	}
	return at, nil
}
