package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// change sends a mutation of a customer and gives its user errors' codes and the answer.
func (b *bundle) change(t testing.TB, token, call, result string) (*answer, []string) {
	t.Helper()
	name, _, _ := strings.Cut(call, "(")
	a := b.post(t, token, `mutation { `+call+` { `+result+` userErrors { code field message } } }`, nil).ok(t)
	return a, a.codes(name)
}

func TestCustomersAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := map[string]string{}
	for name, input := range map[string]string{
		"amina": `name: "Amina Wanjirũ", phone: "+254 712 345 678", email: "Amina.W@example.co.ke", taxNumber: "P051", notes: "Tea"`,
		"phone": `phone: "0722-000-111"`,
		"email": `email: "orders@café.example"`,
	} {
		a, codes := b.change(t, b.cashier(t, 0), `customerCreate(input: {`+input+`})`, `customer { id version storeCredit { currencyCode } }`)
		if len(codes) > 0 || a.at("customerCreate", "customer", "storeCredit", "currencyCode") != "KES" {
			t.Fatal(a.Raw)
		}
		made[name], _ = a.at("customerCreate", "customer", "id").(string)
	}
	for search, want := range map[string][]string{
		"wanjiru": {"amina"}, "WAN ami": {"amina"}, "0712 345": {"amina"}, "+254712": {"amina"}, "712345678": {"amina"},
		"amina.w@EX": {"amina"}, "example": {"amina", "email"}, "0722": {"phone"}, "orders@café": {"email"}, "cafe": {"email"},
		"zzz": nil, "%": nil, "345": nil,
	} {
		a := b.post(t, b.cashier(t, 1), `query($s: String!) { customers(filter: {search: $s}) { nodes { id } totalCount } }`, vars{"s": search}).ok(t)
		var got []string
		for _, node := range a.at("customers", "nodes").([]any) {
			for name, ref := range made {
				if node.(vars)["id"] == ref {
					got = append(got, name)
				}
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || a.at("customers", "totalCount") != float64(len(want)) {
			t.Errorf("%q finds %q: %s", search, got, a.Raw)
		}
	}
	a, codes := b.change(t, b.cashier(t, 0), `customerUpdate(id: "`+made["amina"]+`", input: {version: 1, name: "Ann", phone: null})`,
		`customer { name phone email version }`)
	if len(codes) > 0 || a.texts("name phone email version", "customerUpdate", "customer") != "Ann  Amina.W@example.co.ke 2" {
		t.Error(a.Raw)
	}
	if a := b.post(t, b.owner(t), `{ customers(filter: {search: "wanjiru"}) { totalCount } }`, nil).ok(t); a.at("customers", "totalCount") != 0.0 {
		t.Error("the old name is still found")
	}
	a, codes = b.change(t, b.cashier(t, 0), `customerUpdate(id: "`+made["amina"]+`", input: {version: 1, name: "Bea"})`, `customer { name version }`)
	if !slices.Equal(codes, []string{"CONFLICT version"}) || a.at("customerUpdate", "customer", "name") != "Ann" {
		t.Error(a.Raw)
	}
}

func TestCustomersRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x := b.A.Customer.ID.String()
	erased, double := b.customer(t, "Gone"), b.customer(t, "Twice")
	b.change(t, b.owner(t), `customerErase(id: "`+erased+`")`, "")
	b.change(t, b.owner(t), `customerMerge(id: "`+double+`", intoId: "`+x+`")`, "")
	b.db.Exec(t, "update customers set external_reference = 'C-1' where id = $1", b.A.Customer.ID.UUID())
	nobody, register := fresh[id.Customer](), b.A.Stores[0].Registers[0].ID.String()
	pay := func(customer, more string) string {
		return `customerAccountPay(input: {idempotencyKey: "k", customerId: "` + customer + `", ` + more + `})`
	}
	adjust := func(customer, more string) string {
		return `customerCreditAdjust(input: {idempotencyKey: "k", customerId: "` + customer + `", ` + more + `})`
	}
	before := b.books(t)
	for call, want := range map[string][]string{
		`customerCreate(input: {})`: {"NAME_REQUIRED name"},
		`customerCreate(input: {name: " ", phone: "call me", email: "no mail", externalReference: "C-1"})`: {
			"INVALID email", "INVALID phone", "TAKEN externalReference",
		},
		`customerUpdate(id: "` + x + `", input: {version: 2, name: null, phone: null, email: null})`: {"NAME_REQUIRED name"},
		`customerUpdate(id: "` + nobody + `", input: {version: 1})`:                                  {"NOT_FOUND id"},
		`customerUpdate(id: "` + erased + `", input: {version: 2, name: "Back"})`:                    {"ERASED id"},
		`customerUpdate(id: "` + double + `", input: {version: 2, name: "Back"})`:                    {"MERGED id"},
		`customerMerge(id: "` + x + `", intoId: "` + x + `")`:                                        {"INVALID intoId"},
		`customerMerge(id: "` + nobody + `", intoId: "` + erased + `")`:                              {"ERASED intoId", "NOT_FOUND id"},
		`customerMerge(id: "` + x + `", intoId: "` + double + `")`:                                   {"MERGED intoId"},
		`customerErase(id: "` + x + `")`:                                                             {"BALANCE_OPEN force"},
		`customerErase(id: "` + double + `")`:                                                        {"MERGED id"},
		`customerErase(id: "` + nobody + `")`:                                                        {"NOT_FOUND id"},
		`customerCreditLimitSet(id: "` + nobody + `", version: 1, creditLimit: "1")`:                 {"NOT_FOUND id"},
		`customerCreditLimitSet(id: "` + x + `", version: 9, creditLimit: "1")`:                      {"CONFLICT version"},
		`customerCreditLimitSet(id: "` + x + `", version: 2, creditLimit: "-1")`:                     {"INVALID creditLimit"},
		adjust(nobody, `ledger: ACCOUNT, amount: "1", reason: "x"`):                                  {"CUSTOMER_NOT_FOUND customerId"},
		adjust(erased, `ledger: ACCOUNT, amount: "1", reason: "x"`):                                  {"CUSTOMER_NOT_FOUND customerId"},
		adjust(x, `ledger: ACCOUNT, amount: "0", reason: " "`):                                       {"INVALID amount", "INVALID reason"},
		adjust(x, `ledger: STORE_CREDIT, amount: "0.001", reason: "x"`):                              {"INVALID amount"},
		adjust(x, `ledger: STORE_CREDIT, amount: "-500.01", reason: "x"`):                            {"BALANCE_TOO_LOW amount"},
		adjust(x, `ledger: LOYALTY_POINTS, amount: "1.5", reason: "x"`):                              {"INVALID amount"},
		adjust(x, `ledger: LOYALTY_POINTS, amount: "-1", reason: "x"`):                               {"BALANCE_TOO_LOW amount"},
		pay(x, `method: CASH, amount: "1"`):                                                          {"REGISTER_REQUIRED registerId"},
		pay(nobody, `registerId: "`+register+`", method: CASH, amount: "1"`):                         {"CUSTOMER_NOT_FOUND customerId"},
		pay(x, `registerId: "`+register+`", method: CASH, amount: "960.01"`):                         {"AMOUNT_TOO_LARGE amount"},
		pay(x, `registerId: "`+register+`", method: MOBILE_MONEY, amount: "-1"`):                     {"INVALID amount", "INVALID reference"},
		pay(x, `registerId: "`+fresh[id.Register]()+`", method: CASH, amount: "1"`):                  {"REGISTER_NOT_FOUND registerId"},
		pay(x, `registerId: "`+b.A.Stores[1].Registers[0].ID.String()+`", method: CASH, amount: "1", occurredAt: "2999-01-01T00:00:00Z"`): {
			"INVALID occurredAt",
		},
	} {
		_, codes := b.change(t, b.owner(t), call, "")
		slices.Sort(codes)
		if !slices.Equal(codes, want) {
			t.Errorf("%s: %q, want %q", call, codes, want)
		}
	}
	b.unchanged(t, before)
	b.logs.quiet(t)
}

// TestAccountsArePaid: money towards an account stands with its register, once under its key.
func TestAccountsArePaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x := b.A.Customer.ID.String()
	register := b.A.Stores[0].Registers[0]
	input := vars{"idempotencyKey": "k", "customerId": x, "registerId": register.ID.String(), "method": "CASH", "amount": "100"}
	const query = `mutation($in: CustomerAccountPayInput!) { customerAccountPay(input: $in) { customer { accountBalance { amount } }
		entry { id reason amount balanceAfter } userErrors { code field message } } }`
	answers := together(t, 6, func(int) (*answer, error) { return b.ask(t.Context(), b.cashier(t, 0), query, vars{"in": input}) })
	for _, a := range answers {
		if a.ok(t).texts("reason amount balanceAfter", "customerAccountPay", "entry") != "PAYMENT -100.00 860.00" || a.Raw != answers[0].Raw {
			t.Error(a.Raw)
		}
	}
	other := vars{"idempotencyKey": "k", "customerId": x, "registerId": register.ID.String(), "method": "CASH", "amount": "101"}
	if got := b.post(t, b.cashier(t, 0), query, vars{"in": other}).ok(t).codes("customerAccountPay"); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
		t.Errorf("another amount under the key: %q", got)
	}
	if n := pgtest.Value[int](t, b.db, `select count(*) from account_payments where register_id = $1 and amount = 10000
		and method = 'CASH' and cashier_id = $2`, register.ID.UUID(), b.A.Stores[0].Cashier.UUID()); n != 1 {
		t.Errorf("%d payments in the drawer", n)
	}
	b.kept(t)
}

// TestMergeTwiceAtOnce: all of it moves once, both ways round, and old ids stand for the one that stays.
func TestMergeTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	x := b.A.Customer.ID.String()
	double, third := b.customer(t, "Double"), b.customer(t, "Third")
	for i, who := range []string{double, third} {
		b.change(t, b.owner(t), fmt.Sprintf(`customerCreditAdjust(input: {idempotencyKey: "c%d", customerId: %q, ledger: STORE_CREDIT,
			amount: "%d", reason: "x"})`, i, who, 10+i), "")
		b.tender(t, "bought"+who, who, 1, pay("CASH", "100"))
	}
	merge := func(one, into string) string {
		return `mutation { customerMerge(id: "` + one + `", intoId: "` + into + `") { customer { id } userErrors { code field message } } }`
	}
	calls := []string{merge(double, third), merge(double, third), merge(third, double), merge(double, x)}
	answers := together(t, 8, func(i int) (*answer, error) { return b.ask(t.Context(), b.owner(t), calls[i%4], nil) })
	done := 0
	for i, a := range answers {
		if a.ok(t); len(a.codes("customerMerge")) == 0 && i < 4 {
			done++
		}
	}
	if done == 0 {
		t.Error("nobody merged")
	}
	// Whoever won, all ends in the fixture's.
	b.post(t, b.owner(t), merge(third, x), nil).ok(t)
	b.post(t, b.owner(t), merge(double, x), nil).ok(t)
	if got := b.balances(t, x); got != "521.00 960.00 2 250.00" {
		t.Error(got)
	}
	b.tender(t, "an old id", double, 1, pay("CASH", "100"))
	a := b.post(t, b.owner(t), `{ customer(id: "`+x+`") { sales { totalCount nodes { customer { id } } } purchases { sales total { amount } } }
		found: customers(filter: {search: "third"}) { nodes { id } } customers { totalCount } }`, nil).ok(t)
	who := vars{"customer": vars{"id": x}}
	same(t, a.at("customer"), vars{
		"sales": vars{"totalCount": 3, "nodes": []vars{who, who, who}}, "purchases": []vars{{"sales": 3, "total": vars{"amount": "300.00"}}},
	})
	same(t, a.at("found", "nodes"), []vars{{"id": x}})
	same(t, a.at("customers", "totalCount"), 1)
	b.kept(t)
	b.logs.quiet(t)
}

// TestEraseWhileSelling: nothing personal is left anywhere, sales stay, and nobody is paid by somebody who is gone.
func TestEraseWhileSelling(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	x := b.A.Customer.ID
	double := b.customer(t, "Buyer Doubleganger")
	b.change(t, b.owner(t), `customerMerge(id: "`+double+`", intoId: "`+x.String()+`")`, "")
	token := b.cashier(t, 0)
	answers := together(t, 9, func(i int) (*answer, error) {
		if i == 4 {
			return b.ask(t.Context(), b.owner(t), `mutation { customerErase(id: "`+x.String()+`", force: true) { customer { name } userErrors { code } } }`, nil)
		}
		input := order(b.A.Stores[0].Registers[i%2].ID, fmt.Sprint(i), "", item(b.A.Products[1], "1"))
		input["payments"], input["customerId"] = []vars{pay("STORE_CREDIT", "50"), pay("CASH", "50")}, x.String()
		return b.ask(t.Context(), token, recordTender, vars{"input": input})
	})
	sold := 0
	for i, a := range answers {
		if a.ok(t); i == 4 {
			continue
		}
		switch codes := a.codes("saleRecord"); {
		case len(codes) == 0:
			sold++
		case !slices.Equal(codes, []string{"CUSTOMER_NOT_FOUND customerId"}):
			t.Errorf("%q", codes)
		}
	}
	a := b.post(t, b.owner(t), `{ customer(id: "`+x.String()+`") { name phone email notes erasedAt sales { totalCount }
		storeCredit { amount } accountBalance { amount } loyaltyPoints } customers { totalCount } }`, nil).ok(t)
	if a.texts("name phone email notes storeCredit accountBalance loyaltyPoints", "customer") != "    0.00 0.00 0" ||
		a.at("customer", "erasedAt") == nil || a.at("customer", "sales", "totalCount") != float64(sold) || a.at("customers", "totalCount") != 0.0 {
		t.Errorf("%d were sold: %s", sold, a.Raw)
	}
	if n := pgtest.Value[int](t, b.db, `select count(*) from customer_words where tenant_id = $1`, b.A.ID.UUID()); n != 0 {
		t.Errorf("%d words are left", n)
	}
	if n := pgtest.Value[int](t, b.db, `select count(*) from customers where tenant_id = $1 and concat(name, phone, email, notes) <> ''`, b.A.ID.UUID()); n != 0 {
		t.Errorf("%d are still known", n)
	}
	b.kept(t)
	b.sound(t)
	b.logs.quiet(t)
}

func TestGiftCardsAreIssued(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const query = `mutation($in: GiftCardIssueInput!) { giftCardIssue(input: $in) { code giftCard { id lastFour balance { amount currencyCode } }
		userErrors { code field message } } }`
	issue := func(in vars) *answer { return b.post(t, b.manager(t), query, vars{"in": in}).ok(t) }
	in := vars{"idempotencyKey": "k", "amount": "50", "code": "gift-2026-abcd", "expiresOn": "2999-12-31"}
	first, again := issue(in), issue(in)
	if first.at("giftCardIssue", "code") != "GIFT-2026-ABCD" || first.at("giftCardIssue", "giftCard", "lastFour") != "ABCD" {
		t.Error(first.Raw)
	}
	if again.at("giftCardIssue", "code") != nil || again.at("giftCardIssue", "giftCard", "id") != first.at("giftCardIssue", "giftCard", "id") {
		t.Error(again.Raw)
	}
	for name, test := range map[string]struct {
		in   vars
		want []string
	}{
		"the code again": {vars{"idempotencyKey": "l", "amount": "1", "code": "GIFT2026ABCD"}, []string{"CODE_TAKEN code"}},
		"the key again":  {vars{"idempotencyKey": "k", "amount": "51"}, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}},
		"all wrong": {
			vars{"idempotencyKey": "", "amount": "0", "code": "x", "expiresOn": "2000-01-01", "note": strings.Repeat("n", 501)},
			[]string{"INVALID amount", "INVALID code", "INVALID expiresOn", "INVALID idempotencyKey", "INVALID note"},
		},
		"half a cent": {vars{"idempotencyKey": "m", "amount": "0.005"}, []string{"INVALID amount"}},
	} {
		got := issue(test.in).codes("giftCardIssue")
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	card, _ := first.at("giftCardIssue", "giftCard", "id").(string)
	for _, blocked := range []string{"true", "false"} {
		a, _ := b.change(t, b.manager(t), `giftCardBlock(id: "`+card+`", blocked: `+blocked+`)`, `giftCard { status }`)
		if want := map[string]string{"true": "BLOCKED", "false": "ACTIVE"}[blocked]; a.at("giftCardBlock", "giftCard", "status") != want {
			t.Error(a.Raw)
		}
	}
	if _, codes := b.change(t, b.manager(t), `giftCardBlock(id: "`+fresh[id.GiftCard]()+`")`, ""); !slices.Equal(codes, []string{"NOT_FOUND id"}) {
		t.Errorf("%q", codes)
	}
	if raw := pgtest.Value[int](t, b.db, "select count(*) from gift_cards g where g::text ilike '%2026ABCD%'"); raw != 0 {
		t.Error("the code itself is kept")
	}
	b.kept(t)
}
