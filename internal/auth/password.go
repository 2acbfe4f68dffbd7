package auth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

const (
	// MinPasswordLength is the least length of a new password, in characters:
	// NIST SP 800-63B's minimum, which asks for length and for no mixture.
	MinPasswordLength = 8
	// MaxPasswordBytes bounds what is fed to the hash.
	MaxPasswordBytes = 1024
)

// What a new hash costs: OWASP's password storage cheat sheet for Argon2id.
const (
	argonMemoryKiB = 19456
	argonPasses    = 2
	argonLanes     = 1
	saltBytes      = 16
	sumBytes       = 32
)

// Passwords hashes and verifies passwords. It is safe for concurrent use.
type Passwords struct {
	slots chan struct{}
	rand  io.Reader
}

// NewPasswords makes a Passwords that computes at most maxConcurrent hashes at
// once (at least one): each takes 19 MiB while it runs, or up to 64 MiB for a
// dearer hash that came from another system. Salts are read from rand.
func NewPasswords(maxConcurrent int, rand io.Reader) *Passwords {
	return &Passwords{slots: make(chan struct{}, max(1, maxConcurrent)), rand: rand}
}

// Hash gives the PHC string of a new password, under a new salt. Errors:
// [ErrPasswordTooShort], [ErrPasswordTooLong], the context's error when it ended
// before a place was free.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxPasswordBytes {
		return "", ErrPasswordTooLong
	}
	password = normalize(password)
	if utf8.RuneCountInString(password) < MinPasswordLength {
		return "", ErrPasswordTooShort
	}
	return p.hash(ctx, password)
}

// HashPIN gives the PHC string of a PIN, whose length is the caller's to judge: what protects so few digits is that
// guesses are counted. Errors: the context's error when it ended before a place was free.
func (p *Passwords) HashPIN(ctx context.Context, pin string) (string, error) { return p.hash(ctx, pin) }

func (p *Passwords) hash(ctx context.Context, password string) (string, error) {
	h := passwordHash{cost: currentCost(), salt: make([]byte, saltBytes)}
	if _, err := io.ReadFull(p.rand, h.salt); err != nil {
		return "", fmt.Errorf("auth: read a salt: %w", err)
	}
	var err error
	if h.sum, err = p.derive(ctx, password, h, sumBytes); err != nil {
		return "", err
	}
	return h.String(), nil
}

// Verify says whether the password is the one that was hashed. A wrong password
// is false and no error. Errors: [ErrHashInvalid], the context's error when it
// ended before a place was free.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	want, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	return p.matches(ctx, want, password)
}

// VerifyDummy takes the time that Verify takes and answers nothing. Call it when
// there is no such user, so that the time of the answer doesn't tell.
func (p *Passwords) VerifyDummy(ctx context.Context, password string) error {
	_, err := p.matches(ctx, nobodysHash(), password)
	return err
}

// nobodysHash costs what a new hash costs.
func nobodysHash() passwordHash {
	return passwordHash{cost: currentCost(), salt: make([]byte, saltBytes), sum: make([]byte, sumBytes)}
}

// NeedsRehash says whether a hash was made at another cost than new ones are.
// Ask it when a password has just been verified: then, and only then, it is at
// hand to be hashed anew.
func NeedsRehash(hash string) bool {
	h, err := parseHash(hash)
	return err != nil || h.cost != currentCost() || len(h.salt) < saltBytes || len(h.sum) < sumBytes
}

func (p *Passwords) matches(ctx context.Context, want passwordHash, password string) (bool, error) {
	// No password that long was ever hashed. The shortcut depends only on what
	// the caller sent, so its speed tells nothing about the user.
	if len(password) > MaxPasswordBytes {
		return false, nil
	}
	got, err := p.derive(ctx, normalize(password), want, len(want.sum))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want.sum) == 1, nil
}

// derive computes Argon2id once a place is free. The computation itself can't be
// cancelled; it takes some tens of milliseconds.
func (p *Passwords) derive(ctx context.Context, password string, h passwordHash, size int) ([]byte, error) {
	// select picks at random between two ready cases: an ended context goes first.
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("auth: hash a password: %w", err)
	}
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("auth: wait to hash a password: %w", ctx.Err())
	case p.slots <- struct{}{}:
	}
	defer func() { <-p.slots }()
	sum := argon2.IDKey([]byte(password), h.salt, h.cost.passes, h.cost.memoryKiB, h.cost.lanes, uint32(size)) //nolint:gosec // size is at most maxSumBytes
	return sum, nil
}

// normalize gives the same bytes for the same characters: one keyboard sends é
// as one code point, another as two, and both belong to the same cashier.
// RFC 8265 asks for NFC.
func normalize(password string) string { return norm.NFC.String(password) }
