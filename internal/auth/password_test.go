package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"
)

const goodPassword = "correct horse"

func newPasswords() *Passwords { return NewPasswords(2, rand.Reader) }

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	hash, err := p.Hash(t.Context(), goodPassword)
	noError(t, err)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash %s", hash)
	}
	again, err := p.Hash(t.Context(), goodPassword)
	noError(t, err)
	if hash == again {
		t.Fatal("two hashes have one salt")
	}
	for password, want := range map[string]bool{
		goodPassword: true, "correct horsf": false, "": false, goodPassword + " ": false, goodPassword + "\x00": false,
		strings.Repeat("x", MaxPasswordBytes+1): false,
	} {
		ok, err := p.Verify(t.Context(), hash, password)
		noError(t, err)
		equal(t, ok, want)
	}
	equal(t, NeedsRehash(hash), false)
}

func TestPasswordLength(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	for _, c := range []struct {
		password string
		want     error
	}{
		{"", ErrPasswordTooShort},
		{"1234567", ErrPasswordTooShort},
		{"12345678", nil},
		{"кассирша", nil},                                   // characters, not bytes
		{"ключик7", ErrPasswordTooShort},                    // thirteen bytes, seven characters
		{strings.Repeat("e\u0301", 7), ErrPasswordTooShort}, // fourteen code points as sent
		{strings.Repeat("x", MaxPasswordBytes), nil},
		{strings.Repeat("x", MaxPasswordBytes+1), ErrPasswordTooLong},
	} {
		if _, err := p.Hash(t.Context(), c.password); !errors.Is(err, c.want) {
			t.Errorf("%q: %v", c.password, err)
		}
	}
}

// One keyboard composes é, another sends e and an accent.
func TestPasswordComposition(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	hash, err := p.Hash(t.Context(), "caf\u00e9 1234")
	noError(t, err)
	ok, err := p.Verify(t.Context(), hash, "cafe\u0301 1234")
	noError(t, err)
	equal(t, ok, true)
}

// Hashes of other parameters go on working, and ask to be made anew.
func TestVerifyOtherCosts(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	for _, cost := range []argonCost{{8, 1, 1}, {19456, 3, 1}, {64 * 1024, 1, 4}, {64, 10, 8}} {
		salt := []byte("saltsalt")
		sum := argon2.IDKey([]byte(goodPassword), salt, cost.passes, cost.memoryKiB, cost.lanes, 32)
		hash := passwordHash{cost: cost, salt: salt, sum: sum}.String()
		ok, err := p.Verify(t.Context(), hash, goodPassword)
		noError(t, err)
		equal(t, ok, true)
		equal(t, NeedsRehash(hash), true)
	}
}

// The reference implementation's own vector, so that hashes from elsewhere
// verify here and ours there.
func TestKnownHash(t *testing.T) {
	t.Parallel()
	// echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, err := newPasswords().Verify(t.Context(), hash, "password")
	noError(t, err)
	equal(t, ok, true)
}

const (
	someSalt = "c29tZXNhbHQ"
	someSum  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	someHash = "$argon2id$v=19$m=19456,t=2,p=1$" + someSalt + "$" + someSum
)

func hostileHashes() map[string]string {
	cost := func(c string) string { return "$argon2id$v=19$" + c + "$" + someSalt + "$" + someSum }
	parts := func(salt, sum string) string { return "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + sum }
	zeros := func(n int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }
	return map[string]string{
		"empty":                 "",
		"dollars":               "$$$$$",
		"gigabytes":             cost("m=4194304,t=2,p=1"),
		"just too much memory":  cost("m=65537,t=2,p=1"),
		"memory overflows":      cost("m=4294967297,t=2,p=1"),
		"memory of 30 digits":   cost("m=" + strings.Repeat("9", 30) + ",t=2,p=1"),
		"no memory":             cost("m=0,t=2,p=1"),
		"too little for lanes":  cost("m=63,t=2,p=8"),
		"negative memory":       cost("m=-1,t=2,p=1"),
		"signed memory":         cost("m=+19456,t=2,p=1"),
		"leading zero":          cost("m=019456,t=2,p=1"),
		"hexadecimal":           cost("m=0x4000,t=2,p=1"),
		"no number":             cost("m=,t=2,p=1"),
		"years of passes":       cost("m=19456,t=4294967295,p=1"),
		"no passes":             cost("m=19456,t=0,p=1"),
		"no lanes":              cost("m=19456,t=2,p=0"),
		"lanes overflow a byte": cost("m=19456,t=2,p=257"),
		"too many lanes":        cost("m=19456,t=2,p=9"),
		"other order":           cost("t=2,m=19456,p=1"),
		"missing parameter":     cost("m=19456,t=2"),
		"extra parameter":       cost("m=19456,t=2,p=1,keyid=a"),
		"argon2i":               strings.Replace(someHash, "argon2id", "argon2i", 1),
		"older version":         strings.Replace(someHash, "v=19", "v=16", 1),
		"no version":            strings.Replace(someHash, "$v=19", "", 1),
		"bcrypt":                "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"extra part":            someHash + "$",
		"something in front":    "x" + someHash,
		"line break":            someHash + "\n",
		"line break in salt":    parts("c29t\nZXNhbHQ", someSum),
		"no salt":               parts("", someSum),
		"short salt":            parts(zeros(minSaltBytes-1), someSum),
		"long salt":             parts(zeros(maxSaltBytes+1), someSum),
		"no sum":                parts(someSalt, ""),
		"short sum":             parts(someSalt, zeros(minSumBytes-1)),
		"long sum":              parts(someSalt, zeros(maxSumBytes+1)),
		"padded":                parts(someSalt+"=", someSum),
		"base64url":             parts(someSalt, strings.Repeat("_", 43)),
		"loose bits":            parts(someSalt, someSum[:42]+"d"),
		"very long":             parts(strings.Repeat("A", 1<<20), someSum),
	}
}

func TestHostileHashes(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	_, err := parseHash(someHash)
	noError(t, err)
	for name, hash := range hostileHashes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// In an ended context a computation would be refused for that.
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			ok, err := p.Verify(ctx, hash, goodPassword)
			equal(t, ok, false)
			equal(t, errors.Is(err, ErrHashInvalid), true)
			equal(t, errors.Is(err, context.Canceled), false)
			equal(t, NeedsRehash(hash), true)
			if len(hash) > 20 && strings.Contains(err.Error(), hash[len(hash)-10:]) {
				t.Errorf("the error quotes the hash: %v", err)
			}
		})
	}
}

func TestPasswordsWaitForAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPasswords(0, rand.Reader)
		equal(t, cap(p.slots), 1)
		p.slots <- struct{}{} // somebody else computes
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Hash(ctx, goodPassword)
		equal(t, errors.Is(err, context.DeadlineExceeded), true)
		_, err = p.Verify(ctx, someHash, goodPassword)
		equal(t, errors.Is(err, context.DeadlineExceeded), true)
		equal(t, errors.Is(p.VerifyDummy(ctx, goodPassword), context.DeadlineExceeded), true)
		equal(t, len(p.slots), 1)

		<-p.slots
		for range 20 { // even though there is a place now
			equal(t, errors.Is(p.VerifyDummy(ctx, goodPassword), context.DeadlineExceeded), true)
		}
		noError(t, p.VerifyDummy(t.Context(), goodPassword))
		equal(t, len(p.slots), 0) // the place is given back
	})
}

// The clock must not tell who has an account. Equal work, not equal time, is what
// a test can see on a busy machine.
func TestVerifyDummyDoesTheSameWork(t *testing.T) {
	t.Parallel()
	text, err := newPasswords().Hash(t.Context(), goodPassword)
	noError(t, err)
	known, err := parseHash(text)
	noError(t, err)
	nobody := nobodysHash()
	equal(t, nobody.cost, known.cost)
	equal(t, len(nobody.salt), len(known.salt))
	equal(t, len(nobody.sum), len(known.sum))
	noError(t, newPasswords().VerifyDummy(t.Context(), goodPassword))
	noError(t, newPasswords().VerifyDummy(t.Context(), strings.Repeat("x", MaxPasswordBytes+1)))
}

func TestHashReportsAFailingRandomSource(t *testing.T) {
	t.Parallel()
	p := NewPasswords(1, bytes.NewReader([]byte("short")))
	if hash, err := p.Hash(t.Context(), goodPassword); err == nil {
		t.Fatalf("hashed without a salt: %s", hash)
	}
}

func TestHashTextRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.Uint32Range(1, maxArgonLanes).Draw(t, "lanes")
		h := passwordHash{
			cost: argonCost{
				memoryKiB: rapid.Uint32Range(8*lanes, maxArgonMemoryKiB).Draw(t, "memory"),
				passes:    rapid.Uint32Range(1, maxArgonPasses).Draw(t, "passes"),
				lanes:     uint8(lanes),
			},
			salt: rapid.SliceOfN(rapid.Byte(), minSaltBytes, maxSaltBytes).Draw(t, "salt"),
			sum:  rapid.SliceOfN(rapid.Byte(), minSumBytes, maxSumBytes).Draw(t, "sum"),
		}
		got, err := parseHash(h.String())
		if err != nil || got.String() != h.String() || len(h.String()) > maxHashText {
			t.Fatalf("%s became %s, %v", h, got, err)
		}
	})
}

// FuzzParseHash: a text is refused, or it is the one text of a hash that is
// within the bounds.
func FuzzParseHash(f *testing.F) {
	f.Add(someHash)
	for _, hash := range hostileHashes() {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			if !errors.Is(err, ErrHashInvalid) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if h.String() != text || !withinBounds(h) {
			t.Fatalf("%q became %+v", text, h)
		}
	})
}

func withinBounds(h passwordHash) bool {
	cost := h.cost.memoryKiB <= maxArgonMemoryKiB && h.cost.passes-1 < maxArgonPasses && h.cost.lanes-1 < maxArgonLanes
	return cost && len(h.salt) <= maxSaltBytes && len(h.sum) >= minSumBytes && len(h.sum) <= maxSumBytes
}
