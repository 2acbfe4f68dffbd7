package seed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/till"
)

// tillSpec is what a company's drawers begin with, and how far a count may be off, in minor units; 0 is any distance.
type tillSpec struct{ float, limit int64 }

// tills are the till sessions of a store: one for each register and day on which it sold, closed with a Z report in the
// evening. Those of the period's last day still sell.
type tills struct {
	dice
	company *company
	store   *store
	ids     *idMaker
	until   time.Time
	// now are the sessions that aren't closed, by register, and all of them those that there are.
	now []*session
	all []*session
	// moves are the drawers' movements, apart from sales.
	moves []drawerMove
}

type session struct {
	id, cashier uuid.UUID
	register    int
	number      int64
	opened      time.Time
	// closed is zero for what still sells.
	closed time.Time
	report till.Report
	// approved are variances that somebody had to approve.
	approved map[till.Method]int64
}

type drawerMove struct {
	session *session
	id      uuid.UUID
	at      time.Time
	kind    till.MovementKind
	amount  int64
	reason  string
}

// newTills gives nil where a company is made for measuring.
func newTills(c *company, s *store, p period, seed uint64) *tills {
	if c.measured() {
		return nil
	}
	d := newDice(seed, c.number, s.number, purposeTills)
	return &tills{
		dice: d, company: c, store: s, ids: &idMaker{dice: d}, until: p.until, now: make([]*session, len(s.registers)),
	}
}

// at gives the session that a sale happens in, and counts it there; the id is null where there are no sessions.
func (t *tills) at(k *ticket) pgtype.UUID {
	if t == nil {
		return pgtype.UUID{}
	}
	s := t.now[k.register]
	if s != nil && s.opened.YearDay() != k.at.YearDay() {
		t.close(s)
		s = nil
	}
	if s == nil {
		y, m, d := k.at.Date()
		s = t.open(k.register, k.cashier, time.Date(y, m, d, 6, 30+2*k.register, 0, 0, t.store.zone))
	}
	s.count(k)
	t.use(s, k)
	return column(s.id)
}

func (t *tills) open(register int, cashier uuid.UUID, at time.Time) *session {
	s := &session{id: t.ids.next(at), cashier: cashier, register: register, number: 1, opened: at}
	for _, before := range t.all {
		if before.register == register {
			s.number = before.number + 1
		}
	}
	s.report = till.Report{Currency: t.company.currency, FloatMinor: t.company.tills.float, Taxes: []*till.TaxSum{}}
	s.tender(till.Cash)
	t.now[register], t.all = s, append(t.all, s)
	return s
}

// count adds a sale to the figures.
func (s *session) count(k *ticket) {
	r := &s.report
	r.SaleCount++
	for _, line := range k.totals.Lines {
		r.GrossMinor += line.Gross
		s.levy(line)
	}
	r.NetMinor += k.totals.Subtotal
	r.TaxMinor += k.totals.Tax
	r.TotalMinor += k.totals.Total
	for _, p := range k.payments {
		tender := s.tender(till.Method(p.method))
		tender.PaymentCount++
		tender.TenderedMinor += p.tendered
		tender.ChangeMinor += p.tendered - p.amount
		tender.AmountMinor += p.amount
	}
}

func (s *session) levy(line sale.LineTotals) {
	for _, tax := range line.Taxes {
		at := slices.IndexFunc(s.report.Taxes, func(sum *till.TaxSum) bool {
			return sum.Name == tax.Name && sum.Code == tax.Code && sum.RatePPM == tax.Rate
		})
		if at < 0 {
			at = len(s.report.Taxes)
			s.report.Taxes = append(s.report.Taxes, &till.TaxSum{
				Name: tax.Name, Code: tax.Code, RatePPM: tax.Rate, Currency: s.report.Currency,
			})
		}
		s.report.Taxes[at].BaseMinor += tax.Base
		s.report.Taxes[at].AmountMinor += tax.Amount
	}
}

func (s *session) tender(m till.Method) *till.TenderSum {
	for _, tender := range s.report.Tenders {
		if tender.Method == m {
			return tender
		}
	}
	tender := &till.TenderSum{Method: m, Currency: s.report.Currency}
	s.report.Tenders = append(s.report.Tenders, tender)
	return tender
}

// drawer is the cash that should be there.
func (s *session) drawer() int64 {
	r := &s.report
	return s.tender(till.Cash).AmountMinor + r.FloatMinor + r.PaidInMinor - r.PaidOutMinor - r.DropMinor
}

// use opens the drawer for something else than the sale, now and then.
func (t *tills) use(s *session, k *ticket) {
	note := t.company.coins[len(t.company.coins)-1]
	at := k.at.Add(2 * time.Second)
	switch over := s.drawer() - s.report.FloatMinor; {
	case at.After(t.until):
	case over > 4*note:
		s.report.DropMinor += over / note * note
		t.move(s, at, till.CashDrop, over/note*note, "To the safe")
	case t.chance(0.02) && over > note:
		amount := note * (1 + t.Int64N(4)) / 4
		s.report.PaidOutMinor += amount
		t.move(s, at, till.PaidOut, amount, pick(t.dice, []string{"Cleaning", "Delivery of ice", "Petty cash: stationery"}))
	case t.chance(0.01):
		s.report.PaidInMinor += note
		t.move(s, at, till.PaidIn, note, "Change from the bank")
	case t.chance(0.02):
		s.report.NoSaleCount++
		t.move(s, at, till.NoSale, 0, "Changed a note")
	}
}

func (t *tills) move(s *session, at time.Time, kind till.MovementKind, amount int64, reason string) {
	t.moves = append(t.moves, drawerMove{
		session: s, id: t.ids.next(at), at: at, kind: kind, amount: amount, reason: reason,
	})
}

// close counts a till in the evening of its day. Now and then something is missing.
func (t *tills) close(s *session) {
	y, m, d := s.opened.Date()
	s.closed = time.Date(y, m, d, 22, 10+2*s.register, 0, 0, t.store.zone)
	r := &s.report
	slices.SortFunc(r.Taxes, func(a, b *till.TaxSum) int {
		return cmp.Or(cmp.Compare(a.RatePPM, b.RatePPM), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	slices.SortFunc(r.Tenders, func(a, b *till.TenderSum) int {
		methods := []till.Method{methodCash, methodCard, methodMobile}
		return slices.Index(methods, a.Method) - slices.Index(methods, b.Method)
	})
	for _, tender := range r.Tenders {
		tender.ExpectedMinor = tender.AmountMinor
		counted := tender.AmountMinor
		if tender.Method == till.Cash {
			tender.ExpectedMinor = s.drawer()
			counted = tender.ExpectedMinor + t.variance()
		}
		tender.CountedMinor = &counted
		if off := counted - tender.ExpectedMinor; t.company.tills.limit > 0 && max(off, -off) > t.company.tills.limit {
			s.approved = map[till.Method]int64{tender.Method: off}
		}
	}
}

// variance is how far the cash is off: mostly not at all, sometimes a little, and now and then by a note.
func (t *tills) variance() int64 {
	coins := t.company.coins
	switch n := t.IntN(20); {
	case n < 14:
		return 0
	case n < 17:
		return -coins[0] * (1 + t.Int64N(20))
	case n < 19:
		return coins[0] * (1 + t.Int64N(20))
	default:
		return -coins[len(coins)-2]
	}
}

// finish closes what isn't of the last day. The first till of a company is open in any case.
func (t *tills) finish() {
	if t == nil {
		return
	}
	today := t.until.In(t.store.zone)
	for register, s := range t.now {
		if s != nil && s.opened.YearDay() != today.YearDay() {
			t.close(s)
			t.now[register] = nil
		}
	}
	if t.store.number == 0 && t.now[0] == nil {
		t.open(0, t.store.cashiers[0], today.Truncate(time.Second))
	}
}

// approver is somebody else than who counts: a manager of the store, or the owner.
func (t *tills) approver() uuid.UUID {
	owner := t.company.people[0].id
	for _, p := range t.company.people {
		switch {
		case p.role == roleManager && slices.Contains(p.stores, t.store.id):
			return p.id
		case p.role == roleOwner:
			owner = p.id
		}
	}
	return owner
}

type tillColumns struct {
	registers, ids, cashiers, zs       uuids
	numbers                            ints
	opened, counted, closed            optionalTimes
	dates                              dates
	approved, reasons, figures, counts optionalTexts
}

// addTills writes the sessions, before the sales that name them.
func (t *tills) addTills(rows *inserts) error {
	if t == nil {
		return nil
	}
	t.finish()
	var c tillColumns
	for _, s := range t.all {
		if err := c.add(t, s); err != nil {
			return err
		}
	}
	limit := &t.company.tills.limit
	if *limit == 0 {
		limit = nil
	}
	rows.add(`insert into till_sessions (tenant_id, store_id, register_id, id, number, status, currency_code, opening_float,
			business_date, opened_at, opened_by_id, holder_id, counted_at, count_number, variance_limit, approved_variances,
			approved_at, approved_by_id, approval_reason, closed_at, closed_by_id)
		select $1, $2, s.register_id, s.id, s.number, case when s.closed is null then 'OPEN' else 'CLOSED' end, $3, $4,
			s.date, s.opened, s.cashier, s.cashier, s.counted, case when s.counted is not null then 1 end,
			case when s.counted is not null then $5::bigint end, s.approved::jsonb,
			case when s.approved is not null then s.closed - interval '1 minute' end,
			case when s.approved is not null then $6::uuid end, s.reason, s.closed,
			case when s.closed is not null then s.cashier end
		from unnest($7::uuid[], $8::uuid[], $9::bigint[], $10::date[], $11::timestamptz[], $12::timestamptz[],
				$13::timestamptz[], $14::uuid[], $15::text[], $16::text[])
			as s(register_id, id, number, date, opened, counted, closed, cashier, approved, reason)`,
		t.company.id, t.store.id, string(t.company.currency), t.company.tills.float, limit, t.approver(),
		c.registers, c.ids, c.numbers, c.dates, c.opened, c.counted, c.closed, c.cashiers, c.approved, c.reasons)
	rows.add(`insert into till_holders (tenant_id, store_id, register_id, session_id, position, holder_id, since)
		select $1, $2, s.register_id, s.id, 1, s.cashier, s.opened
		from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[]) as s(register_id, id, cashier, opened)`,
		t.company.id, t.store.id, c.registers, c.ids, c.cashiers, c.opened)
	rows.add(`insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code,
			counted_by_id, counted_at, tenders)
		select $1, $2, s.register_id, s.id, 1, 'CLOSE', $3, s.cashier, s.counted, s.tenders::jsonb
		from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::text[])
			as s(register_id, id, cashier, counted, tenders)
		where s.counted is not null`,
		t.company.id, t.store.id, string(t.company.currency), c.registers, c.ids, c.cashiers, c.counted, c.counts)
	rows.add(`insert into till_z_reports (tenant_id, store_id, register_id, id, number, session_id, business_date, opened_at,
			closed_at, closed_by_id, counted_by_id, approved_by_id, approval_reason, figures)
		select $1, $2, s.register_id, s.z, s.number, s.id, s.date, s.opened, s.closed, s.cashier, s.cashier,
			case when s.reason is not null then $3::uuid end, s.reason, s.figures::jsonb
		from unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::uuid[], $8::date[], $9::timestamptz[], $10::timestamptz[],
				$11::uuid[], $12::text[], $13::text[])
			as s(register_id, z, number, id, date, opened, closed, cashier, reason, figures)
		where s.closed is not null`,
		t.company.id, t.store.id, t.approver(), c.registers, c.zs, c.numbers, c.ids, c.dates, c.opened, c.closed,
		c.cashiers, c.reasons, c.figures)
	t.addMoves(rows)
	return nil
}

func (c *tillColumns) add(t *tills, s *session) error {
	c.registers, c.ids = append(c.registers, column(t.store.registers[s.register])), append(c.ids, column(s.id))
	c.cashiers, c.numbers = append(c.cashiers, column(s.cashier)), append(c.numbers, s.number)
	y, m, d := s.opened.Date()
	c.dates = append(c.dates, pgtype.Date{Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Valid: true})
	c.opened = append(c.opened, &s.opened)
	if s.closed.IsZero() {
		c.counted, c.closed, c.zs = append(c.counted, nil), append(c.closed, nil), append(c.zs, pgtype.UUID{})
		c.approved, c.reasons = append(c.approved, nil), append(c.reasons, nil)
		c.figures, c.counts = append(c.figures, nil), append(c.counts, nil)
		return nil
	}
	counted := s.closed.Add(-5 * time.Minute)
	c.counted, c.closed = append(c.counted, &counted), append(c.closed, &s.closed)
	c.zs = append(c.zs, column(t.ids.next(s.closed)))
	var approved, reason *string
	if s.approved != nil {
		text, err := written(s.approved)
		if err != nil {
			return err
		}
		why := "Counted twice: a note was given out too much."
		approved, reason = text, &why
	}
	c.approved, c.reasons = append(c.approved, approved), append(c.reasons, reason)
	figures, err := written(&s.report)
	if err != nil {
		return err
	}
	var tenders []*till.CountedTender
	for _, tender := range s.report.Tenders {
		tenders = append(tenders, &till.CountedTender{
			Method: tender.Method, CountedMinor: *tender.CountedMinor, ExpectedMinor: tender.ExpectedMinor,
		})
	}
	count, err := written(tenders)
	c.figures, c.counts = append(c.figures, figures), append(c.counts, count)
	return err
}

func written(value any) (*string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write figures: %w", err)
	}
	text := string(raw)
	return &text, nil
}

func (t *tills) addMoves(rows *inserts) {
	var registers, ids, sessions, people uuids
	var kinds, reasons texts
	var amounts ints
	var at times
	for _, m := range t.moves {
		registers, ids = append(registers, column(t.store.registers[m.session.register])), append(ids, column(m.id))
		sessions, people = append(sessions, column(m.session.id)), append(people, column(m.session.cashier))
		kinds, reasons = append(kinds, string(m.kind)), append(reasons, m.reason)
		amounts, at = append(amounts, m.amount), append(at, m.at)
	}
	rows.add(`insert into drawer_movements (tenant_id, store_id, register_id, id, session_id, kind, currency_code, amount,
			reason, person_id, recorded_at)
		select $1, $2, m.register_id, m.id, m.session_id, m.kind, $3, m.amount, m.reason, m.person_id, m.at
		from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::text[], $10::uuid[], $11::timestamptz[])
			as m(register_id, id, session_id, kind, amount, reason, person_id, at)`,
		t.company.id, t.store.id, string(t.company.currency), registers, ids, sessions, kinds, amounts, reasons, people, at)
}
