package till

import (
	"slices"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Report has the figures of a session, in minor units of its currency. As JSON it is what a Z report keeps.
type Report struct {
	Currency    money.Currency `json:"currency"`
	SaleCount   int64          `json:"saleCount"`
	ReturnCount int64          `json:"returnCount"`
	VoidCount   int64          `json:"voidCount"`
	VoidMinor   int64          `json:"voided"`
	// GrossMinor is what was sold before discounts, ReturnMinor what was given back for goods; both as the lines'
	// prices are, with or without tax.
	GrossMinor    int64        `json:"gross"`
	DiscountMinor int64        `json:"discounts"`
	ReturnMinor   int64        `json:"returns"`
	NetMinor      int64        `json:"net"`
	TaxMinor      int64        `json:"tax"`
	Taxes         []*TaxSum    `json:"taxes"`
	RoundingMinor int64        `json:"rounding"`
	TotalMinor    int64        `json:"total"`
	FloatMinor    int64        `json:"openingFloat"`
	PaidInMinor   int64        `json:"paidIn"`
	PaidOutMinor  int64        `json:"paidOut"`
	DropMinor     int64        `json:"cashDrops"`
	NoSaleCount   int64        `json:"noSaleCount"`
	Tenders       []*TenderSum `json:"tenders"`

	// Withheld says that nobody counted yet, so that nobody is told what to count.
	Withheld bool `json:"-"`

	countedBy id.User
}

// Gross is what was sold, before discounts.
func (r *Report) Gross() *money.Money { return amount(r.GrossMinor, r.Currency) }

// Discounts are what was taken off what was sold.
func (r *Report) Discounts() *money.Money { return amount(r.DiscountMinor, r.Currency) }

// Returns are what was given back for goods.
func (r *Report) Returns() *money.Money { return amount(r.ReturnMinor, r.Currency) }

// Net is what was sold less discounts and returns, before tax.
func (r *Report) Net() *money.Money { return amount(r.NetMinor, r.Currency) }

// Tax is the tax on Net.
func (r *Report) Tax() *money.Money { return amount(r.TaxMinor, r.Currency) }

// Rounding is what rounding to the smallest coin added.
func (r *Report) Rounding() *money.Money { return amount(r.RoundingMinor, r.Currency) }

// Total is Net, Tax and Rounding: what was taken in all.
func (r *Report) Total() *money.Money { return amount(r.TotalMinor, r.Currency) }

// Voided is the total of what was voided.
func (r *Report) Voided() *money.Money { return amount(r.VoidMinor, r.Currency) }

// OpeningFloat is the cash at the start.
func (r *Report) OpeningFloat() *money.Money { return amount(r.FloatMinor, r.Currency) }

// PaidIn is the cash that was put in, beside sales.
func (r *Report) PaidIn() *money.Money { return amount(r.PaidInMinor, r.Currency) }

// PaidOut is the cash that was paid out, beside sales.
func (r *Report) PaidOut() *money.Money { return amount(r.PaidOutMinor, r.Currency) }

// CashDrops is the cash that was brought to the safe.
func (r *Report) CashDrops() *money.Money { return amount(r.DropMinor, r.Currency) }

// TaxSum is one tax at one rate, over all that it was laid on.
type TaxSum struct {
	Name        string         `json:"name"`
	Code        string         `json:"code"`
	RatePPM     money.PPM      `json:"rate"`
	BaseMinor   int64          `json:"base"`
	AmountMinor int64          `json:"amount"`
	Currency    money.Currency `json:"currency"`
}

// Rate is the rate in percent.
func (t *TaxSum) Rate() money.Decimal { return t.RatePPM.Percent() }

// Base is what it was laid on.
func (t *TaxSum) Base() *money.Money { return amount(t.BaseMinor, t.Currency) }

// Amount is what it came to.
func (t *TaxSum) Amount() *money.Money { return amount(t.AmountMinor, t.Currency) }

// TenderSum is what became of one way of paying.
type TenderSum struct {
	Method   Method         `json:"method"`
	Currency money.Currency `json:"currency"`
	// PaymentCount counts payments and refunds.
	PaymentCount  int64 `json:"count"`
	TenderedMinor int64 `json:"tendered"`
	ChangeMinor   int64 `json:"change"`
	RefundedMinor int64 `json:"refunded"`
	VoidedMinor   int64 `json:"voided"`
	// AmountMinor is tendered less change, refunds and voids.
	AmountMinor int64 `json:"amount"`
	// ExpectedMinor is what should be there: for cash with the float and the drawer's movements.
	ExpectedMinor int64 `json:"expected"`
	// CountedMinor is nil where there is nothing to count, and until it was counted.
	CountedMinor *int64 `json:"counted"`

	withheld bool
}

func (t *TenderSum) tell(minor int64) *money.Money {
	if t.withheld {
		return nil
	}
	return amount(minor, t.Currency)
}

// Count is how many payments and refunds there were; nil as long as it is withheld, as everything below.
func (t *TenderSum) Count() *int64 {
	if t.withheld {
		return nil
	}
	return &t.PaymentCount
}

// Tendered is what was handed over.
func (t *TenderSum) Tendered() *money.Money { return t.tell(t.TenderedMinor) }

// Change is what was given back of it.
func (t *TenderSum) Change() *money.Money { return t.tell(t.ChangeMinor) }

// Refunded is what was paid out for returned goods.
func (t *TenderSum) Refunded() *money.Money { return t.tell(t.RefundedMinor) }

// Voided is what went back for sales that were voided.
func (t *TenderSum) Voided() *money.Money { return t.tell(t.VoidedMinor) }

// Amount is what stayed of it: tendered less change, refunds and voids.
func (t *TenderSum) Amount() *money.Money { return t.tell(t.AmountMinor) }

// Expected is what should be there.
func (t *TenderSum) Expected() *money.Money { return t.tell(t.ExpectedMinor) }

// Counted is what was there.
func (t *TenderSum) Counted() *money.Money {
	if t.CountedMinor == nil {
		return nil
	}
	return t.tell(*t.CountedMinor)
}

// Variance is what was there less what should be.
func (t *TenderSum) Variance() *money.Money {
	if t.CountedMinor == nil {
		return nil
	}
	return t.tell(t.variance())
}

func (t *TenderSum) variance() int64 {
	if t.CountedMinor == nil {
		return 0
	}
	return *t.CountedMinor - t.ExpectedMinor
}

// variances are those of a report that are further off than a limit.
func (r *Report) variances(limit *int64) map[Method]int64 {
	off := map[Method]int64{}
	for _, t := range r.Tenders {
		if v := t.variance(); limit != nil && (v > *limit || -v > *limit) {
			off[t.Method] = v
		}
	}
	return off
}

// NeedsApproval says that a count is further off than the company allows, and that nobody approved of just that.
func (s *Session) NeedsApproval(r *Report) bool {
	if s.Status != Counted {
		return false
	}
	for method, off := range r.variances(s.VarianceLimitMinor) {
		if approved, ok := s.Approved[method]; !ok || approved != off {
			return true
		}
	}
	return false
}

// sums are the rows that reports are made of: one statement each, whatever the number of sales.
type sums struct {
	sessions []*Session
	counts   []*Count
	sales    []*saleSum
	lines    []*lineSum
	taxes    []*taxSum
	tenders  [][]*tenderSum
	moved    []*movementSum
}

type saleSum struct {
	SessionID id.TillSession `bun:"session_id"`
	Sales     int64          `bun:"documents"`
	Returns   int64          `bun:"returns"`
	Voids     int64          `bun:"voids"`
	Voided    int64          `bun:"voided"`
	Rounding  int64          `bun:"rounding"`
	Total     int64          `bun:"total"`
}

type lineSum struct {
	SessionID id.TillSession `bun:"session_id"`
	Gross     int64          `bun:"gross"`
	Discount  int64          `bun:"discount"`
	Returned  int64          `bun:"returned"`
	Net       int64          `bun:"net"`
	Tax       int64          `bun:"tax"`
}

type taxSum struct {
	SessionID id.TillSession `bun:"session_id"`
	Name      string         `bun:"name"`
	Code      string         `bun:"code"`
	Rate      money.PPM      `bun:"rate_ppm"`
	Base      int64          `bun:"base"`
	Amount    int64          `bun:"amount"`
}

type tenderSum struct {
	SessionID id.TillSession `bun:"session_id"`
	Method    Method         `bun:"method"`
	Payments  int64          `bun:"entries"`
	Tendered  int64          `bun:"tendered"`
	Change    int64          `bun:"change"`
	Refunded  int64          `bun:"refunded"`
	Voided    int64          `bun:"voided"`
}

type movementSum struct {
	SessionID id.TillSession `bun:"session_id"`
	Kind      MovementKind   `bun:"kind"`
	Number    int64          `bun:"number"`
	Amount    int64          `bun:"amount"`
}

// documents are the sales of sessions, and once more, with the sign turned, those that were voided in them.
func documents(h *postgres.Handle, sessions []id.TillSession) *bun.SelectQuery {
	const columns = "sold.id, sold.rounding, sold.total, sold.refunded"
	return h.Select((*soldSale)(nil)).
		ColumnExpr("sold.till_session_id AS session_id, 1::bigint AS sign, "+columns).
		Where("sold.till_session_id = ANY (?::uuid[])", postgres.UUIDs(sessions)).
		UnionAll(h.Select((*soldSale)(nil)).
			ColumnExpr("sold.void_till_session_id, -1::bigint, "+columns).
			Where("sold.void_till_session_id = ANY (?::uuid[])", postgres.UUIDs(sessions)))
}

// tenderSources are the statements that tell what was paid in sessions: each a ledger that knows its session. A
// source gives rows of tenderSum; what is paid elsewhere than in a sale adds one here.
func tenderSources() []func(h *postgres.Handle, sessions []id.TillSession) *bun.SelectQuery {
	return []func(h *postgres.Handle, sessions []id.TillSession) *bun.SelectQuery{salePayments, accountPayments}
}

func salePayments(h *postgres.Handle, sessions []id.TillSession) *bun.SelectQuery {
	return h.Select((*soldPayment)(nil)).
		Join("JOIN (?) AS doc ON doc.id = payment.sale_id", documents(h, sessions)).
		ColumnExpr("doc.session_id, payment.method, count(*) FILTER (WHERE doc.sign = 1) AS entries").
		ColumnExpr(`coalesce(sum(payment.tendered)
			FILTER (WHERE doc.sign = 1 AND payment.tendered > 0), 0)::bigint AS tendered`).
		ColumnExpr(`coalesce(sum(payment.tendered - payment.amount)
			FILTER (WHERE doc.sign = 1 AND payment.tendered > 0), 0)::bigint AS change`).
		ColumnExpr(`coalesce(sum(-payment.amount)
			FILTER (WHERE doc.sign = 1 AND payment.tendered < 0), 0)::bigint AS refunded`).
		ColumnExpr("coalesce(sum(payment.amount) FILTER (WHERE doc.sign = -1), 0)::bigint AS voided").
		GroupExpr("doc.session_id, payment.method")
}

// accountPayments are what customers paid towards their accounts.
func accountPayments(h *postgres.Handle, sessions []id.TillSession) *bun.SelectQuery {
	return h.Select((*accountPayment)(nil)).
		ColumnExpr("paid.till_session_id AS session_id, paid.method, count(*) AS entries").
		ColumnExpr("sum(paid.amount)::bigint AS tendered").
		Where("paid.till_session_id = ANY (?::uuid[])", postgres.UUIDs(sessions)).
		GroupExpr("paid.till_session_id, paid.method")
}

// statements read all that the reports of sessions are made of.
func (s *sums) statements(h *postgres.Handle, sessions []id.TillSession) []postgres.Statement {
	ids := postgres.UUIDs(sessions)
	s.tenders = make([][]*tenderSum, len(tenderSources()))
	statements := []postgres.Statement{
		postgres.Rows(&s.sessions, h.Select((*Session)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", ids)),
		postgres.Rows(&s.counts, h.Select((*Count)(nil)).
			Where("?TableAlias.session_id = ANY (?::uuid[])", ids).OrderExpr("?TableAlias.number")),
		postgres.Rows(&s.sales, h.NewSelect().TableExpr("(?) AS doc", documents(h, sessions)).
			ColumnExpr("doc.session_id, count(*) FILTER (WHERE doc.sign = 1) AS documents").
			ColumnExpr("count(*) FILTER (WHERE doc.sign = 1 AND doc.refunded > 0) AS returns").
			ColumnExpr("count(*) FILTER (WHERE doc.sign = -1) AS voids").
			ColumnExpr("coalesce(sum(doc.total) FILTER (WHERE doc.sign = -1), 0)::bigint AS voided").
			ColumnExpr("sum(doc.sign * doc.rounding)::bigint AS rounding").
			ColumnExpr("sum(doc.sign * doc.total)::bigint AS total").
			GroupExpr("doc.session_id")),
		postgres.Rows(&s.lines, h.Select((*soldLine)(nil)).
			Join("JOIN (?) AS doc ON doc.id = line.sale_id", documents(h, sessions)).
			ColumnExpr("doc.session_id").
			ColumnExpr("coalesce(sum(doc.sign * line.gross) FILTER (WHERE line.kind = ?), 0)::bigint AS gross", "SALE").
			ColumnExpr(`coalesce(sum(doc.sign * (line.discount + line.order_discount))
				FILTER (WHERE line.kind = ?), 0)::bigint AS discount`, "SALE").
			ColumnExpr(`coalesce(sum(doc.sign * (line.discount + line.order_discount - line.gross))
				FILTER (WHERE line.kind = ?), 0)::bigint AS returned`, "RETURN").
			ColumnExpr("sum(doc.sign * line.subtotal)::bigint AS net, sum(doc.sign * line.tax)::bigint AS tax").
			GroupExpr("doc.session_id")),
		postgres.Rows(&s.taxes, h.Select((*soldTax)(nil)).
			Join("JOIN (?) AS doc ON doc.id = line_tax.sale_id", documents(h, sessions)).
			ColumnExpr("doc.session_id, line_tax.name, line_tax.code, line_tax.rate_ppm").
			ColumnExpr("sum(doc.sign * line_tax.base)::bigint AS base, sum(doc.sign * line_tax.amount)::bigint AS amount").
			GroupExpr("doc.session_id, line_tax.name, line_tax.code, line_tax.rate_ppm").
			OrderExpr("line_tax.rate_ppm, line_tax.name, line_tax.code")),
		postgres.Rows(&s.moved, h.Select((*Movement)(nil)).
			ColumnExpr("?TableAlias.session_id, ?TableAlias.kind, count(*) AS number").
			ColumnExpr("sum(?TableAlias.amount)::bigint AS amount").
			Where("?TableAlias.session_id = ANY (?::uuid[])", ids).
			GroupExpr("?TableAlias.session_id, ?TableAlias.kind")),
	}
	for i, source := range tenderSources() {
		statements = append(statements, postgres.Rows(&s.tenders[i], source(h, sessions)))
	}
	return statements
}

// reports are made of what the statements gave.
func (s *sums) reports() map[id.TillSession]*Report {
	reports := map[id.TillSession]*Report{}
	for _, session := range s.sessions {
		reports[session.ID] = &Report{
			Currency: session.CurrencyCode, FloatMinor: session.FloatMinor, Withheld: session.Status == Open,
			Taxes: []*TaxSum{}, Tenders: []*TenderSum{{Method: Cash, Currency: session.CurrencyCode}},
		}
	}
	s.addSales(reports)
	for _, source := range s.tenders {
		for _, row := range source {
			reports[row.SessionID].add(row)
		}
	}
	for _, row := range s.moved {
		reports[row.SessionID].move(row)
	}
	last := s.lastCounts()
	for session, r := range reports {
		r.finish(last[session])
	}
	return reports
}

func (s *sums) addSales(reports map[id.TillSession]*Report) {
	for _, row := range s.sales {
		r := reports[row.SessionID]
		r.SaleCount, r.ReturnCount, r.VoidCount, r.VoidMinor = row.Sales, row.Returns, row.Voids, row.Voided
		r.RoundingMinor, r.TotalMinor = row.Rounding, row.Total
	}
	for _, row := range s.lines {
		r := reports[row.SessionID]
		r.GrossMinor, r.DiscountMinor, r.ReturnMinor = row.Gross, row.Discount, row.Returned
		r.NetMinor, r.TaxMinor = row.Net, row.Tax
	}
	for _, row := range s.taxes {
		r := reports[row.SessionID]
		r.Taxes = append(r.Taxes, &TaxSum{
			Name: row.Name, Code: row.Code, RatePPM: row.Rate,
			BaseMinor: row.Base, AmountMinor: row.Amount, Currency: r.Currency,
		})
	}
}

// lastCounts are the last counts that were to close their sessions.
func (s *sums) lastCounts() map[id.TillSession]*Count {
	last := map[id.TillSession]*Count{}
	for _, c := range s.counts {
		if c.Kind == ToClose {
			last[c.SessionID] = c
		}
	}
	return last
}

func (r *Report) tender(m Method) *TenderSum {
	for _, t := range r.Tenders {
		if t.Method == m {
			return t
		}
	}
	t := &TenderSum{Method: m, Currency: r.Currency}
	r.Tenders = append(r.Tenders, t)
	return t
}

func (r *Report) add(row *tenderSum) {
	t := r.tender(row.Method)
	t.PaymentCount += row.Payments
	t.TenderedMinor += row.Tendered
	t.ChangeMinor += row.Change
	t.RefundedMinor += row.Refunded
	t.VoidedMinor += row.Voided
	t.AmountMinor += row.Tendered - row.Change - row.Refunded - row.Voided
}

func (r *Report) move(row *movementSum) {
	switch row.Kind {
	case PaidIn:
		r.PaidInMinor = row.Amount
	case PaidOut:
		r.PaidOutMinor = row.Amount
	case CashDrop:
		r.DropMinor = row.Amount
	case NoSale:
		r.NoSaleCount = row.Number
	}
}

// finish says what should be in the till, and what was there by a count; nil where nobody counted to close it.
func (r *Report) finish(c *Count) {
	if c != nil {
		for _, line := range c.Lines {
			if line.CountedMinor != 0 {
				r.tender(line.Method)
			}
		}
		r.countedBy = c.CountedByID
	}
	slices.SortFunc(r.Tenders, func(a, b *TenderSum) int { return rank(a.Method) - rank(b.Method) })
	for _, t := range r.Tenders {
		t.ExpectedMinor = t.AmountMinor
		if t.Method == Cash {
			t.ExpectedMinor += r.FloatMinor + r.PaidInMinor - r.PaidOutMinor - r.DropMinor
		}
		if t.withheld = r.Withheld; c != nil {
			t.CountedMinor = c.of(t.Method)
		}
	}
}

// of is what was counted of a way of paying: nothing, where the count doesn't say; nil, where there is nothing to
// count.
func (c *Count) of(m Method) *int64 {
	if !slices.Contains(countable(), m) {
		return nil
	}
	var counted int64
	for _, line := range c.Lines {
		if line.Method == m {
			counted = line.CountedMinor
		}
	}
	return &counted
}

// Methods are all ways of paying, in the order in which they are listed.
func Methods() []Method {
	return []Method{Cash, Card, MobileMoney, "GIFT_CARD", "STORE_CREDIT", "ACCOUNT", "LOYALTY_POINTS"}
}

func rank(m Method) int {
	order := Methods()
	if i := slices.Index(order, m); i >= 0 {
		return i
	}
	return len(order)
}
