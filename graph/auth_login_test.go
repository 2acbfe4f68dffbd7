package graph_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	login = `mutation($input: LoginInput!) { login(input: $input) {
		tokens { accessToken expiresAt refreshToken refreshExpiresAt } user { id email role } userErrors { code field message } } }`
	refresh = `mutation($token: String!) { tokenRefresh(refreshToken: $token) {
		tokens { accessToken expiresAt refreshToken refreshExpiresAt } userErrors { code field message } } }`
	logout = `mutation { logout { loggedOut } }`
	whoAmI = `{ viewer { role user { email } register { id } company { slug } stores { totalCount } } }`
)

// passwordHash is the hash of the password; it takes long enough to be made once.
var passwordHash = sync.OnceValues(func() (string, error) {
	return auth.NewPasswords(1, rand.Reader).Hash(context.Background(), password)
})

// setupLogin is setup with people who can log in: all have the one password.
func setupLogin(t *testing.T, change ...func(*graph.Config)) *bundle {
	t.Helper()
	b := setup(t, change...)
	hash, err := passwordHash()
	must(t, err)
	b.db.Exec(t, "update user_credentials set password_hash = $1", hash)
	return b
}

func (b *bundle) login(t testing.TB, slug, email, password string, headers ...string) *answer {
	t.Helper()
	return b.post(t, "", login, vars{"input": vars{"companySlug": slug, "email": email, "password": password}}, headers...)
}

// pair is what somebody holds who has logged in.
type pair struct{ access, refresh string }

func pairOf(t testing.TB, a *answer, field string) pair {
	t.Helper()
	a.done(t, field)
	access, _ := a.at(field, "tokens", "accessToken").(string)
	refresh, _ := a.at(field, "tokens", "refreshToken").(string)
	if access == "" || refresh == "" {
		t.Fatalf("no tokens: %s", a.Raw)
	}
	return pair{access, refresh}
}

func (b *bundle) loggedIn(t testing.TB, who string) pair {
	t.Helper()
	return pairOf(t, b.login(t, "acme", who+"@acme.example", password), "login")
}

// works says whether a token or key lets its holder in; what doesn't must be a plain 401.
func (b *bundle) works(t testing.TB, token string) bool {
	t.Helper()
	a := b.post(t, token, whoAmI, nil)
	if a.Status == http.StatusOK && len(a.Errors) == 0 {
		return true
	}
	if a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || a.Header.Get("WWW-Authenticate") != "Bearer" || a.Data != nil {
		t.Errorf("neither in nor refused as it should be: %d %v %s", a.Status, a.Header, a.Raw)
	}
	return false
}

func TestLogin(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	started := time.Now()
	for _, who := range [][2]string{
		{"acme", "owner@acme.example"}, {"ACME", " Owner@ACME.Example "}, {" acme ", "OWNER@ACME.EXAMPLE\n"},
	} {
		a := b.login(t, who[0], who[1], password)
		p := pairOf(t, a, "login")
		if got := a.texts("email role", "login", "user"); got != "owner@acme.example OWNER" {
			t.Error(got)
		}
		me := b.post(t, p.access, whoAmI, nil).ok(t)
		if me.at("viewer", "user", "email") != "owner@acme.example" || me.at("viewer", "company", "slug") != "acme" || me.at("viewer", "stores", "totalCount") != 2.0 {
			t.Error(me.Raw)
		}
		for field, ttl := range map[string]time.Duration{"expiresAt": 15 * time.Minute, "refreshExpiresAt": 24 * time.Hour} {
			at, err := time.Parse(time.RFC3339Nano, a.at("login", "tokens", field).(string))
			if err != nil || at.Before(started.Add(ttl-2*time.Second)) || at.After(time.Now().Add(ttl)) {
				t.Errorf("%s is %v: %v", field, at, err)
			}
		}
	}
	// The same address is somebody else in another company.
	b.db.Exec(t, "update users set email = 'owner@acme.example' where id = $1", b.B.Owner.UUID())
	p := pairOf(t, b.login(t, "bistro", "owner@acme.example", password), "login")
	if me := b.post(t, p.access, whoAmI, nil).ok(t); me.at("viewer", "company", "slug") != "bistro" {
		t.Error(me.Raw)
	}
	// Nothing of a secret is in the database but what can't be used.
	for _, column := range []string{"select encode(token_hash, 'escape') from refresh_tokens", "select id::text from sessions"} {
		for _, value := range pgtest.Values[string](t, b.db, column) {
			if strings.Contains(p.refresh, value) || strings.Contains(p.access, value) {
				t.Error("a token can be read from the database")
			}
		}
	}
	b.logs.quiet(t)
}

// Whatever is wrong, the answer is the same to the letter.
func TestLoginRefuses(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	b.db.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", b.A.Manager.UUID())
	b.db.Exec(t, "delete from user_credentials where user_id = $1", b.A.Stores[1].Cashier.UUID())
	before := b.books(t)
	want := b.login(t, "acme", "owner@acme.example", "wrong")
	want.refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
	for name, c := range map[string][3]string{
		"unknown address":           {"acme", "nobody@acme.example", password},
		"unknown company":           {"nowhere", "owner@acme.example", password},
		"another company's":         {"bistro", "owner@acme.example", password},
		"deactivated":               {"acme", "manager@acme.example", password},
		"deactivated, and wrong":    {"acme", "manager@acme.example", "wrong"},
		"without a password":        {"acme", "cashier2@acme.example", password},
		"nothing at all":            {"", "", ""},
		"the password in capitals":  {"acme", "owner@acme.example", strings.ToUpper(password)},
		"a space more":              {"acme", "owner@acme.example", password + " "},
		"a zero byte in the slug":   {"acme\x00", "owner@acme.example", password},
		"a zero byte in the e-mail": {"acme", "owner\x00@acme.example", password},
		"a zero byte in the pass":   {"acme", "owner@acme.example", password + "\x00"},
		"a long slug":               {strings.Repeat("acme", 1000), "owner@acme.example", password},
		"a long e-mail":             {"acme", strings.Repeat("o", 5000) + "@acme.example", password},
		"a long password":           {"acme", "owner@acme.example", strings.Repeat(password, 100)},
		"a wildcard":                {"acme", "%@acme.example", password},
		"a quote":                   {"acme", "' or '1'='1", password},
		"the hash":                  {"acme", "owner@acme.example", func() string { hash, _ := passwordHash(); return hash }()},
	} {
		if a := b.login(t, c[0], c[1], c[2]); a.Raw != want.Raw || a.Status != want.Status {
			t.Errorf("%s: %d %s", name, a.Status, a.Raw)
		}
	}
	b.unchanged(t, before)
	b.logs.quiet(t)
}

// Who holds something that works no more can still log in.
func TestLoginDespiteOldToken(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	expired, err := b.issuer.Issue(auth.Claims{
		Tenant: b.A.ID.UUID(), Subject: b.A.Owner.UUID(), IssuedAt: time.Now().Add(-2 * time.Hour), ExpiresAt: time.Now().Add(-time.Hour),
	})
	must(t, err)
	for _, header := range []string{"Bearer " + expired, "Bearer garbage", "Basic b3duZXI6cGFzcw==", "", "Bearer tgk_x"} {
		pairOf(t, b.login(t, "acme", "owner@acme.example", password, "Authorization", header), "login")
	}
	p := b.loggedIn(t, "owner")
	renewed := pairOf(t, b.post(t, expired, refresh, vars{"token": p.refresh}), "tokenRefresh")
	if !b.works(t, renewed.access) {
		t.Error("the new token doesn't work")
	}
	// A public field opens no door for one that isn't.
	for _, query := range []string{
		`mutation { login(input: {companySlug: "acme", email: "x", password: "x"}) { userErrors { code } } logout { loggedOut } }`,
		`{ __typename viewer { role } }`,
	} {
		if a := b.post(t, expired, query, nil); a.Status != http.StatusUnauthorized || a.Data != nil {
			t.Errorf("%d %s", a.Status, a.Raw)
		}
	}
}

func TestTokenRefresh(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	other, first := b.loggedIn(t, "owner"), b.loggedIn(t, "owner")
	invalid := func(what, token string) {
		t.Helper()
		a := b.post(t, "", refresh, vars{"token": token})
		a.refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken")
		if t.Failed() {
			t.Fatal(what)
		}
	}
	second := pairOf(t, b.post(t, "", refresh, vars{"token": first.refresh}), "tokenRefresh")
	third := pairOf(t, b.post(t, "", refresh, vars{"token": second.refresh}), "tokenRefresh")
	for _, p := range []pair{first, second, third} {
		if !b.works(t, p.access) {
			t.Error("an access token of the login doesn't work")
		}
	}
	if first.refresh == second.refresh || second.refresh == third.refresh || first.access == second.access {
		t.Error("a token came twice")
	}
	// Somebody has kept a copy: the whole login is over at once, and no other.
	invalid("a used one", second.refresh)
	for _, p := range []pair{first, second, third} {
		if b.works(t, p.access) {
			t.Error("an access token outlives its login")
		}
		invalid("of a login that is over", p.refresh)
	}
	if !b.works(t, other.access) {
		t.Error("another login of the same person is over, too")
	}
	if got := pgtest.Values[string](t, b.db, "select end_reason from sessions where ended_at is not null"); !slices.Equal(got, []string{"TOKEN_REUSED"}) {
		t.Errorf("ended: %q", got)
	}
	pairOf(t, b.post(t, "", refresh, vars{"token": other.refresh}), "tokenRefresh")
	b.logs.quiet(t)
}

// typo is a text with another character at a place.
func typo(text string, at int) string {
	other := "-"
	if text[at:at+1] == other {
		other = "_"
	}
	return text[:at] + other + text[at+1:]
}

func TestTokenRefreshRefuses(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	holder := b.loggedIn(t, "owner")
	body, err := base64.RawURLEncoding.DecodeString(holder.refresh[4:90])
	must(t, err)
	session, random := id.RefreshToken(body[16:32]), body[32:]
	secret := func(kind auth.Kind, company pgtest.Company, object id.RefreshToken, random []byte) string {
		text, _, err := auth.NewSecret(kind, company.ID.UUID(), object.UUID(), bytes.NewReader(random))
		must(t, err)
		return text
	}
	if secret(auth.KindRefreshToken, b.A, session, random) != holder.refresh {
		t.Fatal("the token isn't put together as it was taken apart")
	}
	guess := bytes.Repeat([]byte{7}, 32)
	before := b.books(t)
	for name, token := range map[string]string{
		"nothing": "", "garbage": "garbage", "too long": strings.Repeat("x", 100_000), "a zero byte": holder.refresh + "\x00",
		"a typo": typo(holder.refresh, 50), "cut": holder.refresh[:95], "an access token": holder.access,
		"guessed":                  secret(auth.KindRefreshToken, b.A, session, guess),
		"another company":          secret(auth.KindRefreshToken, b.B, session, random),
		"another token":            secret(auth.KindRefreshToken, b.A, id.New[id.RefreshToken](), random),
		"the fixture's, guessed":   secret(auth.KindRefreshToken, b.A, b.A.Token, random),
		"another company's, known": secret(auth.KindRefreshToken, b.B, b.B.Token, random),
		"as a register's key":      secret(auth.KindRegisterKey, b.A, session, random),
	} {
		a := b.post(t, "", refresh, vars{"token": token})
		if a.refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken"); t.Failed() {
			t.Fatal(name)
		}
	}
	b.unchanged(t, before)
	if !b.works(t, holder.access) {
		t.Error("guessing ended the login")
	}
	for what, sql := range map[string][2]string{
		"deactivated": {"update users set status = 'DEACTIVATED'", "update users set status = 'ACTIVE'"},
		"expired": {
			"update refresh_tokens set expires_at = now() - interval '1 second'", "update refresh_tokens set expires_at = now() + interval '1 day'",
		},
	} {
		b.db.Exec(t, sql[0])
		if b.post(t, "", refresh, vars{"token": holder.refresh}).refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken"); t.Failed() {
			t.Fatal(what)
		}
		b.db.Exec(t, sql[1])
	}
	pairOf(t, b.post(t, "", refresh, vars{"token": holder.refresh}), "tokenRefresh")
}

// Several that come at once with one token: one gets the pair, and since the others hold a copy, it is worth nothing.
func TestTokenRefreshAtOnce(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	for range 5 {
		holder := b.loggedIn(t, "owner")
		var pairs []pair
		for _, a := range together(t, 3, func(int) (*answer, error) {
			return b.ask(t.Context(), "", refresh, vars{"token": holder.refresh})
		}) {
			switch codes := a.ok(t).codes("tokenRefresh"); {
			case len(codes) == 0:
				pairs = append(pairs, pairOf(t, a, "tokenRefresh"))
			case !slices.Equal(codes, []string{"INVALID_TOKEN refreshToken"}):
				t.Error(a.Raw)
			}
		}
		if len(pairs) != 1 {
			t.Fatalf("%d pairs for one token", len(pairs))
		}
		if b.works(t, pairs[0].access) || b.works(t, holder.access) {
			t.Error("a token of a login that is over works")
		}
		b.post(t, "", refresh, vars{"token": pairs[0].refresh}).refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken")
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sessions where end_reason = 'TOKEN_REUSED'"); n != 5 {
		t.Errorf("%d of 5 logins are over", n)
	}
	b.logs.quiet(t)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	phone, desk := b.loggedIn(t, "owner"), b.loggedIn(t, "owner")
	renewed := pairOf(t, b.post(t, "", refresh, vars{"token": phone.refresh}), "tokenRefresh")
	if a := b.post(t, renewed.access, logout, nil).ok(t); a.at("logout", "loggedOut") != true {
		t.Error(a.Raw)
	}
	for _, p := range []pair{phone, renewed} {
		if b.works(t, p.access) {
			t.Error("an access token outlives the logout")
		}
		b.post(t, "", refresh, vars{"token": p.refresh}).refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken")
	}
	if a := b.post(t, renewed.access, logout, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("again: %d %s", a.Status, a.Raw)
	}
	if !b.works(t, desk.access) {
		t.Error("the other login is over, too")
	}
	if got := pgtest.Values[string](t, b.db, "select end_reason from sessions where ended_at is not null"); !slices.Equal(got, []string{"LOGOUT"}) {
		t.Errorf("ended: %q", got)
	}
	// Where there is no login there is none to end.
	for _, token := range []string{b.owner(t), b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		if a := b.post(t, token, logout, nil).ok(t); a.at("logout", "loggedOut") != false || !b.works(t, token) {
			t.Error(a.Raw)
		}
	}
}

// What secrets there are, none of them comes into the log, whatever goes wrong.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	p := b.loggedIn(t, "owner")
	wrong := "hunter2-hunter2"
	b.login(t, "acme", "owner@acme.example", wrong)
	b.login(t, "acme", wrong, wrong)
	next := pairOf(t, b.post(t, "", refresh, vars{"token": p.refresh}), "tokenRefresh")
	key, _ := b.post(t, next.access, rotateKey, vars{"id": b.A.Stores[0].Registers[0].ID.String()}).
		done(t, "registerKeyRotate").at("registerKeyRotate", "deviceKey").(string)
	if !b.works(t, key) {
		t.Fatal("the key doesn't work")
	}
	b.sell(t, key, vars{"idempotencyKey": "k", "lines": []vars{item(b.A.Products[1], "1")}, "payments": []vars{pay("CASH", "100")}})
	raw := func(method, target, body, authorization string) {
		r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	query := fmt.Sprintf(`mutation { login(input: {companySlug: "acme", email: "e", password: %q}) { nothing } }`, wrong)
	for _, authorization := range []string{"Bearer " + key, "Bearer " + key + "x", "Basic " + key, "Bearer " + next.access + "x", "Bearer " + p.refresh, next.access} {
		raw(http.MethodPost, b.url, `{"query":"`+wrong, authorization)
		raw(http.MethodPost, b.url, `{"query":"{ viewer { role } }","variables":"`+wrong+`"}`, authorization)
		raw(http.MethodPost, b.url, `{"operationName":"`+wrong+`","query":`+fmt.Sprintf("%q", query)+`}`, authorization)
		raw(http.MethodGet, b.url+"?query="+url.QueryEscape(query), "", authorization)
	}
	// The database fails in the middle of a login.
	b.db.Exec(t, "alter table sessions add constraint no check (id is null) not valid")
	if a := b.login(t, "acme", "owner@acme.example", password); a.code() != "INTERNAL" {
		t.Error(a.Raw)
	}
	b.db.Exec(t, "alter table user_credentials rename column password_hash to other")
	if a := b.login(t, "acme", "owner@acme.example", password); a.code() != "INTERNAL" {
		t.Error(a.Raw)
	}
	text := b.logs.String()
	if !strings.Contains(text, "INTERNAL") && !strings.Contains(text, "level=ERROR") {
		t.Error("the failures were not logged")
	}
	hash, err := passwordHash()
	must(t, err)
	for what, secret := range map[string]string{
		"password": password, "wrong password": wrong, "hash": hash, "salt": strings.Split(hash, "$")[4],
		"access token": strings.Split(p.access, ".")[2], "new access token": strings.Split(next.access, ".")[1],
		"refresh token": p.refresh[40:88], "new refresh token": next.refresh[4:40], "device key": key[48:90],
	} {
		if strings.Contains(text, secret) {
			i := strings.Index(text, secret)
			t.Errorf("the log holds the %s: %s", what, text[max(0, i-200):i+len(secret)])
		}
	}
}
