package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	settingsFields = `supportConsentRequired stockApprovalRequired stockApprovalLimit discountApprovalRequired returnApprovalRequired approvalHours simpleMode logoUrl primaryColor accentColor tillSessionRequired tillVarianceLimit negativeStockAllowed batchTrackingEnabled parkedSaleHours parkedSaleReserves
		returnsAcrossStores returnDays auditRetentionDays paymentMethods refundMethods discountLimit
		loyaltySpendPerPoint { amount currencyCode } loyaltyPointValue { amount currencyCode }
		taxNumber receiptHeader receiptFooter businessDayStart version updatedAt`
	updateSettings = `mutation($input: CompanySettingsUpdateInput!) { companySettingsUpdate(input: $input) {
		settings { ` + settingsFields + ` } userErrors { code field message } } }`
	readSettings = `{ company { settings { ` + settingsFields + ` } } }`
)

// decide changes the company's settings as its owner, whatever their version is.
func (b *bundle) decide(t testing.TB, change vars) {
	t.Helper()
	now := b.post(t, b.owner(t), `{ company { settings { version } } }`, nil).ok(t)
	input := vars{"version": now.at("company", "settings", "version")}
	maps.Copy(input, change)
	b.post(t, b.owner(t), updateSettings, vars{"input": input}).done(t, "companySettingsUpdate")
}

func (b *bundle) readSettings(t *testing.T, ask asker) {
	b.decide(t, everySetting())
	a := ask(t, b.cashier(t, 0), readSettings)
	settings, _ := a.at("company", "settings").(vars)
	delete(settings, "updatedAt")
	want := everySetting()
	want["version"] = 2
	want["loyaltySpendPerPoint"], want["loyaltyPointValue"] = kes("100.00"), kes("0.50")
	same(t, settings, want)
}

// everySetting has a value other than the default for each.
func everySetting() vars {
	return vars{
		"stockApprovalRequired": true, "stockApprovalLimit": "1000.00", "discountApprovalRequired": true, "returnApprovalRequired": true,
		"approvalHours": 2, "supportConsentRequired": true, "simpleMode": false, "logoUrl": "https://savanna.example/logo.png", "primaryColor": "#0a7d3c", "accentColor": "#ffffff",
		"tillSessionRequired": true, "tillVarianceLimit": "500.50", "negativeStockAllowed": false, "batchTrackingEnabled": true, "parkedSaleHours": 48,
		"parkedSaleReserves": true, "returnsAcrossStores": true, "returnDays": 30, "auditRetentionDays": 365,
		"paymentMethods": []string{"CASH", "GIFT_CARD"}, "refundMethods": []string{"CASH"}, "discountLimit": "12.5",
		"loyaltySpendPerPoint": "100", "loyaltyPointValue": "0.5",
		"taxNumber": "P051234567X", "receiptHeader": "Karibu!\nSavanna", "receiptFooter": "Asante",
		"businessDayStart": 240,
	}
}

func defaultSettings() vars {
	return vars{
		"stockApprovalRequired": false, "stockApprovalLimit": nil, "discountApprovalRequired": false, "returnApprovalRequired": false,
		"approvalHours": 24, "supportConsentRequired": false, "simpleMode": false, "logoUrl": "", "primaryColor": "", "accentColor": "",
		"tillSessionRequired": false, "tillVarianceLimit": nil, "negativeStockAllowed": true, "batchTrackingEnabled": false, "parkedSaleHours": 24,
		"parkedSaleReserves": false, "returnsAcrossStores": false, "returnDays": nil, "auditRetentionDays": nil,
		"paymentMethods": []string{"CASH", "CARD", "MOBILE_MONEY", "GIFT_CARD", "STORE_CREDIT", "ACCOUNT", "LOYALTY_POINTS"},
		"refundMethods":  []string{"CASH", "CARD", "MOBILE_MONEY", "GIFT_CARD", "STORE_CREDIT", "ACCOUNT"},
		"discountLimit":  "10", "loyaltySpendPerPoint": nil, "loyaltyPointValue": nil,
		"taxNumber": "", "receiptHeader": "", "receiptFooter": "", "businessDayStart": 0, "version": 0, "updatedAt": nil,
	}
}

// The defaults are shown without a row, and the first change makes it, with the same values for what it leaves out
// as the database has.
func TestSettingsDefaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fromTable := b.post(t, b.owner(t), readSettings, nil).ok(t).at("company", "settings").(vars)
	b.db.Exec(t, "delete from company_settings where tenant_id = $1", b.A.ID.UUID())
	a := b.post(t, b.cashier(t, 0), readSettings, nil).ok(t)
	same(t, a.at("company", "settings"), defaultSettings())
	fromTable["version"], fromTable["updatedAt"], fromTable["receiptHeader"] = 0.0, nil, ""
	same(t, fromTable, defaultSettings())

	for _, stale := range []int{1, -1, 7} {
		a := b.post(t, b.owner(t), updateSettings, vars{"input": vars{"version": stale, "taxNumber": "P1"}}).ok(t)
		if got := a.codes("companySettingsUpdate"); !slices.Equal(got, []string{"CONFLICT version"}) {
			t.Errorf("version %d: %v", stale, got)
		}
		same(t, a.at("companySettingsUpdate", "settings"), defaultSettings())
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from company_settings where tenant_id = $1", b.A.ID.UUID()); n != 0 {
		t.Errorf("a conflict made %d rows", n)
	}
	a = b.post(t, b.owner(t), updateSettings, vars{"input": vars{"version": 0, "taxNumber": "P1"}}).done(t, "companySettingsUpdate")
	made, _ := a.at("companySettingsUpdate", "settings").(vars)
	if made["updatedAt"] == nil {
		t.Error("no time of the change")
	}
	delete(made, "updatedAt")
	want := defaultSettings()
	delete(want, "updatedAt")
	want["version"], want["taxNumber"] = 1, "P1"
	same(t, made, want)
	theirs := b.post(t, b.token(t, b.B, b.B.Owner), readSettings, nil).ok(t)
	if theirs.at("company", "settings", "taxNumber") != "" || theirs.at("company", "settings", "version") != 1.0 {
		t.Errorf("another company's settings: %s", theirs.Raw)
	}
}

// What is left out stays, null empties, a value is taken over.
func TestSettingsUpdate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	update := func(version int, input vars) vars {
		t.Helper()
		input["version"] = version
		a := b.post(t, b.owner(t), updateSettings, vars{"input": input}).done(t, "companySettingsUpdate")
		told := a.at("companySettingsUpdate", "settings")
		same(t, b.post(t, b.manager(t), readSettings, nil).ok(t).at("company", "settings"), told)
		settings, _ := told.(vars)
		delete(settings, "updatedAt")
		return settings
	}
	want := everySetting()
	want["loyaltySpendPerPoint"], want["loyaltyPointValue"] = kes("100.00"), kes("0.50")
	want["version"] = 2
	same(t, update(1, everySetting()), want)
	want["version"] = 3
	same(t, update(2, vars{}), want)
	for _, emptied := range []string{"stockApprovalLimit", "tillVarianceLimit", "returnDays", "auditRetentionDays", "loyaltySpendPerPoint", "loyaltyPointValue"} {
		want[emptied] = nil
	}
	want["taxNumber"], want["receiptHeader"], want["receiptFooter"], want["version"] = "", "", "", 4
	same(t, update(3, vars{
		"stockApprovalLimit": nil, "tillVarianceLimit": nil, "returnDays": nil, "auditRetentionDays": nil, "loyaltySpendPerPoint": nil, "loyaltyPointValue": nil,
		"taxNumber": nil, "receiptHeader": nil, "receiptFooter": nil,
	}), want)
	// A list is kept in one order, lines end as they do everywhere, and nothing given back is allowed.
	want["paymentMethods"], want["refundMethods"] = []string{"CASH", "CARD"}, []string{}
	want["receiptHeader"], want["version"] = "a\nb", 5
	same(t, update(4, vars{"paymentMethods": []string{"CARD", "CASH"}, "refundMethods": []string{}, "receiptHeader": " a\r\nb\n"}), want)
}

func TestSettingsUpdateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.books(t)
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{vars{
			"stockApprovalRequired": nil, "discountApprovalRequired": nil, "returnApprovalRequired": nil, "approvalHours": nil,
			"supportConsentRequired": nil, "simpleMode": nil, "tillSessionRequired": nil, "negativeStockAllowed": nil, "batchTrackingEnabled": nil, "parkedSaleHours": nil, "parkedSaleReserves": nil,
			"returnsAcrossStores": nil, "paymentMethods": nil, "refundMethods": nil, "discountLimit": nil,
		}, []string{
			"INVALID stockApprovalRequired", "INVALID discountApprovalRequired", "INVALID returnApprovalRequired", "INVALID approvalHours",
			"INVALID supportConsentRequired", "INVALID simpleMode", "INVALID tillSessionRequired", "INVALID negativeStockAllowed", "INVALID batchTrackingEnabled", "INVALID parkedSaleHours", "INVALID parkedSaleReserves",
			"INVALID returnsAcrossStores", "INVALID paymentMethods", "INVALID refundMethods", "INVALID discountLimit",
		}},
		{
			vars{"approvalHours": 0, "stockApprovalLimit": "-1", "parkedSaleHours": 0, "returnDays": -1, "discountLimit": "100.0001", "tillVarianceLimit": "-0.01"},
			[]string{"INVALID approvalHours", "INVALID stockApprovalLimit", "INVALID parkedSaleHours", "INVALID returnDays", "INVALID discountLimit", "INVALID tillVarianceLimit"},
		},
		{
			vars{"parkedSaleHours": 8761, "returnDays": 36501, "discountLimit": "-1", "tillVarianceLimit": "10000000000.01"},
			[]string{"INVALID parkedSaleHours", "INVALID returnDays", "INVALID discountLimit", "INVALID tillVarianceLimit"},
		},
		{
			vars{"loyaltySpendPerPoint": "0", "loyaltyPointValue": "-1", "tillVarianceLimit": "0.001"},
			[]string{"INVALID loyaltySpendPerPoint", "INVALID loyaltyPointValue", "INVALID tillVarianceLimit"},
		},
		{vars{"paymentMethods": []string{}}, []string{"INVALID paymentMethods"}},
		{
			vars{"paymentMethods": []string{"CASH", "CASH"}, "refundMethods": []string{"CARD", "LOYALTY_POINTS", "CARD"}},
			[]string{"INVALID paymentMethods.1", "INVALID refundMethods.1", "INVALID refundMethods.2"},
		},
		{
			vars{"taxNumber": "a\nb", "receiptHeader": "\x1b@", "receiptFooter": strings.Repeat("é", 1001)},
			[]string{"INVALID taxNumber", "INVALID receiptHeader", "INVALID receiptFooter"},
		},
		{
			vars{"taxNumber": strings.Repeat("x", 51), "receiptHeader": strings.Repeat("x\n", 20) + "x", "receiptFooter": "\x00"},
			[]string{"INVALID taxNumber", "INVALID receiptHeader", "INVALID receiptFooter"},
		},
	} {
		c.input["version"] = 1
		b.post(t, b.owner(t), updateSettings, vars{"input": c.input}).refused(t, "companySettingsUpdate", "settings", c.want...)
	}
	unknown := b.post(t, b.owner(t), updateSettings, vars{"input": vars{"version": 1, "paymentMethods": []string{"BARTER"}}})
	if len(unknown.Errors) == 0 || unknown.Data != nil {
		t.Errorf("an unknown way to pay: %s", unknown.Raw)
	}
	b.unchanged(t, before)
	// The limits themselves are within.
	b.decide(t, vars{
		"parkedSaleHours": 8760, "returnDays": 36500, "discountLimit": "100", "tillVarianceLimit": "10000000000",
		"taxNumber": strings.Repeat("x", 50), "receiptHeader": strings.Repeat("é", 1000), "receiptFooter": strings.Repeat("x\n", 19) + "x",
	})
	b.decide(t, vars{"parkedSaleHours": 1, "returnDays": 0, "discountLimit": "0", "tillVarianceLimit": "0"})
}

// Of many changes at once that are based on one version, exactly one is made; also of those that make the row.
func TestSettingsUpdateAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "delete from company_settings where tenant_id = $1", b.A.ID.UUID())
	token := b.owner(t)
	for version := range 8 {
		answers := together(t, 5, func(i int) (*answer, error) {
			return b.ask(t.Context(), token, updateSettings, vars{"input": vars{"version": version, "taxNumber": fmt.Sprint("by ", i)}})
		})
		var winner any
		won := 0
		for _, a := range answers {
			if len(a.ok(t).codes("companySettingsUpdate")) == 0 {
				won++
				winner = a.at("companySettingsUpdate", "settings", "taxNumber")
			}
		}
		for _, a := range answers {
			if a.at("companySettingsUpdate", "settings", "taxNumber") != winner ||
				a.at("companySettingsUpdate", "settings", "version") != float64(version+1) {
				t.Errorf("%v won: %s", winner, a.Raw)
			}
		}
		if won != 1 {
			t.Fatalf("%d of 5 changes of version %d", won, version)
		}
	}
}

// However many of a list ask for the settings, they are read once.
func TestSettingsAreReadOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	company := b.A.ID.String()
	b.post(t, b.owner(t), `{ company { settings { version } } }`, nil).ok(t)
	alone := b.post(t, b.owner(t), `{ company { settings { version } } }`, nil).ok(t).Statements
	query := `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Company { settings { version } } } company { settings { version } } }`
	if n := b.post(t, b.owner(t), query, vars{"ids": []string{company, company, company}}).ok(t).Statements; n != alone {
		t.Errorf("%d statements for four, %d for one", n, alone)
	}
}
