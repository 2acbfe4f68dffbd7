package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// changeTax sends a mutation of a tax category with an input.
func (b *bundle) changeTax(t testing.TB, token, field, typ string, input vars) *answer {
	t.Helper()
	return b.post(t, token, fmt.Sprintf(`mutation($input: %s!) { %s(input: $input) {
		taxCategory { id name version rates { name code rate compound position } } userErrors { code field message } } }`, typ, field),
		vars{"input": input}).ok(t)
}

// rateOf is what a product's taxes come to at a register, by saleCalculate.
func (b *bundle) rateOf(t testing.TB, product fmt.Stringer, register fmt.Stringer, at string) string {
	t.Helper()
	input := vars{"registerId": register.String(), "lines": []vars{{"productId": product.String(), "quantity": "1"}}}
	if at != "" {
		input["occurredAt"] = at
	}
	a := b.post(t, b.owner(t), `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation { lines {
		taxRate taxes { name } } } userErrors { code } } }`, vars{"input": input}).ok(t)
	rate, _ := a.at("saleCalculate", "calculation", "lines", 0, "taxRate").(string)
	if taxes, _ := a.at("saleCalculate", "calculation", "lines", 0, "taxes").([]any); len(taxes) > 0 {
		rate += fmt.Sprint(" ", a.at("saleCalculate", "calculation", "lines", 0, "taxes", 0, "name"))
	}
	return rate
}

// Rates count from their time on: in all stores, but in those that have their own, until they have none any more.
func TestTaxRatesInTimeAndPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, manager := b.owner(t), b.manager(t)
	first, second := b.A.Stores[0].Registers[0].ID, b.A.Stores[1].Registers[0].ID
	product := b.product(t, b.A, goods{price: 10_000})
	rates := func(percent string) []vars { return []vars{{"name": "VAT " + percent, "rate": percent}} }
	check := func(what, at, here, there string) {
		t.Helper()
		if got := b.rateOf(t, product, first, at); got != here {
			t.Errorf("%s: %s in the first store; want %s", what, got, here)
		}
		if got := b.rateOf(t, product, second, at); got != there {
			t.Errorf("%s: %s in the second store; want %s", what, got, there)
		}
	}
	check("without a category", "", "16 Tax", "16 Tax")
	a := b.changeTax(t, owner, "taxCategoryCreate", "TaxCategoryCreateInput", vars{
		"name": " Books ", "externalReference": "B", "rates": []vars{{"name": "VAT 8", "code": "R", "rate": "8"}},
	})
	category, _ := a.at("taxCategoryCreate", "taxCategory", "id").(string)
	same(t, a.at("taxCategoryCreate", "taxCategory"), vars{
		"id": category, "name": "Books", "version": 1,
		"rates": []vars{{"name": "VAT 8", "code": "R", "rate": "8", "compound": false, "position": 1}},
	})
	update := func(value any) *answer {
		return b.post(t, owner, `mutation($id: ID!, $input: ProductUpdateInput!) { productUpdate(id: $id, input: $input) {
			product { version taxCategory { name } } userErrors { code field message } } }`,
			vars{"id": product.String(), "input": vars{"version": pgtest.Value[int](t, b.db,
				"select version from products where id = $1", product.UUID()), "taxCategoryId": value}}).ok(t)
	}
	same(t, update(category).at("productUpdate", "product", "taxCategory"), vars{"name": "Books"})
	check("in a category", "", "8 VAT 8", "8 VAT 8")
	check("long before it was made", "2020-01-01T00:00:00Z", "8 VAT 8", "8 VAT 8")

	// A manager changes their own store.
	store := b.A.Stores[0].ID.String()
	a = b.changeTax(t, manager, "storeTaxRatesSet", "StoreTaxRatesSetInput", vars{
		"storeId": store, "taxCategoryId": category, "rates": []vars{{"name": "GST", "rate": "5"}, {"name": "QST", "rate": "9.5", "compound": true}},
	})
	if codes := a.codes("storeTaxRatesSet"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
	check("with a store's own", "", "14.975 GST", "8 VAT 8")
	between := time.Now().UTC().Format(time.RFC3339Nano)
	check("in the past all the same", "2020-01-01T00:00:00Z", "8 VAT 8", "8 VAT 8")

	later := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	for _, percent := range []string{"20", "21"} { // the second in place of the first
		a = b.changeTax(t, owner, "taxRatesSet", "TaxRatesSetInput", vars{"taxCategoryId": category, "rates": rates(percent), "validFrom": later})
		same(t, a.at("taxRatesSet", "taxCategory", "rates", 0, "rate"), "8")
	}
	check("not yet", "", "14.975 GST", "8 VAT 8")
	b.db.Exec(t, "update tax_rates set valid_from = now() - interval '1 minute' where name in ('VAT 20', 'VAT 21')")
	check("when the time has come", "", "14.975 GST", "21 VAT 21")
	check("before that", "2020-01-01T00:00:00Z", "8 VAT 8", "8 VAT 8")

	a = b.post(t, manager, `mutation($store: ID!, $category: ID!) { storeTaxRatesEnd(storeId: $store, taxCategoryId: $category) {
		taxCategory { storeRates { nodes { name validUntil } } } userErrors { code field } } }`, vars{"store": store, "category": category}).ok(t)
	if nodes, _ := a.at("storeTaxRatesEnd", "taxCategory", "storeRates", "nodes").([]any); len(nodes) != 2 {
		t.Error(a.Raw)
	}
	check("without them", "", "21 VAT 21", "21 VAT 21")
	check("when they were there", between, "14.975 GST", "21 VAT 21")
	same(t, update(nil).at("productUpdate", "product", "taxCategory"), nil)
	check("out of the category", "", "16 Tax", "16 Tax")
	if codes := update(fresh[id.TaxCategory]()).codes("productUpdate"); !slices.Equal(codes, []string{"TAX_CATEGORY_NOT_FOUND taxCategoryId"}) {
		t.Error(codes)
	}
}

func TestTaxChangesRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, manager := b.owner(t), b.manager(t)
	category, store := b.A.TaxCategory.String(), b.A.Stores[0].ID.String()
	rate := func(change ...any) []vars {
		r := vars{"name": "VAT", "rate": "8"}
		for i := 0; i < len(change); i += 2 {
			r[change[i].(string)] = change[i+1] //nolint:errcheck,forcetypeassert // a name
		}
		return []vars{r}
	}
	good := rate()
	past := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	for name, c := range map[string]struct {
		token, field, typ, want string
		input                   vars
	}{
		"no name": {owner, "taxCategoryCreate", "TaxCategoryCreateInput", "INVALID name", vars{"name": " ", "rates": good}},
		"a name that is there": {
			owner, "taxCategoryCreate", "TaxCategoryCreateInput", "TAKEN name", vars{"name": "Reduced acme", "rates": good},
		},
		"no rates":  {owner, "taxCategoryCreate", "TaxCategoryCreateInput", "INVALID rates", vars{"name": "x", "rates": []vars{}}},
		"six rates": {owner, "taxCategoryCreate", "TaxCategoryCreateInput", "INVALID rates", vars{"name": "x", "rates": slices.Repeat(good, 6)}},
		"more than all": {
			owner, "taxRatesSet", "TaxRatesSetInput", "INVALID rates",
			vars{"taxCategoryId": category, "rates": slices.Concat(rate("rate", "50"), rate("rate", "50", "compound", true))},
		},
		"all at once": {
			owner, "taxRatesSet", "TaxRatesSetInput",
			"INVALID rates.0.code, INVALID rates.0.name, INVALID rates.0.rate, IN_THE_PAST validFrom, TAX_CATEGORY_NOT_FOUND taxCategoryId",
			vars{
				"taxCategoryId": b.B.TaxCategory.String(), "validFrom": past,
				"rates": rate("name", "", "rate", "101", "code", strings.Repeat("x", 17)),
			},
		},
		"a negative rate": {
			owner, "taxRatesSet", "TaxRatesSetInput", "INVALID rates.0.rate", vars{"taxCategoryId": category, "rates": rate("rate", "-1")},
		},
		"far away": {
			owner, "taxRatesSet", "TaxRatesSetInput", "INVALID validFrom",
			vars{"taxCategoryId": category, "rates": good, "validFrom": "3000-01-01T00:00:00Z"},
		},
		"another's store": {
			manager, "storeTaxRatesSet", "StoreTaxRatesSetInput", "STORE_NOT_FOUND storeId",
			vars{"storeId": b.A.Stores[1].ID.String(), "taxCategoryId": category, "rates": good},
		},
		"another's category": {
			manager, "storeTaxRatesSet", "StoreTaxRatesSetInput", "TAX_CATEGORY_NOT_FOUND taxCategoryId",
			vars{"storeId": store, "taxCategoryId": b.B.TaxCategory.String(), "rates": good},
		},
	} {
		before := b.books(t)
		codes := b.changeTax(t, c.token, c.field, c.typ, c.input).codes(c.field)
		slices.Sort(codes)
		want := strings.Split(c.want, ", ")
		slices.Sort(want)
		if !slices.Equal(codes, want) {
			t.Errorf("%s: %q; want %q", name, codes, want)
		}
		b.unchanged(t, before)
	}
	for _, call := range []string{
		`taxCategoryCreate(input: {name: "x", rates: [{name: "x", rate: "1"}]})`,
		`taxCategoryUpdate(id: "` + category + `", input: {version: 1, name: "x"})`,
		`taxRatesSet(input: {taxCategoryId: "` + category + `", rates: [{name: "x", rate: "1"}]})`,
	} {
		if a := b.post(t, manager, `mutation { `+call+` { userErrors { code } } }`, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", call, a.Raw)
		}
	}
	cashier := `mutation { storeTaxRatesEnd(storeId: "` + store + `", taxCategoryId: "` + category + `") { userErrors { code } } }`
	if a := b.post(t, b.cashier(t, 0), cashier, nil); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
}

func TestTaxCategoryUpdate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	update := func(change string) *answer {
		return b.post(t, b.owner(t), `mutation { taxCategoryUpdate(id: "`+b.A.TaxCategory.String()+`", input: {`+change+`}) {
			taxCategory { name externalReference version } userErrors { code field } } }`, nil).ok(t)
	}
	same(t, update(`version: 1, name: " Half ", externalReference: "H"`).at("taxCategoryUpdate"), vars{
		"taxCategory": vars{"name": "Half", "externalReference": "H", "version": 2}, "userErrors": []vars{},
	})
	same(t, update(`version: 1, name: "x"`).at("taxCategoryUpdate"), vars{
		"taxCategory": vars{"name": "Half", "externalReference": "H", "version": 2},
		"userErrors":  []vars{{"code": "CONFLICT", "field": []string{"version"}}},
	})
	same(t, update(`version: 2, externalReference: null`).at("taxCategoryUpdate", "taxCategory", "externalReference"), nil)
	same(t, update(`version: 3, name: null`).at("taxCategoryUpdate", "userErrors", 0), vars{"code": "INVALID", "field": []string{"name"}})
	b.taxed(t, b.owner(t), "Other", "VAT", "1")
	same(t, update(`version: 3, name: "Other"`).at("taxCategoryUpdate", "userErrors", 0), vars{"code": "TAKEN", "field": []string{"name"}})
	// Two at once: one wins, and nothing fails otherwise.
	answers := together(t, 8, func(i int) (*answer, error) {
		return b.ask(t.Context(), b.owner(t), `mutation($input: TaxRatesSetInput!) { taxRatesSet(input: $input) { taxCategory { id } userErrors { code } } }`,
			vars{"input": vars{"taxCategoryId": b.A.TaxCategory.String(), "rates": []vars{{"name": fmt.Sprint("VAT ", i), "rate": "1"}}}})
	})
	for _, a := range answers {
		if a.ok(t); len(a.codes("taxRatesSet")) > 0 {
			t.Error(a.Raw)
		}
	}
}

// The smallest cash of a store is set in its own currency.
func TestStoreCashRounding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func(code, currency, cash string) *answer {
		return b.post(t, b.owner(t), `mutation { storeCreate(input: {code: "`+code+`", name: "x", timeZone: "UTC", taxRate: "8", pricesIncludeTax: true,
			currencyCode: `+currency+`, cashRounding: "`+cash+`"}) { store { id version cashRounding { amount currencyCode } } userErrors { code field } } }`, nil).ok(t)
	}
	a := create("CH", `"CHF"`, "0.05")
	same(t, a.at("storeCreate", "store", "cashRounding"), vars{"amount": "0.05", "currencyCode": "CHF"})
	store, _ := a.at("storeCreate", "store", "id").(string)
	for _, cash := range []string{"-0.05", "0.001", "10000.01"} {
		same(t, create("XX", `"CHF"`, cash).at("storeCreate", "userErrors"), []vars{{"code": "INVALID", "field": []string{"cashRounding"}}})
	}
	update := func(version, cash string) *answer {
		return b.post(t, b.owner(t), `mutation { storeUpdate(id: "`+store+`", input: {version: `+version+`, cashRounding: `+cash+`}) {
			store { cashRounding { amount } } userErrors { code field } } }`, nil).ok(t)
	}
	same(t, update("1", `"0.10"`).at("storeUpdate", "store", "cashRounding"), vars{"amount": "0.10"})
	same(t, update("2", `null`).at("storeUpdate", "userErrors", 0), vars{"code": "INVALID", "field": []string{"cashRounding"}})
	same(t, update("2", `"0"`).at("storeUpdate", "store", "cashRounding"), vars{"amount": "0.00"})
}
