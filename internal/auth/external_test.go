package auth

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	outsideIssuer   = "https://id.example"
	outsideAudience = "https://api.shop.example"
)

// rsaKeys makes one RSA key for all tests: they are slow to make.
var rsaKeys = sync.OnceValues(func() (*rsa.PublicKey, *rsa.PrivateKey) {
	key, err := rsa.GenerateKey(rand.Reader, minRSABits)
	if err != nil {
		panic(err)
	}
	return &key.PublicKey, key
})

// identityProvider is an outside issuer: its keys, and the door to them.
type identityProvider struct {
	requests atomic.Int64
	mu       sync.Mutex
	answer   http.HandlerFunc
}

func (p *identityProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.requests.Add(1)
	p.mu.Lock()
	answer := p.answer
	p.mu.Unlock()
	answer(w, r)
}

// RoundTrip serves without a network, for tests in which time stands still.
func (p *identityProvider) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (p *identityProvider) answers(h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = h
}

func (p *identityProvider) fails(status int) {
	p.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func (p *identityProvider) says(body []byte) {
	p.answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
}

func (p *identityProvider) hangs() {
	p.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

func (p *identityProvider) publishes(tb testing.TB, keys map[string]any) {
	tb.Helper()
	p.says(jwks(tb, keys))
}

// jwks is a key set of public keys by kid.
func jwks(tb testing.TB, keys map[string]any) []byte {
	tb.Helper()
	set := jwkset.JWKSMarshal{}
	for kid, key := range keys {
		jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid}})
		noError(tb, err)
		set.Keys = append(set.Keys, jwk.Marshal())
	}
	body, err := json.Marshal(set)
	noError(tb, err)
	return body
}

func outside(url string) ExternalIssuer {
	return ExternalIssuer{Issuer: outsideIssuer, Audience: outsideAudience, JWKSURL: url}
}

// offlineIssuer is an outside issuer whose door leads nowhere.
func offlineIssuer() (ExternalIssuer, *identityProvider) {
	p := &identityProvider{}
	p.fails(http.StatusServiceUnavailable)
	return outside("https://id.example/keys"), p
}

func offlineClient() *http.Client {
	_, p := offlineIssuer()
	return &http.Client{Transport: p}
}

// outsideBundle is a verifier of one outside issuer, over HTTP on this host.
type outsideBundle struct {
	*testBundle

	tb       testing.TB
	provider *identityProvider
	url      string
	kid      string
	key      ed25519.PrivateKey
}

func setupOutside(tb testing.TB, adjust func(*VerifierConfig)) *outsideBundle {
	tb.Helper()
	b := &outsideBundle{testBundle: setup(tb), tb: tb, provider: &identityProvider{}, kid: "first"}
	server := httptest.NewServer(b.provider)
	tb.Cleanup(server.Close)
	b.url = server.URL
	public, private, err := ed25519.GenerateKey(rand.Reader)
	noError(tb, err)
	b.key = private
	b.provider.publishes(tb, map[string]any{b.kid: public})
	config := b.config()
	config.External = []ExternalIssuer{outside(b.url)}
	if adjust != nil {
		adjust(&config)
	}
	b.verifier = newVerifier(tb, config)
	return b
}

func (b *outsideBundle) claims() jwt.MapClaims { return outsideClaims(b.clock.now()) }

func outsideClaims(now time.Time) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": outsideIssuer, "aud": outsideAudience, "sub": "auth0|anna", "tenant_id": uuid.NewString(),
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(),
	}
}

func (b *outsideBundle) token(tb testing.TB, claims jwt.MapClaims) string {
	tb.Helper()
	return forge(tb, jwt.SigningMethodEdDSA, b.key, map[string]any{"kid": b.kid}, claims)
}

func TestExternalIdentity(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	equal(t, b.provider.requests.Load(), 0) // lazily
	claims := b.claims()
	got, err := b.verifier.Verify(t.Context(), b.token(t, claims))
	noError(t, err)
	equal(t, any(got.Tenant.String()), claims["tenant_id"])
	equal(t, got.ExternalSubject, "auth0|anna")
	equal(t, got.User, uuid.Nil)
	equal(t, got.Session, uuid.Nil)
	equal(t, got.Issuer, outsideIssuer)
	equal(t, got.ExpiresAt.Equal(b.clock.now().Add(time.Hour)), true)

	// Our own tokens go on being ours, and cost no fetch.
	own := b.testBundle.claims()
	got, err = b.verifier.Verify(t.Context(), issue(t, b.issuer, own))
	noError(t, err)
	equal(t, got.User, own.Subject)
	equal(t, b.provider.requests.Load(), 1)
}

func TestExternalAlgorithms(t *testing.T) {
	t.Parallel()
	rsaPublic, rsaPrivate := rsaKeys()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	for _, c := range []struct {
		method  jwt.SigningMethod
		public  any
		private any
	}{
		{jwt.SigningMethodRS256, rsaPublic, rsaPrivate},
		{jwt.SigningMethodPS256, rsaPublic, rsaPrivate},
		{jwt.SigningMethodES256, &ec.PublicKey, ec},
	} {
		alg := c.method.Alg()
		for _, allowed := range [][]string{nil, {alg}, {"EdDSA"}} {
			t.Run(alg+" of "+strings.Join(allowed, " "), func(t *testing.T) {
				t.Parallel()
				b := setupOutside(t, func(config *VerifierConfig) { config.External[0].Algorithms = allowed })
				b.provider.publishes(t, map[string]any{"k": c.public})
				token := forge(t, c.method, c.private, map[string]any{"kid": "k", "typ": "at+jwt"}, b.claims())
				identity, err := b.verifier.Verify(t.Context(), token)
				if allowed == nil || allowed[0] == alg {
					noError(t, err)
					return
				}
				refused(t, identity, err, ErrTokenInvalid)
				equal(t, b.provider.requests.Load(), 0) // nobody is asked for a token of no use
			})
		}
	}
}

func TestExternalRefuses(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	claims := b.claims()
	at := func(d time.Duration) int64 { return b.clock.now().Add(d).Unix() }
	public, _ := b.key.Public().(ed25519.PublicKey)
	_, rsaPrivate := rsaKeys()
	headed := func(name string, value any) string {
		return forge(t, jwt.SigningMethodEdDSA, b.key, map[string]any{"kid": b.kid, name: value}, claims)
	}
	own := b.testBundle
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"issuer nobody knows":     {b.token(t, with(claims, "iss", "https://evil.example")), ErrTokenInvalid},
		"issuer missing":          {b.token(t, with(claims, "iss", nil)), ErrTokenInvalid},
		"issuer with a slash":     {b.token(t, with(claims, "iss", outsideIssuer+"/")), ErrTokenInvalid},
		"issuer is us":            {b.token(t, with(claims, "iss", testIssuer)), ErrTokenInvalid},
		"our key, their name":     {forge(t, jwt.SigningMethodEdDSA, own.keys.signing, map[string]any{"kid": own.keys.ids[0]}, claims), ErrTokenInvalid},
		"their kid, our key":      {forge(t, jwt.SigningMethodEdDSA, own.keys.signing, map[string]any{"kid": b.kid}, claims), ErrTokenInvalid},
		"audience of another":     {b.token(t, with(claims, "aud", testAudience)), ErrTokenInvalid},
		"audience missing":        {b.token(t, with(claims, "aud", nil)), ErrTokenInvalid},
		"expired":                 {b.token(t, with(claims, "exp", at(-time.Hour))), ErrTokenExpired},
		"exp missing":             {b.token(t, with(claims, "exp", nil)), ErrTokenInvalid},
		"exp in other letters":    {b.token(t, with(with(claims, "exp", nil), "Exp", at(time.Hour))), ErrTokenInvalid},
		"exp zero":                {b.token(t, with(claims, "exp", 0)), ErrTokenInvalid},
		"exp no number":           {b.token(t, with(claims, "exp", "x")), ErrTokenInvalid},
		"not yet":                 {b.token(t, with(claims, "nbf", at(time.Hour))), ErrTokenInvalid},
		"nbf no number":           {b.token(t, with(claims, "nbf", "x")), ErrTokenInvalid},
		"tenant no UUID":          {b.token(t, with(claims, "tenant_id", "acme")), ErrTokenInvalid},
		"tenant missing":          {b.token(t, with(claims, "tenant_id", nil)), ErrTokenInvalid},
		"tenant in other letters": {b.token(t, with(with(claims, "tenant_id", nil), "Tenant_ID", uuid.NewString())), ErrTokenInvalid},
		"tenant a list":           {b.token(t, with(claims, "tenant_id", []string{uuid.NewString()})), ErrTokenInvalid},
		"sub missing":             {b.token(t, with(claims, "sub", nil)), ErrTokenInvalid},
		"sub empty":               {b.token(t, with(claims, "sub", "")), ErrTokenInvalid},
		"sub a number":            {b.token(t, with(claims, "sub", 4)), ErrTokenInvalid},
		"sub very long":           {b.token(t, with(claims, "sub", strings.Repeat("s", 256))), ErrTokenInvalid},
		"sub with U+0000":         {b.token(t, with(claims, "sub", "a\x00b")), ErrTokenInvalid},
		"kid missing":             {headed("kid", nil), ErrTokenInvalid},
		"kid unknown":             {headed("kid", "nobody"), ErrTokenInvalid},
		"kid very long":           {headed("kid", strings.Repeat("k", 300)), ErrTokenInvalid},
		"typ of a logout token":   {headed("typ", "logout+jwt"), ErrTokenInvalid},
		"typ no text":             {headed("typ", 1), ErrTokenInvalid},
		"critical extension":      {headed("crit", []string{"exp"}), ErrTokenInvalid},
		"alg none":                {forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"kid": b.kid}, claims), ErrTokenInvalid},
		"HS256 by the public key": {forge(t, jwt.SigningMethodHS256, []byte(public), map[string]any{"kid": b.kid}, claims), ErrTokenInvalid},
		"RS256 by an Ed25519 kid": {forge(t, jwt.SigningMethodRS256, rsaPrivate, map[string]any{"kid": b.kid}, claims), ErrTokenInvalid},
		"RS512, never allowed":    {forge(t, jwt.SigningMethodRS512, rsaPrivate, map[string]any{"kid": b.kid}, claims), ErrTokenInvalid},
		"tampered tenant":         {tamper(t, b.token(t, claims), "tenant_id", uuid.NewString()), ErrTokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity, err := b.verifier.Verify(t.Context(), c.token)
			refused(t, identity, err, c.want)
		})
	}
}

func TestExternalTypes(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	for _, typ := range []string{"JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT"} {
		header := map[string]any{"kid": b.kid, "typ": typ}
		_, err := b.verifier.Verify(t.Context(), forge(t, jwt.SigningMethodEdDSA, b.key, header, b.claims()))
		noError(t, err)
	}
	header := map[string]any{"kid": b.kid, "typ": nil}
	_, err := b.verifier.Verify(t.Context(), forge(t, jwt.SigningMethodEdDSA, b.key, header, b.claims()))
	noError(t, err)
}

func TestExternalTenantClaimHasAnyName(t *testing.T) {
	t.Parallel()
	const name = "https://shop.example/company"
	b := setupOutside(t, func(c *VerifierConfig) { c.External[0].TenantClaim = name })
	claims := with(b.claims(), "tenant_id", nil)
	company := uuid.New()
	got, err := b.verifier.Verify(t.Context(), b.token(t, with(claims, name, company.String())))
	noError(t, err)
	equal(t, got.Tenant, company)
	identity, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrTokenInvalid)
}

func TestKeysURLMustBeHTTPS(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://id.example/keys":         true,
		"http://localhost:8080/keys":      true,
		"http://127.0.0.1/keys":           true,
		"http://127.8.9.1/keys":           true,
		"http://[::1]:9/keys":             true,
		"http://id.example/keys":          false,
		"http://localhost.example/keys":   false,
		"http://10.0.0.1/keys":            false,
		"https://user:secret@id.example/": false,
		"ftp://127.0.0.1/keys":            false,
		"file:///etc/keys":                false,
		"https:///keys":                   false,
		"/keys":                           false,
		"":                                false,
		"https://id example/":             false,
	} {
		if err := outside(url).validate(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestExternalOverTLS(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	server := httptest.NewUnstartedServer(b.provider)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the second client hangs up, as it should
	server.StartTLS()
	t.Cleanup(server.Close)
	config := b.config()
	config.External = []ExternalIssuer{outside(server.URL)}
	config.HTTPClient = server.Client()
	_, err := newVerifier(t, config).Verify(t.Context(), b.token(t, b.claims()))
	noError(t, err)

	config.HTTPClient = nil // which doesn't trust that certificate
	identity, err := newVerifier(t, config).Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrKeysUnavailable)
}

func TestExternalKeysUnavailable(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*outsideBundle){
		"server error": func(b *outsideBundle) { b.provider.fails(http.StatusInternalServerError) },
		"not found":    func(b *outsideBundle) { b.provider.fails(http.StatusNotFound) },
		"redirect": func(b *outsideBundle) {
			good := b.provider.answer
			b.provider.answers(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					good(w, r) // good keys, but not where they were to be
					return
				}
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
			})
		},
		"no JSON":    func(b *outsideBundle) { b.provider.says([]byte("<html>")) },
		"no keys":    func(b *outsideBundle) { b.provider.says([]byte(`{"keys":[]}`)) },
		"other JSON": func(b *outsideBundle) { b.provider.says([]byte(`[1]`)) },
		"too large": func(b *outsideBundle) {
			good := b.provider.answer
			b.provider.answers(func(w http.ResponseWriter, r *http.Request) {
				good(w, r)
				_, _ = w.Write(bytes.Repeat([]byte(" "), maxKeysBody)) // still JSON
			})
		},
		"cut short": func(b *outsideBundle) {
			b.provider.answers(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, `{"keys":[`)
			})
		},
		"too many keys": func(b *outsideBundle) {
			public, _ := b.key.Public().(ed25519.PublicKey)
			keys := map[string]any{b.kid: public}
			for range maxOutsideKeys {
				keys[uuid.NewString()] = public
			}
			b.provider.publishes(b.tb, keys)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupOutside(t, nil)
			spoil(b)
			for range 3 {
				identity, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
				refused(t, identity, err, ErrKeysUnavailable)
			}
			equal(t, b.provider.requests.Load(), 1) // a failing issuer is not asked again at once

			b.clock.advance(fetchEvery)
			public, _ := b.key.Public().(ed25519.PublicKey)
			b.provider.publishes(t, map[string]any{b.kid: public})
			_, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
			noError(t, err)
		})
	}
}

// A body without end is not read to its end.
func TestExternalEndlessBody(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	var written atomic.Int64
	hungUp := make(chan struct{})
	b.provider.answers(func(w http.ResponseWriter, _ *http.Request) {
		defer close(hungUp)
		line := bytes.Repeat([]byte(" "), 64<<10)
		for written.Load() < 1<<30 {
			n, err := w.Write(line)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	identity, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrKeysUnavailable)
	<-hungUp
	if n := written.Load(); n > 64<<20 { // what sockets buffer is some MiB
		t.Errorf("%d bytes were taken", n)
	}
}

func TestExternalEndpointDown(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, func(c *VerifierConfig) { c.External[0].JWKSURL = "http://127.0.0.1:1/keys" })
	identity, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrKeysUnavailable)
	_, err = b.verifier.Verify(t.Context(), issue(t, b.issuer, b.testBundle.claims()))
	noError(t, err) // it is no matter of our own tokens
}

func TestExternalHonoursTheContext(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	b.provider.hangs()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	identity, err := b.verifier.Verify(ctx, b.token(t, b.claims()))
	refused(t, identity, err, ErrKeysUnavailable)
	equal(t, errors.Is(err, context.DeadlineExceeded), true)
	b.verifier.Close() // must not wait for the endpoint
	identity, err = b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrKeysUnavailable)
}

func TestExternalKeyRotation(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	_, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	noError(t, err)
	oldToken := b.token(t, b.claims())

	public, private, err := ed25519.GenerateKey(rand.Reader)
	noError(t, err)
	b.kid, b.key = "second", private
	b.provider.publishes(t, map[string]any{b.kid: public})
	newToken := b.token(t, b.claims())

	identity, err := b.verifier.Verify(t.Context(), newToken)
	refused(t, identity, err, ErrTokenInvalid) // too soon to ask again
	equal(t, b.provider.requests.Load(), 1)

	b.clock.advance(fetchEvery)
	_, err = b.verifier.Verify(t.Context(), newToken)
	noError(t, err)
	equal(t, b.provider.requests.Load(), 2)
	identity, err = b.verifier.Verify(t.Context(), oldToken)
	refused(t, identity, err, ErrTokenInvalid) // withdrawn
}

// Made-up kids must not become a stream of requests to the issuer.
func TestExternalUnknownKeysAreRateLimited(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			header := map[string]any{"kid": uuid.NewString()}
			token := forge(t, jwt.SigningMethodEdDSA, b.key, header, b.claims())
			if _, err := b.verifier.Verify(t.Context(), token); !errors.Is(err, ErrTokenInvalid) {
				t.Errorf("unknown kid: %s", Detail(err))
			}
		})
	}
	wait.Wait()
	equal(t, b.provider.requests.Load(), 1)
}

func TestParseKeysPassesOver(t *testing.T) {
	t.Parallel()
	_, rsaPrivate := rsaKeys()
	weak := `{"kty":"RSA","kid":"weak","e":"AQAB","n":"` + strings.Repeat("_", 171) + `"}`
	vast := `{"kty":"RSA","kid":"vast","e":"AQAB","n":"` + strings.Repeat("_", 1400) + `"}`
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	noError(t, err)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	noError(t, err)
	var good struct {
		Keys []json.RawMessage `json:"keys"`
	}
	noError(t, json.Unmarshal(jwks(t, map[string]any{"good": public, "curve": &p384.PublicKey, "": public}), &good))
	private, err := jwkset.NewJWKFromKey(rsaPrivate, jwkset.JWKOptions{
		Marshal: jwkset.JWKMarshalOptions{Private: true}, Metadata: jwkset.JWKMetadataOptions{KID: "private"},
	})
	noError(t, err)
	privateText, err := json.Marshal(private.Marshal())
	noError(t, err)
	texts := []string{
		weak, vast, `{"kty":"oct","kid":"secret","k":"c2VjcmV0"}`, `{"kty":"OKP","crv":"X448","kid":"x","x":"AA"}`,
		`{}`, `7`, `null`, `{"kty":"RSA","kid":"x5u","x5u":"http://127.0.0.1:1/"}`, string(privateText),
	}
	for _, raw := range good.Keys {
		texts = append(texts, string(raw))
	}
	keys, err := parseKeys([]byte(`{"keys":[` + strings.Join(texts, ",") + `]}`))
	noError(t, err)
	kept := make(map[string]any)
	for _, key := range keys {
		kept[key.Marshal().KID] = key.Key()
	}
	if _, ok := kept["private"].(*rsa.PublicKey); !ok || len(kept) != 2 || kept["good"] == nil {
		t.Fatalf("kept %v", kept)
	}
}

func TestExternalKeyForEncryptionVerifiesNothing(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	public, _ := b.key.Public().(ed25519.PublicKey)
	jwk, err := jwkset.NewJWKFromKey(public, jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{KID: b.kid, USE: jwkset.UseEnc},
	})
	noError(t, err)
	body, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	noError(t, err)
	b.provider.says(body)
	identity, err := b.verifier.Verify(t.Context(), b.token(t, b.claims()))
	refused(t, identity, err, ErrTokenInvalid)
}

// sleepyBundle lives in a bubble where time passes only when everybody sleeps.
type sleepyBundle struct {
	verifier *Verifier
	provider *identityProvider
	key      ed25519.PrivateKey
}

func setupSleepy(t *testing.T) *sleepyBundle {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	noError(t, err)
	b := &sleepyBundle{provider: &identityProvider{}, key: private}
	b.provider.publishes(t, map[string]any{"k": public})
	b.verifier = newVerifier(t, VerifierConfig{
		External:   []ExternalIssuer{outside("https://id.example/keys")},
		HTTPClient: &http.Client{Transport: b.provider},
		Now:        time.Now,
	})
	return b
}

func (b *sleepyBundle) verify(t *testing.T) error {
	t.Helper()
	token := forge(t, jwt.SigningMethodEdDSA, b.key, map[string]any{"kid": "k"}, outsideClaims(time.Now()))
	_, err := b.verifier.Verify(t.Context(), token)
	return err
}

func TestSlowEndpointIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setupSleepy(t)
		b.provider.hangs()
		begin := time.Now()
		err := b.verify(t)
		refused(t, Identity{}, err, ErrKeysUnavailable)
		equal(t, time.Since(begin), fetchTimeout)
		// Whoever comes next is answered at once.
		begin = time.Now()
		refused(t, Identity{}, b.verify(t), ErrKeysUnavailable)
		equal(t, time.Since(begin), 0)
	})
}

func TestOneFetchForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setupSleepy(t)
		answer := b.provider.answer
		b.provider.answers(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			answer(w, r)
		})
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() { noError(t, b.verify(t)) })
		}
		wait.Wait()
		equal(t, b.provider.requests.Load(), 1)
	})
}

func TestKeysAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setupSleepy(t)
		steps := []struct {
			name     string
			sleep    time.Duration
			fails    bool
			waits    time.Duration
			requests int64
			want     error
		}{
			{"the first token fetches", 0, false, time.Second, 1, nil},
			{"young keys are used", renewAfter - time.Minute, false, 0, 1, nil},
			{"older ones are renewed beside", 2 * time.Minute, false, 0, 2, nil},
			{"renewed keys are young", renewAfter - time.Minute, false, 0, 2, nil},
			{"after a pause they are renewed first", staleAfter - 5*time.Minute, false, time.Second, 3, nil},
			{"which may fail", waitAfter, true, time.Second, 4, nil},
			{"and then nobody waits any more", time.Minute, true, 0, 5, nil},
			{"until they are stale", staleAfter, true, time.Second, 6, ErrKeysUnavailable},
			{"and the issuer is back", time.Minute, false, time.Second, 7, nil},
		}
		publish := b.provider.answer
		for _, step := range steps {
			time.Sleep(step.sleep)
			b.provider.answers(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second)
				if step.fails {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				publish(w, r)
			})
			begin := time.Now()
			err := b.verify(t)
			if !errors.Is(err, step.want) || time.Since(begin) != step.waits {
				t.Fatalf("%s: %s after %v", step.name, Detail(err), time.Since(begin))
			}
			time.Sleep(2 * time.Second) // for the fetch beside
			if got := b.provider.requests.Load(); got != step.requests {
				t.Fatalf("%s: %d requests", step.name, got)
			}
		}
	})
}

// The bubble ends only when its goroutines have, so this proves that Close
// leaves none behind.
func TestCloseEndsTheFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setupSleepy(t)
		b.provider.hangs()
		begin := time.Now()
		done := make(chan error)
		go func() { done <- b.verify(t) }()
		synctest.Wait()
		b.verifier.Close()
		refused(t, Identity{}, <-done, ErrKeysUnavailable)
		equal(t, time.Since(begin), 0)
	})
}

func TestCloseWaitsForTheFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setupSleepy(t)
		b.provider.answers(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			time.Sleep(time.Second) // something that is slow to let go
		})
		begin := time.Now()
		go func() { _ = b.verify(t) }()
		synctest.Wait()
		b.verifier.Close()
		equal(t, time.Since(begin), time.Second)
	})
}
