package demoday

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// till is a register of a shop, with one session.
type till struct {
	id, code string
	shop     *shop
	device   client
	// next is the number of its next receipt.
	next int64

	session string
	opened  time.Time
	// own are the script's books of the session, late what came when it was closed.
	own  books
	late []*slip
	z    *zReport
}

// number is the number of a cart's receipt: the till's own, or the next.
func (t *till) number(c *cart) int64 {
	if c.number > 0 {
		t.next = max(t.next, c.number+1)
		return c.number
	}
	t.next++
	return t.next - 1
}

const sessionFields = "id status openedAt approvalRequired holder { id } "

type session struct {
	ID, Status       string
	OpenedAt         time.Time
	ApprovalRequired bool
	Holder           *struct{ ID string }
}

func (d *day) opens(at string, who *person, t *till, float int64) step {
	return step{at, func(ctx context.Context) error {
		var done struct{ TillSession session }
		if err := who.change(ctx, `mutation($in: TillOpenInput!) { done: tillOpen(input: $in) {
			tillSession { `+sessionFields+` } userErrors { code message field } } }`, vars{"in": vars{
			"idempotencyKey": "open", "registerId": t.id, "openingFloat": amount(float),
		}}, &done); err != nil {
			return fmt.Errorf("open till %s: %w", t.code, err)
		}
		t.session, t.opened, t.own.float = done.TillSession.ID, done.TillSession.OpenedAt, float
		d.say(at, "%-5s %-7s opens with %s in the drawer", t.code, who.first(), pretty(float))
		return nil
	}}
}

// moves is a step in which the drawer is opened beside sales.
func (d *day) moves(at string, who *person, t *till, kind string, n int64, why string) step {
	return step{at, func(ctx context.Context) error {
		in := vars{"idempotencyKey": d.key(at, t), "kind": kind, "reason": why}
		said := ""
		if kind != moveNoSale {
			in["amount"] = amount(n)
			said = " " + pretty(n)
		}
		if err := who.change(ctx, `mutation($id: ID!, $in: TillMovementRecordInput!) { done: tillMovementRecord(id: $id, input: $in) {
			userErrors { code message field } } }`, vars{"id": t.session, "in": in}, nil); err != nil {
			return fmt.Errorf("move the drawer of %s: %w", t.code, err)
		}
		t.own.moved = append(t.own.moved, moved{Kind: kind, Amount: minor(n)})
		d.say(at, "%-5s %-7s %s%s: %s", t.code, who.first(), strings.ToLower(strings.ReplaceAll(kind, "_", " ")), said, strings.ToLower(why))
		return nil
	}}
}

// pays is a step in which a customer pays towards the account.
func (d *day) pays(at string, who *person, t *till, c *customer, method string, n int64) step {
	return step{at, func(ctx context.Context) error {
		in := vars{
			"idempotencyKey": d.key(at, t), "customerId": c.id, "registerId": t.id, "method": method, "amount": amount(n),
			"occurredAt": d.time(at).Format(time.RFC3339Nano),
		}
		if err := who.change(ctx, `mutation($in: CustomerAccountPayInput!) { done: customerAccountPay(input: $in) {
			userErrors { code message field } } }`, vars{"in": in}, nil); err != nil {
			return fmt.Errorf("take a payment towards an account: %w", err)
		}
		c.owed -= n
		t.own.paid = append(t.own.paid, payment{method: method, tendered: n, amount: n})
		d.say(at, "%-5s %-7s %s pays %s of the account: %s", t.code, who.first(), c.name, pretty(n), strings.ToLower(method))
		return nil
	}}
}

func (d *day) handsOver(at string, from, to *person, t *till) step {
	return step{at, func(ctx context.Context) error {
		var done struct{ TillSession session }
		if err := from.change(ctx, `mutation($id: ID!, $in: TillHandOverInput!) { done: tillHandOver(id: $id, input: $in) {
			tillSession { `+sessionFields+` } userErrors { code message field } } }`, vars{"id": t.session, "in": vars{
			"idempotencyKey": d.key(at, t), "toUserId": to.id, "tenders": []vars{
				{"method": methodCash, "amount": amount(t.own.figures().of[expectedOf(methodCash)])},
			},
		}}, &done); err != nil {
			return fmt.Errorf("hand till %s over: %w", t.code, err)
		}
		if done.TillSession.Holder == nil || done.TillSession.Holder.ID != to.id {
			d.differs(t.code, []string{"the drawer was not handed over"})
		}
		d.say(at, "%-5s %-7s counts the drawer and hands it over to %s", t.code, from.first(), to.first())
		return nil
	}}
}

// xReport is a step that looks at the figures while the till sells: what should be in it is withheld.
func (d *day) xReport(at string, who *person, t *till) step {
	return step{at, func(ctx context.Context) error {
		var data struct {
			TillSession struct{ XReport report }
		}
		if err := who.ask(ctx, "query($id: ID!) { tillSession(id: $id) { xReport { "+reportFields+" } } }",
			vars{"id": t.session}, &data); err != nil {
			return fmt.Errorf("read the X report of %s: %w", t.code, err)
		}
		x, own := data.TillSession.XReport, t.own.figures()
		var wrong []string
		for _, one := range x.figures().names {
			if got := x.figures().of[one]; got != own.of[one] {
				wrong = append(wrong, fmt.Sprintf("%s is %s, not %s", one, shown(one, got), shown(one, own.of[one])))
			}
		}
		for _, tender := range x.Tenders {
			if !x.Withheld || tender.Expected != nil || tender.Amount != nil {
				wrong = append(wrong, "it tells what should be in the till")
			}
		}
		d.differs("the X report", wrong)
		d.say(at, "%-5s %-7s X report: %d receipts, %s taken, what should be in the drawer is withheld",
			t.code, who.first(), x.SaleCount, pretty(int64(x.Total)))
		return nil
	}}
}

// counts is a step that counts a till blind, with so much missing in cash.
func (d *day) counts(at string, who *person, t *till, missing int64) step {
	return step{at, func(ctx context.Context) error {
		should := t.own.figures().of
		t.own.counted = map[string]int64{}
		tenders := []vars{}
		for _, method := range []string{methodCash, methodCard, methodMobile} {
			there, ok := should[expectedOf(method)]
			if !ok {
				continue
			}
			in := vars{"method": method}
			if method == methodCash {
				there -= missing
				in["denominations"] = denominations(there)
			} else {
				in["amount"] = amount(there)
			}
			t.own.counted[method] = there
			tenders = append(tenders, in)
		}
		var done struct{ TillSession session }
		if err := who.change(ctx, `mutation($id: ID!, $in: TillCountCommitInput!) { done: tillCountCommit(id: $id, input: $in) {
			tillSession { `+sessionFields+` } userErrors { code message field } } }`, vars{"id": t.session, "in": vars{
			"idempotencyKey": d.key(at, t), "tenders": tenders,
		}}, &done); err != nil {
			return fmt.Errorf("count till %s: %w", t.code, err)
		}
		over := missing > int64(*d.settings.TillVarianceLimit)
		if done.TillSession.Status != "COUNTED" || done.TillSession.ApprovalRequired != over {
			d.differs(t.code, []string{fmt.Sprintf("counted it is %s, approval needed: %v", done.TillSession.Status, done.TillSession.ApprovalRequired)})
		}
		variance := "nothing is missing"
		if missing > 0 {
			variance = fmt.Sprintf("%s is missing", pretty(missing))
		}
		d.say(at, "%-5s %-7s counts %s in cash without knowing what should be there: %s",
			t.code, who.first(), pretty(t.own.counted[methodCash]), variance)
		return nil
	}}
}

// denominations are the notes and coins of an amount.
func denominations(n int64) []vars {
	list := []vars{}
	for _, value := range []int64{1000_00, 500_00, 200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10, 1} {
		if n >= value {
			list = append(list, vars{"value": amount(value), "count": n / value})
			n %= value
		}
	}
	return list
}

const closeTill = `mutation($id: ID!) { done: tillClose(id: $id) { zReport { ` + zFields + ` } userErrors { code message field } } }`

// tries to close a till are made by these, apart from closes.
func (t *till) close(ctx context.Context, who *person) error {
	return who.change(ctx, closeTill, vars{"id": t.session}, nil)
}

func (t *till) approve(ctx context.Context, who *person) error {
	return who.change(ctx, `mutation($id: ID!) { done: tillApprove(id: $id, input: {reason: "A note stuck to another"}) {
		userErrors { code message field } } }`, vars{"id": t.session}, nil)
}

func (d *day) approves(at string, who *person, t *till) step {
	return step{at, func(ctx context.Context) error {
		if err := t.approve(ctx, who); err != nil {
			return fmt.Errorf("approve of the variance of %s: %w", t.code, err)
		}
		d.say(at, "%-5s %-7s approves of the variance", t.code, who.first())
		return nil
	}}
}

// closes is a step that closes a till, twice: it is the same Z report.
func (d *day) closes(at string, who *person, t *till) step {
	return step{at, func(ctx context.Context) error {
		var first, second struct{ ZReport zReport }
		if err := who.change(ctx, closeTill, vars{"id": t.session}, &first); err != nil {
			return fmt.Errorf("close till %s: %w", t.code, err)
		}
		if err := who.change(ctx, closeTill, vars{"id": t.session}, &second); err != nil {
			return fmt.Errorf("close till %s again: %w", t.code, err)
		}
		if t.z = &first.ZReport; second.ZReport.ID != t.z.ID {
			d.differs(t.code, []string{"closed again it has another Z report"})
		}
		d.say(at, "%-5s %-7s closes: Z report %d, %s taken", t.code, who.first(), t.z.Number, pretty(int64(t.z.Figures.Total)))
		return nil
	}}
}

// numbers is a step that looks at what a till left out of its series.
func (d *day) numbers(at string, t *till, missing ...int64) step {
	return step{at, func(ctx context.Context) error {
		var data struct {
			Register struct {
				ReceiptGaps struct {
					Nodes []struct{ From, To int64 }
				}
			}
		}
		if err := d.manager.ask(ctx, "query($id: ID!) { register(id: $id) { receiptGaps { nodes { from to } } } }",
			vars{"id": t.id}, &data); err != nil {
			return fmt.Errorf("read the gaps of %s: %w", t.code, err)
		}
		var gaps []int64
		for _, gap := range data.Register.ReceiptGaps.Nodes {
			for n := gap.From; n <= gap.To; n++ {
				gaps = append(gaps, n)
			}
		}
		if fmt.Sprint(gaps) != fmt.Sprint(missing) {
			d.differs(t.code, []string{fmt.Sprintf("its gaps are %v, not %v", gaps, missing)})
		}
		d.say(at, "%-5s receipts that are not in yet: %s", t.code, list(missing))
		return nil
	}}
}

func list(numbers []int64) string {
	if len(numbers) == 0 {
		return "none"
	}
	return "#" + strings.Trim(fmt.Sprint(numbers), "[]")
}

// amended is a step that looks at a closed till: what came late stands beside its Z report, which is as it was.
func (d *day) amended(at string, t *till) step {
	return step{at, func(ctx context.Context) error {
		var data struct {
			TillSession struct {
				ZReport    zReport
				XReport    report
				Amendments struct{ Nodes []struct{ ID string } }
			}
		}
		if err := d.manager.ask(ctx, "query($id: ID!) { tillSession(id: $id) { zReport { "+zFields+" } xReport { "+reportFields+
			" } amendments { nodes { id } } } }", vars{"id": t.session}, &data); err != nil {
			return fmt.Errorf("read the amendments of %s: %w", t.code, err)
		}
		late := &books{float: t.own.float, sales: slices.Concat(t.own.sales, t.late), voided: t.own.voided, moved: t.own.moved}
		s, should := data.TillSession, late.figures().of["total"]
		if !reflect.DeepEqual(&s.ZReport, t.z) {
			d.differs(t.code, []string{"its Z report changed after the close"})
		}
		if len(s.Amendments.Nodes) != len(t.late) || s.Amendments.Nodes[0].ID != t.late[0].id {
			d.differs(t.code, []string{fmt.Sprintf("its amendments are %v", s.Amendments.Nodes)})
		}
		if int64(s.XReport.Total) != should {
			d.differs(t.code, []string{fmt.Sprintf("with its amendments it took %s, not %s", pretty(int64(s.XReport.Total)), pretty(should))})
		}
		d.say(at, "%-5s %d sale came late: it stands beside Z report %d, which is as it was", t.code, len(t.late), t.z.Number)
		return nil
	}}
}
