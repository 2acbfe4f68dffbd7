package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// What of discounts and prices is refused: the same by saleCalculate as by saleRecord, and nothing written.
func TestSaleDiscountsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID.String()
	cashier, manager := b.cashier(t, 0), b.manager(t)
	dear := b.product(t, b.A, goods{price: 100_000})
	line := func(change ...any) vars {
		l := item(dear, "1")
		for i := 0; i < len(change); i += 2 {
			l[change[i].(string)] = change[i+1] //nolint:errcheck,forcetypeassert // a name
		}
		return l
	}
	in := func(line vars, order ...vars) vars {
		return vars{
			"idempotencyKey": "k", "registerId": register, "lines": []vars{item(dear, "1"), line}, "discounts": append([]vars{}, order...),
			"payments": []vars{pay("CASH", "5000")},
		}
	}
	over := off("PERCENT", "10.0001")
	many := slices.Repeat([]vars{off("FIXED", "1")}, 11)
	for name, c := range map[string]struct {
		token, want string
		in          vars
	}{
		"a line above the limit":       {cashier, "DISCOUNT_TOO_LARGE lines.1.discounts 100.00", in(line("discounts", []vars{off("FIXED", "100.02")}))},
		"two that are above together":  {cashier, "DISCOUNT_TOO_LARGE lines.1.discounts 100.00", in(line("discounts", []vars{off("PERCENT", "6"), off("PERCENT", "6")}))},
		"an order above the limit":     {cashier, "DISCOUNT_TOO_LARGE discounts 200.00", in(line(), off("FIXED", "201"))},
		"percent above the limit":      {cashier, "DISCOUNT_TOO_LARGE discounts 200.00", in(line(), off("PERCENT", "11"))},
		"line and order together":      {cashier, "DISCOUNT_TOO_LARGE discounts 102.63", in(line("discounts", []vars{off("PERCENT", "5")}), off("PERCENT", "6"))},
		"both":                         {cashier, "DISCOUNT_TOO_LARGE lines.1.discounts 100.00, DISCOUNT_TOO_LARGE discounts 0.00", in(line("discounts", []vars{off("PERCENT", "50")}), off("FIXED", "10"))},
		"more than there is":           {manager, "DISCOUNT_TOO_LARGE lines.1.discounts.0.value 1000.00", in(line("discounts", []vars{off("FIXED", "1000.01")}))},
		"more than the first leaves":   {manager, "DISCOUNT_TOO_LARGE lines.1.discounts.1.value 500.00", in(line("discounts", []vars{off("PERCENT", "50"), off("FIXED", "501")}))},
		"more than the order is":       {manager, "DISCOUNT_TOO_LARGE discounts.0.value 2000.00", in(line(), off("FIXED", "2001"))},
		"nothing off":                  {manager, "AMOUNT_NOT_POSITIVE discounts.0.value", in(line(), off("FIXED", "0"))},
		"less than nothing off":        {manager, "AMOUNT_NOT_POSITIVE lines.1.discounts.0.value", in(line("discounts", []vars{off("PERCENT", "-1")}))},
		"more than a hundred percent":  {manager, "INVALID discounts.0.value", in(line(), off("PERCENT", "100.0001"))},
		"a finer percentage":           {manager, "INVALID discounts.0.value", in(line(), off("PERCENT", "1.00001"))},
		"a finer amount":               {manager, "TOO_PRECISE discounts.0.value", in(line(), off("FIXED", "1.001"))},
		"far too much":                 {manager, "TOO_LARGE discounts.0.value", in(line(), off("FIXED", "999999999999"))},
		"eleven of them":               {manager, "INVALID discounts", in(line(), many...)},
		"eleven on a line":             {manager, "INVALID lines.1.discounts", in(line("discounts", many))},
		"no reason":                    {manager, "INVALID discounts.0.reason", in(line(), vars{"kind": "FIXED", "value": "1", "reason": " "})},
		"a long reason":                {manager, "INVALID discounts.0.reason", in(line(), vars{"kind": "FIXED", "value": "1", "reason": strings.Repeat("é", 201)})},
		"a price of a cashier's own":   {cashier, "PRICE_OVERRIDE_NOT_ALLOWED lines.1.unitPrice", in(line("unitPrice", "1", "priceReason", "worn"))},
		"a price without a reason":     {manager, "INVALID lines.1.priceReason", in(line("unitPrice", "1"))},
		"a reason without a price":     {manager, "INVALID lines.1.priceReason", in(line("priceReason", "worn"))},
		"a price below zero":           {manager, "INVALID lines.1.unitPrice", in(line("unitPrice", "-1", "priceReason", "worn"))},
		"a finer price":                {manager, "TOO_PRECISE lines.1.unitPrice", in(line("unitPrice", "1.001", "priceReason", "worn"))},
		"all at once":                  {cashier, "INVALID discounts.0.reason, INVALID lines.1.priceReason, PRICE_OVERRIDE_NOT_ALLOWED lines.1.unitPrice, TOO_PRECISE lines.1.discounts.0.value", in(line("unitPrice", "1", "discounts", []vars{off("FIXED", "1.001")}), vars{"kind": "FIXED", "value": "1", "reason": ""})},
		"a hair above is all the same": {cashier, "DISCOUNT_TOO_LARGE discounts 200.00", in(line(), off("PERCENT", "10"), off("PERCENT", "1"))},
		"what rounds to the limit":     {cashier, "", in(line("discounts", []vars{over}))},
	} {
		before := b.books(t)
		calculated := b.post(t, c.token, calculateSums, vars{"input": calculable(c.in)}).ok(t)
		if got := problemsOf(calculated, "saleCalculate"); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
		b.unchanged(t, before)
		if c.want == "" {
			continue
		}
		recorded := b.post(t, c.token, recordSums, vars{"input": c.in}).ok(t)
		if got := problemsOf(recorded, "saleRecord"); got != c.want {
			t.Errorf("%s: recorded %s; want %s", name, got, c.want)
		}
		b.unchanged(t, before)
	}
}

func problemsOf(a *answer, field string) string {
	list, _ := a.at(field, "userErrors").([]any)
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = a.codes(field)[i]
		if most, ok := a.at(field, "userErrors", i, "maximumDiscount", "amount").(string); ok {
			texts[i] += " " + most
		}
	}
	return strings.Join(texts, ", ")
}

// Who may give how much off: everybody within the company's limit, some above it, and a limit of nothing is one.
func TestSaleDiscountLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	register := store.Registers[0]
	product := b.product(t, b.A, goods{price: 999})
	try := func(name, token string, allowed bool, discount vars, key string) {
		t.Helper()
		in := vars{
			"idempotencyKey": key, "registerId": register.ID.String(), "lines": []vars{item(product, "1"), item(product, "3")},
			"discounts": []vars{discount}, "payments": []vars{pay("CASH", "100")},
		}
		a := b.post(t, token, recordSums, vars{"input": in}).ok(t)
		if got := len(a.codes("saleRecord")) == 0; got != allowed {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	device := b.device(t, b.A, register)
	try("a cashier at the limit", b.cashier(t, 0), true, off("PERCENT", "10"), "1")
	try("a cashier above it", b.cashier(t, 0), false, off("PERCENT", "10.1"), "2")
	try("a register above it", device, false, off("PERCENT", "10.1"), "3")
	try("a manager above it", b.manager(t), true, off("PERCENT", "90"), "4")
	b.db.Exec(t, "update company_settings set discount_limit_ppm = 0")
	try("a cashier where nothing may be given", b.cashier(t, 0), false, off("FIXED", "0.01"), "5")
	b.db.Exec(t, "update company_settings set discount_limit_ppm = 1000000")
	try("a cashier where everything may be given", b.cashier(t, 0), true, off("PERCENT", "100"), "6")
	who := pgtest.Values[string](t, b.db, `select concat_ws(' ', d.kind, d.rate_ppm, d.amount, d.reason, u.name) from sale_discounts d
		left join users u on u.id = d.given_by_id where d.rate_ppm is not null order by d.rate_ppm`)
	if len(who) != 3 || who[0] != "PERCENT 100000 400 because cashier1 of acme" || !strings.HasSuffix(who[1], "manager of acme") {
		t.Errorf("%q", who)
	}
	b.sound(t)
}

// A price of one's own stands on the receipt with its reason, and so do the taxes and discounts.
func TestSaleShowsDiscountsAndTaxes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID.String()
	product := b.product(t, b.A, goods{price: 100_000})
	line := item(product, "2")
	line["unitPrice"], line["priceReason"], line["discounts"] = "800", " worn ", []vars{off("FIXED", "40")}
	in := vars{
		"idempotencyKey": "k", "registerId": register, "lines": []vars{line}, "discounts": []vars{off("PERCENT", "25")},
		"payments": []vars{pay("CARD", "1170")},
	}
	a := b.post(t, b.manager(t), `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { id discounts { id kind amount { amount } givenBy { name } }
		lines { priceSource priceReason unitPrice { amount } gross { amount } discount { amount } orderDiscount { amount }
			discounts { id reason rate amount { amount } givenBy { name } } taxes { name amount { amount } } } }
		userErrors { code field message } } }`, vars{"input": in}).ok(t)
	text := strings.NewReplacer(`"`, "", "amount:{amount:", "{").Replace(a.Raw)
	for _, want := range []string{
		"priceSource:MANUAL", "priceReason:worn", "gross:{amount:1600.00}", "discount:{amount:40.00}", "orderDiscount:{amount:390.00}",
		"name:manager of acme",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, path := range [][]any{{"discounts", 0, "id"}, {"lines", 0, "discounts", 0, "id"}} {
		ref := a.at(append([]any{"saleRecord", "sale"}, path...)...)
		node := b.post(t, b.cashier(t, 0), `query($id: ID!) { node(id: $id) { id ... on SaleDiscount { reason } } }`, vars{"id": ref}).ok(t)
		same(t, node.at("node"), vars{"id": ref, "reason": "because"})
	}
}
