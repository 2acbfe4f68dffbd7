package auth

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"
)

func sealer(t *testing.T, keys, purpose string) *Sealer {
	t.Helper()
	set, err := ParseKeySet(keys)
	noError(t, err)
	s, err := set.Sealer(purpose, rand.Reader)
	noError(t, err)
	return s
}

func TestSealer(t *testing.T) {
	t.Parallel()
	old, err := NewKey(rand.Reader)
	noError(t, err)
	next, err := NewKey(rand.Reader)
	noError(t, err)
	secret, owner := []byte("a secret"), []byte("its owner")
	s := sealer(t, old, "factors")
	sealed, err := s.Seal(secret, owner)
	noError(t, err)
	if bytes.Contains(sealed, secret) {
		t.Error("the secret stands in what was sealed")
	}
	opened, fresh, err := s.Open(sealed, owner)
	if err != nil || !fresh || !bytes.Equal(opened, secret) {
		t.Errorf("%q, %v, %v", opened, fresh, err)
	}
	// After a change of keys it still opens, and says that it should be sealed anew.
	opened, fresh, err = sealer(t, next+","+old, "factors").Open(sealed, owner)
	if err != nil || fresh || !bytes.Equal(opened, secret) {
		t.Errorf("%q, %v, %v", opened, fresh, err)
	}
	bad := bytes.Clone(sealed)
	bad[len(bad)-1] ^= 1
	for name, open := range map[string]func() error{
		"another owner":   func() error { _, _, err := s.Open(sealed, []byte("another")); return err },
		"another purpose": func() error { _, _, err := sealer(t, old, "pairings").Open(sealed, owner); return err },
		"another key":     func() error { _, _, err := sealer(t, next, "factors").Open(sealed, owner); return err },
		"changed":         func() error { _, _, err := s.Open(bad, owner); return err },
		"cut":             func() error { _, _, err := s.Open(sealed[:10], owner); return err },
		"nothing":         func() error { _, _, err := s.Open(nil, owner); return err },
	} {
		if err := open(); !errors.Is(err, ErrSealBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if bytes.Equal(s.MAC("a"), s.MAC("b")) || bytes.Equal(s.MAC("a"), sealer(t, next, "factors").MAC("a")) {
		t.Error("the MAC doesn't depend on text and key")
	}
}

// TestMatchTOTP: RFC 6238's test vectors (appendix B, the last six digits), the window, and that a step counts once.
func TestMatchTOTP(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
	} {
		now := time.Unix(at, 0)
		step, ok := MatchTOTP(secret, code, now, 0)
		if !ok || step != at/30 {
			t.Errorf("%s at %d: %d, %v", code, at, step, ok)
		}
		if _, ok := MatchTOTP(secret, code, now, step); ok {
			t.Errorf("%s was taken twice", code)
		}
		for off, want := range map[time.Duration]bool{
			30 * time.Second: true, -30 * time.Second: true, 90 * time.Second: false, -90 * time.Second: false,
		} {
			if _, ok := MatchTOTP(secret, code, now.Add(off), 0); ok != want {
				t.Errorf("%s, %v off: %v", code, off, ok)
			}
		}
	}
	for _, code := range []string{"", "28708", "2870820", "abcdef", "28708\x00"} {
		if _, ok := MatchTOTP(secret, code, time.Unix(59, 0), 0); ok {
			t.Errorf("%q was taken", code)
		}
	}
}
