package staff

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	challengeTTL = 10 * time.Minute
	// challengeAttempts end one login, factorAttempts lock the person's second factor for a while: both are counted in
	// the database.
	challengeAttempts = 5
	factorAttempts    = 10
	factorLock        = 15 * time.Minute

	recoveryCodes     = 10
	recoveryCodeBytes = 10
	totpIssuer        = "tillgraph"
)

const (
	invalidCode     = "INVALID_CODE"
	invalidPassword = "INVALID_PASSWORD"
)

// SecondFactorChallenge asks for the code of a second factor.
type SecondFactorChallenge struct {
	Challenge string
	ExpiresAt time.Time
	// Setup is given to who must use a second factor and has none: the code then proves that it was set up.
	Setup *TOTPSetup
}

// TOTPSetup is what an app needs to make codes.
type TOTPSetup struct{ Secret, URI string }

// ask begins the second half of a login.
func (s *Staff) ask(ctx context.Context, company id.Company, f *found) (*SecondFactorChallenge, error) {
	now := s.Now()
	c := &challenge{
		ID: id.New[id.LoginChallenge](), UserID: f.user.ID, CreatedAt: now, ExpiresAt: now.Add(challengeTTL),
	}
	text, hash, err := auth.NewSecret(auth.KindLoginChallenge, company.UUID(), c.ID.UUID(), s.Rand)
	if err != nil {
		return nil, fmt.Errorf("make a challenge: %w", err)
	}
	c.TokenHash = hash
	asked := &SecondFactorChallenge{Challenge: text, ExpiresAt: c.ExpiresAt}
	var pending *secondFactor
	if !f.factor.confirmed() {
		if pending, asked.Setup, err = s.pendingFactor(company, f.user); err != nil {
			return nil, err
		}
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		statements := []postgres.Statement{tx.Add(c)}
		if pending != nil {
			statements = append(statements, putFactor(tx, pending))
		}
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return nil, err
	}
	return asked, nil
}

// pendingFactor makes a second factor that is still to be confirmed.
func (s *Staff) pendingFactor(company id.Company, user *User) (*secondFactor, *TOTPSetup, error) {
	secret, err := auth.NewTOTPSecret(s.Rand)
	if err != nil {
		return nil, nil, fmt.Errorf("make a second factor: %w", err)
	}
	sealed, err := s.Sealer.Seal(secret, factorOwner(company, user.ID))
	if err != nil {
		return nil, nil, fmt.Errorf("seal a second factor: %w", err)
	}
	setup := &TOTPSetup{Secret: auth.TOTPText(secret), URI: auth.TOTPURI(secret, totpIssuer, user.Email)}
	return &secondFactor{UserID: user.ID, Secret: sealed, CreatedAt: s.Now()}, setup, nil
}

// factorOwner binds a sealed secret to its person: moved to another row, it doesn't open.
func factorOwner(company id.Company, user id.User) []byte {
	owner := company.UUID()
	who := user.UUID()
	return append(owner[:], who[:]...)
}

// putFactor writes a pending second factor in place of one that was not confirmed either.
func putFactor(tx *postgres.Tx, f *secondFactor) postgres.Statement {
	return postgres.Exec(nil, tx.Insert(f).On("CONFLICT (tenant_id, user_id) DO UPDATE").
		Set("secret = EXCLUDED.secret").Set("created_at = EXCLUDED.created_at").
		Where("?TableAlias.confirmed_at IS NULL"))
}

// LoginSecondFactorInput answers a challenge.
type LoginSecondFactorInput struct {
	Challenge string
	// Code is of the app, or a recovery code.
	Code string
}

// SecondFactorDone is what the second half of a login gave.
type SecondFactorDone struct {
	Tokens *TokenPair
	User   *User
	// RecoveryCodes are new, where the second factor was set up by this login.
	RecoveryCodes []string
}

func invalidChallenge() error {
	return errs.Problems{{
		Code: "INVALID_CHALLENGE", Field: []string{"challenge"},
		Message: "This login has expired, was finished or had too many wrong codes. Log in again.",
	}}
}

func wrongCode(field ...string) error {
	return errs.Problems{{
		Code: invalidCode, Field: field,
		Message: "This code is wrong or was used before. After too many wrong ones, none is taken for 15 minutes.",
	}}
}

// LoginSecondFactor finishes a login with a code. Each guess is counted under a lock, so that many at once are no
// more than a few.
//
// Errors: problems INVALID_CHALLENGE and INVALID_CODE, RATE_LIMITED.
func (s *Staff) LoginSecondFactor(ctx context.Context, in LoginSecondFactorInput) (*SecondFactorDone, error) {
	good, err := s.attempt(ctx, "")
	if err != nil {
		return nil, err
	}
	tenant, object, hash, err := auth.ParseSecret(auth.KindLoginChallenge, in.Challenge)
	if err != nil {
		return nil, invalidChallenge()
	}
	company := id.Company(tenant)
	ctx = asCompany(ctx, company, id.User{})
	var done *SecondFactorDone
	var problem error
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		done, problem = nil, nil
		var c *challenge
		err := tx.Send(ctx, postgres.Row(&c, tx.Select((*challenge)(nil)).
			Where("?TableAlias.id = ?", id.LoginChallenge(object)).For("UPDATE")))
		if err != nil {
			return err
		}
		if c == nil || !auth.EqualHash(c.TokenHash, hash) || c.UsedAt != nil || c.Attempts >= challengeAttempts ||
			!s.Now().Before(c.ExpiresAt) {
			return invalidChallenge()
		}
		done, problem, err = s.second(ctx, tx, company, c, in.Code)
		return err
	})
	if err != nil {
		return nil, err
	}
	if problem != nil {
		signal.Note(ctx, signal.Found{Kind: signal.LoginRefused, Company: company})
		return nil, problem
	}
	good()
	return done, nil
}

// second checks the code of a locked challenge. A wrong code is a problem beside the error: its count is to stay.
func (s *Staff) second(
	ctx context.Context, tx *postgres.Tx, company id.Company, c *challenge, code string,
) (done *SecondFactorDone, problem, err error) {
	var user *User
	f, err := s.lockFactor(ctx, tx, c.UserID,
		postgres.Row(&user, tx.Select((*User)(nil)).Where("?TableAlias.id = ?", c.UserID)))
	if err != nil {
		return nil, nil, err
	}
	if user == nil || user.Status != Active || f.row == nil || f.row.ConfirmedAt == nil && !user.MustUseSecondFactor {
		return nil, nil, invalidChallenge()
	}
	bump := tx.Update((*challenge)(nil)).Where("?TableAlias.id = ?", c.ID)
	statements, ok, err := s.useCode(tx, company, f, code)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		statements = append(statements, postgres.Exec(nil, bump.Set("attempts = ?", c.Attempts+1)))
		return nil, wrongCode("code"), tx.Finish(ctx, statements...)
	}
	done = &SecondFactorDone{User: user}
	begun, token, pair, err := s.begin(ctx, company, user.ID)
	if err != nil {
		return nil, nil, err
	}
	done.Tokens = pair
	statements = append(statements, postgres.Exec(nil, bump.Set("used_at = ?", s.Now())),
		tx.Add(begun), tx.Add(token))
	if f.row.ConfirmedAt == nil {
		more, codes, err := s.confirm(tx, company, user.ID)
		if err != nil {
			return nil, nil, err
		}
		done.RecoveryCodes = codes
		statements = append(statements, more...)
	}
	return done, nil, tx.Finish(ctx, statements...)
}

// lockedFactor is a second factor that nobody else looks at meanwhile, with its unused recovery codes.
type lockedFactor struct {
	row   *secondFactor
	codes []*recoveryCode
}

func (s *Staff) lockFactor(
	ctx context.Context, tx *postgres.Tx, user id.User, also ...postgres.Statement,
) (*lockedFactor, error) {
	f := &lockedFactor{}
	err := tx.Send(ctx, append([]postgres.Statement{
		postgres.Row(&f.row, tx.Select((*secondFactor)(nil)).Where("?TableAlias.user_id = ?", user).For("UPDATE")),
		postgres.Rows(&f.codes, tx.Select((*recoveryCode)(nil)).Where("?TableAlias.user_id = ?", user).
			Where("?TableAlias.used_at IS NULL")),
	}, also...)...)
	return f, err
}

// useCode says whether a code is good, and gives the statements that make it used, or count it as wrong.
func (s *Staff) useCode(
	tx *postgres.Tx, company id.Company, f *lockedFactor, code string,
) (statements []postgres.Statement, ok bool, err error) {
	now := s.Now()
	update := tx.Update((*secondFactor)(nil)).Where("?TableAlias.user_id = ?", f.row.UserID)
	if f.row.LockedUntil != nil && now.Before(*f.row.LockedUntil) {
		return nil, false, nil
	}
	owner := factorOwner(company, f.row.UserID)
	// A secret whose key was taken away opens no more; recovery codes still do.
	secret, fresh, broken := s.Sealer.Open(f.row.Secret, owner)
	if broken == nil {
		if step, matches := auth.MatchTOTP(secret, strings.TrimSpace(code), now, f.row.LastStep); matches {
			update.Set("last_step = ?", step).Set("failures = 0").Set("locked_until = NULL")
			if !fresh {
				sealed, err := s.Sealer.Seal(secret, owner)
				if err != nil {
					return nil, false, fmt.Errorf("seal a second factor anew: %w", err)
				}
				update.Set("secret = ?", sealed)
			}
			return []postgres.Statement{postgres.Exec(nil, update)}, true, nil
		}
	}
	hash := hashRecovery(owner, code)
	for _, c := range f.codes {
		if f.row.ConfirmedAt != nil && auth.EqualHash(c.CodeHash, hash) {
			return []postgres.Statement{
				postgres.Exec(nil, update.Set("failures = 0").Set("locked_until = NULL")),
				postgres.Exec(nil, tx.Update((*recoveryCode)(nil)).Set("used_at = ?", now).
					Where("?TableAlias.user_id = ?", c.UserID).Where("?TableAlias.code_hash = ?", c.CodeHash)),
			}, true, nil
		}
	}
	if f.row.Failures+1 >= factorAttempts {
		update.Set("failures = 0").Set("locked_until = ?", now.Add(factorLock))
	} else {
		update.Set("failures = ?", f.row.Failures+1)
	}
	return []postgres.Statement{postgres.Exec(nil, update)}, false, nil
}

// confirm turns a pending second factor on and makes its recovery codes.
func (s *Staff) confirm(
	tx *postgres.Tx, company id.Company, user id.User,
) ([]postgres.Statement, []string, error) {
	statements, codes, err := s.newRecoveryCodes(tx, company, user)
	if err != nil {
		return nil, nil, err
	}
	return append(statements, postgres.Exec(nil, tx.Update((*secondFactor)(nil)).
		Set("confirmed_at = ?", s.Now()).Where("?TableAlias.user_id = ?", user))), codes, nil
}

func recoveryEncoding() *base32.Encoding {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
}

// newRecoveryCodes makes codes in place of those that there are.
func (s *Staff) newRecoveryCodes(
	tx *postgres.Tx, company id.Company, user id.User,
) ([]postgres.Statement, []string, error) {
	codes := make([]string, recoveryCodes)
	rows := make([]*recoveryCode, recoveryCodes)
	for i := range codes {
		random := make([]byte, recoveryCodeBytes)
		if _, err := io.ReadFull(s.Rand, random); err != nil {
			return nil, nil, fmt.Errorf("read a recovery code: %w", err)
		}
		text := recoveryEncoding().EncodeToString(random)
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
		rows[i] = &recoveryCode{UserID: user, CodeHash: hashRecovery(factorOwner(company, user), codes[i]), CreatedAt: s.Now()}
	}
	return []postgres.Statement{
		postgres.Exec(nil, tx.Delete((*recoveryCode)(nil)).Where("?TableAlias.user_id = ?", user)),
		tx.Add(&rows),
	}, codes, nil
}

// hashRecovery: 80 random bits can't be guessed, so that a slow hash would buy nothing.
func hashRecovery(owner []byte, code string) []byte {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256(append(owner, code...))
	return sum[:]
}

// BeginTOTP makes a second factor, to be confirmed with its first code. It asks for the password: a token that was
// left lying about is not enough to lock its owner out.
//
// Errors: problems INVALID_PASSWORD and ALREADY_ON, FORBIDDEN, RATE_LIMITED.
func (s *Staff) BeginTOTP(ctx context.Context, password string) (*TOTPSetup, error) {
	scope, user, err := s.proved(ctx, password, "password")
	if err != nil {
		return nil, err
	}
	pending, setup, err := s.pendingFactor(scope.Company, user)
	if err != nil {
		return nil, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		f, err := s.lockFactor(ctx, tx, user.ID)
		if err != nil {
			return err
		}
		if f.row.confirmed() {
			return errs.Problems{{
				Code: "ALREADY_ON", Field: []string{}, Message: "There is a second factor already. Remove it first.",
			}}
		}
		return tx.Finish(ctx, putFactor(tx, pending))
	})
	if err != nil {
		return nil, err
	}
	return setup, nil
}

// ConfirmTOTP turns a second factor on by its first code, and gives the recovery codes.
//
// Errors: problems INVALID_CODE and NOT_BEGUN, FORBIDDEN.
func (s *Staff) ConfirmTOTP(ctx context.Context, code string) ([]string, error) {
	return s.withCode(ctx, code, false, func(tx *postgres.Tx, scope *tenancy.Scope) ([]postgres.Statement, []string, error) {
		statements, codes, err := s.confirm(tx, scope.Company, scope.User)
		return statements, codes, err
	})
}

// RenewRecoveryCodes makes new recovery codes in place of the old ones.
//
// Errors: problems INVALID_CODE and NOT_ON, FORBIDDEN.
func (s *Staff) RenewRecoveryCodes(ctx context.Context, code string) ([]string, error) {
	return s.withCode(ctx, code, true, func(tx *postgres.Tx, scope *tenancy.Scope) ([]postgres.Statement, []string, error) {
		return s.newRecoveryCodes(tx, scope.Company, scope.User)
	})
}

// RemoveTOTP turns the second factor off.
//
// Errors: problems INVALID_CODE, NOT_ON and REQUIRED, FORBIDDEN.
func (s *Staff) RemoveTOTP(ctx context.Context, code string) error {
	_, err := s.withCode(ctx, code, true, func(tx *postgres.Tx, scope *tenancy.Scope) ([]postgres.Statement, []string, error) {
		return dropFactor(tx, scope.User), nil, nil
	}, func(u *User) error {
		if u.MustUseSecondFactor {
			return errs.Problems{{
				Code: "REQUIRED", Field: []string{}, Message: "An owner has decided that you need a second factor.",
			}}
		}
		return nil
	})
	return err
}

func dropFactor(tx *postgres.Tx, user id.User) []postgres.Statement {
	return []postgres.Statement{
		postgres.Exec(nil, tx.Delete((*secondFactor)(nil)).Where("?TableAlias.user_id = ?", user)),
		postgres.Exec(nil, tx.Delete((*recoveryCode)(nil)).Where("?TableAlias.user_id = ?", user)),
	}
}

// withCode does something to the caller's second factor, which is on or is still pending, once a code has proved that
// they hold it.
func (s *Staff) withCode(
	ctx context.Context, code string, on bool,
	do func(*postgres.Tx, *tenancy.Scope) ([]postgres.Statement, []string, error), checks ...func(*User) error,
) (codes []string, err error) {
	scope, err := withPassword(ctx)
	if err != nil {
		return nil, err
	}
	var problem error
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		codes, problem = nil, nil
		var user *User
		f, err := s.lockFactor(ctx, tx, scope.User,
			postgres.Row(&user, tx.Select((*User)(nil)).Where("?TableAlias.id = ?", scope.User).For("UPDATE")))
		if err != nil {
			return err
		}
		switch {
		case user == nil:
			return errs.New(errs.Unauthenticated, "Log in again.")
		case on && !f.row.confirmed():
			return errs.Problems{{Code: "NOT_ON", Field: []string{}, Message: "There is no second factor."}}
		case !on && (f.row == nil || f.row.confirmed()):
			return errs.Problems{{Code: "NOT_BEGUN", Field: []string{}, Message: "Begin with totpBegin."}}
		}
		for _, check := range checks {
			if err := check(user); err != nil {
				return err
			}
		}
		statements, ok, err := s.useCode(tx, scope.Company, f, code)
		if err != nil {
			return err
		}
		if !ok {
			problem = wrongCode("code")
			return tx.Finish(ctx, statements...)
		}
		more, made, err := do(tx, scope)
		if err != nil {
			return err
		}
		codes = made
		return tx.Finish(ctx, append(statements, more...)...)
	})
	if err == nil {
		err = problem
	}
	if err != nil {
		return nil, err
	}
	return codes, nil
}
