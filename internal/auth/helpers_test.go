package auth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	testIssuer   = "https://shop.example"
	testAudience = "tillgraph"
)

// clock is a time that only a test moves.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

// testBundle is an issuer and a verifier that agree.
type testBundle struct {
	clock    *clock
	keys     *KeySet
	issuer   *Issuer
	verifier *Verifier
}

func setup(tb testing.TB) *testBundle {
	tb.Helper()
	return setupWith(tb, newKeys(tb))
}

// setupFixed is the same in every process, as fuzzing needs it.
func setupFixed(tb testing.TB) *testBundle {
	tb.Helper()
	return setupWith(tb, parseKeySet(tb, "fixed:"+strings.Repeat("A", 42)+"E"))
}

func setupWith(tb testing.TB, keys *KeySet) *testBundle {
	tb.Helper()
	b := &testBundle{clock: newClock(), keys: keys}
	b.issuer = newIssuer(tb, b.clock, b.keys)
	b.verifier = newVerifier(tb, b.config())
	return b
}

func (b *testBundle) config() VerifierConfig {
	return VerifierConfig{
		Keys: b.keys, Issuer: testIssuer, Audience: testAudience,
		Leeway: DefaultLeeway, CacheSize: 16, Now: b.clock.now,
	}
}

func (b *testBundle) claims() Claims {
	return Claims{
		Tenant: uuid.New(), Subject: uuid.New(), Session: uuid.New(),
		ExpiresAt: b.clock.now().Add(15 * time.Minute),
	}
}

func newKeys(tb testing.TB) *KeySet {
	tb.Helper()
	return parseKeySet(tb, newKeyText(tb))
}

func newKeyText(tb testing.TB) string {
	tb.Helper()
	text, err := NewKey(rand.Reader)
	noError(tb, err)
	return text
}

func parseKeySet(tb testing.TB, text string) *KeySet {
	tb.Helper()
	keys, err := ParseKeySet(text)
	noError(tb, err)
	return keys
}

func newIssuer(tb testing.TB, c *clock, keys *KeySet) *Issuer {
	tb.Helper()
	issuer, err := NewIssuer(IssuerConfig{
		Keys: keys, Issuer: testIssuer, Audience: testAudience, Now: c.now, Rand: rand.Reader,
	})
	noError(tb, err)
	return issuer
}

func newVerifier(tb testing.TB, config VerifierConfig) *Verifier {
	tb.Helper()
	v, err := NewVerifier(config)
	noError(tb, err)
	tb.Cleanup(v.Close)
	return v
}

func issue(tb testing.TB, issuer *Issuer, claims Claims) string {
	tb.Helper()
	token, err := issuer.Issue(claims)
	noError(tb, err)
	return token
}

// forge signs whatever it is told to.
func forge(tb testing.TB, method jwt.SigningMethod, key any, header map[string]any, claims jwt.MapClaims) string {
	tb.Helper()
	token := jwt.NewWithClaims(method, claims)
	maps.Copy(token.Header, header)
	for name, value := range header {
		if value == nil {
			delete(token.Header, name)
		}
	}
	text, err := token.SignedString(key)
	noError(tb, err)
	return text
}

// with gives a copy of the claims in which one is replaced, or left out for nil.
func with(claims jwt.MapClaims, name string, value any) jwt.MapClaims {
	claims = maps.Clone(claims)
	claims[name] = value
	if value == nil {
		delete(claims, name)
	}
	return claims
}

// withNull gives a copy of the claims in which one is null.
func withNull(claims jwt.MapClaims, name string) jwt.MapClaims {
	claims = maps.Clone(claims)
	claims[name] = nil
	return claims
}

// tamper changes a claim and leaves the signature as it was.
func tamper(tb testing.TB, token, name string, value any) string {
	tb.Helper()
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	noError(tb, err)
	var claims map[string]any
	noError(tb, json.Unmarshal(payload, &claims))
	claims[name] = value
	payload, err = json.Marshal(claims)
	noError(tb, err)
	parts[1] = base64.RawURLEncoding.EncodeToString(payload)
	return strings.Join(parts, ".")
}

func noError(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatalf("unexpected error: %s", Detail(err))
	}
}

func equal[T comparable](tb testing.TB, got, want T) {
	tb.Helper()
	if got != want {
		tb.Fatalf("got %v, want %v", got, want)
	}
}
