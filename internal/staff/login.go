package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// LoginInput says who logs in.
type LoginInput struct {
	CompanySlug string
	Email       string
	Password    string
}

// TokenPair is an access token and what renews it.
type TokenPair struct {
	AccessToken      string
	ExpiresAt        time.Time
	RefreshToken     string
	RefreshExpiresAt time.Time
}

// Why sessions ended.
const (
	logout          = "LOGOUT"
	tokenReused     = "TOKEN_REUSED"
	endedBySelf     = "ENDED"
	endedByManager  = "ENDED_BY_MANAGER"
	endedWithAccess = "DEACTIVATED"
	passwordChanged = "PASSWORD_CHANGED"
	passwordWasLost = "PASSWORD_RESET"
	factorDue       = "SECOND_FACTOR"
)

func invalidCredentials() error {
	return errs.Problems{{
		Code: "INVALID_CREDENTIALS", Field: []string{},
		Message: "The company, the address and the password do not belong together.",
	}}
}

func invalidToken() error {
	return errs.Problems{{
		Code: "INVALID_TOKEN", Field: []string{"refreshToken"}, Message: "This refresh token works no more. Log in again.",
	}}
}

// LoggedIn is what a login gave: tokens, or a challenge where a second factor is due.
type LoggedIn struct {
	Tokens *TokenPair
	User   *User
	Second *SecondFactorChallenge
}

// Login checks a password and begins a session, or asks for the second factor. Whatever is wrong, the answer and the
// time it takes are the same.
//
// Errors: the problem INVALID_CREDENTIALS, RATE_LIMITED.
func (s *Staff) Login(ctx context.Context, in LoginInput) (*LoggedIn, error) {
	good, err := s.attempt(ctx, account(in.CompanySlug, in.Email))
	if err != nil {
		signal.Note(ctx, signal.Found{Kind: signal.LoginRefused})
		return nil, err
	}
	company, found, err := s.find(ctx, in.CompanySlug, in.Email)
	if err != nil {
		return nil, err
	}
	if found.user == nil || found.secret == nil || found.user.Status != Active {
		if err := s.Passwords.VerifyDummy(ctx, in.Password); err != nil {
			return nil, fmt.Errorf("check a password: %w", err)
		}
		signal.Note(ctx, signal.Found{Kind: signal.LoginRefused, Company: company})
		return nil, invalidCredentials()
	}
	matches, err := s.Passwords.Verify(ctx, found.secret.PasswordHash, in.Password)
	switch {
	case err != nil:
		return nil, fmt.Errorf("check a password: %w", err)
	case !matches:
		signal.Note(ctx, signal.Found{Kind: signal.LoginRefused, Company: company, User: found.user.ID})
		return nil, invalidCredentials()
	}
	good()
	ctx = asCompany(ctx, company, found.user.ID)
	if found.factor.confirmed() || found.user.MustUseSecondFactor {
		second, err := s.ask(ctx, company, found)
		if err != nil {
			return nil, err
		}
		return &LoggedIn{Second: second}, nil
	}
	begun, token, pair, err := s.begin(ctx, company, found.user.ID)
	if err != nil {
		return nil, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, tx.Add(begun), tx.Add(token))
	})
	if err != nil {
		return nil, err
	}
	return &LoggedIn{Tokens: pair, User: found.user}, nil
}

// begin makes a session and its first tokens, which are still to be written.
func (s *Staff) begin(
	ctx context.Context, company id.Company, user id.User,
) (*Session, *refreshToken, *TokenPair, error) {
	begun := s.session(ctx, user, s.RefreshTTL)
	pair, token, err := s.pair(company, user, begun.ID, begun.ExpiresAt)
	return begun, token, pair, err
}

func (s *Staff) session(ctx context.Context, user id.User, ttl time.Duration) *Session {
	now, client := s.Now(), ClientOf(ctx)
	return &Session{
		ID: id.New[id.Session](), UserID: user, CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(ttl),
		UserAgent: client.UserAgent, Address: client.Address,
	}
}

// account names what a company's slug and an address claim to be, for the limits.
func account(slug, email string) string {
	return strings.ToLower(strings.TrimSpace(slug)) + " " + strings.ToLower(strings.TrimSpace(email))
}

// found is what is known of somebody who logs in.
type found struct {
	user   *User
	secret *credential
	factor *secondFactor
}

// find looks for the person; there is no user in what it found where there is none.
func (s *Staff) find(ctx context.Context, slug, email string) (id.Company, *found, error) {
	none := &found{}
	email = strings.ToLower(strings.TrimSpace(email))
	slug = strings.ToLower(strings.TrimSpace(slug))
	if !plain(slug) || !plain(email) {
		return id.Company{}, none, nil
	}
	company, err := s.DB.CompanyBySlug(ctx, slug)
	if errors.Is(err, postgres.ErrNoAccess) {
		return id.Company{}, none, nil
	}
	if err != nil {
		return id.Company{}, nil, err
	}
	h, err := s.DB.Bind(asCompany(ctx, company, id.User{}))
	if err != nil {
		return id.Company{}, nil, err
	}
	f := &found{}
	who := func() *bun.SelectQuery { return h.Select((*User)(nil)).Where("?TableAlias.email = ?", email) }
	err = h.Read(ctx, postgres.Row(&f.user, who()),
		postgres.Row(&f.secret, h.Select((*credential)(nil)).Where("credential.user_id = (?)", who().Column("id"))),
		postgres.Row(&f.factor, h.Select((*secondFactor)(nil)).Where("factor.user_id = (?)", who().Column("id"))))
	if err != nil {
		return id.Company{}, nil, err
	}
	return company, f, nil
}

func plain(text string) bool {
	const most = 300
	return len(text) <= most && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// asCompany is the scope of somebody who is logging in: the company, no store and no permission.
func asCompany(ctx context.Context, company id.Company, user id.User) context.Context {
	return tenancy.With(ctx, tenancy.New(tenancy.Spec{Company: company, User: user}))
}

// pair makes an access token and a refresh token of a session.
func (s *Staff) pair(company id.Company, user id.User, of id.Session, until time.Time) (*TokenPair, *refreshToken, error) {
	now := s.Now()
	expires := now.Add(s.AccessTTL)
	access, err := s.Issuer.Issue(auth.Claims{
		Tenant: company.UUID(), Subject: user.UUID(), Session: of.UUID(), IssuedAt: now, ExpiresAt: expires,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("issue an access token: %w", err)
	}
	token := &refreshToken{ID: id.New[id.RefreshToken](), SessionID: of, CreatedAt: now, ExpiresAt: until}
	text, hash, err := auth.NewSecret(auth.KindRefreshToken, company.UUID(), token.ID.UUID(), s.Rand)
	if err != nil {
		return nil, nil, fmt.Errorf("make a refresh token: %w", err)
	}
	token.TokenHash = hash
	return &TokenPair{
		AccessToken: access, ExpiresAt: expires.Truncate(time.Second), RefreshToken: text, RefreshExpiresAt: until,
	}, token, nil
}

// Refresh trades a refresh token for a new pair. A token that was used before ends its session: somebody else may
// hold a copy.
//
// Errors: the problem INVALID_TOKEN.
func (s *Staff) Refresh(ctx context.Context, text string) (*TokenPair, error) {
	tenant, object, hash, err := auth.ParseSecret(auth.KindRefreshToken, text)
	if err != nil {
		return nil, invalidToken()
	}
	company := id.Company(tenant)
	ctx = asCompany(ctx, company, id.User{})
	var pair *TokenPair
	var reusedBy id.User
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		pair = nil
		var old *refreshToken
		var of *Session
		var user *User
		byToken := tx.Select((*refreshToken)(nil)).Column("session_id").Where("?TableAlias.id = ?", id.RefreshToken(object))
		itsSession := func() *bun.SelectQuery { return tx.Select((*Session)(nil)).Where("session.id = (?)", byToken) }
		if err := tx.Send(ctx,
			// The lock makes two that come at once one after the other: the second sees the first's mark.
			postgres.Row(&old, tx.Select((*refreshToken)(nil)).
				Where("?TableAlias.id = ?", id.RefreshToken(object)).For("UPDATE")),
			postgres.Row(&of, itsSession()),
			postgres.Row(&user, tx.Select((*User)(nil)).Where("person.id = (?)", itsSession().Column("user_id"))),
		); err != nil {
			return err
		}
		if old == nil || of == nil || user == nil || !auth.EqualHash(old.TokenHash, hash) {
			return invalidToken()
		}
		now := s.Now()
		if old.UsedAt != nil {
			// The end of the session must stay although the answer is a refusal, so this is no error here.
			reusedBy = user.ID
			return tx.Finish(ctx, postgres.Exec(nil, end(tx, of.ID, now, tokenReused)))
		}
		if of.EndedAt != nil || !now.Before(old.ExpiresAt) || user.Status != Active {
			return invalidToken()
		}
		var err error
		var next *refreshToken
		if pair, next, err = s.pair(company, user.ID, of.ID, of.ExpiresAt); err != nil {
			return err
		}
		return tx.Finish(ctx,
			postgres.Exec(nil, tx.Update((*refreshToken)(nil)).Set("used_at = ?", now).Where("?TableAlias.id = ?", old.ID)),
			postgres.Exec(nil, tx.Update((*Session)(nil)).Set("last_used_at = ?", now).Where("?TableAlias.id = ?", of.ID)),
			tx.Add(next))
	})
	if err != nil {
		return nil, err
	}
	if pair == nil {
		signal.Note(ctx, signal.Found{Kind: signal.RefreshTokenReused, Company: company, User: reusedBy})
		return nil, invalidToken()
	}
	return pair, nil
}

// Logout ends the session behind the request, its refresh tokens included; false where there is none.
func (s *Staff) Logout(ctx context.Context) (bool, error) {
	scope, err := tenancy.From(ctx)
	if err != nil || scope.Session.IsZero() {
		return false, err
	}
	var ended int64
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(&ended, end(tx, scope.Session, s.Now(), logout)))
	})
	return ended > 0, err
}

func end(tx *postgres.Tx, of id.Session, at time.Time, reason string) *bun.UpdateQuery {
	return tx.Update((*Session)(nil)).Set("ended_at = ?", at).Set("end_reason = ?", reason).
		Where("?TableAlias.id = ?", of).Where("?TableAlias.ended_at IS NULL")
}

// endAll ends all sessions of a person but one, which may be none.
func endAll(tx *postgres.Tx, of id.User, but id.Session, at time.Time, reason string) postgres.Statement {
	q := tx.Update((*Session)(nil)).Set("ended_at = ?", at).Set("end_reason = ?", reason).
		Where("?TableAlias.user_id = ?", of).Where("?TableAlias.ended_at IS NULL")
	if !but.IsZero() {
		q.Where("?TableAlias.id <> ?", but)
	}
	return postgres.Exec(nil, q)
}
