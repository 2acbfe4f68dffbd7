package auth

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func newSecret(tb testing.TB, kind Kind) (text string, tenant, object uuid.UUID, hash []byte) {
	tb.Helper()
	tenant, object = uuid.New(), uuid.New()
	text, hash, err := NewSecret(kind, tenant, object, rand.Reader)
	noError(tb, err)
	return text, tenant, object, hash
}

func newSecretText(tb testing.TB) string {
	tb.Helper()
	text, _, _, _ := newSecret(tb, KindRegisterKey) //nolint:dogsled // the text is all
	return text
}

func TestSecretRoundTrip(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{KindRegisterKey, KindRefreshToken} {
		text, tenant, object, hash := newSecret(t, kind)
		if !regexp.MustCompile(`^tg[kr]_[A-Za-z0-9_-]{92}$`).MatchString(text) {
			t.Fatalf("form of %s", text)
		}
		gotTenant, gotObject, gotHash, err := ParseSecret(kind, text)
		noError(t, err)
		equal(t, gotTenant, tenant)
		equal(t, gotObject, object)
		equal(t, EqualHash(hash, gotHash), true)
		gotKind, ok := KindOf(text)
		equal(t, gotKind, kind)
		equal(t, ok, true)
	}
}

// The hash is of the random part alone, so it is worth nothing to who reads the
// database: it can't be turned back into the text.
func TestSecretHash(t *testing.T) {
	t.Parallel()
	random := bytes.Repeat([]byte{7}, secretRandomBytes)
	_, hash, err := NewSecret(KindRegisterKey, uuid.New(), uuid.New(), bytes.NewReader(random))
	noError(t, err)
	want := sha256.Sum256(random)
	equal(t, bytes.Equal(hash, want[:]), true)
}

func TestSecretRefuses(t *testing.T) {
	t.Parallel()
	text := newSecretText(t)
	resum := func(body string) string { return body + secretChecksum(body) }
	encode := func(body []byte) string {
		return resum("tgk_" + base64.RawURLEncoding.EncodeToString(body))
	}
	ids := uuid.New()
	zero := make([]byte, 16)
	random := bytes.Repeat([]byte{1}, 32)
	for name, bad := range map[string]string{
		"empty":             "",
		"prefix only":       "tgk_",
		"cut short":         text[:len(text)-1],
		"longer":            text + "A",
		"line break behind": text + "\n",
		"line break within": text[:50] + "\n" + text[51:],
		"blank in front":    " " + text[:len(text)-1],
		"other kind":        "tgr_" + text[4:],
		"other kind, sum":   resum("tgr_" + text[4:len(text)-6]),
		"upper case prefix": "TGK_" + text[4:],
		"no checksum":       text[:len(text)-6] + "AAAAAA",
		"not base64":        resum("tgk_" + strings.Repeat("!", 86)),
		"loose bits":        resum(text[:len(text)-7] + "_"),
		"line breaks, sum":  resum("tgk_" + strings.Repeat("\n", 2) + strings.Repeat("A", 84)),
		"no company":        encode(append(append(append([]byte{}, zero...), ids[:]...), random...)),
		"no object":         encode(append(append(append([]byte{}, ids[:]...), zero...), random...)),
		"a JWT":             "eyJhbGciOiJFZERTQSJ9.e30.AA",
		"very long":         strings.Repeat("A", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant, object, hash, err := ParseSecret(KindRegisterKey, bad)
			if !errors.Is(err, ErrSecretInvalid) || tenant != uuid.Nil || object != uuid.Nil || hash != nil {
				t.Fatalf("got %v %v %x %v", tenant, object, hash, err)
			}
		})
	}
	if _, _, _, err := ParseSecret("tgx_", "tgx_"+text[4:]); !errors.Is(err, ErrSecretInvalid) {
		t.Errorf("unknown kind: %v", err)
	}
}

// A CRC-32 finds every single wrong character, and neighbours that were swapped.
func TestSecretTypos(t *testing.T) {
	t.Parallel()
	text := newSecretText(t)
	for i := 4; i < len(text); i++ {
		typo := []byte(text)
		typo[i] = 'A'
		if text[i] == 'A' {
			typo[i] = 'B'
		}
		if _, _, _, err := ParseSecret(KindRegisterKey, string(typo)); err == nil {
			t.Errorf("accepted a wrong character at %d", i)
		}
		swapped := []byte(text)
		swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
		if _, _, _, err := ParseSecret(KindRegisterKey, string(swapped)); err == nil && string(swapped) != text {
			t.Errorf("accepted swapped characters at %d", i)
		}
	}
}

func TestNewSecretRefuses(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	if _, _, err := NewSecret("tgx_", id, id, rand.Reader); err == nil {
		t.Error("unknown kind")
	}
	if _, _, err := NewSecret(KindRegisterKey, uuid.Nil, id, rand.Reader); err == nil {
		t.Error("no company")
	}
	if _, _, err := NewSecret(KindRegisterKey, id, uuid.Nil, rand.Reader); err == nil {
		t.Error("no object")
	}
	if _, _, err := NewSecret(KindRegisterKey, id, id, bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("too little randomness")
	}
}

func TestEqualHash(t *testing.T) {
	t.Parallel()
	one, two := hashSecret([]byte("one")), hashSecret([]byte("two"))
	equal(t, EqualHash(one, bytes.Clone(one)), true)
	equal(t, EqualHash(one, two), false)
	equal(t, EqualHash(nil, one), false)
	equal(t, EqualHash(one, nil), false)
	equal(t, EqualHash(nil, nil), false) // a row without a key lets nobody in
	equal(t, EqualHash([]byte{}, []byte{}), false)
	equal(t, EqualHash(one[:31], one[:31]), false)
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "tgx_", "tg", "eyJhbGciOiJFZERTQSJ9.e30.AA"} {
		if kind, ok := KindOf(text); ok {
			t.Errorf("%q is %q", text, kind)
		}
	}
}

func TestSecretProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []byte { return rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name) }
		ids, random := draw("ids"), draw("random")
		ids[0], ids[16] = ids[0]|1, ids[16]|1 // never zero
		tenant, object := uuid.UUID(ids[:16]), uuid.UUID(ids[16:])
		text, hash, err := NewSecret(KindRefreshToken, tenant, object, bytes.NewReader(random))
		if err != nil {
			t.Fatal(err)
		}
		gotTenant, gotObject, gotHash, err := ParseSecret(KindRefreshToken, text)
		if err != nil || gotTenant != tenant || gotObject != object || !EqualHash(hash, gotHash) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// FuzzParseSecret: a text is refused, or it is the one text of its ids and
// random part.
func FuzzParseSecret(f *testing.F) {
	for _, kind := range []Kind{KindRegisterKey, KindRefreshToken} {
		id := uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8") // fixed: every process fuzzes from the same seeds
		text, _, err := NewSecret(kind, id, id, bytes.NewReader(make([]byte, secretRandomBytes)))
		noError(f, err)
		f.Add(string(kind), text)
		f.Add(string(kind), text[:len(text)-1])
		f.Add(string(kind), text+"\n")
		f.Add("tgk_", strings.ToUpper(text))
	}
	f.Add("", "")
	f.Add("tgk_", "tgk_"+strings.Repeat("A", 92))
	f.Fuzz(func(t *testing.T, kind, text string) {
		tenant, object, hash, err := ParseSecret(Kind(kind), text)
		if err != nil {
			if !errors.Is(err, ErrSecretInvalid) || hash != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		body, _ := secretBody(Kind(kind), text)
		again, sameHash, err := NewSecret(Kind(kind), tenant, object, bytes.NewReader(body[secretIDBytes:]))
		if err != nil || again != text || !EqualHash(hash, sameHash) {
			t.Fatalf("%q became %q, %v", text, again, err)
		}
	})
}
