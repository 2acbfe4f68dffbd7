package graph_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// tillChange sends a mutation of a till, and asks for its user errors beside what is given.
func (b *bundle) tillChange(t testing.TB, token, call, fields string) *answer {
	t.Helper()
	return b.post(t, token, `mutation { `+call+` { `+fields+` userErrors { code field message } } }`, nil).ok(t)
}

// well fails the test when a mutation had user errors.
func (a *answer) well(t testing.TB, field string) *answer {
	t.Helper()
	if codes := a.codes(field); len(codes) > 0 {
		t.Fatalf("refused: %s", a.Raw)
	}
	return a
}

// openTill opens a register's till and gives its id.
func (b *bundle) openTill(t testing.TB, token string, register id.Register, float string) string {
	t.Helper()
	a := b.tillChange(t, token, fmt.Sprintf(`tillOpen(input: {idempotencyKey: "open %s", registerId: "%s", openingFloat: "%s"})`,
		id.New[id.Sale](), register, float), "tillSession { id }").well(t, "tillOpen")
	return a.at("tillOpen", "tillSession", "id").(string)
}

func (b *bundle) countTill(t testing.TB, token, session, tenders string) *answer {
	t.Helper()
	return b.tillChange(t, token, fmt.Sprintf(`tillCountCommit(id: "%s", input: {idempotencyKey: "count %s", tenders: [%s]})`,
		session, id.New[id.Sale](), tenders), "tillSession { status approvalRequired }")
}

func (b *bundle) closeTill(t testing.TB, token, session string) *answer {
	t.Helper()
	return b.tillChange(t, token, `tillClose(id: "`+session+`")`, `tillSession { status closedAt } zReport { id number figures `+reportOf+` }`)
}

func (b *bundle) moveTill(t testing.TB, token, session, kind, amount string) *answer {
	t.Helper()
	if amount != "" {
		amount = `, amount: "` + amount + `"`
	}
	return b.tillChange(t, token, fmt.Sprintf(`tillMovementRecord(id: "%s", input: {idempotencyKey: "%s", kind: %s, reason: "why"%s})`,
		session, id.New[id.Sale](), kind, amount), `drawerMovement { id }`)
}

// varianceLimit makes company A allow a variance of so many minor units.
func (b *bundle) varianceLimit(t testing.TB, minor int) {
	t.Helper()
	b.db.Exec(t, "update company_settings set till_variance_limit = $1 where tenant_id = $2", minor, b.A.ID.UUID())
}

// figures reads a report's amounts by name; a tender's as CASH.expected.
func (a *answer) figures(path ...any) map[string]string {
	report, _ := a.at(path...).(map[string]any)
	figures := map[string]string{}
	add := func(prefix string, object map[string]any) {
		for name, value := range object {
			switch value := value.(type) {
			case map[string]any:
				figures[prefix+name] = fmt.Sprint(value["amount"])
			case []any:
			default:
				figures[prefix+name] = fmt.Sprint(value)
			}
		}
	}
	add("", report)
	tenders, _ := report["tenders"].([]any)
	for _, tender := range tenders {
		tender := tender.(map[string]any)
		add(tender["method"].(string)+".", tender)
	}
	taxes, _ := report["taxes"].([]any)
	for _, tax := range taxes {
		tax := tax.(map[string]any)
		add("tax "+tax["rate"].(string)+".", tax)
	}
	return figures
}

func expect(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q; want %q", name, got[name], value)
		}
	}
}

const everythingOfATill = `id status openingFloat { amount } holders { person { name } } countedAt approvalRequired approvalReason closedAt
	counts { kind tenders { method counted { amount } expected { amount } variance { amount } } }
	xReport ` + reportOf + ` zReport { number }`

// TestTillDay is a till from its opening to an amendment of its report.
func TestTillDay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.varianceLimit(t, 1000)
	register := b.A.Stores[0].Registers[0].ID
	cashier, manager, owner := b.cashier(t, 0), b.manager(t), b.owner(t)
	till := b.openTill(t, cashier, register, "500")
	occurred := time.Now().UTC()
	sold := b.sell(t, cashier, order(register, "1", "350", item(b.A.Products[1], "3"))).at("saleRecord", "sale", "id")
	card := order(register, "2", "", item(b.A.Products[1], "2"))
	card["payments"] = []vars{pay("CARD", "200")}
	b.sell(t, cashier, card)
	b.moveTill(t, cashier, till, "PAID_IN", "20").well(t, "tillMovementRecord")
	b.moveTill(t, cashier, till, "PAID_OUT", "7.50").well(t, "tillMovementRecord")
	b.moveTill(t, manager, till, "CASH_DROP", "100").well(t, "tillMovementRecord")
	b.moveTill(t, cashier, till, "NO_SALE", "").well(t, "tillMovementRecord")

	// Nobody is told what there is to count, whatever they may else; the sales are no secret.
	for _, token := range []string{cashier, manager, owner, b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		for _, query := range []string{
			`{ tillSession(id: "` + till + `") { ` + everythingOfATill + ` } }`,
			`{ tillSession: node(id: "` + till + `") { ... on TillSession { ` + everythingOfATill + ` } } }`,
		} {
			a := b.post(t, token, query, nil).ok(t)
			expect(t, a.figures("tillSession", "xReport"), map[string]string{
				"withheld": "true", "saleCount": "2", "gross": "500.00", "total": "500.00", "paidIn": "20.00", "paidOut": "7.50",
				"cashDrops": "100.00", "noSaleCount": "1", "openingFloat": "500.00", "CASH.count": "<nil>", "CASH.tendered": "<nil>",
				"CASH.change": "<nil>", "CASH.refunded": "<nil>", "CASH.voided": "<nil>", "CASH.amount": "<nil>",
				"CASH.expected": "<nil>", "CASH.counted": "<nil>", "CASH.variance": "<nil>", "CARD.amount": "<nil>",
				"CARD.count": "<nil>", "CARD.expected": "<nil>",
			})
			if strings.Contains(a.Raw, "712.5") || strings.Contains(a.Raw, "300.00") || strings.Contains(a.Raw, "200.00") {
				t.Errorf("the count can be known before: %s", a.Raw)
			}
		}
	}
	if got := b.closeTill(t, owner, till).codes("tillClose"); !slices.Equal(got, []string{"NOT_COUNTED id"}) {
		t.Errorf("closed uncounted: %v", got)
	}

	// Twelve are missing. The cashier counts again, the manager too: none of them can approve.
	const short = `{method: CASH, denominations: [{value: "100", count: 7}, {value: "0.50", count: 1}]}, {method: CARD, amount: "200.00"}`
	b.countTill(t, cashier, till, `{method: CASH, amount: "0"}`).well(t, "tillCountCommit")
	b.countTill(t, manager, till, short).well(t, "tillCountCommit")
	if a := b.countTill(t, cashier, till, short).well(t, "tillCountCommit"); a.at("tillCountCommit", "tillSession", "approvalRequired") != true {
		t.Error(a.Raw)
	}
	counted := b.post(t, cashier, `{ tillSession(id: "`+till+`") { `+everythingOfATill+` } }`, nil).ok(t)
	expect(t, counted.figures("tillSession", "xReport"), map[string]string{
		"withheld": "false", "CASH.tendered": "350.00", "CASH.change": "50.00", "CASH.amount": "300.00", "CASH.expected": "712.50",
		"CASH.counted": "700.50", "CASH.variance": "-12.00", "CARD.expected": "200.00", "CARD.counted": "200.00", "CARD.variance": "0.00",
	})
	same(t, float64(len(counted.at("tillSession", "counts").([]any))), 3)
	approve := `tillApprove(id: "` + till + `", input: {reason: "a note was torn"})`
	for name, refusal := range map[string]*answer{
		"the manager counted": b.tillChange(t, manager, approve, "tillSession { id }"),
		"nobody approved":     b.closeTill(t, cashier, till),
	} {
		got := append(refusal.codes("tillApprove"), refusal.codes("tillClose")...)
		if !slices.Equal(got, []string{"SAME_PERSON id"}) && !slices.Equal(got, []string{"APPROVAL_REQUIRED id"}) {
			t.Errorf("%s: %s", name, refusal.Raw)
		}
	}
	if a := b.post(t, cashier, `mutation { `+approve+` { userErrors { code } } }`, nil); a.code() != "FORBIDDEN" {
		t.Errorf("a cashier approves: %s", a.Raw)
	}
	b.tillChange(t, owner, approve, "tillSession { id }").well(t, "tillApprove")
	b.tillChange(t, owner, approve, "tillSession { id }").well(t, "tillApprove")

	closed := b.closeTill(t, cashier, till).well(t, "tillClose")
	same(t, closed.at("tillClose", "zReport", "number"), 2) // the fixture's was the first
	expect(t, closed.figures("tillClose", "zReport", "figures"), map[string]string{
		"saleCount": "2", "gross": "500.00", "net": "431.03", "tax": "68.97", "total": "500.00", "CASH.expected": "712.50",
		"CASH.counted": "700.50", "CASH.variance": "-12.00", "CARD.amount": "200.00", "tax 16.amount": "68.97",
	})
	if again := b.closeTill(t, manager, till).well(t, "tillClose"); again.Raw != closed.Raw {
		t.Errorf("closed again: %s", again.Raw)
	}

	// One more came from the time before: the report stays, the session tells.
	late := order(register, "late", "100", item(b.A.Products[1], "1"))
	late["occurredAt"] = occurred.Format(time.RFC3339Nano)
	amendment := b.sell(t, cashier, late).at("saleRecord", "sale", "id")
	a := b.post(t, cashier, `{ tillSession(id: "`+till+`") { amendments { totalCount nodes { id } } sales { totalCount } xReport `+reportOf+`
		zReport { figures `+reportOf+` } } }`, nil).ok(t)
	same(t, a.at("tillSession", "amendments"), vars{"totalCount": 1, "nodes": []vars{{"id": amendment}}})
	same(t, a.at("tillSession", "sales"), vars{"totalCount": 3})
	same(t, a.at("tillSession", "zReport", "figures"), closed.at("tillClose", "zReport", "figures"))
	expect(t, a.figures("tillSession", "xReport"), map[string]string{
		"saleCount": "3", "total": "600.00", "CASH.expected": "812.50", "CASH.variance": "-112.00",
	})

	// What is voided now is of the till that is open now, whichever sold it.
	next := b.openTill(t, cashier, register, "50")
	b.post(t, manager, fmt.Sprintf(`mutation { saleVoid(id: "%s", input: {reason: "x"}) { sale { status } userErrors { code } } }`, sold), nil).ok(t)
	a = b.post(t, cashier, `{ old: tillSession(id: "`+till+`") { number xReport `+reportOf+` } next: tillSession(id: "`+next+`") { number xReport `+reportOf+` } }`, nil).ok(t)
	expect(t, a.figures("old", "xReport"), map[string]string{"saleCount": "3", "voidCount": "0", "total": "600.00"})
	expect(t, a.figures("next", "xReport"), map[string]string{"saleCount": "0", "voidCount": "1", "voided": "300.00", "total": "-300.00", "gross": "-300.00"})
	same(t, []any{a.at("old", "number"), a.at("next", "number")}, []int{2, 3})
	b.countTill(t, cashier, next, `{method: CASH, amount: "50"}`).well(t, "tillCountCommit")
	expect(t, b.post(t, cashier, `{ tillSession(id: "`+next+`") { xReport `+reportOf+` } }`, nil).ok(t).figures("tillSession", "xReport"),
		map[string]string{"CASH.voided": "300.00", "CASH.expected": "-250.00", "CASH.variance": "300.00"})
	b.logs.quiet(t)
}

// TestTillWithoutSales closes on nothing, by the register itself where no person is needed.
func TestTillWithoutSales(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.varianceLimit(t, 0)
	r := b.A.Stores[0].Registers[0]
	device, cashier := b.device(t, b.A, r), b.cashier(t, 0)
	opened := b.tillChange(t, device, `tillOpen(input: {idempotencyKey: "o", openingFloat: "12.50"})`,
		`tillSession { id openedBy { id } holder { id } holders { since } }`).well(t, "tillOpen")
	same(t, opened.at("tillOpen", "tillSession", "openedBy"), nil)
	till := opened.at("tillOpen", "tillSession", "id").(string)
	for field, call := range map[string]string{
		"tillMovementRecord": `tillMovementRecord(id: "` + till + `", input: {idempotencyKey: "m", kind: NO_SALE, reason: "x"})`,
		"tillCountCommit":    `tillCountCommit(id: "` + till + `", input: {idempotencyKey: "c", tenders: [{method: CASH, amount: "1"}]})`,
		"tillHandOver":       `tillHandOver(id: "` + till + `", input: {idempotencyKey: "h", toUserId: "` + b.A.Stores[0].Cashier.String() + `"})`,
	} {
		if got := b.tillChange(t, device, call, "tillSession { id }").codes(field); !slices.Equal(got, []string{"PERSON_REQUIRED "}) {
			t.Errorf("%s by a register: %v", field, got)
		}
	}
	// The drawer goes to a cashier, who counts half of it, and on to the manager.
	b.tillChange(t, cashier, `tillHandOver(id: "`+till+`", input: {idempotencyKey: "h1", toUserId: "`+b.A.Stores[0].Cashier.String()+`"})`,
		"tillSession { id }").well(t, "tillHandOver")
	a := b.tillChange(t, cashier, `tillHandOver(id: "`+till+`", input: {idempotencyKey: "h2", toUserId: "`+b.A.Manager.String()+`",
		tenders: [{method: CASH, amount: "6"}], note: "half"})`, `tillSession { status holder { id } holders { person { id } handedOverBy { id } countNumber }
		counts { number kind note tenders { counted { amount } expected { amount } variance { amount } } } }`).well(t, "tillHandOver")
	same(t, a.at("tillHandOver", "tillSession"), vars{
		"status": "OPEN", "holder": vars{"id": b.A.Manager}, "holders": []vars{
			{"person": vars{"id": b.A.Stores[0].Cashier}, "handedOverBy": vars{"id": b.A.Stores[0].Cashier}, "countNumber": nil},
			{"person": vars{"id": b.A.Manager}, "handedOverBy": vars{"id": b.A.Stores[0].Cashier}, "countNumber": 1},
		},
		"counts": []vars{{"number": 1, "kind": "HAND_OVER", "note": "half", "tenders": []vars{
			{"counted": vars{"amount": "6.00"}, "expected": nil, "variance": nil},
		}}},
	})
	b.countTill(t, cashier, till, `{method: CASH, denominations: [{value: "12.5", count: 1}]}`).well(t, "tillCountCommit")
	if got := b.tillChange(t, b.owner(t), `tillApprove(id: "`+till+`", input: {reason: "x"})`, "tillSession { id }").codes("tillApprove"); !slices.Equal(got, []string{"NOT_NEEDED id"}) {
		t.Errorf("approved of nothing: %v", got)
	}
	closed := b.closeTill(t, device, till).well(t, "tillClose")
	expect(t, closed.figures("tillClose", "zReport", "figures"), map[string]string{
		"saleCount": "0", "total": "0.00", "CASH.expected": "12.50", "CASH.variance": "0.00", "withheld": "false",
	})
	told := b.post(t, cashier, `{ tillSession(id: "`+till+`") { closedBy { id } counts { tenders { expected { amount } variance { amount } } } } }`, nil).ok(t)
	same(t, told.at("tillSession"), vars{"closedBy": nil, "counts": []vars{
		{"tenders": []vars{{"expected": vars{"amount": "12.50"}, "variance": vars{"amount": "-6.50"}}}},
		{"tenders": []vars{{"expected": vars{"amount": "12.50"}, "variance": vars{"amount": "0.00"}}}},
	}})
	b.logs.quiet(t)
}

// TestTillKeysReplay: a request that comes again answers as the first, and another under its key is refused.
func TestTillKeysReplay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	twice := func(field, call, other, result string) *answer {
		t.Helper()
		first := b.tillChange(t, cashier, call, result).well(t, field)
		if again := b.tillChange(t, cashier, call, result); again.Raw != first.Raw {
			t.Errorf("%s again: %s\nthe first was %s", field, again.Raw, first.Raw)
		}
		if got := b.tillChange(t, cashier, other, result).codes(field); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
			t.Errorf("%s under the key of another: %v", field, got)
		}
		return first
	}
	open := func(float string) string {
		return `tillOpen(input: {idempotencyKey: "o", registerId: "` + register.String() + `", openingFloat: "` + float + `"})`
	}
	till := twice("tillOpen", open("1.00"), open("2"), "tillSession { id number }").at("tillOpen", "tillSession", "id").(string)
	move := func(amount string) string {
		return `tillMovementRecord(id: "` + till + `", input: {idempotencyKey: "m", kind: PAID_IN, reason: "x", amount: "` + amount + `"})`
	}
	twice("tillMovementRecord", move("1"), move("2"), "drawerMovement { id amount { amount } }")
	hand := func(note string) string {
		return `tillHandOver(id: "` + till + `", input: {idempotencyKey: "h", toUserId: "` + b.A.Manager.String() + `", note: "` + note + `"})`
	}
	twice("tillHandOver", hand("a"), hand("b"), "tillSession { holder { id } holders { since } }")
	count := func(amount string) string {
		return `tillCountCommit(id: "` + till + `", input: {idempotencyKey: "c", tenders: [{method: CASH, amount: "` + amount + `"}]})`
	}
	twice("tillCountCommit", count("1"), count("2"), "tillSession { status counts { number } }")
	if got := b.tillChange(t, cashier, move("3"), "drawerMovement { id }").codes("tillMovementRecord"); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
		t.Errorf("a movement of a counted till: %v", got)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from till_counts where session_id <> $1", b.A.Stores[0].Registers[0].TillSession.UUID()); n != 6 {
		t.Errorf("%d counts", n) // the five of the fixture's other registers, and one
	}
	b.logs.quiet(t)
}

// TestTillRefuses says what is wrong with each mutation, all at once, and that nothing was written.
func TestTillRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.A.Stores[0]
	register, closed := s.Registers[0].ID.String(), s.Registers[0].TillSession.String()
	owner, cashier := b.owner(t), b.cashier(t, 0)
	till := b.openTill(t, cashier, s.Registers[0].ID, "1")
	counted := b.openTill(t, cashier, s.Registers[1].ID, "1")
	b.varianceLimit(t, 0)
	b.countTill(t, cashier, counted, `{method: CASH, amount: "0"}`).well(t, "tillCountCommit")
	b.db.Exec(t, "update companies set status = 'SUSPENDED' where tenant_id = $1", b.B.ID.UUID())
	shut, gone := b.till(t, b.A, "KES", 0, true), b.till(t, b.A, "UGX", 0, true)
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", shut.store.UUID())
	b.db.Exec(t, "update registers set status = 'CLOSED' where id = $1", gone.register.UUID())
	nothing := id.New[id.TillSession]().String()
	open := func(rest string) string { return `tillOpen(input: {idempotencyKey: "k", ` + rest + `})` }
	move := func(till, rest string) string {
		return `tillMovementRecord(id: "` + till + `", input: {idempotencyKey: "k", ` + rest + `})`
	}
	count := func(till, tenders string) string {
		return `tillCountCommit(id: "` + till + `", input: {idempotencyKey: "k", tenders: [` + tenders + `]})`
	}
	hand := func(till string, to fmt.Stringer, rest string) string {
		return `tillHandOver(id: "` + till + `", input: {idempotencyKey: "k", toUserId: "` + to.String() + `"` + rest + `})`
	}
	many := strings.Repeat(`{value: "1", count: 1}, `, 51)
	before := b.books(t)
	seen := map[string]bool{}
	for _, test := range []struct {
		call, want string
		token      string // the owner's unless told
	}{
		{call: open(`openingFloat: "1"`), want: "REGISTER_REQUIRED registerId"},
		{call: open(`openingFloat: "1", registerId: "` + id.New[id.Register]().String() + `"`), want: "REGISTER_NOT_FOUND registerId"},
		{call: open(`openingFloat: "1", registerId: "` + b.B.Stores[0].Registers[0].ID.String() + `"`), want: "REGISTER_NOT_FOUND registerId"},
		{call: open(`openingFloat: "1", registerId: "` + b.A.Stores[1].Registers[0].ID.String() + `"`), want: "REGISTER_NOT_FOUND registerId", token: cashier},
		{call: open(`openingFloat: "1", registerId: "` + register + `"`), want: "ALREADY_OPEN registerId"},
		{call: open(`openingFloat: "1", registerId: "` + s.Registers[1].ID.String() + `"`), want: "ALREADY_OPEN registerId"},
		{call: open(`openingFloat: "-0.01", registerId: "` + register + `"`), want: "INVALID openingFloat"},
		{call: open(`openingFloat: "0.001", registerId: "` + register + `"`), want: "TOO_PRECISE openingFloat"},
		{call: open(`openingFloat: "99999999999999", registerId: "` + register + `"`), want: "TOO_LARGE openingFloat"},
		{call: `tillOpen(input: {idempotencyKey: " ", registerId: "` + register + `", openingFloat: "0.5555"})`, want: "INVALID idempotencyKey, TOO_PRECISE openingFloat"},
		{call: open(`openingFloat: "1", registerId: "` + shut.register.String() + `"`), want: "STORE_CLOSED registerId"},
		{call: open(`openingFloat: "1", registerId: "` + gone.register.String() + `"`), want: "REGISTER_CLOSED registerId"},
		{call: open(`openingFloat: "1.5", registerId: "` + gone.register.String() + `"`), want: "TOO_PRECISE openingFloat"},
		{call: open(`openingFloat: "1", registerId: "` + b.B.Stores[0].Registers[0].ID.String() + `"`), want: "COMPANY_SUSPENDED ", token: b.token(t, b.B, b.B.Owner)},

		{call: move(nothing, `kind: PAID_IN, reason: "x", amount: "1"`), want: "NOT_FOUND id"},
		{call: move(b.B.Stores[0].Registers[0].TillSession.String(), `kind: PAID_IN, reason: "x", amount: "1"`), want: "NOT_FOUND id"},
		{call: move(closed, `kind: PAID_IN, reason: "x", amount: "1"`), want: "NOT_OPEN id"},
		{call: move(counted, `kind: PAID_IN, reason: "x", amount: "1"`), want: "NOT_OPEN id"},
		{call: move(till, `kind: PAID_IN, reason: " ", amount: "0"`), want: "INVALID reason, AMOUNT_NOT_POSITIVE amount"},
		{call: move(till, `kind: PAID_OUT, reason: "x"`), want: "AMOUNT_NOT_POSITIVE amount"},
		{call: move(till, `kind: CASH_DROP, reason: "x", amount: "0.001"`), want: "TOO_PRECISE amount"},
		{call: move(till, `kind: CASH_DROP, reason: "x", amount: "99999999999999"`), want: "TOO_LARGE amount"},
		{call: move(till, `kind: NO_SALE, reason: "x", amount: "1"`), want: "AMOUNT_NOT_ALLOWED amount"},

		{call: count(nothing, `{method: CASH, amount: "1"}`), want: "NOT_FOUND id"},
		{call: count(closed, `{method: CASH, amount: "1"}`), want: "CLOSED id"},
		{call: count(till, `{method: CARD, amount: "1"}`), want: "INVALID tenders"},
		{call: count(till, `{method: CASH, amount: "-1"}`), want: "INVALID tenders.0.amount"},
		{call: count(till, `{method: CASH, amount: "1"}, {method: CASH, amount: "1"}`), want: "INVALID tenders.1.method"},
		{call: count(till, `{method: CASH, amount: "1", denominations: []}`), want: "INVALID tenders.0"},
		{call: count(till, `{method: CASH}, {method: CARD, denominations: []}`), want: "INVALID tenders.0, INVALID tenders.1.denominations"},
		{
			call: count(till, `{method: CASH, denominations: [{value: "0", count: 1}, {value: "-5", count: 1}, {value: "5", count: -1}, {value: "5", count: 1000001}]}`),
			want: "INVALID tenders.0.denominations.0.value, INVALID tenders.0.denominations.1.value, INVALID tenders.0.denominations.2.count, INVALID tenders.0.denominations.3.count",
		},
		{call: count(till, `{method: CASH, denominations: [{value: "5", count: 1}, {value: "5.00", count: 1}]}`), want: "INVALID tenders.0.denominations.1.value"},
		{call: count(till, `{method: CASH, denominations: [{value: "0.005", count: 1}]}`), want: "TOO_PRECISE tenders.0.denominations.0.value"},
		{call: count(till, `{method: CASH, denominations: [{value: "9999999999", count: 1000000}]}`), want: "TOO_LARGE tenders.0.denominations.0.count"},
		{call: count(till, `{method: CASH, denominations: [`+many+`]}`), want: "INVALID tenders.0.denominations"},
		{call: count(till, strings.Repeat(`{method: CASH, amount: "1"}, `, 4)), want: "INVALID tenders"},

		{call: hand(nothing, b.A.Manager, ""), want: "NOT_FOUND id"},
		{call: hand(closed, b.A.Manager, ""), want: "NOT_OPEN id"},
		{call: hand(till, id.New[id.User](), ""), want: "PERSON_NOT_FOUND toUserId"},
		{call: hand(till, b.A.Stores[1].Cashier, ""), want: "PERSON_NOT_FOUND toUserId"}, // works elsewhere
		{call: hand(till, b.B.Owner, ""), want: "PERSON_NOT_FOUND toUserId"},
		{call: hand(till, b.A.Manager, `, note: "`+strings.Repeat("n", 501)+`", tenders: [{method: CASH, amount: "0.001"}]`), want: "INVALID note, TOO_PRECISE tenders.0.amount"},
		{call: hand(till, b.A.Manager, `, tenders: [{method: CASH, amount: "99999999999999"}]`), want: "TOO_LARGE tenders.0.amount"},

		{call: `tillApprove(id: "` + nothing + `", input: {reason: " "})`, want: "INVALID reason, NOT_FOUND id"},
		{call: `tillApprove(id: "` + till + `", input: {reason: "x"})`, want: "NOT_COUNTED id"},
		{call: `tillApprove(id: "` + closed + `", input: {reason: "x"})`, want: "CLOSED id"},
		{call: `tillClose(id: "` + nothing + `")`, want: "NOT_FOUND id"},
		{call: `tillClose(id: "` + till + `")`, want: "NOT_COUNTED id"},
		{call: `tillClose(id: "` + counted + `")`, want: "APPROVAL_REQUIRED id"},
	} {
		if test.token == "" {
			test.token = owner
		}
		field, _, _ := strings.Cut(test.call, "(")
		a := b.tillChange(t, test.token, test.call, "tillSession { id }")
		got := a.codes(field)
		want := strings.Split(test.want, ", ")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || a.at(field, "tillSession") != nil {
			t.Errorf("%s: %q; want %q", test.call, got, want)
		}
		for _, code := range got {
			code, _, _ = strings.Cut(code, " ")
			seen[field+" "+code] = true
		}
	}
	b.unchanged(t, before)
	// Tried elsewhere: what a register can't do by itself, keys, and who counted.
	for _, code := range []string{
		"tillMovementRecord PERSON_REQUIRED", "tillHandOver PERSON_REQUIRED", "tillCountCommit PERSON_REQUIRED", "tillApprove PERSON_REQUIRED",
		"tillOpen IDEMPOTENCY_KEY_REUSED", "tillMovementRecord IDEMPOTENCY_KEY_REUSED", "tillHandOver IDEMPOTENCY_KEY_REUSED",
		"tillCountCommit IDEMPOTENCY_KEY_REUSED", "tillApprove SAME_PERSON", "tillApprove NOT_NEEDED",
		"tillCountCommit TOO_MANY", "tillHandOver TOO_MANY",
	} {
		seen[code] = true
	}
	for _, field := range []string{"tillOpen", "tillMovementRecord", "tillHandOver", "tillCountCommit", "tillApprove", "tillClose"} {
		for _, value := range schemaOf(t).Types[strings.ToUpper(field[:1])+field[1:]+"UserErrorCode"].EnumValues {
			if !seen[field+" "+value.Name] {
				t.Errorf("nothing provokes %s of %s", value.Name, field)
			}
		}
	}
	b.logs.quiet(t)
}

// TestTillIsCountedOftenEnough: what is listed whole has an end.
func TestTillIsCountedOftenEnough(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.A.Stores[0]
	till := b.openTill(t, b.cashier(t, 0), s.Registers[0].ID, "1")
	const rest = ` select s.tenant_id, s.store_id, s.register_id, s.id, n, `
	b.db.Exec(t, `insert into till_holders (tenant_id, store_id, register_id, session_id, position, holder_id, since)`+rest+`$1, now()
		from till_sessions s, generate_series(2, 100) n where s.status = 'OPEN'`, s.Cashier.UUID())
	b.db.Exec(t, `insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code, counted_by_id, counted_at)`+rest+`'HAND_OVER', 'KES', $1, now()
		from till_sessions s, generate_series(1, 100) n where s.status = 'OPEN'`, s.Cashier.UUID())
	if got := b.countTill(t, b.cashier(t, 0), till, `{method: CASH, amount: "1"}`).codes("tillCountCommit"); !slices.Equal(got, []string{"TOO_MANY id"}) {
		t.Errorf("counted: %v", got)
	}
	if got := b.tillChange(t, b.cashier(t, 0), `tillHandOver(id: "`+till+`", input: {idempotencyKey: "h", toUserId: "`+b.A.Manager.String()+`"})`,
		"tillSession { id }").codes("tillHandOver"); !slices.Equal(got, []string{"TOO_MANY id"}) {
		t.Errorf("handed over: %v", got)
	}
}

// TestTillNeeded: where the company says so a sale needs an open till, and finds the one that it happened in.
func TestTillNeeded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	b.db.Exec(t, "update company_settings set till_session_required = true where tenant_id = $1", b.A.ID.UUID())
	sell := func(key, occurred string) *answer {
		in := order(register, key, "100", item(b.A.Products[1], "1"))
		if occurred != "" {
			in["occurredAt"] = occurred
		}
		return b.post(t, cashier, `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { id tillSession { id } }
			userErrors { code field message } } }`, vars{"input": in}).ok(t)
	}
	of := func(a *answer) any { return a.at("saleRecord", "sale", "tillSession", "id") }
	fixture := b.A.Stores[0].Registers[0].TillSession.String()
	pays := func(key string, want ...string) {
		t.Helper()
		if got := b.payAccount(t, cashier, register, key, "CASH", "1").codes("customerAccountPay"); !slices.Equal(got, want) {
			t.Errorf("an account is paid: %v; want %v", got, want)
		}
	}
	pays("1", "TILL_SESSION_REQUIRED registerId")
	if got := sell("1", "").codes("saleRecord"); !slices.Equal(got, []string{"TILL_SESSION_REQUIRED registerId"}) {
		t.Errorf("without a till: %v", got)
	}
	for at, want := range map[string]string{ // the fixture's till was open on that day
		"2026-01-05T05:00:00Z": "", "2026-01-05T17:09:59.999Z": "",
		"2026-01-05T04:59:59.999Z": "TILL_SESSION_REQUIRED registerId", "2026-01-05T17:10:00Z": "TILL_SESSION_REQUIRED registerId",
	} {
		a := sell(at, at)
		if want == "" && of(a) != fixture || want != "" && !slices.Equal(a.codes("saleRecord"), []string{want}) {
			t.Errorf("at %s: %s", at, a.Raw)
		}
	}
	till := b.openTill(t, cashier, register, "0")
	var sold any
	for at, want := range map[string]string{
		"": till, "2026-01-04T00:00:00Z": till, "2026-01-05T06:00:00Z": fixture, time.Now().Add(4 * time.Minute).Format(time.RFC3339): till,
	} {
		if a := sell("open "+at, at); of(a) != want {
			t.Errorf("at %q: %s", at, a.Raw)
		} else if at == "" {
			sold = a.at("saleRecord", "sale", "id")
		}
	}
	b.countTill(t, cashier, till, `{method: CASH, amount: "0"}`).well(t, "tillCountCommit")
	pays("2", "TILL_SESSION_COUNTED registerId")
	if got := sell("2", "").codes("saleRecord"); !slices.Equal(got, []string{"TILL_SESSION_COUNTED registerId"}) {
		t.Errorf("after the count: %v", got)
	}
	if a := sell("3", time.Now().Add(-time.Hour).Format(time.RFC3339)); of(a) != till {
		t.Errorf("from before the count: %s", a.Raw)
	}
	// Nor is anything voided: the money goes back from the till that is open.
	void := func(want string) {
		t.Helper()
		a := b.post(t, b.manager(t), fmt.Sprintf(`mutation { saleVoid(id: "%s", input: {reason: "x"}) { sale { status } userErrors { code field message } } }`, sold), nil)
		if got := a.ok(t).codes("saleVoid"); !slices.Equal(got, []string{want}) {
			t.Errorf("voided: %v; want %s", got, want)
		}
	}
	void("TILL_SESSION_COUNTED id")
	b.varianceLimit(t, 1_000_000)
	b.countTill(t, cashier, till, `{method: CASH, amount: "0"}`).well(t, "tillCountCommit")
	b.closeTill(t, cashier, till).well(t, "tillClose")
	void("TILL_SESSION_REQUIRED id")
	b.logs.quiet(t)
}

// TestTillIsItsLedger compares the report of random days with sums made another way.
func TestTillIsItsLedger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, cashier := b.A.Stores[0].Registers[0], b.cashier(t, 0)
	dice := rand.New(rand.NewPCG(5, 5))
	other := b.product(t, b.A, goods{price: 3333, untaxed: true})
	key := 0
	sale := func() string {
		key++
		product := []id.Product{b.A.Products[0], b.A.Products[1], other}[dice.IntN(3)]
		in := order(register.ID, fmt.Sprint("day", key), "1000", item(product, fmt.Sprint(1+dice.IntN(4))), item(other, "1"))
		if dice.IntN(3) == 0 {
			in["payments"] = []vars{pay("CARD", "20"), pay("CASH", "990.50")}
		}
		return b.sell(t, cashier, in).at("saleRecord", "sale", "id").(string)
	}
	var sold []string
	for day := range 4 {
		till := b.openTill(t, cashier, register.ID, fmt.Sprint(dice.IntN(500)))
		for range dice.IntN(8) {
			sold = append(sold, sale())
		}
		for range dice.IntN(4) {
			b.moveTill(t, cashier, till, []string{"PAID_IN", "PAID_OUT", "CASH_DROP"}[dice.IntN(3)], fmt.Sprint(1+dice.IntN(99))).well(t, "tillMovementRecord")
		}
		if day%2 == 1 {
			b.refund(t, register, till)
			for i, method := range []string{"CASH", "CARD", "CASH"} {
				b.payAccount(t, cashier, register.ID, fmt.Sprint(day, "-", i), method, "12.50").well(t, "customerAccountPay")
			}
		}
		for len(sold) > 0 && dice.IntN(2) == 0 { // of this day's till or of an earlier one's
			i := dice.IntN(len(sold))
			b.post(t, b.manager(t), `mutation { saleVoid(id: "`+sold[i]+`", input: {reason: "x"}) { sale { id } userErrors { code } } }`, nil).ok(t)
			sold = slices.Delete(sold, i, i+1)
		}
		b.countTill(t, cashier, till, `{method: CASH, amount: "1"}, {method: CARD, amount: "2"}`).well(t, "tillCountCommit")
		z := b.closeTill(t, cashier, till).well(t, "tillClose")
		got := z.figures("tillClose", "zReport", "figures")
		want := b.ledgerOf(t, till)
		expect(t, got, want)
		x := b.post(t, cashier, `{ tillSession(id: "`+till+`") { xReport `+reportOf+` } }`, nil).ok(t)
		expect(t, x.figures("tillSession", "xReport"), want)
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sales where void_till_session_id <> till_session_id"); n == 0 {
		t.Error("nothing was voided in another till: choose another seed")
	}
	b.logs.quiet(t)
}

// payAccount takes money towards the account of the fixture's customer.
func (b *bundle) payAccount(t testing.TB, token string, register id.Register, key, method, amount string) *answer {
	t.Helper()
	b.db.Exec(t, "update customers set account_owed = 100000 where id = $1", b.A.Customer.ID.UUID())
	return b.tillChange(t, token, fmt.Sprintf(`customerAccountPay(input: {idempotencyKey: "%s", customerId: "%s", registerId: "%s", method: %s, amount: "%s"})`,
		key, b.A.Customer.ID, register, method, amount), "customer { id }")
}

// refund writes a receipt that takes goods back for cash.
func (b *bundle) refund(t testing.TB, r pgtest.Register, till string) {
	t.Helper()
	ref, err := id.Parse(till)
	must(t, err)
	sale := id.New[id.Sale]()
	b.db.Exec(t, `insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax, subtotal, tax_total,
			total, tendered, change, refunded, occurred_at, business_date, till_session_id)
		select tenant_id, store_id, register_id, $1, next_number, 'KES', true, -8621, -1379, -10000, 0, 0, 10000, now(), now(), $2
		from receipt_counters where register_id = $3`, sale.UUID(), ref.UUID, r.ID.UUID())
	b.db.Exec(t, "update receipt_counters set next_number = next_number + 1 where register_id = $1", r.ID.UUID())
	b.db.Exec(t, `insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id, product_name, sku, unit, currency_code,
			quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross, discount, kind, restocked)
		select tenant_id, store_id, register_id, $1, id, 1, $2, 'Cola', 'SKU', 'EACH', 'KES', -1000, 12000, 'ORIGINAL', 160000, -8621, -1379, -10000,
			-12000, -2000, 'RETURN', true from sales where id = $3`, id.New[id.SaleLine]().UUID(), b.A.Products[1].UUID(), sale.UUID())
	b.db.Exec(t, `insert into sale_line_taxes (tenant_id, store_id, register_id, sale_id, sale_line_id, position, name, rate_ppm, compound,
			inclusive, currency_code, base, amount)
		select tenant_id, store_id, register_id, sale_id, id, 1, 'Tax', 160000, false, true, 'KES', -8621, -1379 from sale_lines where sale_id = $1`, sale.UUID())
	b.db.Exec(t, `insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code, tendered, amount)
		select tenant_id, store_id, register_id, $1, id, 1, 'CASH', 'KES', -10000, -10000 from sales where id = $2`, id.New[id.Payment]().UUID(), sale.UUID())
}

// ledgerOf makes a till's figures of its rows, one after another.
func (b *bundle) ledgerOf(t testing.TB, till string) map[string]string {
	t.Helper()
	ref, err := id.Parse(till)
	must(t, err)
	sums := map[string]int{}
	money := map[string]bool{}
	add := func(name string, minor int) { sums[name] += minor; money[name] = true }
	rows := func(sql string, fn func(words []string)) {
		for _, row := range pgtest.Values[string](t, b.db, sql, ref.UUID) {
			fn(strings.Fields(row))
		}
	}
	number := func(word string) int {
		var n int
		_, err := fmt.Sscan(word, &n)
		must(t, err)
		return n
	}
	for _, name := range []string{"gross", "discounts", "returns", "net", "tax", "total", "voided", "paidIn", "paidOut", "cashDrops"} {
		add(name, 0)
	}
	for _, method := range []string{"CASH."} {
		for _, name := range []string{"tendered", "change", "refunded", "voided", "amount", "expected"} {
			add(method+name, 0)
		}
	}
	sums["saleCount"], sums["returnCount"], sums["voidCount"] = 0, 0, 0
	for sign, column := range map[int]string{1: "till_session_id", -1: "void_till_session_id"} {
		rows("select concat_ws(' ', total, refunded) from sales where "+column+" = $1", func(w []string) {
			add("total", sign*number(w[0]))
			if sign == 1 {
				sums["saleCount"]++
				if number(w[1]) > 0 {
					sums["returnCount"]++
				}
			} else {
				sums["voidCount"]++
				add("voided", number(w[0]))
			}
		})
		rows(`select concat_ws(' ', l.kind, l.gross, l.discount + l.order_discount, l.subtotal, l.tax) from sale_lines l
			join sales s on s.id = l.sale_id where s.`+column+` = $1`, func(w []string) {
			if w[0] == "SALE" {
				add("gross", sign*number(w[1]))
				add("discounts", sign*number(w[2]))
			} else {
				add("returns", sign*(number(w[2])-number(w[1])))
			}
			add("net", sign*number(w[3]))
			add("tax", sign*number(w[4]))
		})
		rows(`select concat_ws(' ', x.rate_ppm / 10000, x.base, x.amount) from sale_line_taxes x join sales s on s.id = x.sale_id where s.`+column+` = $1`, func(w []string) {
			add("tax "+w[0]+".base", sign*number(w[1]))
			add("tax "+w[0]+".amount", sign*number(w[2]))
		})
		rows(`select concat_ws(' ', p.method, p.tendered, p.amount) from payments p join sales s on s.id = p.sale_id where s.`+column+` = $1`, func(w []string) {
			tendered, amount := number(w[1]), number(w[2])
			switch {
			case sign == -1:
				add(w[0]+".voided", amount)
			case tendered > 0:
				add(w[0]+".tendered", tendered)
				add(w[0]+".change", tendered-amount)
			default:
				add(w[0]+".refunded", -amount)
			}
			add(w[0]+".amount", sign*amount)
			add(w[0]+".expected", sign*amount)
		})
	}
	rows("select concat_ws(' ', method, amount) from account_payments where till_session_id = $1", func(w []string) {
		for _, name := range []string{".tendered", ".amount", ".expected"} {
			add(w[0]+name, number(w[1]))
		}
	})
	rows("select concat_ws(' ', kind, amount) from drawer_movements where session_id = $1", func(w []string) {
		name, sign := map[string]string{"PAID_IN": "paidIn", "PAID_OUT": "paidOut", "CASH_DROP": "cashDrops"}[w[0]], -1
		if w[0] == "PAID_IN" {
			sign = 1
		}
		add(name, number(w[1]))
		add("CASH.expected", sign*number(w[1]))
	})
	rows("select opening_float::text from till_sessions where id = $1", func(w []string) {
		add("openingFloat", number(w[0]))
		add("CASH.expected", number(w[0]))
	})
	figures := map[string]string{}
	for name, n := range sums {
		figures[name] = fmt.Sprint(n)
		if money[name] {
			sign := ""
			if n < 0 {
				sign, n = "-", -n
			}
			figures[name] = fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
		}
	}
	return figures
}

// TestTillClosesAmongSales: while a register sells, its till is counted and closed. Each sale is in the report or an
// amendment of it, or came after.
func TestTillClosesAmongSales(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	for round := range 4 {
		till := b.openTill(t, cashier, register, "10")
		answers := together(t, 25, func(i int) (*answer, error) {
			switch i {
			case 8:
				return b.ask(t.Context(), cashier, fmt.Sprintf(`mutation { tillCountCommit(id: "%s", input: {idempotencyKey: "c%d",
					tenders: [{method: CASH, amount: "0"}]}) { userErrors { code } } }`, till, round), nil)
			case 16, 17, 18:
				for {
					a, err := b.ask(t.Context(), cashier, `mutation { tillClose(id: "`+till+`") { zReport { id number } userErrors { code field message } } }`, nil)
					if err != nil || len(a.codes("tillClose")) == 0 {
						return a, err
					}
				}
			}
			in := order(register, fmt.Sprint(round, "-", i), "200", item(b.A.Products[i%2], "1"))
			if i%3 == 0 { // from before, whenever it arrives
				in["occurredAt"] = time.Now().Format(time.RFC3339Nano)
			}
			return b.ask(t.Context(), cashier, recordBare, vars{"input": in})
		})
		reports := map[any]bool{}
		for _, i := range []int{16, 17, 18} {
			reports[answers[i].ok(t).at("tillClose", "zReport", "id")] = true
		}
		if len(reports) != 1 {
			t.Errorf("closed at once: %v", reports)
		}
		a := b.post(t, cashier, `{ tillSession(id: "`+till+`") { zReport { number figures `+reportOf+` } xReport `+reportOf+`
			amendments(first: 250) { totalCount nodes { total { amount } } } } }`, nil).ok(t)
		same(t, a.at("tillSession", "zReport", "number"), round+2)
		expect(t, a.figures("tillSession", "xReport"), b.ledgerOf(t, till))
		z, x := a.figures("tillSession", "zReport", "figures"), a.figures("tillSession", "xReport")
		var inZ, inX, late int
		_, err := fmt.Sscan(z["saleCount"]+" "+x["saleCount"]+" "+fmt.Sprint(a.at("tillSession", "amendments", "totalCount")), &inZ, &inX, &late)
		must(t, err)
		if inZ+late != inX {
			t.Errorf("%d in the report and %d amendments of %d sales", inZ, late, inX)
		}
		t.Logf("%d in the report, %d amendments", inZ, late)
	}
	b.logs.quiet(t)
}

// TestTillOpenedAtOnce: of several who open a register's till one does.
func TestTillOpenedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	for round := range 5 {
		answers := together(t, 6, func(i int) (*answer, error) {
			return b.ask(t.Context(), cashier, fmt.Sprintf(`mutation { tillOpen(input: {idempotencyKey: "%d-%d", registerId: "%s", openingFloat: "1"}) {
				tillSession { id number } userErrors { code field message } } }`, round, i/2, register), nil)
		})
		opened := map[any]int{}
		for _, a := range answers {
			if codes := a.ok(t).codes("tillOpen"); len(codes) == 0 {
				opened[a.at("tillOpen", "tillSession", "id")]++
			} else if !slices.Equal(codes, []string{"ALREADY_OPEN registerId"}) {
				t.Error(a.Raw)
			}
		}
		if len(opened) != 1 {
			t.Fatalf("opened at once: %v", opened)
		}
		for till, n := range opened {
			if n != 2 { // both who sent that key
				t.Errorf("%d were told of %v", n, till)
			}
			b.countTill(t, cashier, till.(string), `{method: CASH, amount: "1"}`).well(t, "tillCountCommit")
			same(t, b.closeTill(t, cashier, till.(string)).well(t, "tillClose").at("tillClose", "zReport", "number"), round+2)
		}
	}
	b.logs.quiet(t)
}

// TestTillCost: what a till asks of the database doesn't grow with its sales, nor a list of tills with its length.
func TestTillCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.warm(t)
	register, cashier := b.A.Stores[0].Registers[0].ID, b.cashier(t, 0)
	for _, sales := range []int{1, 40} {
		till := b.openTill(t, cashier, register, "10")
		for i := range sales {
			b.sell(t, cashier, order(register, fmt.Sprint(sales, "-", i), "200", item(b.A.Products[i%2], "1")))
		}
		for _, step := range []struct {
			query string
			want  cost
		}{
			{`{ tillSession(id: "` + till + `") { xReport { total { amount } } } }`, cost{Statements: 2 + 9, RoundTrips: 2}},
			{
				`mutation { tillMovementRecord(id: "` + till + `", input: {idempotencyKey: "m", kind: PAID_IN, amount: "1", reason: "x"}) {
					tillSession { id } userErrors { code } } }`, cost{Statements: 10, RoundTrips: 3},
			},
			{
				`mutation { tillCountCommit(id: "` + till + `", input: {idempotencyKey: "c", tenders: [{method: CASH, amount: "1"}]}) {
					tillSession { id } userErrors { code } } }`, cost{Statements: 19, RoundTrips: 3},
			},
			{`mutation { tillClose(id: "` + till + `") { tillSession { id } zReport { id } userErrors { code } } }`, cost{Statements: 19, RoundTrips: 3}},
			{`{ tillSessions { nodes { id xReport { total { amount } } zReport { number } register { name } counts { number } holders { since } } } }`, cost{Statements: 2 + 9 + 4*2, RoundTrips: 6}},
		} {
			query := strings.NewReplacer(`"m"`, fmt.Sprintf(`"m%d"`, sales), `"c"`, fmt.Sprintf(`"c%d"`, sales)).Replace(step.query)
			if a := b.post(t, cashier, query, nil).ok(t); a.cost != step.want || strings.Contains(a.Raw, `"code"`) {
				t.Errorf("with %d sales: %+v, want %+v: %s: %.300s", sales, a.cost, step.want, query, a.Raw)
			}
		}
	}
	b.logs.quiet(t)
}
