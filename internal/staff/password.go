package staff

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	resetTTL        = time.Hour
	longestPassword = 200
)

// checkPassword asks for length and for no mixture, as NIST SP 800-63B does.
func checkPassword(p *errs.Problems, password string, field ...any) {
	n := utf8.RuneCountInString(password)
	if !utf8.ValidString(password) || n < auth.MinPasswordLength || n > longestPassword {
		p.Add(form.Invalid, errs.Path(field...), "A password has %d to %d characters.", auth.MinPasswordLength, longestPassword)
	}
}

func sameText(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), b) }

func passwordIsAddress(field ...any) error {
	return errs.Problems{{
		Code: form.Invalid, Field: errs.Path(field...), Message: "A password must not be your e-mail address.",
	}}
}

func putPassword(tx *postgres.Tx, user id.User, hash string, now time.Time) postgres.Statement {
	return postgres.Exec(nil, tx.Insert(&credential{UserID: user, PasswordHash: hash, UpdatedAt: now}).
		On("CONFLICT (tenant_id, user_id) DO UPDATE").Set("password_hash = EXCLUDED.password_hash").
		Set("updated_at = EXCLUDED.updated_at"))
}

// withPassword gives the scope of a person who has logged in with their password.
func withPassword(ctx context.Context) (*tenancy.Scope, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	return scope, scope.PersonWithPassword()
}

// proved gives the caller once their password has proved that it is them.
//
// Errors: the problem INVALID_PASSWORD, FORBIDDEN, RATE_LIMITED.
func (s *Staff) proved(ctx context.Context, password, field string) (*tenancy.Scope, *User, error) {
	scope, err := withPassword(ctx)
	if err != nil {
		return nil, nil, err
	}
	good, err := s.attempt(ctx, scope.User.String())
	if err != nil {
		return nil, nil, err
	}
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, nil, err
	}
	var user *User
	var secret *credential
	if err := h.Read(ctx,
		postgres.Row(&user, h.Select((*User)(nil)).Where("?TableAlias.id = ?", scope.User)),
		postgres.Row(&secret, h.Select((*credential)(nil)).Where("?TableAlias.user_id = ?", scope.User))); err != nil {
		return nil, nil, err
	}
	matches := false
	if user != nil && secret != nil {
		if matches, err = s.Passwords.Verify(ctx, secret.PasswordHash, password); err != nil {
			return nil, nil, fmt.Errorf("check a password: %w", err)
		}
	}
	if !matches {
		return nil, nil, errs.Problems{{
			Code: invalidPassword, Field: []string{field}, Message: "This is not your password.",
		}}
	}
	good()
	return scope, user, nil
}

// ChangePassword sets the caller's password and ends their other logins.
//
// Errors: problems INVALID and INVALID_PASSWORD, FORBIDDEN, RATE_LIMITED.
func (s *Staff) ChangePassword(ctx context.Context, old, next string) error {
	scope, user, err := s.proved(ctx, old, "oldPassword")
	if err != nil {
		return err
	}
	var p errs.Problems
	checkPassword(&p, next, "newPassword")
	if err := p.Err(); err != nil {
		return err
	}
	if sameText(next, user.Email) {
		return passwordIsAddress("newPassword")
	}
	hash, err := s.Passwords.Hash(ctx, next)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		now := s.Now()
		return tx.Finish(ctx, putPassword(tx, scope.User, hash, now), useUpResets(tx, scope.User, now),
			endAll(tx, scope.User, scope.Session, now, passwordChanged))
	})
}

// useUpResets makes a person's links to a new password worthless.
func useUpResets(tx *postgres.Tx, user id.User, now time.Time) postgres.Statement {
	return postgres.Exec(nil, tx.Update((*passwordReset)(nil)).Set("used_at = ?", now).
		Where("?TableAlias.user_id = ?", user).Where("?TableAlias.used_at IS NULL"))
}

// PasswordResetRequestInput says who wants a new password.
type PasswordResetRequestInput struct{ CompanySlug, Email string }

// RequestReset mails a link to a new password, where there is such a person. All of it happens after the answer, so
// that neither the answer nor its time tells whether there is one.
//
// Errors: the problem INVALID for what can be no address, RATE_LIMITED.
func (s *Staff) RequestReset(ctx context.Context, in PasswordResetRequestInput) error {
	if _, err := s.attempt(ctx, ""); err != nil {
		return err
	}
	address, ok := mail.Address(in.Email)
	if !ok {
		return errs.Problems{{Code: form.Invalid, Field: []string{"email"}, Message: "This is no e-mail address."}}
	}
	if err := s.limits.letters.Take(ctx, account(in.CompanySlug, address)); err != nil {
		return err
	}
	s.Later.Do(ctx, "mail a link to a new password", func(ctx context.Context) error {
		return s.mailReset(ctx, in.CompanySlug, address)
	})
	return nil
}

func (s *Staff) mailReset(ctx context.Context, slug, email string) error {
	company, found, err := s.find(ctx, slug, email)
	if err != nil || found.user == nil || found.user.Status != Active {
		return err
	}
	reset, text, err := s.reset(company, found.user.ID, resetTTL)
	if err != nil {
		return err
	}
	var employer *employer
	err = s.DB.Write(asCompany(ctx, company, id.User{}), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, tx.Add(reset), readEmployer(tx.Handle, &employer))
	})
	if err != nil {
		return err
	}
	letter := resetLetter(s.PublicURL, found.user, text, reset.ExpiresAt)
	letter.from(employer)
	return s.Mail.Send(ctx, letter.ready)
}

// reset makes a link to a new password, still to be written.
func (s *Staff) reset(company id.Company, user id.User, ttl time.Duration) (*passwordReset, string, error) {
	now := s.Now()
	reset := &passwordReset{
		ID: id.New[id.PasswordReset](), mailedLink: mailedLink{UserID: user, CreatedAt: now, ExpiresAt: now.Add(ttl)},
	}
	text, hash, err := auth.NewSecret(auth.KindPasswordReset, company.UUID(), reset.ID.UUID(), s.Rand)
	if err != nil {
		return nil, "", fmt.Errorf("make a link: %w", err)
	}
	reset.TokenHash = hash
	return reset, text, nil
}

// ResetPassword sets a new password by a link that was mailed, and ends all logins.
//
// Errors: problems INVALID and INVALID_TOKEN, RATE_LIMITED.
func (s *Staff) ResetPassword(ctx context.Context, token, password string) error {
	good, err := s.attempt(ctx, "")
	if err != nil {
		return err
	}
	tenant, object, hash, err := auth.ParseSecret(auth.KindPasswordReset, token)
	if err != nil {
		return deadLink()
	}
	var p errs.Problems
	checkPassword(&p, password, "newPassword")
	if err := p.Err(); err != nil {
		return err
	}
	hashed, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	ctx = asCompany(ctx, id.Company(tenant), id.User{})
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		u, r, err := followed[passwordReset](ctx, tx, id.PasswordReset(object))
		if err != nil {
			return err
		}
		now := s.Now()
		if u == nil || r == nil || u.Status != Active || !r.works(hash, now) {
			return deadLink()
		}
		if sameText(password, u.Email) {
			return passwordIsAddress("newPassword")
		}
		statements := []postgres.Statement{
			putPassword(tx, u.ID, hashed, now), useUpResets(tx, u.ID, now), endAll(tx, u.ID, id.Session{}, now, passwordWasLost),
		}
		if !u.EmailVerified { // the link was mailed there
			u.EmailVerified = true
			statements = append(statements, s.save(tx, u, "email_verified"))
		}
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return err
	}
	good()
	return nil
}
