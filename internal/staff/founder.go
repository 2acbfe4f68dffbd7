package staff

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// verificationTTL is how long the link works that shows that an address is somebody's own.
const verificationTTL = 3 * 24 * time.Hour

// emailVerification is a link that was mailed to an address to see whether it is its owner's.
type emailVerification struct {
	bun.BaseModel `bun:"table:email_verifications,alias:verification"`
	postgres.TenantOwned

	ID id.EmailVerification `bun:"id,pk"`
	mailedLink
}

// FounderInput is who a company begins with.
type FounderInput struct {
	Name, Email, Password string
	By                    FoundedBy
}

// FoundedBy says who makes a company, and so how its founder gets in.
type FoundedBy int

const (
	// Present founders make it themselves: they are logged in, and verify their address.
	Present FoundedBy = iota
	// Trusted founders are known to the operator: their address isn't asked for, and they log in by themselves.
	Trusted
	// Mailed founders have no password: they choose one by a link that is mailed to them.
	Mailed
)

// Founder is the first owner of a company that is about to be made.
type Founder struct {
	User *User
	// Tokens are those of the login that comes with it; none of a trusted founder.
	Tokens *TokenPair

	by           FoundedBy
	password     string
	secret       *credential
	session      *Session
	token        *refreshToken
	verification *emailVerification
	reset        *passwordReset
	letter       *letter
}

// NewFounder checks who a company begins with, and finds all that is wrong with it.
func (s *Staff) NewFounder(p *errs.Problems, in FounderInput) *Founder {
	now := s.Now()
	u := &User{
		ID: id.New[id.User](), Name: form.Text(p, in.Name, 1, 200, "ownerName"), Role: tenancy.Owner, Status: Active,
		EmailVerified: in.By == Trusted, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	var ok bool
	if u.Email, ok = mail.Address(in.Email); !ok {
		p.Add(form.Invalid, []string{"ownerEmail"}, "This is no e-mail address.")
	}
	if in.By != Mailed {
		checkPassword(p, in.Password, "ownerPassword")
	}
	if ok && sameText(in.Password, u.Email) {
		p.Add(form.Invalid, []string{"ownerPassword"}, "This must not be the e-mail address.")
	}
	return &Founder{User: u, by: in.By, password: in.Password}
}

// Prepare makes what a founder of a company logs in with.
//
// Errors: RATE_LIMITED, where the address was sent many letters of late by who is nobody yet.
func (s *Staff) Prepare(ctx context.Context, company id.Company, f *Founder) error {
	if f.by == Present {
		if err := s.limits.letters.Take(ctx, f.User.Email); err != nil {
			return err
		}
	}
	if f.by == Mailed {
		reset, text, err := s.reset(company, f.User.ID, invitationTTL)
		if err != nil {
			return err
		}
		f.reset, f.letter = reset, founderLetter(s.PublicURL, f.User, text, reset.ExpiresAt)
		return nil
	}
	hash, err := s.Passwords.Hash(ctx, f.password)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	f.secret = &credential{UserID: f.User.ID, PasswordHash: hash, UpdatedAt: f.User.CreatedAt}
	if f.by == Trusted {
		return nil
	}
	if f.session, f.token, f.Tokens, err = s.begin(ctx, company, f.User.ID); err != nil {
		return err
	}
	f.verification, f.letter, err = s.verification(company, f.User)
	return err
}

// Statements write a founder.
func (f *Founder) Statements(tx *postgres.Tx) []postgres.Statement {
	statements := []postgres.Statement{tx.Add(f.User)}
	if f.reset != nil {
		return append(statements, tx.Add(f.reset))
	}
	statements = append(statements, tx.Add(f.secret))
	if f.session != nil {
		statements = append(statements, tx.Add(f.session), tx.Add(f.token),
			tx.Add(f.verification))
	}
	return statements
}

// Welcome mails a founder the link that shows that the address is theirs.
func (s *Staff) Welcome(ctx context.Context, f *Founder, company, slug string) {
	if f.letter != nil {
		f.letter.from(&employer{Name: company, Slug: slug})
		s.send(ctx, f.letter)
	}
}

// verification makes a link and its letter, still to be written and sent.
func (s *Staff) verification(company id.Company, u *User) (*emailVerification, *letter, error) {
	now := s.Now()
	v := &emailVerification{
		ID: id.New[id.EmailVerification](), mailedLink: mailedLink{UserID: u.ID, CreatedAt: now, ExpiresAt: now.Add(verificationTTL)},
	}
	text, hash, err := auth.NewSecret(auth.KindEmailVerification, company.UUID(), v.ID.UUID(), s.Rand)
	if err != nil {
		return nil, nil, fmt.Errorf("make a link: %w", err)
	}
	v.TokenHash = hash
	return v, verificationLetter(s.PublicURL, u, text, v.ExpiresAt), nil
}

// SendVerification mails the caller another link that shows that their address is theirs.
//
// Errors: the problem ALREADY_VERIFIED, FORBIDDEN, RATE_LIMITED.
func (s *Staff) SendVerification(ctx context.Context) error {
	scope, err := withPassword(ctx)
	if err != nil {
		return err
	}
	var letter *letter
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var u *User
		var from *employer
		if err := tx.Send(ctx, postgres.Row(&u, tx.Select((*User)(nil)).Where("?TableAlias.id = ?", scope.User)),
			readEmployer(tx.Handle, &from)); err != nil {
			return err
		}
		if u == nil || u.EmailVerified {
			return errs.Problems{{
				Code: "ALREADY_VERIFIED", Field: []string{}, Message: "It is known that this address is yours.",
			}}
		}
		if err := s.limits.letters.Take(ctx, u.Email); err != nil {
			return err
		}
		v, l, err := s.verification(scope.Company, u)
		if err != nil {
			return err
		}
		letter = l
		letter.from(from)
		return tx.Finish(ctx, tx.Add(v))
	})
	if err != nil {
		return err
	}
	s.send(ctx, letter)
	return nil
}

// VerifyEmail takes the token of a link as the proof that the address is its owner's.
//
// Errors: the problem INVALID_TOKEN, RATE_LIMITED.
func (s *Staff) VerifyEmail(ctx context.Context, token string) error {
	good, err := s.attempt(ctx, "")
	if err != nil {
		return err
	}
	tenant, object, hash, err := auth.ParseSecret(auth.KindEmailVerification, token)
	if err != nil {
		return deadLink()
	}
	ctx = asCompany(ctx, id.Company(tenant), id.User{})
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		u, v, err := followed[emailVerification](ctx, tx, id.EmailVerification(object))
		if err != nil {
			return err
		}
		if u == nil || v == nil || u.Status != Active || !v.works(hash, s.Now()) {
			return deadLink()
		}
		u.EmailVerified = true
		return tx.Finish(ctx, s.save(tx, u, "email_verified"),
			postgres.Exec(nil, tx.Update((*emailVerification)(nil)).Set("used_at = ?", s.Now()).
				Where("?TableAlias.user_id = ?", u.ID).Where("?TableAlias.used_at IS NULL")))
	})
	if err != nil {
		return err
	}
	good()
	return nil
}

// unverified refuses an invitation by somebody whose own address nobody has seen answer.
func unverified() error {
	return errs.Problems{{
		Code: "EMAIL_NOT_VERIFIED", Field: []string{},
		Message: "Follow the link that was mailed to you first: emailVerificationSend mails another.",
	}}
}
