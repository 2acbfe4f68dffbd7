package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

// tenderCodes are those that the balances of customers and gift cards give to a sale.
var tenderCodes = []string{
	"PAYMENT_METHOD_NOT_ALLOWED", "CUSTOMER_REQUIRED", "CUSTOMER_NOT_FOUND", "CURRENCY_MISMATCH", "BALANCE_TOO_LOW",
	"CREDIT_LIMIT_EXCEEDED", "POINTS_NOT_WHOLE", "GIFT_CARD_NOT_FOUND", "GIFT_CARD_BLOCKED", "GIFT_CARD_EXPIRED",
	"REFUND_MISMATCH",
}

const recordTender = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id total { amount } change { amount } refunded { amount } customer { id }
		payments { method amount { amount } giftCard { lastFour } } }
	userErrors { code field message amountDue { amount } balanceAvailable { amount currencyCode } pointsAvailable } } }`

func byCard(code, amount string) vars {
	return vars{"method": "GIFT_CARD", "amount": amount, "giftCardCode": code}
}

// TestTendersRefused: each code with its place and its numbers, and nothing written.
func TestTendersRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x := b.A.Customer
	register := b.A.Stores[0].Registers[0].ID
	foreign := b.till(t, b.A, "UGX", 0, true)
	abroad := b.product(t, b.A, goods{price: 10, currency: "UGX"})
	b.db.Exec(t, `update company_settings set loyalty_spend_per_point = 10000, loyalty_point_value = 300,
		payment_methods = '{CASH,GIFT_CARD,STORE_CREDIT,ACCOUNT,LOYALTY_POINTS}' where tenant_id = $1`, b.A.ID.UUID())
	b.db.Exec(t, "update customers set points = 7 where id = $1", x.ID.UUID())
	blocked, expired, dollars := b.card(t, "1"), b.card(t, "1"), b.card(t, "100")
	b.db.Exec(t, "update gift_cards set status = 'BLOCKED' where last_four = $1", last(blocked))
	b.db.Exec(t, "update gift_cards set expires_on = '2020-01-01' where last_four = $1", last(expired))
	b.db.Exec(t, "update gift_cards set currency_code = 'USD' where last_four = $1", last(dollars))
	erased := b.customer(t, "Erased")
	b.post(t, b.owner(t), `mutation { customerErase(id: "`+erased+`") { userErrors { code } } }`, nil).ok(t)
	before := b.books(t)
	seen := map[string]bool{"REFUND_MISMATCH": true} // of returns
	for name, test := range map[string]struct {
		customer string
		till     id.Register
		product  id.Product
		payments []vars
		want     []string
	}{
		"a way that isn't allowed": {payments: []vars{pay("CARD", "100")}, want: []string{"PAYMENT_METHOD_NOT_ALLOWED payments.0.method"}},
		"nobody's credit": {
			payments: []vars{pay("STORE_CREDIT", "50"), pay("ACCOUNT", "25"), pay("LOYALTY_POINTS", "25")},
			want:     []string{"CUSTOMER_REQUIRED payments.0.method", "CUSTOMER_REQUIRED payments.1.method", "CUSTOMER_REQUIRED payments.2.method"},
		},
		"made up": {customer: fresh[id.Customer](), payments: []vars{pay("CASH", "100")}, want: []string{"CUSTOMER_NOT_FOUND customerId"}},
		"erased":  {customer: erased, payments: []vars{pay("CASH", "100")}, want: []string{"CUSTOMER_NOT_FOUND customerId"}},
		"another company's": {
			customer: b.B.Customer.ID.String(), payments: []vars{pay("CASH", "100")}, want: []string{"CUSTOMER_NOT_FOUND customerId"},
		},
		"no card": {payments: []vars{pay("GIFT_CARD", "100")}, want: []string{"INVALID payments.0.giftCardCode"}},
		"a code for cash": {
			payments: []vars{{"method": "CASH", "amount": "100", "giftCardCode": x.Code}}, want: []string{"INVALID payments.0.giftCardCode"},
		},
		"no code at all":           {payments: []vars{byCard("a\x00b", "100")}, want: []string{"GIFT_CARD_NOT_FOUND payments.0.giftCardCode"}},
		"an unknown card":          {payments: []vars{byCard("NOBODYSCARD", "100")}, want: []string{"GIFT_CARD_NOT_FOUND payments.0.giftCardCode"}},
		"another company's card":   {payments: []vars{byCard(b.B.Customer.Code, "100")}, want: []string{"GIFT_CARD_NOT_FOUND payments.0.giftCardCode"}},
		"blocked":                  {payments: []vars{byCard(blocked, "100")}, want: []string{"GIFT_CARD_BLOCKED payments.0.giftCardCode"}},
		"expired":                  {payments: []vars{byCard(expired, "100")}, want: []string{"GIFT_CARD_EXPIRED payments.0.giftCardCode"}},
		"a card in dollars":        {payments: []vars{byCard(dollars, "100")}, want: []string{"CURRENCY_MISMATCH payments.0.giftCardCode"}},
		"twice more than the card": {payments: []vars{byCard(x.Code, "200"), byCard(x.Code, "50.01")}, want: []string{"BALANCE_TOO_LOW payments.1.amount 50.00 KES", "CHANGE_NOT_ALLOWED payments"}},
		"more than the credit": {
			customer: x.ID.String(), payments: []vars{pay("STORE_CREDIT", "500.01")},
			want: []string{"BALANCE_TOO_LOW payments.0.amount 500.00 KES", "CHANGE_NOT_ALLOWED payments"},
		},
		"more than the limit": {
			customer: x.ID.String(), payments: []vars{pay("ACCOUNT", "1040.01")},
			want: []string{"CREDIT_LIMIT_EXCEEDED payments.0.amount 1040.00 KES", "CHANGE_NOT_ALLOWED payments"},
		},
		"a part of a point": {
			customer: x.ID.String(), payments: []vars{pay("LOYALTY_POINTS", "20"), pay("CASH", "80")}, want: []string{"POINTS_NOT_WHOLE payments.0.amount"},
		},
		"more points than there are": {
			customer: x.ID.String(), payments: []vars{pay("LOYALTY_POINTS", "24"), pay("CASH", "76")},
			want: []string{"BALANCE_TOO_LOW payments.0.amount 21.00 KES 7"},
		},
		"shillings of another country": {
			customer: x.ID.String(), till: foreign.register, product: abroad, payments: []vars{pay("STORE_CREDIT", "10")},
			want: []string{"CURRENCY_MISMATCH payments.0.method"},
		},
	} {
		if test.till.IsZero() {
			test.till, test.product = register, b.A.Products[1]
		}
		input := order(test.till, "k", "", item(test.product, "1"))
		input["payments"] = test.payments
		if test.customer != "" {
			input["customerId"] = test.customer
		}
		a := b.post(t, b.owner(t), recordTender, vars{"input": input}).ok(t)
		slices.Sort(test.want)
		if got := a.shortfalls(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
		b.foretells(t, name, b.owner(t), input, a.codes("saleRecord"))
		for _, code := range test.want {
			code, _, _ = strings.Cut(code, " ")
			seen[code] = true
		}
	}
	for _, code := range tenderCodes {
		if !seen[code] {
			t.Errorf("nothing here provokes %s", code)
		}
	}
	b.unchanged(t, before)
}

// shortfalls are a sale's user errors with their numbers, in order.
func (a *answer) shortfalls() []string {
	texts := a.codes("saleRecord")
	list, _ := a.at("saleRecord", "userErrors").([]any)
	for i := range list {
		if available, is := a.at("saleRecord", "userErrors", i, "balanceAvailable").(map[string]any); is {
			texts[i] += fmt.Sprint(" ", available["amount"], " ", available["currencyCode"])
		}
		if points := a.at("saleRecord", "userErrors", i, "pointsAvailable"); points != nil {
			texts[i] += fmt.Sprint(" ", points)
		}
	}
	slices.Sort(texts)
	return texts
}

func last(code string) string { return code[len(code)-4:] }

// card issues a gift card of an amount and gives its code.
func (b *bundle) card(t testing.TB, amount string) string {
	t.Helper()
	a := b.post(t, b.owner(t), `mutation($in: GiftCardIssueInput!) { giftCardIssue(input: $in) { code userErrors { code } } }`,
		vars{"in": vars{"idempotencyKey": fresh[id.Sale](), "amount": amount}}).ok(t)
	code, _ := a.at("giftCardIssue", "code").(string)
	if code == "" {
		t.Fatal(a.Raw)
	}
	return code
}

// customer makes a customer.
func (b *bundle) customer(t testing.TB, name string) string {
	t.Helper()
	a := b.post(t, b.owner(t), `mutation($in: CustomerCreateInput!) { customerCreate(input: $in) { customer { id } userErrors { code } } }`,
		vars{"in": vars{"name": name}}).ok(t)
	customer, _ := a.at("customerCreate", "customer", "id").(string)
	if customer == "" {
		t.Fatal(a.Raw)
	}
	return customer
}
