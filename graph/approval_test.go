package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	approvalFields = `id kind status store { id } register { id } amount { amount currencyCode } reason lines { product { id } change lotNumber }
		requestedBy { id } requestedAt expiresAt decidedBy { id } decidedAt decisionReason usedAt sale { id }`
	requestApproval = `mutation($input: ApprovalRequestInput!) { approvalRequest(input: $input) {
		approval { ` + approvalFields + ` } userErrors { code field message } } }`
	approve = `mutation($id: ID!, $note: String) { approvalApprove(id: $id, note: $note) {
		approval { ` + approvalFields + ` } userErrors { code field message } } }`
	refuse = `mutation($id: ID!, $reason: String!) { approvalRefuse(id: $id, reason: $reason) {
		approval { ` + approvalFields + ` } userErrors { code field message } } }`
	adjustWaiting = `mutation($input: StockAdjustInput!) { stockAdjust(input: $input) {
		approval { ` + approvalFields + ` } movements { quantity user { id } } levels { quantity } userErrors { code field message } } }`
)

// says compares the user errors of a sale.
func (a *answer) says(t testing.TB, want ...string) {
	t.Helper()
	if got := a.codes("saleRecord"); !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%q, want %q", got, want)
	}
}

// askLeave asks for leave at the first register of store 1, as its cashier.
func (b *bundle) askLeave(t testing.TB, token, kind, amount string) string {
	t.Helper()
	a := b.post(t, token, requestApproval, vars{"input": vars{
		"kind": kind, "registerId": b.A.Stores[0].Registers[0].ID.String(), "amount": amount, "reason": "A regular",
	}}).done(t, "approvalRequest")
	return a.at("approvalRequest", "approval", "id").(string)
}

// discounted is a sale with a discount, which names approvals.
func (b *bundle) discounted(key, percent string, approvals ...string) vars {
	in := order(b.A.Stores[0].Registers[0].ID, key, "1000", item(b.A.Products[0], "1"))
	in["discounts"] = []vars{{"kind": "PERCENT", "value": percent, "reason": "x"}}
	in["approvalIds"] = append([]string{}, approvals...)
	return vars{"input": in}
}

// broughtBack is a return without a receipt, which names approvals.
func (b *bundle) broughtBack(key string, register id.Register, approvals ...string) vars {
	return vars{"input": vars{
		"idempotencyKey": key, "registerId": register.String(), "approvalIds": append([]string{}, approvals...),
		"returns":  []vars{{"productId": b.A.Products[0].String(), "quantity": "1", "restock": true, "unitPrice": "100"}},
		"payments": []vars{{"method": "CASH", "amount": "100"}},
	}}
}

func (b *bundle) readApprovals(t *testing.T, ask asker) {
	asked := b.A.Stores[0].Approval.String()
	b.decide(t, vars{"stockApprovalRequired": true, "stockApprovalLimit": nil, "simpleMode": false})
	a := b.post(t, b.manager(t), adjustWaiting, vars{"input": b.damage("read", "-1")}).done(t, "stockAdjust")
	waiting := a.at("stockAdjust", "approval", "id").(string)
	b.decide(t, vars{"discountLimit": "10", "discountApprovalRequired": false, "tillSessionRequired": false, "paymentMethods": []string{"CASH"}})
	b.post(t, b.owner(t), approve, vars{"id": asked, "note": "Fine"}).done(t, "approvalApprove")
	sold := b.post(t, b.cashier(t, 0), recordBare, b.discounted("read", "50", asked)).done(t, "saleRecord").at("saleRecord", "sale", "id")
	a = ask(t, b.owner(t), `{ approval(id: "`+asked+`") { `+approvalFields+` } approvals(filter: {kind: STOCK_ADJUSTMENT}) `+
		strings.Replace(pages, "nodes { id }", "nodes { "+approvalFields+" }", 1)+` }`)
	same(t, a.at("approval", "sale", "id"), sold)
	same(t, a.at("approval", "decisionReason"), "Fine")
	same(t, a.at("approvals", "nodes", 0, "id"), waiting)
	same(t, a.at("approvals", "nodes", 0, "lines"), []vars{{"product": vars{"id": b.A.Products[0].String()}, "change": "-1", "lotNumber": nil}})
}

func (b *bundle) damage(key, change string) vars {
	return vars{
		"idempotencyKey": key, "storeId": b.A.Stores[0].ID.String(), "reason": "DAMAGE", "note": "Broken",
		"lines": []vars{{"productId": b.A.Products[0].String(), "change": change}},
	}
}

// TestDiscountWaits: a cashier asks, a manager approves, and one sale at that register, of no more than that, uses it.
func TestDiscountWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.decide(t, vars{"tillSessionRequired": false})
	cashier, manager := b.cashier(t, 0), b.manager(t)
	const tooLarge = "DISCOUNT_TOO_LARGE discounts"
	record := func(in vars, want ...string) {
		t.Helper()
		b.post(t, cashier, recordBare, in).ok(t).says(t, want...)
	}
	record(b.discounted("no", "50"), tooLarge)
	asked := b.askLeave(t, cashier, "DISCOUNT", "45")
	record(b.discounted("no", "50", asked), "APPROVAL_NOT_GIVEN approvalIds.0", tooLarge)
	// It shows where it is decided, and to who asked.
	for token, sees := range map[string]bool{cashier: true, manager: true, b.owner(t): true, b.cashier(t, 1): false} {
		a := b.post(t, token, `query($id: ID!) { approval(id: $id) { id } approvals(filter: {status: PENDING}) { nodes { id } } }`, vars{"id": asked}).ok(t)
		if (a.at("approval") != nil) != sees || strings.Contains(a.Raw, `"nodes":[{"id":"`+asked) != sees {
			t.Errorf("sees %v: %s", sees, a.Raw)
		}
	}
	if a := b.post(t, cashier, approve, vars{"id": asked}); a.code() != "FORBIDDEN" {
		t.Errorf("a cashier: %s", a.Raw)
	}
	a := b.post(t, manager, approve, vars{"id": asked, "note": " Fine "}).done(t, "approvalApprove")
	same(t, a.at("approvalApprove", "approval", "status"), "APPROVED")
	same(t, a.at("approvalApprove", "approval", "decidedBy", "id"), b.A.Manager.String())
	same(t, a.at("approvalApprove", "approval", "decisionReason"), "Fine")
	for _, again := range []string{approve, refuse} {
		field := map[string]string{approve: "approvalApprove", refuse: "approvalRefuse"}[again]
		b.post(t, b.owner(t), again, vars{"id": asked, "reason": "x"}).refused(t, field, "approval", "ALREADY_DECIDED id")
	}

	// Half of 90 is 45; more isn't allowed, and neither is another register or kind of thing.
	record(b.discounted("no", "51", asked), "APPROVAL_TOO_SMALL approvalIds.0")
	elsewhere := b.discounted("no", "50", asked)
	elsewhere["input"].(vars)["registerId"] = b.A.Stores[0].Registers[1].ID.String()
	record(elsewhere, "APPROVAL_NOT_FOUND approvalIds.0", tooLarge)
	a = b.post(t, cashier, recordBare, b.broughtBack("no", b.A.Stores[0].Registers[0].ID, asked)).ok(t)
	a.says(t, "RECEIPT_REQUIRED returns.0.productId")
	record(b.discounted("no", "50", asked, asked), "INVALID approvalIds.1")
	// Sent to a calculation it isn't used, nor by a sale that can do without.
	in := calculable(b.discounted("", "50", asked)["input"].(vars))
	c := b.post(t, cashier, `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation { total { amount } } userErrors { code } } }`, vars{"input": in}).ok(t)
	same(t, c.at("saleCalculate", "calculation", "total", "amount"), "45.00")
	record(b.discounted("small", "5", asked))
	// Of many sales at once, one gets it; sent again, it is that sale.
	answers := together(t, 5, func(i int) (*answer, error) {
		return b.ask(t.Context(), cashier, recordBare, b.discounted("use"+string(rune('a'+i)), "50", asked))
	})
	used := 0
	for _, a := range answers {
		switch codes := a.ok(t).codes("saleRecord"); {
		case len(codes) == 0:
			used++
		case !slices.Equal(codes, []string{"APPROVAL_USED approvalIds.0", tooLarge}):
			t.Errorf("%v", codes)
		}
	}
	if used != 1 {
		t.Errorf("%d of 5 sales used it", used)
	}
	record(b.discounted("no", "50", asked), "APPROVAL_USED approvalIds.0", tooLarge)
	for i, a := range answers {
		if len(a.codes("saleRecord")) == 0 {
			record(b.discounted("use"+string(rune('a'+i)), "50", asked))
		}
	}
	shown := b.post(t, manager, `query($id: ID!) { approval(id: $id) { status sale { id } } }`, vars{"id": asked}).ok(t)
	same(t, shown.at("approval", "status"), "USED")
	b.sound(t)
	b.logs.quiet(t)
}

// TestASecondPerson: where the company asks for one, who has the permission asks too, and never approves themselves.
func TestASecondPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	manager, owner := b.manager(t), b.owner(t)
	register := b.A.Stores[0].Registers[0].ID
	b.post(t, manager, recordBare, b.discounted("alone", "50")).done(t, "saleRecord")
	b.post(t, manager, recordBare, b.broughtBack("alone-back", register)).done(t, "saleRecord")
	b.decide(t, vars{"discountApprovalRequired": true, "returnApprovalRequired": true})
	b.post(t, manager, recordBare, b.discounted("no", "50")).ok(t).says(t, "DISCOUNT_TOO_LARGE discounts")
	b.post(t, owner, recordBare, b.broughtBack("no", register)).ok(t).says(t, "RECEIPT_REQUIRED returns.0.productId")
	off, back := b.askLeave(t, manager, "DISCOUNT", "45"), b.askLeave(t, manager, "RETURN_WITHOUT_RECEIPT", "100")
	for _, asked := range []string{off, back} {
		b.post(t, manager, approve, vars{"id": asked}).refused(t, "approvalApprove", "approval", "OWN_REQUEST id")
		b.post(t, manager, refuse, vars{"id": asked, "reason": "x"}).refused(t, "approvalRefuse", "approval", "OWN_REQUEST id")
		// A manager of another store.
		b.db.Exec(t, "update users set role = 'MANAGER' where id = $1", b.A.Stores[1].Cashier.UUID())
		b.post(t, b.cashier(t, 1), approve, vars{"id": asked}).refused(t, "approvalApprove", "approval", "NOT_FOUND id")
		b.post(t, owner, approve, vars{"id": asked}).done(t, "approvalApprove")
	}
	b.post(t, manager, recordBare, b.discounted("off", "50", off)).done(t, "saleRecord")
	b.post(t, manager, recordBare, b.broughtBack("back", register, back)).done(t, "saleRecord")
	b.post(t, manager, recordBare, b.broughtBack("back2", register, back)).ok(t).
		says(t, "APPROVAL_USED approvalIds.0", "RECEIPT_REQUIRED returns.0.productId")
	// In simple mode there is nobody to ask.
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", b.A.Stores[1].ID.UUID())
	b.decide(t, vars{"simpleMode": true})
	b.post(t, owner, recordBare, b.discounted("simple", "50")).done(t, "saleRecord")
	b.post(t, owner, recordBare, b.broughtBack("simple-back", register)).done(t, "saleRecord")
	// Neither a device nor the database lets anybody be both.
	device := b.device(t, b.A, b.A.Stores[0].Registers[0])
	b.post(t, device, requestApproval, vars{"input": vars{"kind": "DISCOUNT", "registerId": register.String(), "amount": "1", "reason": "x"}}).
		refused(t, "approvalRequest", "approval", "PERSON_REQUIRED ")
	if _, err := b.db.Super().Exec(t.Context(), "update approvals set status = 'APPROVED', decided_by_id = requested_by_id, decided_at = now()"); err == nil {
		t.Error("the database lets people approve what they asked for")
	}
	b.logs.quiet(t)
}

// TestApprovalsExpire: what isn't decided, or not used, in time, is over.
func TestApprovalsExpire(t *testing.T) {
	t.Parallel()
	var clock time.Time
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	clock = time.Now()
	b.decide(t, vars{"approvalHours": 2, "stockApprovalRequired": true})
	cashier, manager, owner := b.cashier(t, 0), b.manager(t), b.owner(t)
	waits, given := b.askLeave(t, cashier, "DISCOUNT", "45"), b.askLeave(t, cashier, "DISCOUNT", "45")
	b.post(t, manager, approve, vars{"id": given}).done(t, "approvalApprove")
	stock := b.post(t, manager, adjustWaiting, vars{"input": b.damage("d", "-1")}).done(t, "stockAdjust").at("stockAdjust", "approval", "id")
	clock = clock.Add(2 * time.Hour)
	for _, asked := range []any{waits, stock} {
		b.post(t, owner, approve, vars{"id": asked}).refused(t, "approvalApprove", "approval", "EXPIRED id")
		b.post(t, owner, refuse, vars{"id": asked, "reason": "x"}).refused(t, "approvalRefuse", "approval", "EXPIRED id")
	}
	b.post(t, cashier, recordBare, b.discounted("no", "50", given)).ok(t).says(t, "APPROVAL_EXPIRED approvalIds.0", "DISCOUNT_TOO_LARGE discounts")
	a := b.post(t, owner, `{ expired: approvals(filter: {status: EXPIRED}) { totalCount } pending: approvals(filter: {status: PENDING}) { totalCount }
		approved: approvals(filter: {status: APPROVED}) { totalCount } }`, nil).ok(t)
	same(t, a.at("expired", "totalCount"), 3)
	same(t, a.at("approved", "totalCount"), 0)
	same(t, a.at("pending", "totalCount"), 2) // the fixture's, of each store
	// Asked for again under its key, it is what it was.
	again := b.post(t, manager, adjustWaiting, vars{"input": b.damage("d", "-1")}).done(t, "stockAdjust")
	same(t, again.at("stockAdjust", "approval", "status"), "EXPIRED")
}

// TestStockWaits: an adjustment that is worth more than the limit moves nothing until somebody else approves it, and
// then moves what was found then, in the name of who found it.
func TestStockWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	manager, owner := b.manager(t), b.owner(t)
	level := func() int {
		return pgtest.Value[int](t, b.db, "select quantity from inventory_levels where id = $1", b.A.Stores[0].Levels[0].UUID())
	}
	b.db.Exec(t, "update inventory_levels set average_cost = 60 * 100 * 10000")
	b.decide(t, vars{"stockApprovalRequired": true, "stockApprovalLimit": "120"})
	start := level()
	b.post(t, manager, adjustWaiting, vars{"input": b.damage("two", "-2")}).done(t, "stockAdjust") // 120 in worth
	if level() != start-2000 {
		t.Fatalf("within the limit: %d to %d", start, level())
	}
	counted := b.damage("count", "")
	counted["lines"] = []vars{{"productId": b.A.Products[0].String(), "count": "40"}}
	a := b.post(t, manager, adjustWaiting, vars{"input": counted}).done(t, "stockAdjust")
	same(t, a.at("stockAdjust", "movements"), []any{})
	want := (start - 2000) / 1000
	waits, _ := a.at("stockAdjust", "approval").(vars)
	if waits["status"] != "PENDING" || level() != start-2000 || want <= 40 {
		t.Fatalf("%v at %d", waits, level())
	}
	same(t, b.post(t, manager, adjustWaiting, vars{"input": counted}).done(t, "stockAdjust").at("stockAdjust", "approval"), waits)
	other := b.damage("count", "-9")
	b.post(t, manager, adjustWaiting, vars{"input": other}).refused(t, "stockAdjust", "approval", "IDEMPOTENCY_KEY_REUSED idempotencyKey")
	// Something is sold while it waits: what was counted is then a difference.
	b.sell(t, manager, order(b.A.Stores[0].Registers[0].ID, "meanwhile", "90", item(b.A.Products[0], "1")))
	asked := waits["id"]
	b.post(t, manager, approve, vars{"id": asked}).refused(t, "approvalApprove", "approval", "OWN_REQUEST id")
	b.db.Exec(t, "update users set role = 'SUPERVISOR' where id = $1", b.A.Stores[0].Cashier.UUID())
	b.post(t, b.cashier(t, 0), approve, vars{"id": asked}).refused(t, "approvalApprove", "approval", "NOT_ALLOWED id")
	answers := together(t, 4, func(i int) (*answer, error) {
		if i == 3 {
			return b.ask(t.Context(), owner, refuse, vars{"id": asked, "reason": "x"})
		}
		return b.ask(t.Context(), owner, approve, vars{"id": asked})
	})
	done := 0
	for i, a := range answers {
		field := map[bool]string{true: "approvalRefuse", false: "approvalApprove"}[i == 3]
		if len(a.ok(t).codes(field)) == 0 {
			done++
		} else {
			a.refused(t, field, "approval", "ALREADY_DECIDED id")
		}
	}
	shown := b.post(t, owner, `query($id: ID!) { approval(id: $id) { status usedAt } }`, vars{"id": asked}).ok(t).at("approval", "status")
	expected := 39000
	if shown == "REFUSED" {
		expected = start - 3000
	}
	if done != 1 || level() != expected {
		t.Errorf("%d decisions, %v, %d left", done, shown, level())
	}
	if shown == "USED" {
		replayed := b.post(t, manager, adjustWaiting, vars{"input": counted}).done(t, "stockAdjust")
		same(t, replayed.at("stockAdjust", "movements", 0, "user", "id"), b.A.Manager.String())
		same(t, replayed.at("stockAdjust", "approval"), nil)
	}
	// What can't be done any more stays waiting; refused, it is over.
	b.decide(t, vars{"negativeStockAllowed": false, "stockApprovalLimit": nil})
	late := b.post(t, manager, adjustWaiting, vars{"input": b.damage("late", "-30")}).done(t, "stockAdjust").at("stockAdjust", "approval", "id")
	b.db.Exec(t, "update inventory_levels set quantity = 5000 where id = $1", b.A.Stores[0].Levels[0].UUID())
	b.post(t, owner, approve, vars{"id": late}).refused(t, "approvalApprove", "approval", "NOT_POSSIBLE id")
	a = b.post(t, owner, refuse, vars{"id": late, "reason": "Count again"}).done(t, "approvalRefuse")
	same(t, a.at("approvalRefuse", "approval", "decisionReason"), "Count again")
	if level() != 5000 {
		t.Errorf("%d left", level())
	}
	// In simple mode, and without the setting, it moves at once.
	b.decide(t, vars{"stockApprovalRequired": false})
	b.post(t, manager, adjustWaiting, vars{"input": b.damage("free", "-5")}).done(t, "stockAdjust")
	if level() != 0 {
		t.Errorf("%d left", level())
	}
	b.logs.quiet(t)
}

func TestApprovalsRefuseBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID.String()
	for want, input := range map[string]vars{
		"INVALID amount":                {"kind": "DISCOUNT", "registerId": register, "amount": "0", "reason": "x"},
		"INVALID reason":                {"kind": "DISCOUNT", "registerId": register, "amount": "1", "reason": " "},
		"REGISTER_NOT_FOUND registerId": {"kind": "DISCOUNT", "registerId": b.A.Stores[1].Registers[0].ID.String(), "amount": "1", "reason": "x"},
	} {
		b.post(t, b.cashier(t, 0), requestApproval, vars{"input": input}).refused(t, "approvalRequest", "approval", want)
	}
	asked := b.askLeave(t, b.cashier(t, 0), "DISCOUNT", "1")
	b.post(t, b.manager(t), refuse, vars{"id": asked, "reason": ""}).refused(t, "approvalRefuse", "approval", "INVALID reason")
	b.post(t, b.manager(t), approve, vars{"id": asked, "note": strings.Repeat("x", 501)}).refused(t, "approvalApprove", "approval", "INVALID note")
	if n := pgtest.Value[int](t, b.db, "select count(*) from approvals where status <> 'PENDING'"); n != 0 {
		t.Errorf("%d were decided", n)
	}
}
