package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// kept checks that every balance is the sum of its ledger, and that entries carry on from one another.
func (b *bundle) kept(t testing.TB) {
	t.Helper()
	const sums = `select count(*) from customers c where %s <> coalesce((select sum(amount) from ledger_entries e
		where e.tenant_id = c.tenant_id and e.customer_id = c.id and e.ledger = '%s'), 0)`
	for what, sql := range map[string]string{
		"store credits off their ledger": fmt.Sprintf(sums, "c.store_credit", "STORE_CREDIT"),
		"accounts off their ledger":      fmt.Sprintf(sums, "c.account_owed", "ACCOUNT"),
		"points off their ledger":        fmt.Sprintf(sums, "c.points", "LOYALTY_POINTS"),
		"cards off their ledger": `select count(*) from gift_cards c where balance <> coalesce((select sum(amount) from ledger_entries e
			where (e.tenant_id, e.gift_card_id) = (c.tenant_id, c.id)), 0)`,
		"entries that don't carry on": `select count(*) from (select balance_after, amount, sum(amount) over
			(partition by tenant_id, ledger, coalesce(customer_id, gift_card_id) order by id) as total from ledger_entries) x
			where balance_after <> total`,
		"payments by cards without an entry": `select count(*) from payments p where gift_card_id is not null and not exists
			(select from ledger_entries e where (e.tenant_id, e.sale_id, e.gift_card_id, e.amount)
				= (p.tenant_id, p.sale_id, p.gift_card_id, -p.amount))`,
	} {
		if n := pgtest.Value[int](t, b.db, sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

// loyal turns points on: one for each 100.00 that is spent, worth 2.00.
func (b *bundle) loyal(t testing.TB) {
	t.Helper()
	b.db.Exec(t, "update company_settings set loyalty_spend_per_point = 10000, loyalty_point_value = 200 where tenant_id = $1", b.A.ID.UUID())
}

// tender records a sale of so many pieces at 100.00 to a customer, "" for nobody.
func (b *bundle) tender(t testing.TB, key, customer string, pieces int, payments ...vars) *answer {
	t.Helper()
	input := order(b.A.Stores[0].Registers[0].ID, key, "", item(b.A.Products[1], fmt.Sprint(pieces)))
	input["payments"] = payments
	if customer != "" {
		input["customerId"] = customer
	}
	a := b.post(t, b.cashier(t, 0), recordTender, vars{"input": input}).ok(t)
	if codes := a.codes("saleRecord"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
	return a
}

// balances are a customer's: store credit, account, points; and the fixture's card.
func (b *bundle) balances(t testing.TB, customer string) string {
	t.Helper()
	a := b.post(t, b.owner(t), `{ customer(id: "`+customer+`") { storeCredit { amount } accountBalance { amount } loyaltyPoints }
		giftCard(id: "`+b.A.Customer.GiftCard.String()+`") { balance { amount } } }`, nil).ok(t)
	return a.texts("storeCredit accountBalance loyaltyPoints", "customer") + " " + a.texts("balance", "giftCard")
}

func TestEveryTenderInOneSale(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	x := b.A.Customer
	who := x.ID.String()
	b.tender(t, "points first", who, 5, pay("CASH", "500"))
	if got := b.balances(t, who); got != "500.00 960.00 5 250.00" {
		t.Fatal(got)
	}
	a := b.tender(t, "all", who, 10, pay("CASH", "300"), pay("CARD", "100"),
		vars{"method": "MOBILE_MONEY", "amount": "100", "reference": "QX1"}, byCard(x.Code, "150"), pay("STORE_CREDIT", "200"),
		byCard(strings.ToLower(x.Code), "50"), pay("ACCOUNT", "140"), pay("LOYALTY_POINTS", "10"))
	same(t, a.at("saleRecord", "sale", "change", "amount"), "50.00")
	same(t, a.at("saleRecord", "sale", "customer", "id"), who)
	// 990.00 of it was not paid by points: nine points, and 90.00 towards the next.
	if got := b.balances(t, who); got != "300.00 1100.00 9 50.00" {
		t.Error(got)
	}
	b.tender(t, "the rest of a point", who, 1, pay("CASH", "100"))
	if got := b.balances(t, who); got != "300.00 1100.00 10 50.00" {
		t.Error(got)
	}
	b.kept(t)
	// Sent again it changes nothing.
	before := b.books(t)
	b.tender(t, "the rest of a point", who, 1, pay("CASH", "100"))
	b.unchanged(t, before)
	sale, _ := a.at("saleRecord", "sale", "id").(string)
	v := b.post(t, b.manager(t), `mutation { saleVoid(id: "`+sale+`", input: {reason: "mistake"}) { sale { status } userErrors { code } } }`, nil).ok(t)
	if v.at("saleVoid", "sale", "status") != "VOIDED" {
		t.Fatal(v.Raw)
	}
	// What was earned on 600.00 in all stays: six points.
	if got := b.balances(t, who); got != "500.00 960.00 6 250.00" {
		t.Errorf("after the void: %s", got)
	}
	b.kept(t)
}

// TestGiftCardsAreSold: a line puts money on a card, which pays from then on; a card that is there is loaded further.
func TestGiftCardsAreSold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	product := b.product(t, b.A, goods{})
	b.db.Exec(t, "update products set type = 'GIFT_CARD' where id = $1", product.UUID())
	register := b.A.Stores[0].Registers[0].ID
	line := func(code, amount string) vars {
		return vars{"productId": product.String(), "quantity": "1", "giftCardCode": code, "giftCardAmount": amount}
	}
	sell := func(key string, lines ...vars) *answer {
		input := order(register, key, "1000", lines...)
		input["customerId"] = b.A.Customer.ID.String()
		return b.post(t, b.cashier(t, 0), recordSale, vars{"input": input}).ok(t)
	}
	a := sell("new", line("NEW-CARD-0001", "500"), line(b.A.Customer.Code, "100"), line("newcard0002", "25.50"))
	if a.texts("total tax", "saleRecord", "sale") != "625.50 0.00" {
		t.Fatal(a.Raw)
	}
	balance := func(code string) string {
		a := b.post(t, b.cashier(t, 1), `query($c: String!) { giftCardByCode(code: $c) { balance { amount } } }`, vars{"c": code}).ok(t)
		return a.texts("balance", "giftCardByCode")
	}
	for code, want := range map[string]string{"newcard0001": "500.00", b.A.Customer.Code: "350.00", "NEWCARD0002": "25.50", "NEWCARD0003": "<nil>"} {
		if got := balance(code); got != want {
			t.Errorf("%s has %s", code, got)
		}
	}
	if points := b.balances(t, b.A.Customer.ID.String()); !strings.Contains(points, " 0 ") {
		t.Errorf("money on a card earned points: %s", points)
	}
	b.tender(t, "spent", "", 2, byCard("NEWCARD0001", "200"))
	sale, _ := a.at("saleRecord", "sale", "id").(string)
	void := `mutation { saleVoid(id: "` + sale + `", input: {reason: "x"}) { userErrors { code field } } }`
	if got := b.post(t, b.manager(t), void, nil).ok(t).codes("saleVoid"); !slices.Equal(got, []string{"BALANCE_SPENT id"}) {
		t.Errorf("voiding what is spent: %q", got)
	}
	for name, test := range map[string]struct {
		line vars
		want []string
	}{
		"no code":       {vars{"productId": product.String(), "quantity": "1", "giftCardAmount": "5"}, []string{"INVALID lines.0.giftCardCode"}},
		"a short code":  {line("1234", "5"), []string{"INVALID lines.0.giftCardCode"}},
		"two":           {vars{"productId": product.String(), "quantity": "2", "giftCardCode": "NEWCARD0009", "giftCardAmount": "5"}, []string{"INVALID lines.0.quantity"}},
		"no amount":     {vars{"productId": product.String(), "quantity": "1", "giftCardCode": "NEWCARD0009"}, []string{"PRICE_MISSING lines.0.giftCardAmount"}},
		"less than one": {line("NEWCARD0009", "-5"), []string{"AMOUNT_NOT_POSITIVE lines.0.giftCardAmount"}},
		"half a cent":   {line("NEWCARD0009", "0.005"), []string{"TOO_PRECISE lines.0.giftCardAmount"}},
		"too much":      {line("NEWCARD0009", "99999999999999"), []string{"TOO_LARGE lines.0.giftCardAmount"}},
		"other goods": {
			vars{"productId": b.A.Products[1].String(), "quantity": "1", "giftCardCode": "NEWCARD0009", "giftCardAmount": "5"},
			[]string{"INVALID lines.0.giftCardCode", "INVALID lines.0.giftCardAmount"},
		},
	} {
		if got := sell(name, test.line).codes("saleRecord"); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	b.kept(t)
	b.logs.quiet(t)
}

// TestBalancesFromTwoTills: what there is once is spent once, whoever is first.
func TestBalancesFromTwoTills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	x := b.A.Customer
	b.db.Exec(t, "update customers set points = 100 where id = $1", x.ID.UUID())
	b.db.Exec(t, `insert into ledger_entries (tenant_id, id, ledger, reason, customer_id, amount, balance_after, occurred_at)
		values ($1, $2, 'LOYALTY_POINTS', 'ADJUSTMENT', $3, 100, 100, now())`, b.A.ID.UUID(), id.New[id.LedgerEntry]().UUID(), x.ID.UUID())
	tokens := []string{b.cashier(t, 0), b.cashier(t, 1)}
	tills := []id.Register{b.A.Stores[0].Registers[0].ID, b.A.Stores[1].Registers[0].ID}
	for name, test := range map[string]struct {
		payment vars
		code    string
		sold    int // of eight sales of 100.00
	}{
		"gift card":    {byCard(x.Code, "100"), "BALANCE_TOO_LOW", 2},
		"store credit": {pay("STORE_CREDIT", "100"), "BALANCE_TOO_LOW", 5},
		"account":      {pay("ACCOUNT", "100"), "CREDIT_LIMIT_EXCEEDED", 10},
		"points":       {pay("LOYALTY_POINTS", "100"), "BALANCE_TOO_LOW", 2},
	} {
		answers := together(t, 12, func(i int) (*answer, error) {
			input := order(tills[i%2], fmt.Sprint(name, i), "", item(b.A.Products[1], "1"))
			input["payments"] = []vars{test.payment}
			if name != "gift card" {
				input["customerId"] = x.ID.String()
			}
			return b.ask(t.Context(), tokens[i%2], recordTender, vars{"input": input})
		})
		sold := 0
		for _, a := range answers {
			switch codes := a.ok(t).codes("saleRecord"); {
			case len(codes) == 0:
				sold++
			case len(codes) != 1 || !strings.HasPrefix(codes[0], test.code+" "):
				t.Errorf("%s: %q", name, codes)
			}
		}
		// The other sales earn points, one each, which may buy nothing more here.
		if sold != test.sold {
			t.Errorf("%s: %d sold, want %d", name, sold, test.sold)
		}
	}
	b.kept(t)
	b.sound(t)
	b.logs.quiet(t)
}

// TestTendersCost: balances cost a sale the same, whatever the number of payments and cards, and no round trip.
func TestTendersCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.loyal(t)
	codes := make([]string, 8)
	for i := range codes {
		codes[i] = b.card(t, "100")
	}
	b.db.Exec(t, "update customers set credit_limit = 100000000 where id = $1", b.A.Customer.ID.UUID())
	products := b.manyProducts(t, b.A, 100)
	b.everywhere(t, b.A)
	b.warm(t, b.A.Stores[0].Registers[0].ID)
	for _, n := range []int{1, 8} {
		input := order(b.A.Stores[0].Registers[0].ID, fmt.Sprint(n), "")
		input["customerId"] = b.A.Customer.ID.String()
		var lines, payments []vars
		for i := range 10 * n {
			lines = append(lines, item(products[i], "1"))
		}
		for i := range n {
			payments = append(payments, byCard(codes[i], "4"), pay("STORE_CREDIT", "6"))
		}
		input["lines"], input["payments"] = lines, payments
		a := b.post(t, b.cashier(t, 0), recordBare, vars{"input": input}).ok(t)
		want := lookedUp
		// The customer and the cards, read and locked; the balances and the entries, written.
		want.Statements += 2 + 3 + 3
		if len(a.codes("saleRecord")) > 0 || a.cost != want {
			t.Errorf("%d: %+v, want %+v: %s", n, a.cost, want, a.Raw)
		}
	}
	b.kept(t)
}
