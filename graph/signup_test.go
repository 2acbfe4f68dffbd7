package graph_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	signUp = `mutation($input: CompanySignUpInput!) { companySignUp(input: $input) {
		slug tokens { accessToken refreshToken } userErrors { code field message } } }`
	verifyEmail = `mutation($token: String!) { emailVerify(token: $token) { verified userErrors { code field message } } }`
	verifyAgain = `mutation { emailVerificationSend { sent userErrors { code field message } } }`
)

func founding(slug string, more vars) vars {
	in := vars{
		"slug": slug, "name": "Duka la Amani", "countryCode": "KE", "businessType": "RETAIL",
		"ownerName": "Amani Otieno", "ownerEmail": "amani@" + slug + ".example", "ownerPassword": "a good password",
	}
	maps.Copy(in, more)
	return vars{"input": in}
}

func TestCompanySignUp(t *testing.T) {
	t.Parallel()
	b := setupLogin(t)
	a := b.post(t, "", signUp, founding("amani", vars{"sampleCatalogue": true})).done(t, "companySignUp")
	// The attempts of the address, and the letter to the owner; BEGIN, the company, the entry, the owner with credentials and login, store, register, taxes, samples, COMMIT.
	if want := (cost{Statements: 2 + 3 + 5 + 3 + 2 + 3 + 1, RoundTrips: 3}); a.cost != want {
		t.Errorf("signing up costs %+v, want %+v", a.cost, want)
	}
	same(t, a.at("companySignUp", "slug"), "amani")
	token, _ := a.at("companySignUp", "tokens", "accessToken").(string)
	me := b.post(t, token, `{ viewer { role company { slug name countryCode currencyCode businessType status settings { version } }
		user { name email emailVerified } stores { nodes { code name timeZone currencyCode taxRate pricesIncludeTax cashRounding { amount }
		registers { nodes { code nextReceiptNumber } } } } } taxCategories { nodes { name rates { name rate } } } }`, nil).ok(t)
	same(t, me.Data, vars{
		"viewer": vars{
			"role": "OWNER",
			"company": vars{
				"slug": "amani", "name": "Duka la Amani", "countryCode": "KE", "currencyCode": "KES", "businessType": "RETAIL",
				"status": "ACTIVE", "settings": vars{"version": 0},
			},
			"user": vars{"name": "Amani Otieno", "email": "amani@amani.example", "emailVerified": false},
			"stores": vars{"nodes": []vars{{
				"code": "S1", "name": "Duka la Amani", "timeZone": "Africa/Nairobi", "currencyCode": "KES", "taxRate": "16",
				"pricesIncludeTax": true, "cashRounding": vars{"amount": "1.00"},
				"registers": vars{"nodes": []vars{{"code": "T1", "nextReceiptNumber": 1}}},
			}}},
		},
		"taxCategories": vars{"nodes": []vars{
			{"name": "Standard rate", "rates": []vars{{"name": "VAT", "rate": "16"}}},
			{"name": "Zero-rated", "rates": []vars{{"name": "VAT zero-rated", "rate": "0"}}},
		}},
	})
	// It sells at once, and the owner logs in with the password.
	b.sellsSample(t, token)
	pairOf(t, b.login(t, "amani", "amani@amani.example", "a good password"), "login")
	if strings.Contains(b.logs.String(), "a good password") {
		t.Error("the log holds the password")
	}
	b.logs.quiet(t)
}

// sellsSample records a sale of a sample product.
func (b *bundle) sellsSample(t testing.TB, token string) {
	t.Helper()
	found := b.post(t, token, `{ products(filter: {search: "bread"}) { nodes { id } } registers { nodes { id } } }`, nil).ok(t)
	sold := b.post(t, token, `mutation($register: ID!, $product: ID!) { saleRecord(input: {idempotencyKey: "1", registerId: $register,
		lines: [{productId: $product, quantity: "2"}], payments: [{method: CASH, amount: "1000"}]}) {
		sale { receiptNumber total { amount } tax { amount } } userErrors { code field message } } }`,
		vars{"register": found.at("registers", "nodes", 0, "id"), "product": found.at("products", "nodes", 0, "id")}).done(t, "saleRecord")
	same(t, sold.at("saleRecord", "sale"), vars{"receiptNumber": 1, "total": vars{"amount": "182.00"}, "tax": vars{"amount": "25.10"}})
}

func TestSignUpIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, test := range map[string]struct {
		slug string
		more vars
		want []string
	}{
		"slug":       {"Not A Slug", nil, []string{"INVALID slug"}},
		"reserved":   {"adm1n", nil, []string{"SLUG_RESERVED slug"}},
		"taken":      {"acme", nil, []string{"SLUG_TAKEN slug"}},
		"look-alike": {"acrne", nil, []string{"SLUG_TAKEN slug"}},
		"hyphenated": {"b1s-tro", nil, []string{"SLUG_TAKEN slug"}},
		"country":    {"one", vars{"countryCode": "Kenya"}, []string{"COUNTRY_UNKNOWN countryCode"}},
		"unlisted":   {"two", vars{"countryCode": "IS"}, []string{"COUNTRY_UNKNOWN countryCode"}},
		"all at once": {"a", vars{
			"name": " ", "ownerName": "", "ownerEmail": "nobody", "ownerPassword": "short", "storeName": "", "timeZone": "Local", "taxRate": "101",
		}, []string{
			"INVALID slug", "INVALID name", "INVALID timeZone", "INVALID taxRate", "INVALID ownerName", "INVALID ownerEmail",
			"INVALID ownerPassword", "INVALID storeName",
		}},
		"password": {"three", vars{"ownerEmail": "same@same.example", "ownerPassword": "Same@same.example"}, []string{"INVALID ownerPassword"}},
	} {
		in := founding(test.slug, vars{"ownerEmail": "amani@x.example"})
		maps.Copy(in["input"].(vars), test.more)
		a := b.post(t, "", signUp, in)
		if t.Run(name, func(t *testing.T) { a.refused(t, "companySignUp", "tokens", test.want...) }); a.at("companySignUp", "slug") != nil {
			t.Error(a.Raw)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from company_directory") + pgtest.Value[int](t, b.db, "select count(*) from companies"); n != 4 {
		t.Errorf("%d companies and directory entries are there", n)
	}
	// Where the country isn't known, the input says it all.
	b.post(t, "", signUp, founding("reykjavik", vars{"countryCode": "IS", "currencyCode": "ISK", "timeZone": "Atlantic/Reykjavik", "taxRate": "24"})).
		done(t, "companySignUp")
	b.logs.quiet(t)
}

// Of several sign-ups with one slug, or with slugs that look alike, exactly one makes a company, whole.
func TestSignUpsOfOneSlugAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slugs := []string{"soko-moja", "soko-moja", "sokomoja", "s0ko-m0ja", "soko-moja", "sokom0ja"}
	won := ""
	answers := together(t, len(slugs), func(i int) (*answer, error) {
		return b.ask(t.Context(), "", signUp, founding(slugs[i], vars{"ownerEmail": fmt.Sprintf("o%d@soko.example", i)}))
	})
	for _, a := range answers {
		switch codes := a.ok(t).codes("companySignUp"); {
		case len(codes) == 0 && won == "":
			won, _ = a.at("companySignUp", "tokens", "accessToken").(string)
		case len(codes) != 1 || codes[0] != "SLUG_TAKEN slug":
			t.Error(a.Raw)
		}
	}
	me := b.post(t, won, `{ users { totalCount } stores { totalCount } registers { totalCount } }`, nil).ok(t)
	same(t, me.Data, vars{"users": vars{"totalCount": 1}, "stores": vars{"totalCount": 1}, "registers": vars{"totalCount": 1}})
	for _, table := range []string{"company_directory", "companies", "stores", "users", "user_credentials"} {
		column := map[bool]string{true: "company_id", false: "tenant_id"}[table == "company_directory"]
		if n := pgtest.Value[int](t, b.db, "select count(distinct "+column+") from "+table); n != 3 {
			t.Errorf("%d companies are in %s", n, table)
		}
	}
	b.logs.quiet(t)
}

func TestSignUpIsLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 20 {
		b.post(t, "", signUp, founding("api", vars{"ownerEmail": fmt.Sprintf("a%d@b.example", i)})).ok(t)
	}
	if a := b.post(t, "", signUp, founding("amani", nil)); a.code() != "RATE_LIMITED" {
		t.Error(a.Raw)
	}
	closed := setup(t, func(c *graph.Config) { c.SignUp = false })
	if a := closed.post(t, "", signUp, founding("amani", nil)); a.code() != "FORBIDDEN" || a.Statements != 0 {
		t.Error(a.Raw)
	}
}

// Who hasn't shown that their address is theirs invites nobody, whichever way.
func TestEmailIsVerifiedFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.post(t, "", signUp, founding("amani", nil)).done(t, "companySignUp")
	token, _ := a.at("companySignUp", "tokens", "accessToken").(string)
	letter := b.letterTo(t, "amani@amani.example")
	if !strings.Contains(letter.subject, "Duka la Amani") || !strings.Contains(letter.text, `"amani"`) {
		t.Errorf("%q", letter)
	}
	whom := vars{"input": vars{"email": "new@amani.example", "name": "New", "role": "CASHIER", "allStores": true}}
	b.post(t, token, invite, whom).refused(t, "userInvite", "invitation", "EMAIL_NOT_VERIFIED ")
	if n := pgtest.Value[int](t, b.db, "select count(*) from users where email = 'new@amani.example'"); n != 0 {
		t.Error("somebody was invited")
	}
	// Another link works as well, and the first one still does: letters may come out of order.
	b.post(t, token, verifyAgain, nil).done(t, "emailVerificationSend")
	again := b.letterTo(t, "amani@amani.example")
	for _, bad := range []string{"", "tgv_x", letter.token(t, "tgv")[:90] + "abcdef", strings.Replace(letter.token(t, "tgv"), "tgv_", "tgp_", 1)} {
		b.post(t, "", verifyEmail, vars{"token": bad}).refused(t, "emailVerify", "none", "INVALID_TOKEN token")
	}
	b.post(t, "", verifyEmail, vars{"token": letter.token(t, "tgv")}).done(t, "emailVerify")
	for _, used := range []mailed{letter, again} {
		b.post(t, "", verifyEmail, vars{"token": used.token(t, "tgv")}).refused(t, "emailVerify", "none", "INVALID_TOKEN token")
	}
	b.post(t, token, verifyAgain, nil).refused(t, "emailVerificationSend", "none", "ALREADY_VERIFIED ")
	b.post(t, token, invite, whom).done(t, "userInvite")
	// A link that is too old.
	b.db.Exec(t, "update users set email_verified = false where email = 'amani@amani.example'")
	b.post(t, token, verifyAgain, nil).done(t, "emailVerificationSend")
	late := b.letterTo(t, "amani@amani.example").token(t, "tgv")
	b.db.Exec(t, "update email_verifications set expires_at = now() where used_at is null")
	b.post(t, "", verifyEmail, vars{"token": late}).refused(t, "emailVerify", "none", "INVALID_TOKEN token")
	invitations := b.post(t, token, `{ userInvitations { nodes { id } } }`, nil).ok(t)
	b.post(t, token, `mutation($id: ID!) { userInviteResend(id: $id) { invitation { id } userErrors { code field message } } }`,
		vars{"id": invitations.at("userInvitations", "nodes", 0, "id")}).refused(t, "userInviteResend", "invitation", "EMAIL_NOT_VERIFIED ")
	b.logs.quiet(t)
}

// What the database refuses, whatever a statement says.
func TestTheDatabaseKeepsSignUpsStraight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refused := func(why, sql string, args ...any) {
		t.Helper()
		tx, err := b.db.Super().Begin(t.Context())
		must(t, err)
		defer func() { _ = tx.Rollback(t.Context()) }()
		_, err = tx.Exec(t.Context(), "select tillgraph.enter($1, '{}', $2, null)", b.A.ID.UUID(), b.A.Manager.UUID())
		must(t, err)
		if _, err := tx.Exec(t.Context(), sql, args...); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	// Who has a scope makes no company.
	refused("permission denied for function company_create",
		"select tillgraph.company_create($1, 'another', 'Another', 'KE', 'KES', 'RETAIL', now(), null)", id.New[id.Company]().UUID())
	refused("only an owner makes an owner", `insert into users (tenant_id, id, email, name, role)
		values ($1, $2, 'x@x.example', 'X', 'OWNER')`, b.A.ID.UUID(), id.New[id.User]().UUID())
	b.db.Exec(t, "update users set email_verified = false where id = $1", b.A.Manager.UUID())
	refused("verifies their own address first", `insert into user_invitations (tenant_id, id, user_id, token_hash, expires_at)
		values ($1, $2, $3, decode(repeat('00', 32), 'hex'), now())`,
		b.A.ID.UUID(), id.New[id.UserInvitation]().UUID(), b.A.Stores[0].Cashier.UUID())
}

// The database and the rule agree on which slugs look alike.
func TestLookAlikes(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	rapid.Check(t, func(t *rapid.T) {
		slug := rapid.StringMatching(`[a-z0-9rnviol01]([a-z0-9rnviol01-]{0,20}[a-z0-9rnviol01])?`).Draw(t, "slug")
		var got string
		err := d.Super().QueryRow(t.Context(), `with made as (insert into company_directory (slug, company_id)
			values ($1, $2) returning looks_like) select looks_like from made`, slug, id.New[id.Company]().UUID()).Scan(&got)
		if err != nil {
			if strings.Contains(err.Error(), "looks_like") || strings.Contains(err.Error(), "pkey") {
				return
			}
			t.Fatal(err)
		}
		if want := looksLike(slug); got != want {
			t.Fatalf("%q looks like %q, want %q", slug, got, want)
		}
	})
}

// looksLike says it step by step: pairs first, then single letters.
func looksLike(slug string) string {
	var kept []byte
	for i := range len(slug) {
		if slug[i] != '-' {
			kept = append(kept, slug[i])
		}
	}
	var out strings.Builder
	for i := 0; i < len(kept); i++ {
		switch {
		case i+1 < len(kept) && kept[i] == 'r' && kept[i+1] == 'n':
			out.WriteByte('m')
			i++
		case i+1 < len(kept) && kept[i] == 'v' && kept[i+1] == 'v':
			out.WriteByte('w')
			i++
		case kept[i] == '0':
			out.WriteByte('o')
		case kept[i] == '1' || kept[i] == 'i':
			out.WriteByte('l')
		default:
			out.WriteByte(kept[i])
		}
	}
	return out.String()
}

// A token of one company is nothing in the next, however fresh.
func TestNewCompaniesAreApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var tokens []string
	for _, slug := range []string{"kwanza", "pili"} {
		a := b.post(t, "", signUp, founding(slug, vars{"sampleCatalogue": true})).done(t, "companySignUp")
		token, _ := a.at("companySignUp", "tokens", "accessToken").(string)
		tokens = append(tokens, token)
	}
	store := b.post(t, tokens[0], `{ stores { nodes { id } } products { totalCount } }`, nil).ok(t)
	theirs := b.post(t, tokens[1], `query($id: ID!) { store(id: $id) { name } products { totalCount } }`,
		vars{"id": store.at("stores", "nodes", 0, "id")}).ok(t)
	if theirs.at("store") != nil || theirs.at("products", "totalCount") != store.at("products", "totalCount") {
		t.Error(theirs.Raw)
	}
	if a := b.post(t, tokens[0], `{ viewer { role } }`, nil, "X-Tenant-ID", b.A.ID.String()); a.Status != http.StatusForbidden {
		t.Error(a.Raw)
	}
}
