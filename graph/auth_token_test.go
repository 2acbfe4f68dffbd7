package graph_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
)

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	foreign := func(issuer, audience string) *auth.Issuer {
		text, err := auth.NewKey(rand.Reader)
		must(t, err)
		keys, err := auth.ParseKeySet(text)
		must(t, err)
		i, err := auth.NewIssuer(auth.IssuerConfig{Keys: keys, Issuer: issuer, Audience: audience, Now: time.Now, Rand: rand.Reader})
		must(t, err)
		return i
	}
	claims := auth.Claims{Tenant: b.A.ID.UUID(), Subject: b.A.Owner.UUID(), ExpiresAt: time.Now().Add(time.Hour)}
	issue := func(i *auth.Issuer, change func(*auth.Claims)) string {
		c := claims
		change(&c)
		text, err := i.Issue(c)
		must(t, err)
		return text
	}
	same := func(*auth.Claims) {}
	good := issue(b.issuer, same)
	if !b.works(t, good) {
		t.Fatal("a token that is right doesn't work")
	}
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
	forged, err := json.Marshal(map[string]any{
		"iss": issuerName, "aud": issuerName, "sub": b.A.Owner.UUID().String(), "tenant_id": b.A.ID.UUID().String(),
		"exp": time.Now().Add(time.Hour).Unix(), "nbf": 0, "iat": 0, "jti": "x",
	})
	must(t, err)
	claimed := base64.RawURLEncoding.EncodeToString(forged)
	for name, token := range map[string]string{
		"expired": issue(b.issuer, func(c *auth.Claims) {
			c.IssuedAt, c.ExpiresAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Second)
		}),
		"not yet":             issue(b.issuer, func(c *auth.Claims) { c.IssuedAt = time.Now().Add(30 * time.Minute) }),
		"another's key":       issue(foreign(issuerName, issuerName), same),
		"another issuer":      issue(foreign("https://elsewhere.example", issuerName), same),
		"nobody":              issue(b.issuer, func(c *auth.Claims) { c.Subject = uuid.New() }),
		"another company":     issue(b.issuer, func(c *auth.Claims) { c.Tenant = b.B.ID.UUID() }),
		"no such company":     issue(b.issuer, func(c *auth.Claims) { c.Tenant = uuid.New() }),
		"no such login":       issue(b.issuer, func(c *auth.Claims) { c.Session = uuid.New() }),
		"another's login":     issue(b.issuer, func(c *auth.Claims) { c.Subject, c.Session = b.A.Manager.UUID(), b.A.Session.UUID() }),
		"a foreign login":     issue(b.issuer, func(c *auth.Claims) { c.Session = b.B.Session.UUID() }),
		"no signature":        header + "." + payload + ".",
		"another signature":   header + "." + payload + "." + signature[:len(signature)-4] + "AAAA",
		"another's claims":    header + "." + claimed + "." + signature,
		"unsigned":            none + "." + claimed + ".",
		"garbage":             "garbage",
		"two points":          "..",
		"a zero":              "\u00e9",
		"too long":            strings.Repeat("a", 20_000),
		"an id":               b.A.Owner.String(),
		"a UUID":              b.A.Owner.UUID().String(),
		"a register's prefix": "tgk_" + good,
	} {
		if b.works(t, token) {
			t.Errorf("%s: it works", name)
		}
	}
	if !b.works(t, issue(b.issuer, func(c *auth.Claims) { c.Session = b.A.Session.UUID() })) {
		t.Error("a token of a login that is open doesn't work")
	}
	b.db.Exec(t, "update sessions set ended_at = now(), end_reason = 'LOGOUT'")
	if b.works(t, issue(b.issuer, func(c *auth.Claims) { c.Session = b.A.Session.UUID() })) {
		t.Error("a token of a login that is over works")
	}
	a := b.post(t, issue(b.issuer, func(c *auth.Claims) {
		c.IssuedAt, c.ExpiresAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}), whoAmI, nil)
	if len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, "expired") {
		t.Errorf("who must refresh isn't told so: %s", a.Raw)
	}
	b.logs.quiet(t)
}

// A token that works stops at the very second at which it says so.
func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, err := b.issuer.Issue(auth.Claims{Tenant: b.A.ID.UUID(), Subject: b.A.Owner.UUID(), ExpiresAt: time.Now().Add(2 * time.Second)})
	must(t, err)
	if !b.works(t, token) {
		t.Error("it doesn't work")
	}
	b.eventually(t, "it expires", func() bool {
		time.Sleep(100 * time.Millisecond)
		return !b.works(t, token)
	})
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.owner(t)
	for _, c := range []struct {
		values []string
		works  bool
	}{
		{[]string{"Bearer " + token}, true},
		{[]string{"bearer " + token}, true},
		{[]string{"BEARER   " + token + " "}, true},
		{[]string{token}, false},
		{[]string{"Bearer"}, false},
		{[]string{"Bearer "}, false},
		{[]string{""}, false},
		{[]string{"Basic " + token}, false},
		{[]string{"Token " + token}, false},
		{[]string{"Bearer" + token}, false},
		{[]string{"Bearer " + token + ", Bearer " + token}, false},
		{[]string{"Bearer " + token, "Bearer " + token}, false},
		{[]string{"Bearer " + token, "Basic eDp5"}, false},
		{nil, false},
	} {
		body, err := json.Marshal(vars{"query": whoAmI})
		must(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url, bytes.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header["Authorization"] = c.values
		a := send(t, r)
		if works := a.Status == http.StatusOK && len(a.Errors) == 0; works != c.works {
			t.Errorf("%.20q: %d %s", c.values, a.Status, a.Raw)
		} else if !works && (a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || a.Header.Get("WWW-Authenticate") != "Bearer") {
			t.Errorf("%.20q: %d %v %s", c.values, a.Status, a.Header, a.Raw)
		}
	}
}

func TestDeviceKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	key := b.device(t, b.A, register)
	me := b.post(t, key, whoAmI, nil).ok(t)
	if me.at("viewer", "role") != "REGISTER" || me.at("viewer", "register", "id") != register.ID.String() || me.at("viewer", "user") != nil ||
		me.at("viewer", "stores", "totalCount") != 1.0 {
		t.Error(me.Raw)
	}
	body, err := base64.RawURLEncoding.DecodeString(key[4:90])
	must(t, err)
	random := body[32:]
	secret := func(kind auth.Kind, company id.Company, register id.Register, random []byte) string {
		text, _, err := auth.NewSecret(kind, company.UUID(), register.UUID(), bytes.NewReader(random))
		must(t, err)
		return text
	}
	if secret(auth.KindRegisterKey, b.A.ID, register.ID, random) != key {
		t.Fatal("the key isn't put together as it was taken apart")
	}
	for name, text := range map[string]string{
		"guessed":            secret(auth.KindRegisterKey, b.A.ID, register.ID, bytes.Repeat([]byte{7}, 32)),
		"another company":    secret(auth.KindRegisterKey, b.B.ID, register.ID, random),
		"another register":   secret(auth.KindRegisterKey, b.A.ID, b.A.Stores[0].Registers[1].ID, random),
		"a foreign register": secret(auth.KindRegisterKey, b.B.ID, b.B.Stores[0].Registers[0].ID, random),
		"no such register":   secret(auth.KindRegisterKey, b.A.ID, id.New[id.Register](), random),
		"a refresh token":    secret(auth.KindRefreshToken, b.A.ID, register.ID, random),
		"cut":                key[:len(key)-1],
		"a letter more":      key + "A",
		"a typo":             typo(key, 60),
		"the prefix":         "tgk_",
		"the stored hash":    "tgk_" + base64.RawURLEncoding.EncodeToString(register.KeyHash),
	} {
		if b.works(t, text) {
			t.Errorf("%s: it works", name)
		}
	}
	rotated := b.device(t, b.A, register)
	if b.works(t, key) || !b.works(t, rotated) {
		t.Error("after rotating, the old key works or the new one doesn't")
	}
	b.db.Exec(t, "update registers set status = 'CLOSED' where id = $1", register.ID.UUID())
	if b.works(t, rotated) {
		t.Error("the key of a closed register works")
	}
	b.logs.quiet(t)
}

func TestRefreshTokenIsNoBearer(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	p := b.loggedIn(t, "cashier1")
	if b.works(t, p.refresh) || !b.works(t, p.access) {
		t.Error("the refresh token works, or the access token doesn't")
	}
	// And trying was no use of it.
	pairOf(t, b.post(t, p.refresh, refresh, vars{"token": p.refresh}), "tokenRefresh")
}

// What changes about a person counts in their next request, whatever token they hold.
func TestAccessIsAsOfNow(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	cashier, manager := b.A.Stores[0].Cashier.UUID(), b.A.Manager.UUID()
	p, minted := b.loggedIn(t, "cashier1"), b.cashier(t, 0)
	store := b.A.Stores[0].ID.String()
	rename := func(token string, version int) string {
		return b.post(t, token, updateStore, vars{"id": store, "input": vars{"version": version, "name": "N"}}).code()
	}
	for _, token := range []string{p.access, minted} {
		if code := rename(token, 1); code != "FORBIDDEN" {
			t.Errorf("as a cashier: %s", code)
		}
	}
	b.db.Exec(t, "update users set role = 'MANAGER' where id = $1", cashier)
	for i, token := range []string{p.access, minted} {
		if code := rename(token, 1+i); code != "" {
			t.Errorf("as a manager: %s", code)
		}
	}
	stores := func(token string) any {
		return b.post(t, token, whoAmI, nil).ok(t).at("viewer", "stores", "totalCount")
	}
	b.db.Exec(t, "insert into user_stores (tenant_id, store_id, user_id) values ($1, $2, $3)", b.A.ID.UUID(), b.A.Stores[1].ID.UUID(), cashier)
	if n := stores(p.access); n != 2.0 {
		t.Errorf("%v stores after one more", n)
	}
	b.db.Exec(t, "delete from user_stores where user_id = $1 and store_id = $2", cashier, b.A.Stores[0].ID.UUID())
	if n := stores(p.access); n != 1.0 {
		t.Errorf("%v stores after one less", n)
	}
	b.post(t, p.access, updateStore, vars{"id": store, "input": vars{"version": 3, "name": "M"}}).refused(t, "storeUpdate", "store", "NOT_FOUND id")
	if a := b.post(t, p.access, whoAmI, nil, "X-Store-ID", store); a.code() != "FORBIDDEN" {
		t.Errorf("narrowed to a store that was taken away: %s", a.Raw)
	}
	b.db.Exec(t, "update users set status = 'DEACTIVATED' where id = any($1)", []uuid.UUID{cashier, manager})
	for _, token := range []string{p.access, minted, b.manager(t)} {
		if b.works(t, token) {
			t.Error("a token of somebody who has left works")
		}
	}
	b.login(t, "acme", "cashier1@acme.example", password).refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
	b.post(t, "", refresh, vars{"token": p.refresh}).refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken")
}

const (
	outsideIssuer   = "https://id.example"
	outsideAudience = "https://api.shop.example"
)

// setupOutside is setup with an outside identity provider: its keys are behind a door that can be shut.
func setupOutside(t *testing.T) (b *bundle, issue func(change func(jwt.MapClaims)) string, shut *atomic.Bool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	jwk, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: "one"}})
	must(t, err)
	body, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	must(t, err)
	shut = &atomic.Bool{}
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if shut.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(provider.Close)
	text, err := auth.NewKey(rand.Reader)
	must(t, err)
	keys, err := auth.ParseKeySet(text)
	must(t, err)
	own, err := auth.NewIssuer(auth.IssuerConfig{Keys: keys, Issuer: issuerName, Audience: issuerName, Now: time.Now, Rand: rand.Reader})
	must(t, err)
	verifier, err := auth.NewVerifier(auth.VerifierConfig{
		Keys: keys, Issuer: issuerName, Audience: issuerName, CacheSize: 100, Now: time.Now,
		External: []auth.ExternalIssuer{{Issuer: outsideIssuer, Audience: outsideAudience, JWKSURL: provider.URL}},
	})
	must(t, err)
	t.Cleanup(verifier.Close)
	b = setupLogin(t, func(c *graph.Config) { c.Issuer, c.Verifier = own, verifier })
	b.issuer = own
	return b, func(change func(jwt.MapClaims)) string {
		claims := jwt.MapClaims{
			"iss": outsideIssuer, "aud": outsideAudience, "sub": "sub-acme-manager", "tenant_id": b.A.ID.UUID().String(),
			"iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		}
		change(claims)
		token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
		token.Header["kid"] = "one"
		text, err := token.SignedString(key)
		must(t, err)
		return text
	}, shut
}

func TestOutsideIssuer(t *testing.T) {
	t.Parallel()
	b, issue, _ := setupOutside(t)
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[name] = value }
	}
	token := issue(func(jwt.MapClaims) {})
	me := b.post(t, token, whoAmI, nil).ok(t)
	if me.at("viewer", "role") != "MANAGER" || me.at("viewer", "user", "email") != "manager@acme.example" || me.at("viewer", "stores", "totalCount") != 1.0 {
		t.Error(me.Raw)
	}
	sold := b.sell(t, token, order(b.A.Stores[0].Registers[0].ID, "k", "100", item(b.A.Products[1], "1")))
	if got := sold.texts("cashier", "saleRecord", "sale"); got != "manager of acme" {
		t.Errorf("sold by %s", got)
	}
	if a := b.post(t, token, logout, nil).ok(t); a.at("logout", "loggedOut") != false {
		t.Error(a.Raw)
	}
	for name, change := range map[string]func(jwt.MapClaims){
		"unknown":          set("sub", "sub-acme-nobody"),
		"of another":       set("sub", "sub-bistro-owner"),
		"another company":  set("tenant_id", b.B.ID.UUID().String()),
		"no company":       func(c jwt.MapClaims) { delete(c, "tenant_id") },
		"no subject":       func(c jwt.MapClaims) { delete(c, "sub") },
		"our id":           set("sub", b.A.Owner.UUID().String()),
		"empty":            set("sub", ""),
		"another audience": set("aud", issuerName),
		"another issuer":   set("iss", "https://evil.example"),
		"ourselves":        set("iss", issuerName),
		"expired":          set("exp", time.Now().Add(-time.Minute).Unix()),
		"without an end":   func(c jwt.MapClaims) { delete(c, "exp") },
		"a zero byte":      set("sub", "sub-acme-owner\x00"),
		"the public id":    set("tenant_id", b.A.ID.String()),
	} {
		if b.works(t, issue(change)) {
			t.Errorf("%s: it works", name)
		}
	}
	if me := b.post(t, issue(set("sub", "sub-acme-owner")), whoAmI, nil, "X-Store-ID", b.A.Stores[1].ID.String()).ok(t); me.at("viewer", "stores", "totalCount") != 1.0 {
		t.Error(me.Raw)
	}
	if !b.works(t, b.owner(t)) || !b.works(t, b.loggedIn(t, "owner").access) {
		t.Error("our own tokens don't work beside it")
	}
	b.db.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", b.A.Manager.UUID())
	if b.works(t, token) {
		t.Error("a token of somebody who has left works")
	}
	b.db.Exec(t, "update users set status = 'ACTIVE', external_subject = null where id = $1", b.A.Manager.UUID())
	if b.works(t, token) {
		t.Error("a token of somebody whom the provider doesn't know any more works")
	}
	b.logs.quiet(t)
}

// While the provider's keys can't be had its people are told to come again, and everybody else works on.
func TestOutsideIssuerIsAway(t *testing.T) {
	t.Parallel()
	b, issue, shut := setupOutside(t)
	shut.Store(true)
	a := b.post(t, issue(func(jwt.MapClaims) {}), whoAmI, nil)
	if a.Status != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" || a.Data != nil {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	if !b.works(t, b.owner(t)) || !b.works(t, b.loggedIn(t, "cashier1").access) || !b.works(t, b.device(t, b.A, b.A.Stores[0].Registers[0])) {
		t.Error("our own people and registers are out as well")
	}
}
