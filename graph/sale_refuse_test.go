package graph_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

// Each code with the place that it is about, and nothing written.
func TestSaleRecordRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	closed := b.A.Stores[0].Registers[1]
	b.db.Exec(t, "update registers set status = 'CLOSED' where id = $1", closed.ID.UUID())
	shut, foreign, suspended := b.till(t, b.A, "KES", 0, true), b.till(t, b.A, "UGX", 0, true), b.B.Stores[0]
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", shut.store.UUID())
	b.db.Exec(t, "update companies set status = 'SUSPENDED' where tenant_id = $1", b.B.ID.UUID())
	cola, one := b.A.Products[1], item(b.A.Products[1], "1")
	dear := b.product(t, b.A, goods{price: 1_000_000_000_000, unit: "KILOGRAM"})
	free := b.product(t, b.A, goods{})
	archived := b.product(t, b.A, goods{price: 100, status: "ARCHIVED"})
	elsewhere := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "insert into product_availability (tenant_id, store_id, product_id, sold) values ($1, $2, $3, false)",
		b.A.ID.UUID(), b.A.Stores[0].ID.UUID(), elsewhere.UUID())
	scarce := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set negative_stock_allowed = false where id = $1", scarce.UUID())
	inSizes := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set option_names = '{Size}' where id = $1", inSizes.UUID())
	// Every sale of A needs an open till. Only those that nothing else is wrong with get so far.
	b.db.Exec(t, "update company_settings set till_session_required = true where tenant_id = $1", b.A.ID.UUID())
	counted := b.A.Stores[1].Registers[0].ID
	b.db.Exec(t, `insert into till_sessions (tenant_id, store_id, register_id, id, number, status, currency_code, opening_float,
			business_date, opened_at, counted_at, count_number)
		values ($1, $2, $3, $4, 2, 'COUNTED', 'KES', 0, '2026-02-02', '2026-02-02T05:00:00Z', '2026-02-02T06:00:00Z', 1)`,
		b.A.ID.UUID(), b.A.Stores[1].ID.UUID(), counted.UUID(), id.New[id.TillSession]().UUID())
	owner := b.owner(t)
	device := b.device(t, b.A, b.A.Stores[0].Registers[0])
	key, long := "k", strings.Repeat("é", 101)
	many := func(n int, of vars) []vars { return slices.Repeat([]vars{of}, n) }
	cash := []vars{pay("CASH", "1000")}
	in := func(change ...any) vars {
		input := vars{"idempotencyKey": key, "registerId": register.String(), "lines": []vars{one}, "payments": cash}
		for i := 0; i+1 < len(change); i += 2 {
			input[change[i].(string)] = change[i+1]
		}
		return input
	}
	paying := func(payments ...vars) vars { return in("payments", append([]vars{}, payments...)) }
	selling := func(lines ...vars) vars { return in("lines", append([]vars{}, lines...)) }
	type test struct {
		token string // the owner's unless told
		input vars
		want  []string
	}
	tests := map[string]test{
		"no key": {"", in("idempotencyKey", ""), []string{"INVALID idempotencyKey"}},
		"more than there is": {
			"", selling(item(scarce, "1"), one, item(scarce, "2")),
			[]string{"STOCK_INSUFFICIENT lines.0.quantity", "STOCK_INSUFFICIENT lines.2.quantity", "TILL_SESSION_REQUIRED registerId"},
		},
		"a key of space": {"", in("idempotencyKey", " \t "), []string{"INVALID idempotencyKey"}},
		"a long key":     {"", in("idempotencyKey", long), []string{"INVALID idempotencyKey"}},
		"a zero byte in the key": {
			"", in("idempotencyKey", "a\x00b"), []string{"INVALID idempotencyKey"},
		},
		"a long note":             {"", in("note", strings.Repeat("n", 501)), []string{"INVALID note"}},
		"a zero byte in the note": {"", in("note", "a\x00"), []string{"INVALID note"}},
		"an escape in the note":   {"", in("note", "\x1b[2J"), []string{"INVALID note"}},

		"too much off": {
			b.cashier(t, 0), in("discounts", []vars{off("PERCENT", "11")}), []string{"DISCOUNT_TOO_LARGE discounts"},
		},
		"a price of one's own": {
			b.cashier(t, 0), selling(vars{"productId": cola.String(), "quantity": "1", "unitPrice": "1", "priceReason": "worn"}),
			[]string{"PRICE_OVERRIDE_NOT_ALLOWED lines.0.unitPrice"},
		},

		"no register":   {"", in("registerId", nil), []string{"REGISTER_REQUIRED registerId"}},
		"made up":       {"", in("registerId", id.New[id.Register]().String()), []string{"REGISTER_NOT_FOUND registerId"}},
		"another store": {b.cashier(t, 1), in(), []string{"REGISTER_NOT_FOUND registerId"}},
		"another company": {
			b.token(t, b.B, b.B.Owner), in(), []string{"COMPANY_SUSPENDED ", "REGISTER_NOT_FOUND registerId"},
		},
		"another than itself": {
			device, in("registerId", closed.ID.String()), []string{"REGISTER_NOT_FOUND registerId"},
		},
		"closed register": {"", in("registerId", closed.ID.String()), []string{"REGISTER_CLOSED registerId"}},
		"closed store":    {"", in("registerId", shut.register.String()), []string{"STORE_CLOSED registerId"}},
		"suspended": {
			b.token(t, b.B, suspended.Cashier),
			in("registerId", suspended.Registers[0].ID.String(), "lines", []vars{item(b.B.Products[0], "1")}),
			[]string{"COMPANY_SUSPENDED "},
		},
		"suspended, by device": {
			b.device(t, b.B, suspended.Registers[0]),
			in("registerId", nil, "lines", []vars{item(b.B.Products[0], "1")}),
			[]string{"COMPANY_SUSPENDED "},
		},

		"no lines":        {"", selling(), []string{"INVALID lines"}},
		"501 lines":       {"", in("lines", many(501, vars{"quantity": "-1"})), []string{"INVALID lines"}},
		"unnamed":         {"", selling(one, vars{"quantity": "1"}), []string{"INVALID lines.1"}},
		"named twice":     {"", selling(vars{"productId": cola.String(), "barcode": "1", "quantity": "1"}), []string{"INVALID lines.0"}},
		"empty barcode":   {"", selling(vars{"barcode": "", "quantity": "1"}), []string{"INVALID lines.0.barcode", "PRODUCT_NOT_FOUND lines.0.barcode"}},
		"unknown barcode": {"", selling(vars{"barcode": "0", "quantity": "1"}), []string{"PRODUCT_NOT_FOUND lines.0.barcode"}},
		"a zero byte in the barcode": {
			"", selling(vars{"barcode": b.A.Barcodes[0] + "\x00", "quantity": "1"}),
			[]string{"INVALID lines.0.barcode", "PRODUCT_NOT_FOUND lines.0.barcode"},
		},
		"unknown product":           {"", selling(one, item(id.New[id.Product](), "1")), []string{"PRODUCT_NOT_FOUND lines.1.productId"}},
		"another company's product": {"", selling(item(b.B.Products[0], "1")), []string{"PRODUCT_NOT_FOUND lines.0.productId"}},
		"another company's barcode": {"", selling(vars{"barcode": b.B.Barcodes[0], "quantity": "1"}), []string{"PRODUCT_NOT_FOUND lines.0.barcode"}},
		"archived":                  {"", selling(item(archived, "1")), []string{"PRODUCT_ARCHIVED lines.0.productId"}},
		"sold elsewhere":            {"", selling(item(elsewhere, "1")), []string{"PRODUCT_NOT_SOLD_HERE lines.0.productId"}},
		"sold by its variants":      {"", selling(item(inSizes, "1")), []string{"PRODUCT_HAS_VARIANTS lines.0.productId"}},
		"no price in the currency":  {"", in("registerId", foreign.register.String()), []string{"PRICE_MISSING lines.0.productId"}},

		"none of it":      {"", selling(item(cola, "0")), []string{"QUANTITY_NOT_POSITIVE lines.0.quantity"}},
		"less than none":  {"", selling(item(cola, "-1.5")), []string{"QUANTITY_NOT_POSITIVE lines.0.quantity"}},
		"a part of it":    {"", selling(one, item(cola, "1.5")), []string{"QUANTITY_NOT_WHOLE lines.1.quantity"}},
		"a millionth":     {"", selling(item(dear, "0.0001")), []string{"TOO_PRECISE lines.0.quantity"}},
		"too much":        {"", selling(item(cola, "100000000000000")), []string{"TOO_LARGE lines.0.quantity"}},
		"too dear a line": {"", selling(item(dear, "999999")), []string{"TOO_LARGE lines"}},
		"too dear all in all": {
			"", in("lines", many(500, item(dear, "900"))), []string{"TOO_LARGE lines"},
		},

		"nothing paid":     {"", paying(), []string{"PAYMENT_TOO_SMALL payments"}},
		"a cent too few":   {"", paying(pay("CARD", "50"), pay("CASH", "49.99")), []string{"PAYMENT_TOO_SMALL payments"}},
		"change for cards": {"", paying(pay("CARD", "100.01")), []string{"CHANGE_NOT_ALLOWED payments"}},
		"more change than cash": {
			"", paying(pay("CARD", "100.01"), pay("CASH", "0.01"), pay("CARD", "1")), []string{"CHANGE_NOT_ALLOWED payments"},
		},
		"a card for nothing": {"", in("lines", []vars{item(free, "1")}, "payments", []vars{pay("CARD", "1")}), []string{"CHANGE_NOT_ALLOWED payments"}},
		"zero paid":          {"", paying(pay("CASH", "100"), pay("CASH", "0.00")), []string{"AMOUNT_NOT_POSITIVE payments.1.amount"}},
		"less than zero":     {"", paying(pay("CASH", "-1")), []string{"AMOUNT_NOT_POSITIVE payments.0.amount"}},
		"a tenth of a cent":  {"", paying(pay("CASH", "100.001")), []string{"TOO_PRECISE payments.0.amount"}},
		"too large a note":   {"", paying(pay("CASH", "99999999999999999")), []string{"TOO_LARGE payments.0.amount"}},
		"21 payments":        {"", in("payments", many(21, pay("CASH", "10"))), []string{"INVALID payments"}},
		"mobile money without its reference": {
			"", paying(pay("MOBILE_MONEY", "100")), []string{"INVALID payments.0.reference"},
		},
		"mobile money with a reference of space": {
			"", paying(vars{"method": "MOBILE_MONEY", "amount": "100", "reference": "  "}), []string{"INVALID payments.0.reference"},
		},
		"mobile money with a zero byte in its reference": {
			"", paying(vars{"method": "MOBILE_MONEY", "amount": "100", "reference": "\x00"}), []string{"INVALID payments.0.reference"},
		},
		"a long reference": {
			"", paying(vars{"method": "CARD", "amount": "100", "reference": long}), []string{"INVALID payments.0.reference"},
		},

		"later than now":  {"", in("occurredAt", time.Now().Add(6*time.Minute).Format(time.RFC3339)), []string{"OCCURRED_IN_FUTURE occurredAt"}},
		"in ten thousand": {"", in("occurredAt", "9999-12-31T23:59:59Z"), []string{"OCCURRED_IN_FUTURE occurredAt"}},
		"long ago":        {"", in("occurredAt", "0001-01-01T00:00:00Z"), []string{"INVALID occurredAt"}},
		"the key before":  {"", in("idempotencyKey", b.A.Stores[0].Registers[0].Key), []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}},

		"a parked sale that isn't there": {"", in("parkedSaleId", fresh[id.ParkedSale]()), []string{"PARKED_SALE_GONE parkedSaleId"}},
		"without a till":                 {"", in(), []string{"TILL_SESSION_REQUIRED registerId"}},
		"a till that was counted":        {"", in("registerId", counted.String()), []string{"TILL_SESSION_COUNTED registerId"}},

		"all at once": {
			"",
			vars{
				"idempotencyKey": "", "registerId": register.String(), "note": "\x00", "occurredAt": "2999-01-01T00:00:00Z",
				"lines": []vars{
					item(cola, "-1"), item(dear, "0.0005"), item(cola, "0.5"),
					{"quantity": "1"},
					item(archived, "0"),
					{"barcode": "none", "quantity": "99999999999999999"},
					item(b.B.Products[0], "1"),
				},
				"payments": []vars{pay("CASH", "-1"), pay("MOBILE_MONEY", "0.001"), pay("CARD", "1.25")},
			},
			[]string{
				"INVALID idempotencyKey", "INVALID note", "OCCURRED_IN_FUTURE occurredAt",
				"QUANTITY_NOT_POSITIVE lines.0.quantity", "TOO_PRECISE lines.1.quantity", "INVALID lines.3",
				"QUANTITY_NOT_POSITIVE lines.4.quantity", "TOO_LARGE lines.5.quantity",
				"AMOUNT_NOT_POSITIVE payments.0.amount", "INVALID payments.1.reference",
				"QUANTITY_NOT_WHOLE lines.2.quantity", "PRODUCT_ARCHIVED lines.4.productId", "PRODUCT_NOT_FOUND lines.5.barcode",
				"PRODUCT_NOT_FOUND lines.6.productId", "TOO_PRECISE payments.1.amount",
			},
		},
	}
	before := b.books(t)
	seen := map[string]bool{}
	for name, test := range tests {
		if test.token == "" {
			test.token = owner
		}
		a := b.post(t, test.token, recordSale, vars{"input": test.input}).ok(t)
		got := a.codes("saleRecord")
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) || a.at("saleRecord", "sale") != nil {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
		b.foretells(t, name, test.token, test.input, a.codes("saleRecord"))
		for _, code := range got {
			code, _, _ = strings.Cut(code, " ")
			seen[code] = true
		}
	}
	b.unchanged(t, before)
	// This one leaves a trace.
	b.post(t, owner, recordSale, vars{"input": numbered(register, 1, "taken", item(b.A.Products[1], "1"))["input"]}).
		refused(t, "saleRecord", "sale", "RECEIPT_NUMBER_TAKEN receiptNumber", "TILL_SESSION_REQUIRED registerId")
	seen["RECEIPT_NUMBER_TAKEN"] = true
	for _, value := range b.post(t, owner, `{ __type(name: "SaleRecordUserErrorCode") { enumValues { name } } }`, nil).
		ok(t).at("__type", "enumValues").([]any) {
		name := value.(map[string]any)["name"].(string)
		if strings.HasPrefix(name, "RETURN_") || name == "RECEIPT_REQUIRED" {
			continue // the tests of returns provoke them
		}
		if strings.HasPrefix(name, "APPROVAL_") {
			continue // the tests of approvals do
		}
		if strings.HasPrefix(name, "LOT_") || strings.HasPrefix(name, "BATCH_") {
			continue // the tests of batches do
		}
		if !seen[name] && !slices.Contains(tenderCodes, name) {
			t.Errorf("nothing here provokes %s", name)
		}
	}
}

// How much is missing or too much is said with the currency's decimals.
func TestSaleRecordSaysWhatIsDue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for currency, want := range map[string][2]string{"KES": {"0.01", "-0.99"}, "UGX": {"1", "-99"}, "KWD": {"0.001", "-0.099"}} {
		till, product := b.till(t, b.A, currency, 0, true), b.product(t, b.A, goods{price: 100, currency: currency})
		cents := map[string][2]string{"KES": {"0.99", "1.99"}, "UGX": {"99", "199"}, "KWD": {"0.099", "0.199"}}[currency]
		for i, amount := range cents {
			input := order(till.register, "k", "", item(product, "1"))
			input["payments"] = []vars{pay("CARD", amount)}
			a := b.post(t, b.owner(t), recordSale, vars{"input": input}).ok(t)
			if got := a.texts("amount currencyCode", "saleRecord", "userErrors", 0, "amountDue"); got != want[i]+" "+currency {
				t.Errorf("%s of %s: due %s", amount, currency, got)
			}
		}
	}
}

// Who asks for what isn't theirs learns nothing from the answer, letter by letter.
func TestSaleRecordIsNoOracle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		token string
		in    []vars
	}{
		"registers, to a cashier": {b.cashier(t, 0), []vars{
			order(id.New[id.Register](), "k", "1", item(b.A.Products[0], "1")),
			order(b.A.Stores[1].Registers[0].ID, "k", "1", item(b.A.Products[0], "1")),
			order(b.A.Stores[1].Registers[0].ID, b.A.Stores[1].Registers[0].Key, "1", item(b.A.Products[0], "1")),
			order(b.B.Stores[0].Registers[0].ID, "k", "1", item(b.A.Products[0], "1")),
			order(b.B.Stores[0].Registers[0].ID, b.B.Stores[0].Registers[0].Key, "1", item(b.A.Products[0], "1")),
		}},
		"registers, to a register": {b.device(t, b.A, b.A.Stores[0].Registers[0]), []vars{
			order(id.New[id.Register](), "k", "1", item(b.A.Products[0], "1")),
			order(b.A.Stores[0].Registers[1].ID, "k", "1", item(b.A.Products[0], "1")),
			order(b.A.Stores[0].Registers[1].ID, b.A.Stores[0].Registers[1].Key, "1", item(b.A.Products[0], "1")),
			order(b.A.Stores[1].Registers[0].ID, "k", "1", item(b.A.Products[0], "1")),
			order(b.B.Stores[0].Registers[0].ID, "k", "1", item(b.A.Products[0], "1")),
		}},
		"products": {b.owner(t), []vars{
			order(b.A.Stores[0].Registers[0].ID, "k", "1", item(id.New[id.Product](), "1")),
			order(b.A.Stores[0].Registers[0].ID, "k", "1", item(b.B.Products[0], "1")),
		}},
		"barcodes": {b.owner(t), []vars{
			order(b.A.Stores[0].Registers[0].ID, "k", "1", vars{"barcode": "made up", "quantity": "1"}),
			order(b.A.Stores[0].Registers[0].ID, "k", "1", vars{"barcode": b.B.Barcodes[0], "quantity": "1"}),
		}},
	} {
		var first string
		for i, input := range c.in {
			a := b.post(t, c.token, recordSale, vars{"input": input}).ok(t)
			if i == 0 {
				first = a.Raw
			}
			if a.Raw != first || !strings.Contains(a.Raw, "_NOT_FOUND") {
				t.Errorf("%s: %s\n the made-up one: %s", name, a.Raw, first)
			}
		}
	}
}

// What doesn't fit its type is refused before anything is asked of the database, with its place.
func TestSaleRecordBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, product := b.A.Stores[0].Registers[0].ID.String(), b.A.Products[0].String()
	line := func(field, value string) string {
		return `{"idempotencyKey":"k","registerId":"` + register + `","lines":[{"productId":"` + product +
			`","quantity":"1"},{` + field + `:` + value + `}]}`
	}
	whole := func(field, value string) string {
		return `{"idempotencyKey":"k","lines":[{"productId":"` + product + `","quantity":"1"}],"` + field + `":` + value + `}`
	}
	before := b.books(t)
	for name, c := range map[string]struct{ input, place string }{
		"a product for a register":  {whole("registerId", `"`+product+`"`), "registerId"},
		"a number for a register":   {whole("registerId", `7`), "registerId"},
		"a UUID for a register":     {whole("registerId", `"`+b.A.Stores[0].Registers[0].ID.UUID().String()+`"`), "registerId"},
		"a register for a product":  {line(`"quantity":"1","productId"`, `"`+register+`"`), "lines 1 productId"},
		"nothing for a product":     {line(`"quantity":"1","productId"`, `""`), "lines 1 productId"},
		"a number for a quantity":   {line(`"productId":"`+product+`","quantity"`, `1`), "lines 1 quantity"},
		"a float for a quantity":    {line(`"productId":"`+product+`","quantity"`, `1.5`), "lines 1 quantity"},
		"a word for a quantity":     {line(`"productId":"`+product+`","quantity"`, `"one"`), "lines 1 quantity"},
		"an exponent":               {line(`"productId":"`+product+`","quantity"`, `"1e3"`), "lines 1 quantity"},
		"a number of 400 digits":    {line(`"productId":"`+product+`","quantity"`, `"`+strings.Repeat("9", 400)+`"`), "lines 1 quantity"},
		"19 decimals":               {line(`"productId":"`+product+`","quantity"`, `"0.`+strings.Repeat("1", 19)+`"`), "lines 1 quantity"},
		"null for a quantity":       {line(`"productId":"`+product+`","quantity"`, `null`), "lines 1 quantity"},
		"a number for an amount":    {whole("payments", `[{"method":"CASH","amount":100}]`), "payments 0 amount"},
		"an unknown way to pay":     {whole("payments", `[{"method":"GOLD","amount":"100"}]`), "payments 0 method"},
		"no time":                   {whole("occurredAt", `"yesterday"`), "occurredAt"},
		"an object for a key":       {whole("idempotencyKey", `{}`), "idempotencyKey"},
		"a field that isn't there":  {whole("price", `"1"`), "price"},
		"a field of another's line": {line(`"method":"CASH","quantity"`, `"1"`), "lines 1 method"},
	} {
		body := `{"query":` + fmt.Sprintf("%q", strings.Join(strings.Fields(recordSale), " ")) + `,"variables":{"input":` + c.input + `}}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url, bytes.NewReader([]byte(body)))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+b.owner(t))
		a := send(t, r)
		var place string
		if len(a.Errors) == 1 {
			place = strings.Trim(fmt.Sprint(a.Errors[0].Path), "[]")
			if field, ok := a.Errors[0].Extensions["field"]; ok { // of a variable's type, before there is a path
				place = strings.Trim(fmt.Sprint(field), "[]")
			}
		}
		if !strings.HasSuffix(place, "input "+c.place) || a.code() != "BAD_USER_INPUT" && a.code() != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("%s: %d %s", name, a.Status, a.Raw)
		}
		if a.at("saleRecord") != nil {
			t.Errorf("%s: it has data: %s", name, a.Raw)
		}
	}
	b.unchanged(t, before)
}

// Bytes that are no UTF-8 are refused, and nothing is sold.
func TestSaleRecordInvalidUTF8(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.books(t)
	for i, field := range []string{"idempotencyKey", "note", "barcode", "reference"} {
		text := map[string]string{"idempotencyKey": fmt.Sprint("k", i), "note": "n", "barcode": b.A.Barcodes[0], "reference": "r"}
		text[field] += "\xff\xc0\x80\xed\xa0\x80"
		body := `{"query":` + fmt.Sprintf("%q", strings.Join(strings.Fields(recordSale), " ")) + `,"variables":{"input":{` +
			`"registerId":"` + b.A.Stores[0].Registers[0].ID.String() + `","idempotencyKey":"` + text["idempotencyKey"] +
			`","note":"` + text["note"] + `","lines":[{"barcode":"` + text["barcode"] + `","quantity":"1"}],` +
			`"payments":[{"method":"CARD","amount":"90","reference":"` + text["reference"] + `"}]}}}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url, bytes.NewReader([]byte(body)))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+b.owner(t))
		if a := send(t, r); a.Status != http.StatusBadRequest || a.code() != "BAD_USER_INPUT" {
			t.Errorf("%s: %d %s", field, a.Status, a.Raw)
		}
	}
	b.unchanged(t, before)
}

// Who may not sell can't, and nobody can without saying who they are.
func TestSaleRecordNeedsSomebody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	input := order(store.Registers[0].ID, "k", "100", item(b.A.Products[1], "1"))
	cashier := b.cashier(t, 0)
	b.sell(t, cashier, input)
	before := b.books(t)
	if a := b.post(t, "", recordSale, vars{"input": input}); a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" {
		t.Errorf("nobody: %d %s", a.Status, a.Raw)
	}
	b.unchanged(t, before)
	b.db.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", store.Cashier.UUID())
	before = b.books(t)
	for _, key := range []string{"k", "another"} {
		input["idempotencyKey"] = key
		if a := b.post(t, cashier, recordSale, vars{"input": input}); a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" {
			t.Errorf("a cashier who has just left: %d %s", a.Status, a.Raw)
		}
	}
	b.unchanged(t, before)
	b.db.Exec(t, "update users set status = 'ACTIVE' where id = $1", store.Cashier.UUID())
	b.db.Exec(t, "delete from user_stores where user_id = $1", store.Cashier.UUID())
	a := b.post(t, cashier, recordSale, vars{"input": input}).ok(t)
	if got := a.codes("saleRecord"); !slices.Equal(got, []string{"REGISTER_NOT_FOUND registerId"}) {
		t.Errorf("a cashier without stores: %s", a.Raw)
	}
	b.db.Exec(t, "update registers set status = 'CLOSED' where id = $1", store.Registers[1].ID.UUID())
	input["registerId"] = nil
	if a := b.post(t, b.device(t, b.A, store.Registers[1]), recordSale, vars{"input": input}); a.Status != http.StatusUnauthorized {
		t.Errorf("a closed register's key: %d %s", a.Status, a.Raw)
	}
}
