package graph_test

import (
	"encoding/base32"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	invite = `mutation($input: UserInviteInput!) { userInvite(input: $input) {
		invitation { id status user { id name status } } userErrors { code field message } } }`
	accept = `mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
		user { id name email status } userErrors { code field message } } }`
	deactivate  = `mutation($id: ID!) { userDeactivate(id: $id) { user { status } userErrors { code field message } } }`
	reactivate  = `mutation($id: ID!) { userReactivate(id: $id) { user { status } userErrors { code field message } } }`
	updateUser  = `mutation($id: ID!, $input: UserUpdateInput!) { userUpdate(id: $id, input: $input) { user { name staffNumber version } userErrors { code field message } } }`
	askReset    = `mutation($input: PasswordResetRequestInput!) { passwordResetRequest(input: $input) { accepted userErrors { code field message } } }`
	resetWith   = `mutation($token: String!, $new: String!) { passwordReset(token: $token, newPassword: $new) { changed userErrors { code field message } } }`
	setPIN      = `mutation($pin: String!) { pinSet(pin: $pin) { set userErrors { code field message } } }`
	pinLogin    = `mutation($input: RegisterPinLoginInput!) { registerPinLogin(input: $input) { accessToken expiresAt user { id email } userErrors { code field message } } }`
	unlockPIN   = `mutation($id: ID!) { userPinUnlock(id: $id) { user { security { pinLocked } } userErrors { code field message } } }`
	beginTOTP   = `mutation($password: String!) { totpBegin(password: $password) { setup { secret uri } userErrors { code field message } } }`
	confirmTOTP = `mutation($code: String!) { totpConfirm(code: $code) { recoveryCodes userErrors { code field message } } }`
	loginAsked  = `mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken }
		secondFactor { challenge expiresAt setup { secret uri } } userErrors { code field message } } }`
	answer2 = `mutation($input: LoginSecondFactorInput!) { loginSecondFactor(input: $input) {
		tokens { accessToken } user { id } recoveryCodes userErrors { code field message } } }`
	beginPairing   = `mutation($slug: String!) { devicePairingBegin(companySlug: $slug) { code pollToken expiresAt userErrors { code field message } } }`
	approvePairing = `mutation($code: String!, $id: ID!) { devicePairingApprove(code: $code, registerId: $id) { register { id } userErrors { code field message } } }`
	finishPairing  = `mutation($token: String!) { devicePairingFinish(pollToken: $token) { deviceKey userErrors { code field message } } }`
)

type mailed struct{ subject, text string }

// letterTo waits for the latest letter to an address that is newer than those seen, and takes it away.
func (b *bundle) letterTo(t testing.TB, to string) mailed {
	t.Helper()
	for range 200 {
		files, err := filepath.Glob(filepath.Join(b.letters, "*.eml"))
		must(t, err)
		for _, file := range files {
			f, err := os.Open(file)
			must(t, err)
			m, err := mail.ReadMessage(f)
			must(t, err)
			text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			must(t, err)
			must(t, f.Close())
			if strings.Contains(m.Header.Get("To"), to) {
				must(t, os.Remove(file))
				return mailed{m.Header.Get("Subject"), string(text)}
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("no letter to %s", to)
	return mailed{}
}

func (m mailed) token(t testing.TB, kind string) string {
	t.Helper()
	found := regexp.MustCompile(kind + `_[A-Za-z0-9_-]{92}`).FindString(m.text)
	if found == "" {
		t.Fatalf("no token in %q", m.text)
	}
	return found
}

func (b *bundle) invited(t testing.TB, token string, input vars) (id, secret string) {
	t.Helper()
	a := b.post(t, token, invite, vars{"input": input}).done(t, "userInvite")
	text, _ := a.at("userInvite", "invitation", "id").(string)
	return text, b.letterTo(t, input["email"].(string)).token(t, "tgi")
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	b := setupLogin(t, func(c *graph.Config) { c.PublicURL = "https://shop.example.com/" })
	store := b.A.Stores[0].ID.String()
	a := b.post(t, b.manager(t), invite, vars{"input": vars{
		"email": " New@Acme.example ", "name": "Nia", "role": "CASHIER", "storeIds": []string{store},
	}}).done(t, "userInvite")
	if got := a.at("userInvite", "invitation", "status"); got != "OPEN" || a.at("userInvite", "invitation", "user", "status") != "INVITED" {
		t.Error(a.Raw)
	}
	letter := b.letterTo(t, "new@acme.example")
	if letter.subject != "You are invited to acme" || !strings.Contains(letter.text, "https://shop.example.com/accept-invitation#token=tgi_") {
		t.Errorf("%q", letter)
	}
	secret := letter.token(t, "tgi")
	// Until then they are nobody.
	b.login(t, "acme", "new@acme.example", "a new password").refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
	for _, weak := range []string{"short", strings.Repeat("x", 201), "NEW@acme.example"} {
		b.post(t, "", accept, vars{"input": vars{"token": secret, "password": weak}}).refused(t, "invitationAccept", "user", "INVALID password")
	}
	answers := together(t, 4, func(int) (*answer, error) {
		return b.ask(t.Context(), "", accept, vars{"input": vars{"token": secret, "password": "a new password", "name": "Nia N."}})
	})
	joined := 0
	for _, a := range answers {
		if codes := a.ok(t).codes("invitationAccept"); len(codes) == 0 {
			joined++
		} else if !slices.Equal(codes, []string{"INVALID_TOKEN token"}) {
			t.Error(a.Raw)
		}
	}
	if joined != 1 {
		t.Fatalf("%d of 4 joined", joined)
	}
	p := pairOf(t, b.login(t, "acme", "new@acme.example", "a new password"), "login")
	me := b.post(t, p.access, `{ viewer { role user { name status } stores { nodes { id } } } }`, nil).ok(t)
	same(t, me.at("viewer"), vars{"role": "CASHIER", "user": vars{"name": "Nia N.", "status": "ACTIVE"}, "stores": vars{"nodes": []vars{{"id": store}}}})
	b.post(t, "", accept, vars{"input": vars{"token": secret, "password": "another password"}}).refused(t, "invitationAccept", "user", "INVALID_TOKEN token")
	if strings.Contains(b.logs.String(), secret[40:90]) {
		t.Error("the log holds the token")
	}
	b.logs.quiet(t)
}

func TestInvitationSentAgainAndRevoked(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	input := vars{"email": "new@acme.example", "name": "Nia", "role": "CASHIER", "storeIds": []string{b.A.Stores[0].ID.String()}}
	of, first := b.invited(t, b.owner(t), input)
	again := `mutation($id: ID!) { userInviteResend(id: $id) { invitation { status } userErrors { code field message } } }`
	b.post(t, b.owner(t), again, vars{"id": of}).done(t, "userInviteResend")
	second := b.letterTo(t, "new@acme.example").token(t, "tgi")
	with := func(secret string) vars { return vars{"input": vars{"token": secret, "password": "a new password"}} }
	b.post(t, "", accept, with(first)).refused(t, "invitationAccept", "user", "INVALID_TOKEN token")
	b.post(t, b.owner(t), invite, vars{"input": input}).refused(t, "userInvite", "invitation", "TAKEN email")
	revoke := `mutation($id: ID!) { userInviteRevoke(id: $id) { invitation { status } userErrors { code field message } } }`
	b.post(t, b.owner(t), revoke, vars{"id": of}).done(t, "userInviteRevoke")
	b.post(t, "", accept, with(second)).refused(t, "invitationAccept", "user", "INVALID_TOKEN token")
	b.post(t, b.owner(t), again, vars{"id": of}).refused(t, "userInviteResend", "invitation", "NOT_OPEN id")
	_, third := b.invited(t, b.owner(t), input)
	b.db.Exec(t, "update user_invitations set expires_at = now() where accepted_at is null and revoked_at is null")
	b.post(t, "", accept, with(third)).refused(t, "invitationAccept", "user", "INVALID_TOKEN token")
	b.logs.quiet(t)
}

// Nobody gives what they don't have, or acts on who has more, or reaches beyond their stores.
func TestPeopleEscalation(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	one, two := b.A.Stores[0], b.A.Stores[1]
	before := b.books(t)
	inviting := func(role string, stores ...string) vars {
		return vars{"input": vars{"email": "x@acme.example", "name": "X", "role": role, "storeIds": append([]string{}, stores...)}}
	}
	manager := b.manager(t)
	b.post(t, manager, invite, inviting("OWNER")).refused(t, "userInvite", "invitation", "NOT_ALLOWED role")
	b.post(t, manager, invite, inviting("CASHIER", two.ID.String())).refused(t, "userInvite", "invitation", "STORE_NOT_FOUND storeIds.0")
	b.post(t, manager, invite, inviting("REGISTER", one.ID.String())).refused(t, "userInvite", "invitation", "INVALID role")
	b.post(t, manager, invite, inviting("CASHIER")).refused(t, "userInvite", "invitation", "INVALID storeIds")
	if a := b.post(t, b.cashier(t, 0), invite, inviting("CASHIER", one.ID.String())); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	b.post(t, manager, deactivate, vars{"id": b.A.Owner.String()}).refused(t, "userDeactivate", "user", "NOT_ALLOWED id")
	b.post(t, manager, deactivate, vars{"id": b.A.Manager.String()}).refused(t, "userDeactivate", "user", "OWN_ACCOUNT id")
	b.post(t, manager, deactivate, vars{"id": two.Cashier.String()}).refused(t, "userDeactivate", "user", "NOT_FOUND id")
	b.post(t, manager, updateUser, vars{"id": b.A.Manager.String(), "input": vars{"version": 1, "mustUseSecondFactor": true}}).
		refused(t, "userUpdate", "user", "NOT_ALLOWED mustUseSecondFactor")
	b.unchanged(t, before)
	// Who also works elsewhere isn't a manager's to let go.
	b.db.Exec(t, "insert into user_stores (tenant_id, store_id, user_id) values ($1, $2, $3)", b.A.ID.UUID(), two.ID.UUID(), one.Cashier.UUID())
	b.post(t, manager, deactivate, vars{"id": one.Cashier.String()}).refused(t, "userDeactivate", "user", "NOT_ALLOWED id")
	b.post(t, b.owner(t), deactivate, vars{"id": one.Cashier.String()}).done(t, "userDeactivate")
	b.logs.quiet(t)
}

func TestDeactivate(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	cashier := b.loggedIn(t, "cashier1")
	who := vars{"id": b.A.Stores[0].Cashier.String()}
	b.post(t, b.manager(t), deactivate, who).done(t, "userDeactivate")
	if b.works(t, cashier.access) {
		t.Error("a token outlives its person's access")
	}
	b.post(t, "", refresh, vars{"token": cashier.refresh}).refused(t, "tokenRefresh", "tokens", "INVALID_TOKEN refreshToken")
	b.post(t, b.manager(t), reactivate, who).done(t, "userReactivate")
	if b.works(t, cashier.access) {
		t.Error("an old token came back")
	}
	b.loggedIn(t, "cashier1")
	b.post(t, b.owner(t), deactivate, vars{"id": b.A.Owner.String()}).refused(t, "userDeactivate", "user", "OWN_ACCOUNT id")
	b.logs.quiet(t)
}

// Two owners who let each other go at once: one of them stays.
func TestOwnersWhoLetEachOtherGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		b.db.Exec(t, "update users set role = 'OWNER', status = 'ACTIVE' where id = any($1)", [][16]byte{b.A.Owner, b.A.Manager})
		tokens := []string{b.owner(t), b.manager(t)}
		others := []id.User{b.A.Manager, b.A.Owner}
		together(t, 2, func(i int) (*answer, error) {
			return b.ask(t.Context(), tokens[i], deactivate, vars{"id": others[i].String()})
		})
		if n := pgtest.Value[int](t, b.db, "select count(*) from users where tenant_id = $1 and role = 'OWNER' and status = 'ACTIVE'", b.A.ID.UUID()); n != 1 {
			t.Fatalf("%d owners are left", n)
		}
	}
	b.logs.quiet(t)
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	old := b.loggedIn(t, "owner")
	who := func(slug, email string) vars { return vars{"input": vars{"companySlug": slug, "email": email}} }
	known := b.post(t, "", askReset, who("acme", "Owner@acme.example"))
	for _, nobody := range [][2]string{{"acme", "nobody@acme.example"}, {"nowhere", "owner@acme.example"}} {
		if a := b.post(t, "", askReset, who(nobody[0], nobody[1])); a.Raw != known.Raw {
			t.Errorf("%s instead of %s", a.Raw, known.Raw)
		}
	}
	letter := b.letterTo(t, "owner@acme.example")
	token := letter.token(t, "tgp")
	if letter.subject != "A new password for acme" {
		t.Errorf("%q", letter.subject)
	}
	b.post(t, "", resetWith, vars{"token": token, "new": "short"}).refused(t, "passwordReset", "none", "INVALID newPassword")
	b.post(t, "", resetWith, vars{"token": token, "new": "another password"}).done(t, "passwordReset")
	b.post(t, "", resetWith, vars{"token": token, "new": "a third password"}).refused(t, "passwordReset", "none", "INVALID_TOKEN token")
	if b.works(t, old.access) {
		t.Error("an old login outlives the reset")
	}
	b.login(t, "acme", "owner@acme.example", password).refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
	pairOf(t, b.login(t, "acme", "owner@acme.example", "another password"), "login")
	b.logs.quiet(t)
}

func TestLoginIsLimited(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	for _, who := range []string{"owner@acme.example", "nobody@acme.example"} {
		for range 10 {
			b.login(t, "acme", who, "wrong").refused(t, "login", "tokens", "INVALID_CREDENTIALS ")
		}
		if a := b.login(t, "acme", who, password); a.code() != "RATE_LIMITED" {
			t.Errorf("%s: %s", who, a.Raw)
		}
	}
	b.loggedIn(t, "manager")
}

func codeOf(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	_, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	code, err := totp.GenerateCode(secret, at)
	must(t, err)
	return code
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	p := b.loggedIn(t, "owner")
	// The fixture's is pending, and is replaced.
	b.post(t, p.access, beginTOTP, vars{"password": "wrong"}).refused(t, "totpBegin", "setup", "INVALID_PASSWORD password")
	secret, _ := b.post(t, p.access, beginTOTP, vars{"password": password}).done(t, "totpBegin").at("totpBegin", "setup", "secret").(string)
	if n := pgtest.Value[int](t, b.db, "select count(*) from user_second_factors where encode(secret, 'escape') like '%' || $1 || '%'", secret); n != 0 {
		t.Error("the secret stands in the database")
	}
	b.post(t, p.access, confirmTOTP, vars{"code": "000000x"}).ok(t)
	now := time.Now()
	first := codeOf(t, secret, now)
	confirmed := b.post(t, p.access, confirmTOTP, vars{"code": first}).done(t, "totpConfirm")
	recovery, _ := confirmed.at("totpConfirm", "recoveryCodes").([]any)
	if len(recovery) != 10 {
		t.Fatal(confirmed.Raw)
	}
	challenge := func() string {
		a := b.post(t, "", loginAsked, vars{"input": vars{"companySlug": "acme", "email": "owner@acme.example", "password": password}}).done(t, "login")
		if a.at("login", "tokens") != nil {
			t.Fatal("tokens without the second factor")
		}
		text, _ := a.at("login", "secondFactor", "challenge").(string)
		return text
	}
	with := func(challenge, code string) *answer {
		return b.post(t, "", answer2, vars{"input": vars{"challenge": challenge, "code": code}})
	}
	// A code works once, also the one that confirmed.
	with(challenge(), first).refused(t, "loginSecondFactor", "tokens", "INVALID_CODE code")
	next := codeOf(t, secret, now.Add(30*time.Second))
	c := challenge()
	with(c, next).done(t, "loginSecondFactor")
	with(c, next).refused(t, "loginSecondFactor", "tokens", "INVALID_CHALLENGE challenge")
	with(challenge(), next).refused(t, "loginSecondFactor", "tokens", "INVALID_CODE code")
	// So does a recovery code, also of several at once.
	code, _ := recovery[0].(string)
	challenges := []string{challenge(), challenge(), challenge()}
	passed := 0
	for _, a := range together(t, len(challenges), func(i int) (*answer, error) {
		return b.ask(t.Context(), "", answer2, vars{"input": vars{"challenge": challenges[i], "code": strings.ToUpper(code)}})
	}) {
		if len(a.ok(t).codes("loginSecondFactor")) == 0 {
			passed++
		}
	}
	if passed != 1 {
		t.Errorf("a recovery code worked %d times", passed)
	}
	// A challenge takes five guesses.
	c = challenge()
	for range 5 {
		with(c, "111111").refused(t, "loginSecondFactor", "tokens", "INVALID_CODE code")
	}
	another, _ := recovery[1].(string)
	with(c, another).refused(t, "loginSecondFactor", "tokens", "INVALID_CHALLENGE challenge")
	b.logs.quiet(t)
}

func TestSecondFactorThatMustBe(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	p := b.loggedIn(t, "manager")
	b.post(t, b.owner(t), updateUser, vars{"id": b.A.Manager.String(), "input": vars{"version": 1, "mustUseSecondFactor": true}}).done(t, "userUpdate")
	if b.works(t, p.access) {
		t.Error("who must set up a second factor is still logged in")
	}
	a := b.post(t, "", loginAsked, vars{"input": vars{"companySlug": "acme", "email": "manager@acme.example", "password": password}}).done(t, "login")
	secret, _ := a.at("login", "secondFactor", "setup", "secret").(string)
	challenge, _ := a.at("login", "secondFactor", "challenge").(string)
	done := b.post(t, "", answer2, vars{"input": vars{"challenge": challenge, "code": codeOf(t, secret, time.Now())}}).done(t, "loginSecondFactor")
	if codes, _ := done.at("loginSecondFactor", "recoveryCodes").([]any); len(codes) != 10 {
		t.Error(done.Raw)
	}
	token, _ := done.at("loginSecondFactor", "tokens", "accessToken").(string)
	remove := `mutation($code: String!) { totpRemove(code: $code) { removed userErrors { code field message } } }`
	b.post(t, token, remove, vars{"code": "123456"}).refused(t, "totpRemove", "none", "REQUIRED ")
	b.logs.quiet(t)
}

func TestPIN(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	one, two := b.A.Stores[0], b.A.Stores[1]
	device, elsewhere := b.device(t, b.A, one.Registers[0]), b.device(t, b.A, two.Registers[0])
	cashier := b.loggedIn(t, "cashier1")
	for _, weak := range []string{"123", "1234", "9876", "1111", "123456789", "12a4"} {
		b.post(t, cashier.access, setPIN, vars{"pin": weak}).refused(t, "pinSet", "none", "INVALID pin")
	}
	b.post(t, cashier.access, setPIN, vars{"pin": "2580"}).done(t, "pinSet")
	b.db.Exec(t, "update users set staff_number = '17' where id = $1", one.Cashier.UUID())
	by := func(pin string) vars { return vars{"input": vars{"staffNumber": "17", "pin": pin}} }
	a := b.post(t, device, pinLogin, by("2580")).done(t, "registerPinLogin")
	token, _ := a.at("registerPinLogin", "accessToken").(string)
	me := b.post(t, token, `{ viewer { role user { id } register { id } stores { nodes { id } } } registers { totalCount } sales { totalCount } }`, nil).ok(t)
	same(t, me.at("viewer"), vars{
		"role": "CASHIER", "user": vars{"id": one.Cashier}, "register": vars{"id": one.Registers[0].ID}, "stores": vars{"nodes": []vars{{"id": one.ID}}},
	})
	same(t, me.at("sales", "totalCount"), 1)
	// It is too little to change what one logs in with, and a person's own token is no register.
	if a := b.post(t, token, setPIN, vars{"pin": "1357"}); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	b.post(t, cashier.access, pinLogin, by("2580")).refused(t, "registerPinLogin", "accessToken", "NOT_A_REGISTER ")
	// At another store's register it is as wrong as a wrong one, to the letter and to the statement.
	foreign := b.post(t, elsewhere, pinLogin, by("2580"))
	wrong := b.post(t, device, pinLogin, by("0000"))
	nobody := b.post(t, device, pinLogin, vars{"input": vars{"staffNumber": "99", "pin": "2580"}})
	if foreign.Raw != wrong.Raw || nobody.Raw != wrong.Raw || foreign.cost != wrong.cost || nobody.cost != wrong.cost {
		t.Errorf("%s %s %s", foreign.Raw, wrong.Raw, nobody.Raw)
	}
	foreign.refused(t, "registerPinLogin", "accessToken", "INVALID_PIN pin")
	// Many guesses at once are counted one by one; the right PIN is worth nothing then.
	together(t, 12, func(int) (*answer, error) { return b.ask(t.Context(), device, pinLogin, by("0001")) })
	if n := pgtest.Value[int](t, b.db, "select failures from user_pins where user_id = $1", one.Cashier.UUID()); n != 5 {
		t.Errorf("%d guesses were looked at", n)
	}
	b.post(t, device, pinLogin, by("2580")).refused(t, "registerPinLogin", "accessToken", "INVALID_PIN pin")
	b.post(t, b.manager(t), unlockPIN, vars{"id": one.Cashier.String()}).done(t, "userPinUnlock")
	b.post(t, device, pinLogin, by("2580")).done(t, "registerPinLogin")
	// What was begun with a key ends with it.
	b.post(t, b.owner(t), rotateKey, vars{"id": one.Registers[0].ID.String()}).done(t, "registerKeyRotate")
	if b.works(t, token) {
		t.Error("a login by PIN outlives the register's key")
	}
	b.logs.quiet(t)
}

// A register that tries everybody's PINs is stopped, however many come at once.
func TestPINsOfARegisterAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	device := b.device(t, b.A, b.A.Stores[0].Registers[0])
	limited := 0
	for _, a := range together(t, 36, func(int) (*answer, error) {
		return b.ask(t.Context(), device, pinLogin, vars{"input": vars{"staffNumber": "1", "pin": "2580"}})
	}) {
		if a.code() == "RATE_LIMITED" {
			limited++
		}
	}
	if limited != 6 {
		t.Errorf("%d of 36 were stopped", limited)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	desk, phone := b.loggedIn(t, "manager"), b.loggedIn(t, "manager")
	list := `{ viewer { sessions { nodes { id current userAgent address } } } }`
	nodes := b.post(t, desk.access, list, nil).ok(t).at("viewer", "sessions", "nodes").([]any)
	var other any
	for _, node := range nodes {
		s := node.(map[string]any)
		if s["current"] == false {
			other = s["id"]
		}
		if s["address"] == "" || s["userAgent"] == "" {
			t.Errorf("%v", s)
		}
	}
	if len(nodes) != 2 {
		t.Fatalf("%d logins", len(nodes))
	}
	endOne := `mutation($id: ID!) { sessionEnd(id: $id) { ended userErrors { code field message } } }`
	b.post(t, b.owner(t), endOne, vars{"id": other}).refused(t, "sessionEnd", "none", "NOT_FOUND id")
	b.post(t, desk.access, endOne, vars{"id": other}).done(t, "sessionEnd")
	if b.works(t, phone.access) || !b.works(t, desk.access) {
		t.Error("the wrong login was ended")
	}
	b.post(t, b.owner(t), `mutation($id: ID!) { userSessionsEnd(id: $id) { user { id } userErrors { code field message } } }`,
		vars{"id": b.A.Manager.String()}).done(t, "userSessionsEnd")
	if b.works(t, desk.access) {
		t.Error("a login outlives the owner's word")
	}
}

func TestDevicePairing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	old := b.device(t, b.A, register)
	begin := func(slug string) (code, token string) {
		a := b.post(t, "", beginPairing, vars{"slug": slug}).done(t, "devicePairingBegin")
		code, _ = a.at("devicePairingBegin", "code").(string)
		token, _ = a.at("devicePairingBegin", "pollToken").(string)
		return code, token
	}
	code, token := begin("acme")
	fakeCode, fakeToken := begin("nowhere")
	if len(fakeCode) != len(code) || len(fakeToken) != len(token) {
		t.Error("an unknown company is told by the form of its answer")
	}
	pending := b.post(t, "", finishPairing, vars{"token": token})
	pending.refused(t, "devicePairingFinish", "deviceKey", "PENDING pollToken")
	if a := b.post(t, "", finishPairing, vars{"token": fakeToken}); a.Raw != pending.Raw {
		t.Error(a.Raw)
	}
	approval := func(who, code string, register id.Register) *answer {
		return b.post(t, who, approvePairing, vars{"code": code, "id": register.String()})
	}
	approval(b.manager(t), fakeCode, register.ID).refused(t, "devicePairingApprove", "register", "INVALID_CODE code")
	approval(b.token(t, b.B, b.B.Owner), code, b.B.Stores[0].Registers[0].ID).refused(t, "devicePairingApprove", "register", "INVALID_CODE code")
	approval(b.manager(t), code, b.A.Stores[1].Registers[0].ID).refused(t, "devicePairingApprove", "register", "NOT_FOUND registerId")
	if a := approval(b.cashier(t, 0), code, register.ID); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	approval(b.manager(t), strings.ToLower(code), register.ID).done(t, "devicePairingApprove")
	approval(b.manager(t), code, register.ID).refused(t, "devicePairingApprove", "register", "INVALID_CODE code")
	var keys []string
	for _, a := range together(t, 4, func(int) (*answer, error) { return b.ask(t.Context(), "", finishPairing, vars{"token": token}) }) {
		if key, _ := a.ok(t).at("devicePairingFinish", "deviceKey").(string); key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) != 1 {
		t.Fatalf("%d keys", len(keys))
	}
	if !b.works(t, keys[0]) || b.works(t, old) {
		t.Error("the new key doesn't work, or the old one does")
	}
	b.post(t, b.manager(t), `mutation($id: ID!) { registerKeyRevoke(id: $id) { register { keyRotatedAt } userErrors { code field message } } }`,
		vars{"id": register.ID.String()}).done(t, "registerKeyRevoke")
	if b.works(t, keys[0]) {
		t.Error("a revoked key works")
	}
	code, token = begin("acme")
	b.db.Exec(t, "update device_pairings set expires_at = now()")
	approval(b.manager(t), code, register.ID).refused(t, "devicePairingApprove", "register", "INVALID_CODE code")
	b.logs.quiet(t)
	_ = token
}

// What people do about themselves is for people.
func TestSelfIsForPeople(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	device := b.device(t, b.A, b.A.Stores[0].Registers[0])
	s := schemaOf(t)
	for _, f := range fieldsOf(s.Mutation) {
		if f.Directives.ForName("self") == nil {
			continue
		}
		query := "mutation { " + (&examples{schema: s}).call(f) + " }"
		if a := b.post(t, device, query, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", query, a.Raw)
		}
		if a := b.post(t, b.cashier(t, 0), query, nil); a.code() != "" {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
}
