package graph_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestLateAccountPayment: what a customer paid when a till was open is that till's, also when it comes later: the Z report
// stays, and the session tells.
func TestLateAccountPayment(t *testing.T) {
	t.Parallel()
	start := time.Now().UTC().Truncate(time.Second)
	clock := start
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	register, token := b.A.Stores[0].Registers[0].ID, b.owner(t)
	b.db.Exec(t, "update company_settings set till_session_required = true where tenant_id = $1", b.A.ID.UUID())
	pay := func(amount string, at time.Time) (any, []string) {
		t.Helper()
		a := b.post(t, token, `mutation($in: CustomerAccountPayInput!) { customerAccountPay(input: $in) { entry { id } userErrors { code field message } } }`,
			vars{"in": vars{
				"idempotencyKey": fresh[id.Sale](), "customerId": b.A.Customer.ID.String(), "registerId": register.String(), "method": "CASH",
				"amount": amount, "occurredAt": at.Format(time.RFC3339Nano),
			}}).ok(t)
		return a.at("customerAccountPay", "entry", "id"), a.codes("customerAccountPay")
	}
	paid := func(amount string, at time.Time) any {
		t.Helper()
		entry, codes := pay(amount, at)
		if len(codes) > 0 {
			t.Fatalf("refused: %q", codes)
		}
		return entry
	}
	refused := func(code string, at time.Time) {
		t.Helper()
		if _, codes := pay("1", at); !slices.Equal(codes, []string{code + " registerId"}) {
			t.Errorf("%q, not %s", codes, code)
		}
	}
	refused("TILL_SESSION_REQUIRED", start.Add(-time.Minute))
	first := b.openTill(t, token, register, "0")
	clock = start.Add(time.Minute)
	paid("10", start.Add(30*time.Second))
	clock = start.Add(2 * time.Minute)
	b.countTill(t, token, first, `{method: CASH, amount: "10"}`).well(t, "tillCountCommit")
	clock = start.Add(3 * time.Minute)
	refused("TILL_SESSION_COUNTED", clock)
	closed := b.closeTill(t, token, first).well(t, "tillClose")
	clock = start.Add(4 * time.Minute)
	refused("TILL_SESSION_REQUIRED", clock)
	second := b.openTill(t, token, register, "0")
	clock = start.Add(5 * time.Minute)
	late := paid("5", start.Add(40*time.Second))
	paid("3", clock)
	read := func(session string) vars {
		t.Helper()
		return b.post(t, token, `{ tillSession(id: "`+session+`") { accountPaymentAmendments { totalCount nodes { id } }
			xReport `+reportOf+` zReport { figures `+reportOf+` } } }`, nil).ok(t).at("tillSession").(vars)
	}
	was := read(first)
	same(t, was["accountPaymentAmendments"], vars{"totalCount": 1, "nodes": []vars{{"id": late}}})
	same(t, was["zReport"].(vars)["figures"], closed.at("tillClose", "zReport", "figures"))
	a := b.post(t, token, `{ tillSession(id: "`+first+`") { xReport `+reportOf+` } }`, nil).ok(t)
	expect(t, a.figures("tillSession", "xReport"), map[string]string{"CASH.expected": "15.00"})
	// What is expected of the open one is withheld.
	ref, err := id.Parse(second)
	must(t, err)
	if got := pgtest.Value[int](t, b.db, "select sum(amount) from account_payments where till_session_id = $1", ref.UUID); got != 300 {
		t.Errorf("the second till took %d", got)
	}
	same(t, read(second)["accountPaymentAmendments"], vars{"totalCount": 0, "nodes": []vars{}})
	b.kept(t)
	b.logs.quiet(t)
}

// TestEqualAmountsAreOneRequest: a key that comes again with the same amount, written otherwise, is the same request.
func TestEqualAmountsAreOneRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, who := b.owner(t), b.A.Customer.ID.String()
	register := b.A.Stores[0].Registers[0].ID.String()
	for field, call := range map[string]func(amount string) string{
		"giftCardIssue": func(amount string) string {
			return `giftCardIssue(input: {idempotencyKey: "g", amount: "` + amount + `"}) { giftCard { id } userErrors { code field message } }`
		},
		"customerCreditAdjust": func(amount string) string {
			return `customerCreditAdjust(input: {idempotencyKey: "c", customerId: "` + who + `", ledger: STORE_CREDIT, amount: "` + amount +
				`", reason: "x"}) { entry { id } userErrors { code field message } }`
		},
		"customerAccountPay": func(amount string) string {
			return `customerAccountPay(input: {idempotencyKey: "p", customerId: "` + who + `", registerId: "` + register +
				`", method: CASH, amount: "` + amount + `"}) { entry { id } userErrors { code field message } }`
		},
	} {
		first := b.post(t, token, `mutation { `+call("5")+` }`, nil).ok(t).well(t, field)
		before := b.books(t)
		for _, amount := range []string{"5.0", "5.00", "05"} {
			again := b.post(t, token, `mutation { `+call(amount)+` }`, nil).ok(t).well(t, field)
			same(t, again.at(field), first.at(field))
		}
		if got := b.post(t, token, `mutation { `+call("5.01")+` }`, nil).ok(t).codes(field); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
			t.Errorf("%s of another amount: %q", field, got)
		}
		b.unchanged(t, before)
	}
	b.logs.quiet(t)
}

func (b *bundle) readLatePayments(t *testing.T, ask asker) {
	r := b.A.Stores[0].Registers[0]
	entry := id.LedgerEntry(pgtest.Value[[16]byte](t, b.db, `update account_payments set till_session_id = $1, till_amendment = true
		where register_id = $2 returning entry_id`, r.TillSession.UUID(), r.ID.UUID()))
	a := ask(t, b.owner(t), `{ tillSession(id: "`+r.TillSession.String()+`") { accountPaymentAmendments `+pages+` } }`)
	same(t, a.at("tillSession", "accountPaymentAmendments", "nodes"), []vars{{"id": entry}})
	b.db.Exec(t, "update account_payments set till_session_id = null, till_amendment = false where register_id = $1", r.ID.UUID())
}
