package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

func TestIssueAndVerify(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.claims()
	want.ID = "a-token"
	got, err := b.verifier.Verify(t.Context(), issue(t, b.issuer, want))
	noError(t, err)
	if !got.ExpiresAt.Equal(want.ExpiresAt) || !got.IssuedAt.Equal(b.clock.now()) {
		t.Fatalf("times: %v to %v", got.IssuedAt, got.ExpiresAt)
	}
	got.ExpiresAt, got.IssuedAt = time.Time{}, time.Time{}
	equal(t, got, Identity{
		Tenant: want.Tenant, User: want.Subject, Session: want.Session, Issuer: testIssuer, TokenID: "a-token",
	})
}

func TestMintedTokenHasNoSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	claims := b.claims()
	claims.Session = uuid.Nil
	got, err := b.verifier.Verify(t.Context(), issue(t, b.issuer, claims))
	noError(t, err)
	equal(t, got.Session, uuid.Nil)
	if _, err := uuid.Parse(got.TokenID); err != nil {
		t.Fatalf("a token without an id of its own got %q", got.TokenID)
	}
}

func TestTokenForm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, _, err := jwt.NewParser().ParseUnverified(issue(t, b.issuer, b.claims()), jwt.MapClaims{})
	noError(t, err)
	equal(t, token.Header["typ"], any("at+jwt"))
	equal(t, token.Header["alg"], any("EdDSA"))
	equal(t, token.Header["kid"], any(b.keys.KeyIDs()[0]))
	claims, _ := token.Claims.(jwt.MapClaims)
	for _, name := range []string{"iss", "aud", "sub", "exp", "nbf", "iat", "jti", "tenant_id", "sid"} {
		if claims[name] == nil {
			t.Errorf("claim %s is missing", name)
		}
	}
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, spoil := range map[string]func(*Claims){
		"no company":          func(c *Claims) { c.Tenant = uuid.Nil },
		"no user":             func(c *Claims) { c.Subject = uuid.Nil },
		"no expiry":           func(c *Claims) { c.ExpiresAt = time.Time{} },
		"expired before":      func(c *Claims) { c.ExpiresAt = b.clock.now().Add(-time.Second) },
		"less than a second":  func(c *Claims) { c.ExpiresAt = b.clock.now().Add(time.Millisecond) },
		"longer than allowed": func(c *Claims) { c.ID = strings.Repeat("x", MaxTokenBytes) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claims := b.claims()
			spoil(&claims)
			if token, err := b.issuer.Issue(claims); err == nil {
				t.Fatalf("issued %s", token)
			}
		})
	}
}

func TestIssuerReportsAFailingRandomSource(t *testing.T) {
	t.Parallel()
	b := setup(t)
	issuer, err := NewIssuer(IssuerConfig{
		Keys: b.keys, Issuer: testIssuer, Audience: testAudience, Now: b.clock.now, Rand: strings.NewReader("short"),
	})
	noError(t, err)
	if _, err := issuer.Issue(b.claims()); err == nil {
		t.Fatal("a token was issued without randomness")
	}
}

// TestRefuses forges, with the right key unless the case is about the key, tokens
// that differ from a good one in one thing each.
func TestRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kid, key := b.keys.ids[0], b.keys.signing
	other := newKeys(t)
	at := func(d time.Duration) int64 { return b.clock.now().Add(d).Unix() }
	header := map[string]any{"typ": "at+jwt", "kid": kid}
	claims := jwt.MapClaims{
		"iss": testIssuer, "aud": []string{testAudience}, "sub": uuid.NewString(), "tenant_id": uuid.NewString(),
		"exp": at(time.Minute), "nbf": at(0), "iat": at(0), "jti": "j", "sid": uuid.NewString(),
	}
	eddsa := jwt.SigningMethodEdDSA
	signed := func(c jwt.MapClaims) string { return forge(t, eddsa, key, header, c) }
	headed := func(name string, value any) string {
		h := map[string]any{"typ": "at+jwt", "kid": kid, name: value}
		return forge(t, eddsa, key, h, claims)
	}
	good := signed(claims)
	_, err := b.verifier.Verify(t.Context(), good)
	noError(t, err)

	public := b.keys.public[kid]
	der, err := x509.MarshalPKIXPublicKey(public)
	noError(t, err)
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	unsigned := good[:strings.LastIndexByte(good, '.')+1]
	_, rsaPrivate := rsaKeys()

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"alg none":                       {forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, header, claims), ErrTokenInvalid},
		"alg None in other letters":      {headed("alg", "None"), ErrTokenInvalid},
		"no signature":                   {unsigned, ErrTokenInvalid},
		"signature of zeros":             {unsigned + base64.RawURLEncoding.EncodeToString(make([]byte, ed25519.SignatureSize)), ErrTokenInvalid},
		"HS256, the public key's bytes":  {forge(t, jwt.SigningMethodHS256, []byte(public), header, claims), ErrTokenInvalid},
		"HS256, the public key's PEM":    {forge(t, jwt.SigningMethodHS256, publicPEM, header, claims), ErrTokenInvalid},
		"HS256, the public key's DER":    {forge(t, jwt.SigningMethodHS256, der, header, claims), ErrTokenInvalid},
		"HS512, an empty secret":         {forge(t, jwt.SigningMethodHS512, []byte{}, header, claims), ErrTokenInvalid},
		"RS256":                          {forge(t, jwt.SigningMethodRS256, rsaPrivate, header, claims), ErrTokenInvalid},
		"alg missing":                    {headed("alg", nil), ErrTokenInvalid},
		"alg no text":                    {headed("alg", 7), ErrTokenInvalid},
		"alg right, signature of no alg": {unsigned + "AA", ErrTokenInvalid},

		"kid unknown":              {headed("kid", "nobody"), ErrTokenInvalid},
		"kid missing":              {headed("kid", nil), ErrTokenInvalid},
		"kid empty":                {headed("kid", ""), ErrTokenInvalid},
		"kid no text":              {headed("kid", []string{kid}), ErrTokenInvalid},
		"kid very long":            {headed("kid", strings.Repeat("k", 300)), ErrTokenInvalid},
		"another key, same kid":    {forge(t, eddsa, other.signing, header, claims), ErrTokenInvalid},
		"key brought along in jwk": {forge(t, eddsa, other.signing, map[string]any{"typ": "at+jwt", "kid": kid, "jwk": map[string]any{"kty": "OKP"}}, claims), ErrTokenInvalid},
		"typ JWT":                  {headed("typ", "JWT"), ErrTokenInvalid},
		"typ missing":              {headed("typ", nil), ErrTokenInvalid},
		"typ of a logout token":    {headed("typ", "logout+jwt"), ErrTokenInvalid},
		"typ no text":              {headed("typ", 1), ErrTokenInvalid},
		"critical extension":       {headed("crit", []string{"b64"}), ErrTokenInvalid},

		"iss of another":        {signed(with(claims, "iss", "https://evil.example")), ErrTokenInvalid},
		"iss missing":           {signed(with(claims, "iss", nil)), ErrTokenInvalid},
		"iss empty":             {signed(with(claims, "iss", "")), ErrTokenInvalid},
		"iss no text":           {signed(with(claims, "iss", 5)), ErrTokenInvalid},
		"aud of another":        {signed(with(claims, "aud", "elsewhere")), ErrTokenInvalid},
		"aud missing":           {signed(with(claims, "aud", nil)), ErrTokenInvalid},
		"aud empty list":        {signed(with(claims, "aud", []string{})), ErrTokenInvalid},
		"aud no text":           {signed(with(claims, "aud", 1)), ErrTokenInvalid},
		"exp past":              {signed(with(claims, "exp", at(-time.Minute))), ErrTokenExpired},
		"exp past, leeway over": {signed(with(claims, "exp", at(-DefaultLeeway))), ErrTokenExpired},
		"exp missing":           {signed(with(claims, "exp", nil)), ErrTokenInvalid},
		"exp null":              {signed(withNull(claims, "exp")), ErrTokenInvalid},
		"exp no number":         {signed(with(claims, "exp", "tomorrow")), ErrTokenInvalid},
		"exp far too large":     {signed(with(claims, "exp", 1e300)), ErrTokenExpired},
		"nbf in the future":     {signed(with(claims, "nbf", at(time.Minute))), ErrTokenInvalid},
		"nbf missing":           {signed(with(claims, "nbf", nil)), ErrTokenInvalid},
		"iat in the future":     {signed(with(claims, "iat", at(time.Minute))), ErrTokenInvalid},
		"iat missing":           {signed(with(claims, "iat", nil)), ErrTokenInvalid},
		"jti missing":           {signed(with(claims, "jti", nil)), ErrTokenInvalid},
		"expired and not yet":   {signed(with(with(claims, "exp", at(-time.Hour)), "nbf", at(time.Hour))), ErrTokenInvalid},
		"expired, aud of other": {signed(with(with(claims, "exp", at(-time.Hour)), "aud", "elsewhere")), ErrTokenInvalid},
		"expired, iss of other": {signed(with(with(claims, "exp", at(-time.Hour)), "iss", "elsewhere")), ErrTokenInvalid},
		"expired, another key":  {forge(t, eddsa, other.signing, header, with(claims, "exp", at(-time.Hour))), ErrTokenInvalid},

		"tenant no UUID":     {signed(with(claims, "tenant_id", "acme")), ErrTokenInvalid},
		"tenant missing":     {signed(with(claims, "tenant_id", nil)), ErrTokenInvalid},
		"tenant zero":        {signed(with(claims, "tenant_id", uuid.Nil.String())), ErrTokenInvalid},
		"tenant in braces":   {signed(with(claims, "tenant_id", "{"+uuid.NewString()+"}")), ErrTokenInvalid},
		"tenant as a number": {signed(with(claims, "tenant_id", 7)), ErrTokenInvalid},
		"tenant as a list":   {signed(with(claims, "tenant_id", []string{uuid.NewString()})), ErrTokenInvalid},
		"sub no UUID":        {signed(with(claims, "sub", "anna")), ErrTokenInvalid},
		"sub missing":        {signed(with(claims, "sub", nil)), ErrTokenInvalid},
		"sub zero":           {signed(with(claims, "sub", uuid.Nil.String())), ErrTokenInvalid},
		"sid no UUID":        {signed(with(claims, "sid", "s")), ErrTokenInvalid},

		"tampered tenant":     {tamper(t, good, "tenant_id", uuid.NewString()), ErrTokenInvalid},
		"tampered exp":        {tamper(t, good, "exp", at(time.Hour)), ErrTokenInvalid},
		"longer than allowed": {signed(with(claims, "pad", strings.Repeat("x", MaxTokenBytes))), ErrTokenInvalid},
		"empty":               {"", ErrTokenInvalid},
		"two parts":           {"a.b", ErrTokenInvalid},
		"four parts":          {good + ".x", ErrTokenInvalid},
		"no base64":           {"!.!.!", ErrTokenInvalid},
		"no JSON":             {"YQ.YQ.YQ", ErrTokenInvalid},
		"JSON of another":     {"W10.W10.YQ", ErrTokenInvalid},
		"null claims":         {"eyJhbGciOiJFZERTQSJ9.bnVsbA.YQ", ErrTokenInvalid},
		"line break behind":   {good + "\n", ErrTokenInvalid},
		"blank in front":      {" " + good, ErrTokenInvalid},
		"padded":              {good + "==", ErrTokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity, err := b.verifier.Verify(t.Context(), c.token)
			refused(t, identity, err, c.want)
		})
	}
}

// refused checks the one sentinel, and that the text says no more than it.
func refused(tb testing.TB, identity Identity, err, want error) {
	tb.Helper()
	for _, sentinel := range []error{ErrTokenInvalid, ErrTokenExpired, ErrKeysUnavailable} {
		if is := errors.Is(err, sentinel); is != errors.Is(want, sentinel) {
			tb.Fatalf("errors.Is(%q, %q) is %v", Detail(err), sentinel, is)
		}
	}
	equal(tb, err.Error(), want.Error())
	equal(tb, identity, Identity{})
	if len(Detail(err)) <= len(want.Error()) {
		tb.Fatalf("the log learns nothing: %q", Detail(err))
	}
}

// The key's type would refuse these too, but the list of algorithms is to be the
// first to do so: each of the two must hold alone.
func TestAlgorithmIsRefusedBeforeItsSignature(t *testing.T) {
	t.Parallel()
	b := setup(t)
	header := map[string]any{"typ": "at+jwt", "kid": b.keys.ids[0]}
	for method, key := range map[jwt.SigningMethod]any{
		jwt.SigningMethodNone:  jwt.UnsafeAllowNoneSignatureType,
		jwt.SigningMethodHS256: []byte(b.keys.public[b.keys.ids[0]]),
	} {
		_, err := b.verifier.Verify(t.Context(), forge(t, method, key, header, jwt.MapClaims{}))
		if want := "signing method " + method.Alg() + " is invalid"; !strings.Contains(Detail(err), want) {
			t.Errorf("%s: %s", method.Alg(), Detail(err))
		}
	}
}

// The last character of a signature carries unused bits: there must be one text
// of a token only.
func TestRefusesOtherTextOfTheSameSignature(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := issue(t, b.issuer, b.claims())
	last := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", token[len(token)-1])
	other := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last^1]
	identity, err := b.verifier.Verify(t.Context(), token[:len(token)-1]+string(other))
	refused(t, identity, err, ErrTokenInvalid)
}

func TestLeeway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.verifier = newVerifier(t, func() VerifierConfig { c := b.config(); c.CacheSize = 0; return c }())
	token := issue(t, b.issuer, b.claims())
	for _, step := range []struct {
		after time.Duration
		want  error
	}{
		{-DefaultLeeway - time.Second, ErrTokenInvalid},
		{-DefaultLeeway, nil},
		{15*time.Minute + DefaultLeeway - time.Second, nil},
		{15*time.Minute + DefaultLeeway, ErrTokenExpired},
	} {
		b.clock.advance(step.after)
		if _, err := b.verifier.Verify(t.Context(), token); !errors.Is(err, step.want) {
			t.Errorf("after %v: %q, want %v", step.after, Detail(err), step.want)
		}
		b.clock.advance(-step.after)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	oldText, newText := newKeyText(t), newKeyText(t)
	oldKeys, both, newOnly := parseKeySet(t, oldText), parseKeySet(t, newText+","+oldText), parseKeySet(t, newText)
	oldToken := issue(t, newIssuer(t, b.clock, oldKeys), b.claims())
	newToken := issue(t, newIssuer(t, b.clock, both), b.claims())
	verify := func(keys *KeySet, token string) error {
		config := b.config()
		config.Keys = keys
		_, err := newVerifier(t, config).Verify(t.Context(), token)
		return err
	}
	noError(t, verify(both, oldToken))
	noError(t, verify(both, newToken))
	noError(t, verify(newOnly, newToken))
	equal(t, errors.Is(verify(newOnly, oldToken), ErrTokenInvalid), true)
	equal(t, errors.Is(verify(oldKeys, newToken), ErrTokenInvalid), true)
}

func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	outside := ExternalIssuer{Issuer: "https://id.example", Audience: "a", JWKSURL: "https://id.example/keys"}
	for name, spoil := range map[string]func(*VerifierConfig){
		"no clock":             func(c *VerifierConfig) { c.Now = nil },
		"nobody":               func(c *VerifierConfig) { c.Keys, c.Issuer, c.Audience = nil, "", "" },
		"no keys":              func(c *VerifierConfig) { c.Keys = nil },
		"no issuer":            func(c *VerifierConfig) { c.Issuer = "" },
		"no audience":          func(c *VerifierConfig) { c.Audience = "" },
		"negative leeway":      func(c *VerifierConfig) { c.Leeway = -1 },
		"an hour of leeway":    func(c *VerifierConfig) { c.Leeway = time.Hour },
		"two of one name":      func(c *VerifierConfig) { c.External = []ExternalIssuer{outside, outside} },
		"outside in our name":  func(c *VerifierConfig) { o := outside; o.Issuer = testIssuer; c.External = []ExternalIssuer{o} },
		"outside, no audience": func(c *VerifierConfig) { o := outside; o.Audience = ""; c.External = []ExternalIssuer{o} },
		"outside, no issuer":   func(c *VerifierConfig) { o := outside; o.Issuer = ""; c.External = []ExternalIssuer{o} },
		"outside with HS256": func(c *VerifierConfig) {
			o := outside
			o.Algorithms = []string{"HS256"}
			c.External = []ExternalIssuer{o}
		},
		"outside with none": func(c *VerifierConfig) {
			o := outside
			o.Algorithms = []string{"none"}
			c.External = []ExternalIssuer{o}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := b.config()
			spoil(&config)
			if _, err := NewVerifier(config); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

func TestNewIssuerRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	whole := IssuerConfig{Keys: b.keys, Issuer: testIssuer, Audience: testAudience, Now: b.clock.now, Rand: rand.Reader}
	for name, spoil := range map[string]func(*IssuerConfig){
		"keys":     func(c *IssuerConfig) { c.Keys = nil },
		"issuer":   func(c *IssuerConfig) { c.Issuer = "" },
		"audience": func(c *IssuerConfig) { c.Audience = "" },
		"clock":    func(c *IssuerConfig) { c.Now = nil },
		"random":   func(c *IssuerConfig) { c.Rand = nil },
	} {
		config := whole
		spoil(&config)
		if _, err := NewIssuer(config); err == nil {
			t.Errorf("accepted without %s", name)
		}
	}
}

func TestDetail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.verifier.Verify(t.Context(), "a.b")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("refused", "err", err)
	if !strings.Contains(log.String(), "segments") {
		t.Errorf("the log says only %s", log.String())
	}
	equal(t, Detail(nil), "")
	equal(t, Detail(ErrSecretInvalid), ErrSecretInvalid.Error())
}

// FuzzVerify: whatever comes in, nothing panics, nothing is accepted that our
// own issuer did not sign, and only sentinels come out.
func FuzzVerify(f *testing.F) {
	b := setupFixed(f)
	config := b.config()
	outside, _ := offlineIssuer()
	config.External = []ExternalIssuer{outside}
	config.HTTPClient = offlineClient()
	both := newVerifier(f, config)
	id := uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")
	good := issue(f, b.issuer, Claims{Tenant: id, Subject: id, ExpiresAt: b.clock.now().Add(time.Hour), ID: "fixed"})
	for _, seed := range []string{
		"", ".", "..", "...", "a.b.c", good, good + "\n", good[:len(good)-1], tamper(f, good, "sub", 1),
		tamper(f, good, "iss", outside.Issuer), tamper(f, good, "exp", -1e300),
		"bnVsbA.bnVsbA.", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJFZERTQSIsImtpZCI6bnVsbH0.e30.AA",
		forge(f, jwt.SigningMethodEdDSA, b.keys.signing, map[string]any{"kid": "k"}, jwt.MapClaims{"iss": outside.Issuer}),
		strings.Repeat("A", MaxTokenBytes+1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, v := range []*Verifier{b.verifier, both} {
			identity, err := v.Verify(t.Context(), token)
			if token == good {
				noError(t, err)
				continue
			}
			known := errors.Is(err, ErrTokenInvalid) || errors.Is(err, ErrTokenExpired) || errors.Is(err, ErrKeysUnavailable)
			if !known || identity != (Identity{}) {
				t.Fatalf("%q gave %+v, %v", token, identity, err)
			}
		}
	})
}
