package graph_test

import (
	"slices"
	"strings"
	"testing"
)

// TestRefundsGoWhereTheyMay: to balances and cards, exactly as much as goods are worth, and points go back with them.
func TestRefundsGoWhereTheyMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	x := b.A.Customer
	who, register, token := x.ID.String(), b.A.Stores[0].Registers[0].ID, b.manager(t)
	input := order(register, "bought", "1000", item(b.A.Products[1], "10"))
	input["customerId"] = who
	_, lines := b.sold(t, token, input)
	if got := b.balances(t, who); got != "500.00 960.00 10 250.00" {
		t.Fatal(got)
	}
	refund := func(key, pieces string, payments ...vars) *answer {
		in := returning(register, key, "1", back(lines[0], pieces, true))
		in["payments"] = append([]vars{}, payments...)
		return b.post(t, token, recordTender, vars{"input": in}).ok(t)
	}
	// Nobody says who brings them: the points of who bought them go.
	a := refund("spread", "6", byCard(x.Code, "100"), pay("STORE_CREDIT", "200"), pay("ACCOUNT", "250"), pay("CASH", "50"))
	if codes := a.codes("saleRecord"); len(codes) > 0 || a.at("saleRecord", "sale", "customer", "id") != who {
		t.Fatal(a.Raw)
	}
	if a.texts("total change refunded", "saleRecord", "sale") != "-600.00 0.00 600.00" {
		t.Error(a.Raw)
	}
	if got := b.balances(t, who); got != "700.00 710.00 4 350.00" {
		t.Error(got)
	}
	before := b.books(t)
	for name, test := range map[string]struct {
		payments []vars
		want     string
	}{
		"too little":      {[]vars{pay("CASH", "99.99")}, "REFUND_MISMATCH payments"},
		"too much":        {[]vars{pay("CASH", "50"), pay("CARD", "50.01")}, "REFUND_MISMATCH payments"},
		"nothing":         {nil, "REFUND_MISMATCH payments"},
		"points":          {[]vars{pay("LOYALTY_POINTS", "100")}, "PAYMENT_METHOD_NOT_ALLOWED payments.0.method"},
		"an unknown card": {[]vars{byCard("NOBODYSCARD", "100")}, "GIFT_CARD_NOT_FOUND payments.0.giftCardCode"},
	} {
		a := refund("no", "1", test.payments...)
		if got := a.codes("saleRecord"); !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: %q", name, got)
		}
		if strings.HasPrefix(test.want, "REFUND") {
			due := map[string]string{"too little": "-0.01", "too much": "0.01", "nothing": "-100.00"}[name]
			if a.at("saleRecord", "userErrors", 0, "amountDue", "amount") != due {
				t.Errorf("%s: %s", name, a.Raw)
			}
		}
	}
	b.unchanged(t, before)
	// The points were spent: what comes back takes them below zero, and what is bought counts up from there.
	b.tender(t, "points", who, 1, pay("LOYALTY_POINTS", "8"), pay("CASH", "92"))
	if codes := refund("the rest", "4", pay("CASH", "400")).codes("saleRecord"); len(codes) > 0 {
		t.Fatal(codes)
	}
	if got := b.balances(t, who); got != "700.00 710.00 -4 350.00" {
		t.Error(got)
	}
	// Store credit that was spent again can't be taken back by a void.
	sale, _ := a.at("saleRecord", "sale", "id").(string)
	b.tender(t, "credit", who, 7, pay("STORE_CREDIT", "700"))
	v := b.post(t, token, `mutation { saleVoid(id: "`+sale+`", input: {reason: "x"}) { userErrors { code field } } }`, nil).ok(t)
	if got := v.codes("saleVoid"); !slices.Equal(got, []string{"BALANCE_SPENT id"}) {
		t.Error(v.Raw)
	}
	b.kept(t)
	b.logs.quiet(t)
}

// TestGiftCardMoneyStays: it is on the card, and so nobody gets it back for a receipt.
func TestGiftCardMoneyStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	product := b.product(t, b.A, goods{})
	b.db.Exec(t, "update products set type = 'GIFT_CARD' where id = $1", product.UUID())
	register, token := b.A.Stores[0].Registers[0].ID, b.manager(t)
	_, lines := b.sold(t, token, order(register, "k", "100", vars{
		"productId": product.String(), "quantity": "1", "giftCardCode": "NEWCARD0001", "giftCardAmount": "100",
	}))
	before := b.books(t)
	for field, in := range map[string]vars{
		"saleLineId": {"saleLineId": lines[0], "quantity": "1", "restock": false},
		"productId":  {"productId": product.String(), "quantity": "1", "restock": false, "unitPrice": "100"},
	} {
		a := b.back(t, token, vars{
			"idempotencyKey": "r", "registerId": register.String(), "returns": []vars{in}, "payments": []vars{pay("CASH", "100")},
		})
		if got := a.codes("saleRecord"); !slices.Equal(got, []string{"RETURN_OF_GIFT_CARD returns.0." + field}) {
			t.Error(a.Raw)
		}
	}
	b.unchanged(t, before)
}
