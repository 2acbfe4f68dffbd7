package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const settingsVersion = `{ company { settings { version taxNumber } } }`

// warm lets the server know company A's settings and registers, with their stores and taxes, so that what follows costs the
// same whether it is the first or not.
func (b *bundle) warm(t testing.TB, registers ...id.Register) {
	t.Helper()
	b.post(t, b.owner(t), settingsVersion, nil).ok(t)
	for _, register := range registers {
		// The register first, and then what is of its store.
		for range 2 {
			b.post(t, b.owner(t), estimateSale, vars{"input": vars{
				"registerId": register.String(), "lines": []vars{item(b.A.Products[0], "1")},
			}}).ok(t)
		}
	}
}

// TestSettingsAreKept: a second request for the settings asks the database nothing but whether something has changed. Two servers on one
// database see each other's changes, and the operator's, with the next request: there is nothing that could get lost
// between them, so that it holds with all their connections cut, too.
func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	one := serveOn(t, d, f)
	// The same companies, served a second time.
	two := serveOn(t, d, one.Fixture)
	read := func(b *bundle, want string, statements int64) {
		t.Helper()
		a := b.post(t, b.owner(t), settingsVersion, nil).ok(t)
		if a.at("company", "settings", "taxNumber") != want || a.Statements != statements {
			t.Errorf("%s after %d statements, want %q after %d", a.Raw, a.Statements, want, statements)
		}
	}
	// The scope and the company; unless they are kept, a scope, the company again and the settings. Where who asks isn't what
	// was known of them, that is found by two statements, and a third looks it up.
	const kept, anew, changed = 2, 5, 8
	for _, statements := range []int64{anew, kept, kept} {
		read(one, "", statements)
		read(two, "", statements)
	}
	one.decide(t, vars{"taxNumber": "ONE"})
	read(two, "ONE", changed)
	read(two, "ONE", kept)
	read(one, "ONE", changed)
	for i := range 3 {
		// Every connection of both servers is cut: what they would be told of a change they aren't.
		d.Exec(t, `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'tillgraph'`, d.Name)
		d.Exec(t, "update company_settings set tax_number = $2 where tenant_id = $1", one.A.ID.UUID(), fmt.Sprint("CUT ", i))
		for _, b := range []*bundle{one, two} {
			a := b.post(t, b.owner(t), settingsVersion, nil).ok(t)
			if a.at("company", "settings", "taxNumber") != fmt.Sprint("CUT ", i) {
				t.Errorf("after a cut: %s", a.Raw)
			}
		}
	}
	// Company B's settings are its own, also when both are kept.
	theirs := one.post(t, one.token(t, one.B, one.B.Owner), settingsVersion, nil).ok(t)
	same(t, theirs.at("company", "settings", "taxNumber"), "")
	read(one, "CUT 2", kept)
}

// TestSettingsOfARequestThatChangesThem: within one document, what comes behind the change sees it.
func TestSettingsOfARequestThatChangesThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.post(t, b.owner(t), settingsVersion, nil).ok(t)
	b.post(t, b.owner(t), settingsVersion, nil).ok(t)
	a := b.post(t, b.owner(t), `mutation($store: ID!, $product: ID!) {
		first: companySettingsUpdate(input: {version: 1, negativeStockAllowed: false}) { userErrors { code } }
		short: stockAdjust(input: {idempotencyKey: "k", storeId: $store, reason: DAMAGE, lines: [{productId: $product, change: "-9000"}]}) {
			userErrors { code } }
		second: companySettingsUpdate(input: {version: 2, taxNumber: "P2"}) { settings { taxNumber version } userErrors { code } }
	}`, vars{"store": b.A.Stores[0].ID.String(), "product": b.A.Products[0].String()}).ok(t)
	same(t, a.at("short", "userErrors"), []vars{{"code": "STOCK_INSUFFICIENT"}})
	same(t, a.at("second", "settings"), vars{"taxNumber": "P2", "version": 3})
	same(t, b.post(t, b.cashier(t, 0), settingsVersion, nil).ok(t).at("company", "settings"), vars{"taxNumber": "P2", "version": 3})
}

// TestSettingsWhileTheyChange: with two servers that read while one changes, nobody reads what was before a change that
// had been answered when they asked.
func TestSettingsWhileTheyChange(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	one := serveOn(t, d, f)
	two := serveOn(t, d, one.Fixture)
	servers, tokens := []*bundle{one, two}, []string{one.owner(t), two.owner(t)}
	for version := range 20 {
		_, err := one.ask(t.Context(), tokens[0], updateSettings, vars{"input": vars{"version": version + 1, "taxNumber": fmt.Sprint("V", version+2)}})
		must(t, err)
		for _, a := range together(t, 4, func(i int) (*answer, error) {
			return servers[i%2].ask(t.Context(), tokens[i%2], settingsVersion, nil)
		}) {
			if a.at("company", "settings", "taxNumber") != fmt.Sprint("V", version+2) {
				t.Fatalf("after version %d: %s", version+2, a.Raw)
			}
		}
	}
}

// TestSettingsHistory: every change of every setting is written down, with who made it, and cannot be rewritten.
func TestSettingsHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "delete from company_settings_changes")
	b.db.Exec(t, "delete from company_settings")
	b.decide(t, everySetting())
	a := b.post(t, b.owner(t), `{ company { settingsChanges { totalCount nodes { version changedBy { id } changes { setting before after } } } } }`, nil).ok(t)
	same(t, a.at("company", "settingsChanges", "totalCount"), 1)
	told := map[string]any{}
	for _, c := range a.at("company", "settingsChanges", "nodes", 0, "changes").([]any) {
		c, _ := c.(vars)
		told[c["setting"].(string)] = c["after"]
	}
	defaults := defaultSettings()
	for setting, value := range everySetting() {
		if fmt.Sprint(value) != fmt.Sprint(defaults[setting]) && told[setting] == nil {
			t.Errorf("%s became %v, and the history is silent", setting, value)
		}
	}
	same(t, told["parkedSaleHours"], "48")
	same(t, told["loyaltyPointValue"], "0.50")
	same(t, told["refundMethods"], "CASH")
	for _, token := range []string{b.manager(t), b.cashier(t, 0)} {
		if a := b.post(t, token, `{ company { settingsChanges { totalCount } } }`, nil); a.code() != "FORBIDDEN" {
			t.Errorf("who may not change them: %s", a.Raw)
		}
	}
	for _, verb := range []string{"UPDATE", "DELETE"} {
		if pgtest.Value[bool](t, b.db, "select has_table_privilege('tillgraph_app', 'company_settings_changes', $1)", verb) {
			t.Errorf("the history can be rewritten by %s", verb)
		}
	}
}

// TestSettingsByTrade: what a company has decided nothing about depends on its trade.
func TestSettingsByTrade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "delete from company_settings where tenant_id = $1", b.A.ID.UUID())
	want := map[tenancy.BusinessType]vars{
		tenancy.Retail:      {"tillSessionRequired": false, "negativeStockAllowed": true, "parkedSaleHours": 24, "parkedSaleReserves": false, "discountLimit": "10"},
		tenancy.Restaurant:  {"tillSessionRequired": true, "negativeStockAllowed": true, "parkedSaleHours": 12, "parkedSaleReserves": false, "discountLimit": "10"},
		tenancy.Supermarket: {"tillSessionRequired": true, "negativeStockAllowed": true, "parkedSaleHours": 24, "parkedSaleReserves": false, "discountLimit": "5"},
		tenancy.AutoService: {"tillSessionRequired": false, "negativeStockAllowed": true, "parkedSaleHours": 720, "parkedSaleReserves": true, "discountLimit": "10"},
		tenancy.Dealership:  {"tillSessionRequired": false, "negativeStockAllowed": false, "parkedSaleHours": 720, "parkedSaleReserves": true, "discountLimit": "5"},
	}
	for _, trade := range tenancy.BusinessTypes() {
		b.db.Exec(t, "update companies set business_type = $2 where tenant_id = $1", b.A.ID.UUID(), string(trade))
		a := b.post(t, b.owner(t), `{ company { settings { tillSessionRequired negativeStockAllowed parkedSaleHours parkedSaleReserves discountLimit } } }`, nil).ok(t)
		same(t, a.at("company", "settings"), want[trade])
	}
	// The first change keeps them for what it leaves out.
	b.decide(t, vars{"taxNumber": "P1"})
	b.db.Exec(t, "update companies set business_type = 'RETAIL' where tenant_id = $1", b.A.ID.UUID())
	a := b.post(t, b.owner(t), `{ company { settings { parkedSaleHours negativeStockAllowed } } }`, nil).ok(t)
	same(t, a.at("company", "settings"), vars{"parkedSaleHours": 720, "negativeStockAllowed": false})
}

// TestSimpleMode is for one store: it can't be switched on with two, and with it there is never a second one.
func TestSimpleMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	switchOn := vars{"input": vars{"version": 1, "simpleMode": true}}
	b.post(t, owner, updateSettings, switchOn).refused(t, "companySettingsUpdate", "settings", "INVALID simpleMode")
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", b.A.Stores[1].ID.UUID())
	b.post(t, owner, updateSettings, switchOn).done(t, "companySettingsUpdate")
	b.post(t, owner, makeStore, vars{"code": "SECOND"}).refused(t, "storeCreate", "store", "SIMPLE_MODE ")
	reopen := `mutation($id: ID!) { storeUpdate(id: $id, input: {version: 1, status: OPEN}) { store { id } userErrors { code field } } }`
	b.post(t, owner, reopen, vars{"id": b.A.Stores[1].ID.String()}).refused(t, "storeUpdate", "store", "SIMPLE_MODE ")
	// Of going over to it and opening a second store at once, one happens.
	for i := range 10 {
		b.db.Exec(t, "update stores set status = 'CLOSED' where tenant_id = $1 and id <> $2", b.A.ID.UUID(), b.A.Stores[0].ID.UUID())
		b.decide(t, vars{"simpleMode": false})
		version := b.post(t, owner, settingsVersion, nil).ok(t).at("company", "settings", "version")
		together(t, 2, func(n int) (*answer, error) {
			if n == 0 {
				return b.ask(t.Context(), owner, makeStore, vars{"code": fmt.Sprint("AT", i)})
			}
			return b.ask(t.Context(), owner, updateSettings, vars{"input": vars{"version": version, "simpleMode": true}})
		})
		open := pgtest.Value[int](t, b.db, "select count(*) from stores where tenant_id = $1 and status = 'OPEN'", b.A.ID.UUID())
		simple := pgtest.Value[bool](t, b.db, "select simple_mode from company_settings where tenant_id = $1", b.A.ID.UUID())
		if simple == (open == 2) {
			t.Errorf("simple mode %v with %d stores", simple, open)
		}
	}
}

// TestWhiteLabel: looks are for plans that have them, and are looked at.
func TestWhiteLabel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	looks := vars{"version": 1, "logoUrl": "https://acme.example/l.png", "primaryColor": "#ABCDEF", "accentColor": "#000000"}
	b.setPlan(t, "STARTER")
	got := b.post(t, b.owner(t), updateSettings, vars{"input": looks}).ok(t).codes("companySettingsUpdate")
	slices.Sort(got)
	if !slices.Equal(got, []string{"FEATURE_OFF accentColor", "FEATURE_OFF logoUrl", "FEATURE_OFF primaryColor"}) {
		t.Errorf("without the feature: %v", got)
	}
	b.setPlan(t, "STANDARD")
	a := b.post(t, b.owner(t), updateSettings, vars{"input": looks}).done(t, "companySettingsUpdate")
	same(t, a.at("companySettingsUpdate", "settings", "primaryColor"), "#abcdef")
	// What is there already stays, and can be taken away, without the feature.
	b.setPlan(t, "STARTER")
	b.decide(t, vars{"logoUrl": nil, "primaryColor": "#abcdef"})
	b.setPlan(t, "STANDARD")
	for _, bad := range []vars{
		{"logoUrl": "http://acme.example/l.png"},
		{"logoUrl": "javascript:alert(1)"},
		{"logoUrl": "https://"},
		{"logoUrl": "https://u:p@acme.example/"},
		{"logoUrl": "https://acme.example/a b"},
		{"primaryColor": "red"},
		{"accentColor": "#12345"},
		{"accentColor": "#12345g"},
	} {
		bad["version"] = 3
		a := b.post(t, b.owner(t), updateSettings, vars{"input": bad}).ok(t)
		if codes := a.codes("companySettingsUpdate"); len(codes) != 1 {
			t.Errorf("%v: %v", bad, codes)
		}
	}
}

// TestTillInSimpleMode: a count that is off waits for nobody.
func TestTillInSimpleMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", b.A.Stores[1].ID.UUID())
	b.decide(t, vars{"simpleMode": true, "tillVarianceLimit": "0"})
	session := b.A.Stores[0].Registers[0].TillSession.String()
	a := b.post(t, b.owner(t), `mutation($id: ID!) {
		tillCountCommit(id: $id, input: {idempotencyKey: "c", tenders: [{method: CASH, amount: "1"}]}) { tillSession { status } userErrors { code message } }
		tillClose(id: $id) { tillSession { status } userErrors { code message } } }`, vars{"id": session}).ok(t)
	same(t, a.at("tillClose"), vars{"tillSession": vars{"status": "CLOSED"}, "userErrors": []any{}})
}
