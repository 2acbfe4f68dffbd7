package company

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// devicePairing is a till that asks to be let in.
type devicePairing struct {
	bun.BaseModel `bun:"table:device_pairings,alias:pairing"`
	postgres.TenantOwned

	ID           id.DevicePairing `bun:"id,pk"`
	CodeHash     []byte           `bun:"code_hash"`
	SecretHash   []byte           `bun:"secret_hash"`
	CreatedAt    time.Time        `bun:"created_at"`
	ExpiresAt    time.Time        `bun:"expires_at"`
	ApprovedAt   *time.Time       `bun:"approved_at"`
	ApprovedByID *id.User         `bun:"approved_by_id"`
	// ForStoreID and ForRegisterID are what the till is to be.
	ForStoreID    *id.Store    `bun:"for_store_id"`
	ForRegisterID *id.Register `bun:"for_register_id"`
	FinishedAt    *time.Time   `bun:"finished_at"`
}

// DevicesConfig is what Devices needs.
type DevicesConfig struct {
	DB     *postgres.DB
	Sealer *auth.Sealer
	Later  *later.Queue
	Now    func() time.Time
	Rand   io.Reader
	// SeenEvery is how often it is written down that a register asked for something; 0 is never.
	SeenEvery time.Duration
	// Attempts counts them for all servers; nil counts on this one alone.
	Attempts *limit.Shared
}

// Devices lets tills in and out.
type Devices struct {
	DevicesConfig

	begun, guessed *limit.Limiter
	mu             sync.Mutex
	seen           map[id.Register]time.Time
}

const (
	pairingTTL = 10 * time.Minute
	codeBytes  = 5 // 8 characters, 40 bits
	secretSize = 32
)

// NewDevices makes Devices.
func NewDevices(c DevicesConfig) *Devices {
	const window = 15 * time.Minute
	return &Devices{
		DevicesConfig: c, seen: map[id.Register]time.Time{},
		begun: limit.New("pairing", 60, window, c.Now, c.Attempts), guessed: limit.New("pairing code", 20, window, c.Now, c.Attempts),
	}
}

// Pairing is what a till shows and asks with.
type Pairing struct {
	Code, PollToken string
	ExpiresAt       time.Time
}

func codeEncoding() *base32.Encoding {
	return base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
}

// Begin makes a code for a till to show. Where there is no such company the answer is the same, and nothing comes of
// it: the token is sealed, so that nobody sees which it is.
//
// Errors: the problem INVALID, RATE_LIMITED.
func (d *Devices) Begin(ctx context.Context, slug, address string) (*Pairing, error) {
	if err := d.begun.Take(ctx, address); err != nil {
		return nil, err
	}
	slug = strings.ToLower(strings.TrimSpace(slug))
	const most = 63
	if slug == "" || len(slug) > most || !utf8.ValidString(slug) || strings.ContainsRune(slug, 0) {
		return nil, errs.Problems{{Code: form.Invalid, Field: []string{"companySlug"}, Message: "This is no company's slug."}}
	}
	company, err := d.DB.CompanyBySlug(ctx, slug)
	unknown := errors.Is(err, postgres.ErrNoAccess)
	if err != nil && !unknown {
		return nil, err
	}
	if unknown {
		company = id.New[id.Company]()
	}
	random := make([]byte, codeBytes+secretSize)
	if _, err := io.ReadFull(d.Rand, random); err != nil {
		return nil, fmt.Errorf("read a code: %w", err)
	}
	now := d.Now()
	row := &devicePairing{ID: id.New[id.DevicePairing](), CreatedAt: now, ExpiresAt: now.Add(pairingTTL)}
	code := codeEncoding().EncodeToString(random[:codeBytes])
	secret := random[codeBytes:]
	row.CodeHash, row.SecretHash = d.codeHash(company, code), hashOf(secret)
	token, err := d.sealToken(company, row.ID, row.ExpiresAt, secret)
	if err != nil {
		return nil, err
	}
	ctx = tenancy.With(ctx, tenancy.New(tenancy.Spec{Company: company}))
	err = d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		// What is over is cleared away by who comes next.
		statements := []postgres.Statement{
			postgres.Exec(nil, tx.Delete((*devicePairing)(nil)).Where("?TableAlias.expires_at < ?", now.Add(-24*time.Hour))),
		}
		if !unknown {
			statements = append(statements, tx.Add(row))
		}
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return nil, err
	}
	const half = 4
	return &Pairing{Code: code[:half] + "-" + code[half:], PollToken: token, ExpiresAt: row.ExpiresAt}, nil
}

// codeHash can't be found by trying, short as the code is: it is made with a key that the database doesn't have.
func (d *Devices) codeHash(company id.Company, code string) []byte {
	return d.Sealer.MAC("pairing " + company.String() + " " + code)
}

func hashOf(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}

// The poll token is the company, the pairing, its end and its secret, sealed.
const tokenSize = 16 + 16 + 8 + secretSize

func (d *Devices) sealToken(company id.Company, pairing id.DevicePairing, until time.Time, secret []byte) (string, error) {
	plain := make([]byte, 0, tokenSize)
	c, p := company.UUID(), pairing.UUID()
	plain = append(append(plain, c[:]...), p[:]...)
	plain = binary.BigEndian.AppendUint64(plain, uint64(until.UnixMilli()))
	sealed, err := d.Sealer.Seal(append(plain, secret...), []byte("poll token"))
	if err != nil {
		return "", fmt.Errorf("seal a token: %w", err)
	}
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sealed), nil
}

type pollToken struct {
	company id.Company
	pairing id.DevicePairing
	until   time.Time
	hash    []byte
}

func (d *Devices) openToken(text string) (*pollToken, bool) {
	const most = 500
	if len(text) > most {
		return nil, false
	}
	sealed, err := base32.HexEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil, false
	}
	plain, _, err := d.Sealer.Open(sealed, []byte("poll token"))
	if err != nil || len(plain) != tokenSize {
		return nil, false
	}
	t := &pollToken{hash: hashOf(plain[40:])}
	copy(t.company[:], plain)
	copy(t.pairing[:], plain[16:])
	t.until = time.UnixMilli(int64(binary.BigEndian.Uint64(plain[32:]))) //nolint:gosec // what was put in
	return t, true
}

// Approve lets the till in that shows a code, as a register of the caller's stores.
//
// Errors: problems INVALID_CODE, NOT_FOUND and CLOSED, RATE_LIMITED.
func (d *Devices) Approve(ctx context.Context, code string, register id.Register) (*Register, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.guessed.Take(ctx, scope.User.String()+scope.Register.String()); err != nil {
		return nil, err
	}
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	now := d.Now()
	var r *Register
	err = d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		r = nil
		var pairing *devicePairing
		if err := tx.Send(ctx,
			postgres.Row(&r, tx.Select((*Register)(nil)).Where("?TableAlias.id = ?", register)),
			postgres.Row(&pairing, tx.Select((*devicePairing)(nil)).
				Where("?TableAlias.code_hash = ?", d.codeHash(scope.Company, code)).For("UPDATE"))); err != nil {
			return err
		}
		var p errs.Problems
		switch {
		case r == nil:
			p.Add(form.NotFound, []string{"registerId"}, "There is no such register.")
		case r.Status != Open:
			p.Add("CLOSED", []string{"registerId"}, "The register is closed.")
		}
		if pairing == nil || pairing.ApprovedAt != nil || !now.Before(pairing.ExpiresAt) {
			p.Add("INVALID_CODE", []string{"code"}, "No till is showing this code, or its time is over.")
		}
		if err := p.Err(); err != nil {
			return err
		}
		pairing.ApprovedAt, pairing.ForStoreID, pairing.ForRegisterID = &now, &r.StoreID, &r.ID
		if !scope.User.IsZero() {
			pairing.ApprovedByID = &scope.User
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(pairing).
			Column("approved_at", "approved_by_id", "for_store_id", "for_register_id").
			Where("?TableAlias.id = ?", pairing.ID)))
	})
	if err != nil {
		return nil, err
	}
	d.guessed.Give(ctx, scope.User.String()+scope.Register.String())
	return r, nil
}

func pending() error {
	return errs.Problems{{
		Code: "PENDING", Field: []string{"pollToken"}, Message: "Nobody has approved it yet. Ask again in a few seconds.",
	}}
}

func expired() error {
	return errs.Problems{{
		Code: "EXPIRED", Field: []string{"pollToken"},
		Message: "Its time is over, or the key was handed out already. Begin again.",
	}}
}

// Finish gives a till that was let in its device key, once; the register's old one stops working.
//
// Errors: problems PENDING and EXPIRED.
func (d *Devices) Finish(ctx context.Context, text string) (string, error) {
	now := d.Now()
	token, ok := d.openToken(text)
	if !ok || !now.Before(token.until) {
		return "", expired()
	}
	h, err := d.DB.Bind(tenancy.With(ctx, tenancy.New(tenancy.Spec{Company: token.company})))
	if err != nil {
		return "", err
	}
	var pairing *devicePairing
	if err := h.Read(ctx, postgres.Row(&pairing,
		h.Select((*devicePairing)(nil)).Where("?TableAlias.id = ?", token.pairing))); err != nil {
		return "", err
	}
	if pairing == nil || pairing.ApprovedAt == nil {
		return "", pending()
	}
	// The till acts as what it was let in as, and the rows are read again under a lock.
	ctx = tenancy.With(ctx, tenancy.New(tenancy.Spec{
		Company: token.company, Role: tenancy.Register, Register: *pairing.ForRegisterID,
		Stores: []id.Store{*pairing.ForStoreID},
	}))
	key, hash, err := auth.NewSecret(auth.KindRegisterKey, token.company.UUID(), pairing.ForRegisterID.UUID(), d.Rand)
	if err != nil {
		return "", fmt.Errorf("make a device key: %w", err)
	}
	err = d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var locked *devicePairing
		var r *Register
		if err := tx.Send(ctx,
			postgres.Row(&locked, tx.Select((*devicePairing)(nil)).Where("?TableAlias.id = ?", token.pairing).For("UPDATE")),
			postgres.Row(&r, tx.Select((*Register)(nil)).Where("?TableAlias.id = ?", *pairing.ForRegisterID).For("UPDATE")),
		); err != nil {
			return err
		}
		if locked == nil || locked.FinishedAt != nil || r == nil || r.Status != Open ||
			!auth.EqualHash(locked.SecretHash, token.hash) {
			return expired()
		}
		locked.FinishedAt = &now
		r.KeyRotatedAt, r.UpdatedAt = &now, now
		r.Version++
		return tx.Finish(ctx,
			postgres.Exec(nil, tx.Update(locked).Column("finished_at").Where("?TableAlias.id = ?", locked.ID)),
			postgres.Exec(nil, tx.Update(r).Column("key_rotated_at", "version", "updated_at").Where("?TableAlias.id = ?", r.ID)),
			putKey(tx, r, hash, now))
	})
	if err != nil {
		return "", err
	}
	return key, nil
}

// putKey writes a register's device key in place of the one that it has.
func putKey(tx *postgres.Tx, r *Register, hash []byte, now time.Time) postgres.Statement {
	key := &registerKey{KeyHash: hash, CreatedAt: now}
	key.StoreID, key.RegisterID = r.StoreID, r.ID
	return postgres.Exec(nil, tx.Insert(key).On("CONFLICT (tenant_id, store_id, register_id) DO UPDATE").
		// Not EXCLUDED.key_hash: that would read the column, which the server may only write.
		Set("key_hash = ?", hash).Set("created_at = ?", now))
}

// RevokeKey takes a register's device key away. What was begun with PINs at it ends with it.
//
// Errors: problems NOT_FOUND and NO_KEY.
func (d *Devices) RevokeKey(ctx context.Context, register id.Register) (*Register, error) {
	var r *Register
	err := d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		r = nil
		if err := tx.Send(ctx, postgres.Row(&r,
			tx.Select((*Register)(nil)).Where("?TableAlias.id = ?", register).For("UPDATE"))); err != nil {
			return err
		}
		if r == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such register."}}
		}
		var gone int64
		now := d.Now()
		r.KeyRotatedAt, r.UpdatedAt = nil, now
		r.Version++
		if err := tx.Send(ctx,
			postgres.Exec(&gone, tx.Delete((*registerKey)(nil)).Where("?TableAlias.register_id = ?", register)),
			postgres.Exec(nil, tx.Update(r).Column("key_rotated_at", "version", "updated_at").
				Where("?TableAlias.id = ?", register))); err != nil {
			return err
		}
		if gone == 0 {
			return errs.Problems{{Code: "NO_KEY", Field: []string{"id"}, Message: "The register has no key."}}
		}
		return tx.Finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Seen notes that a register asked for something, now and then and after its answer.
func (d *Devices) Seen(ctx context.Context) {
	scope, err := tenancy.From(ctx)
	if err != nil || d.SeenEvery <= 0 || scope.Register.IsZero() || !scope.User.IsZero() {
		return
	}
	register, now := scope.Register, d.Now()
	d.mu.Lock()
	due := now.Sub(d.seen[register]) >= d.SeenEvery
	if due {
		d.seen[register] = now
	}
	d.mu.Unlock()
	if !due {
		return
	}
	d.Later.Do(ctx, "note that a register was seen", func(ctx context.Context) error {
		return d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, tx.Update((*Register)(nil)).Set("last_seen_at = ?", now).
				Where("?TableAlias.id = ?", register)))
		})
	})
}
