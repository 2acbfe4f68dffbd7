package report

import (
	"cmp"
	"context"
	"slices"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Reports reads reports.
type Reports struct{ db *postgres.DB }

// New makes Reports.
func New(db *postgres.DB) *Reports { return &Reports{db: db} }

// Report is what was asked for.
type Report struct {
	From, To civil.Date
	// PreviousFrom and PreviousTo are nil where nothing is compared.
	PreviousFrom, PreviousTo *civil.Date
	Totals, Subtotals        []*Row

	rows []*Row
	// memory is what the rows are in.
	memory *memory
}

// part is what the database adds up for one purpose: now, and for the period to compare with.
type part struct {
	query
	then         *query
	now, before  []*sums
	rest, behind []*sums
}

func (r *run) part(groupBy []Dimension) *part {
	p := &part{query: query{
		family: choose(needed(groupBy, r.in.Filter)), span: r.span, groupBy: groupBy, filter: r.in.Filter,
	}}
	if p.family != nil {
		p.wanted, p.told = p.family.wanted(r.want.Figures, r.in.Sort)
	}
	if r.in.CompareWith != nil {
		then := p.query
		then.span, then.shift = r.in.CompareWith.before(r.in.From, r.in.To)
		then.span.stores = r.span.stores
		p.then = &then
	}
	return p
}

func (p *part) statements(ctx context.Context, h *postgres.Handle) []postgres.Statement {
	list := p.query.statements(ctx, h, &p.now, &p.rest)
	if p.then != nil {
		list = append(list, p.then.statements(ctx, h, &p.before, &p.behind)...)
	}
	return list
}

// run is a report being made.
type run struct {
	in    *Input
	want  Want
	span  span
	costs bool

	main, tenders *part
	// levels are those coarser than the rows that the rows don't add up to.
	levels map[int]*part
	memory *memory
}

// Sales reports sales: in one round trip, but for a small report where receipts aren't in the sums yet, which takes two.
//
// Errors: problems form.Invalid, storeNotFound, notPossible, rangeTooLong, tooManyRows; FORBIDDEN for a register, and
// where the order would tell a margin that the caller may not see.
func (r *Reports) Sales(ctx context.Context, in Input, want Want) (*Report, error) {
	h, err := r.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Scope().Whole(); err != nil {
		return nil, err
	}
	run, err := plan(h.Scope(), &in, want)
	if err != nil {
		return nil, err
	}
	run.memory = newMemory()
	if err := run.read(ctx, h); err != nil {
		return nil, err
	}
	return run.report()
}

func plan(scope *tenancy.Scope, in *Input, want Want) (*run, error) {
	var p errs.Problems
	r := &run{in: in, want: want, levels: map[int]*part{}}
	r.span = span{stores: in.validate(&p, scope), from: in.From, to: in.To}
	r.costs = scope.CanAtAll(tenancy.CostRead, r.span.stores)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if in.Sort != nil && *in.Sort == ByMargin && !r.costs {
		return nil, errs.New(errs.Forbidden, "This needs the permission %s.", tenancy.CostRead)
	}
	r.parts(&p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// parts says what is to be added up, and finds what can't be.
func (r *run) parts(p *errs.Problems) {
	in, want := r.in, r.want
	r.main = r.part(in.GroupBy)
	if r.main.family == nil {
		p.Add(notPossible, []string{"groupBy"},
			"Receipts don't tell this: tenders, taxes and reasons of discounts stand alone, taxes also with what products are of.")
		return
	}
	if want.Tenders && !slices.Contains(in.GroupBy, ByTender) {
		if r.tenders = r.part(append(slices.Clone(in.GroupBy), ByTender)); r.tenders.family == nil {
			r.tenders = nil
		}
	}
	for _, made := range []*part{r.main, r.tenders} {
		if made != nil && made.family.model == nil && in.From.Days(in.To) >= mostLedgerDays {
			p.Add(rangeTooLong, []string{"to"}, "There are no sums of this: it is added up from receipts, for at most %d days.",
				mostLedgerDays)
			return
		}
	}
	for level := range in.GroupBy {
		if (level == 0 && want.Totals || level > 0 && want.Subtotals) && !r.main.family.additive() {
			r.levels[level] = r.part(in.GroupBy[:level])
		}
	}
}

// read reads the sums, and once more together with the receipts that they don't have yet where there are such. What is
// waiting is the same for all parts: they are of the same stores.
//
// A large report reads both at once: its sums cost more than to look for receipts.
func (r *run) read(ctx context.Context, h *postgres.Handle) error {
	if r.memory == nil {
		r.memory = new(memory) // of its own, where nobody gives it back
	}
	r.main.query.room = &r.memory.sums
	const large = 1200 // days of all stores together
	if s := r.main.query.span; r.main.family.model == nil || len(s.stores)*s.from.Days(s.to) > large {
		return h.Read(ctx, r.statements(ctx, h)...)
	}
	rowsAlone := !r.want.Totals && !r.want.Subtotals
	list := []postgres.Statement{r.main.settled(ctx, h, &r.main.now, rowsAlone)}
	if r.main.then != nil {
		list = append(list, r.main.then.settled(ctx, h, &r.main.before, rowsAlone))
	}
	for _, p := range r.others() {
		list = append(list, p.alone(ctx, h)...)
	}
	if err := h.Read(ctx, list...); err != nil {
		return err
	}
	if len(r.main.now)+len(r.main.before) > 0 {
		return nil
	}
	return h.Read(ctx, r.statements(ctx, h)...)
}

// others are the parts beside the rows.
func (r *run) others() []*part {
	var list []*part
	if r.tenders != nil {
		list = append(list, r.tenders)
	}
	for level := range r.in.GroupBy {
		if p := r.levels[level]; p != nil {
			list = append(list, p)
		}
	}
	return list
}

// alone reads a part without what the sums don't have.
func (p *part) alone(ctx context.Context, h *postgres.Handle) []postgres.Statement {
	if p.family.model == nil {
		return p.statements(ctx, h)
	}
	list := []postgres.Statement{p.into(ctx, &p.now, p.folded(h))}
	if p.then != nil {
		list = append(list, p.then.into(ctx, &p.before, p.then.folded(h)))
	}
	return list
}

func (r *run) statements(ctx context.Context, h *postgres.Handle) []postgres.Statement {
	list := r.main.statements(ctx, h)
	for _, p := range r.others() {
		list = append(list, p.statements(ctx, h)...)
	}
	return list
}

func (r *run) report() (*Report, error) {
	for _, p := range []*part{r.main, r.tenders} {
		if p == nil {
			continue
		}
		for _, list := range [][]*sums{p.now, p.rest, p.before, p.behind} {
			if len(list) > mostRows {
				return nil, errs.Problems{{
					Code: tooManyRows, Field: []string{"groupBy"},
					Message: "This has too many rows: take a shorter period, fewer stores or a coarser group.",
				}}
			}
		}
	}
	n := len(r.in.GroupBy)
	out := &Report{From: r.in.From, To: r.in.To, Totals: []*Row{}, Subtotals: []*Row{}, memory: r.memory}
	if r.main.then != nil {
		out.PreviousFrom, out.PreviousTo = &r.main.then.span.from, &r.main.then.span.to
	}
	out.rows = r.rows(n)
	r.order(out.rows)
	running(out.rows)
	if n == 0 {
		out.Totals = out.rows
		return out, nil
	}
	if r.want.Totals {
		out.Totals = r.rows(0)
	}
	if r.want.Subtotals {
		for level := 1; level < n; level++ {
			out.Subtotals = append(out.Subtotals, r.rows(level)...)
		}
	}
	return out, nil
}

// total adds up what the sums have and what they don't have yet, by the first so many of the groups.
func (p *part) total(level int, folded, rest []*sums) []*sums {
	if level == len(p.groupBy) {
		return merged(folded, rest)
	}
	all := map[key]*sums{}
	var list []*sums
	for _, rows := range [][]*sums{folded, rest} {
		for _, row := range rows {
			of := row.key
			clear(of.of[level:])
			sum := all[of]
			if sum == nil {
				sum = &sums{key: of}
				all[of], list = sum, append(list, sum)
			}
			sum.add(row)
		}
	}
	return filled(list)
}

// merged adds rows of the same groups to those that are there. Each of the lists has a group once; the second is short.
func merged(folded, rest []*sums) []*sums {
	if len(rest) == 0 && !slices.ContainsFunc(folded, (*sums).empty) {
		return folded // as nearly always
	}
	waiting := make(map[key]*sums, len(rest))
	for _, row := range rest {
		waiting[row.key] = row
	}
	list := make([]*sums, 0, len(folded)+len(rest))
	for _, row := range folded {
		if len(waiting) > 0 {
			if more := waiting[row.key]; more != nil {
				sum := *row // which a coarser level adds up, too
				sum.add(more)
				row = &sum
				delete(waiting, row.key)
			}
		}
		list = append(list, row)
	}
	for _, row := range waiting {
		list = append(list, row)
	}
	return filled(list)
}

// filled leaves out what was taken back, to the last cent.
func filled(list []*sums) []*sums { return slices.DeleteFunc(list, (*sums).empty) }

// rows makes the rows of a level: as many groups as it is high.
func (r *run) rows(level int) []*Row {
	p := r.main
	if own := r.levels[level]; own != nil {
		p = own
	}
	now, before := p.total(level, p.now, p.rest), p.total(level, p.before, p.behind)
	taken, taken0 := r.tendersOf(level, false), r.tendersOf(level, true)
	counts := p.family.counts(r.in.GroupBy[:level], r.in.Filter)
	of := make(map[key]*sums, len(before))
	for _, s := range before {
		of[s.key] = s
	}
	most := len(now) + len(before)
	rows := make([]*Row, 0, most)
	// There may be many: they have their room together.
	at := r.memory
	if level < len(r.in.GroupBy) {
		at = new(memory)
	}
	room, figures := at.room(most)
	var figures0 []Figures
	if p.then != nil {
		figures0 = make([]Figures, most)
	}
	add := func(k *key, now, before *sums) {
		i := len(rows)
		row := &room[i]
		*row = Row{key: k, group: Group{by: r.in.GroupBy[:level], key: k}}
		row.Figures = r.figures(&figures[i], p.family, counts, now, k.currency, taken[*k])
		if p.then != nil {
			row.Previous = r.figures(&figures0[i], p.family, counts, before, k.currency, taken0[*k])
		}
		rows = append(rows, row)
	}
	for _, s := range now {
		add(&s.key, s, of[s.key])
		delete(of, s.key)
	}
	for _, s := range of {
		add(&s.key, nil, s)
	}
	slices.SortFunc(rows, func(a, b *Row) int { return a.compare(b, r.in.GroupBy[:level]) })
	shares(rows)
	return rows
}

// tendersOf are the tenders of each row of a level; nil where they weren't asked for or can't be told.
func (r *run) tendersOf(level int, then bool) map[key][]*TenderSum {
	if r.tenders == nil {
		return nil
	}
	lists := [][]*sums{r.tenders.now, r.tenders.rest}
	if then {
		lists = [][]*sums{r.tenders.before, r.tenders.behind}
	}
	all := map[key][]*TenderSum{}
	n := len(r.in.GroupBy)
	for _, list := range lists {
		for _, row := range list {
			of := row.key
			method := of.of[n]
			clear(of.of[level:])
			i := slices.IndexFunc(all[of], func(t *TenderSum) bool { return t.Method == method })
			if i < 0 {
				i = len(all[of])
				all[of] = append(all[of], &TenderSum{Method: method, currency: row.key.currency})
			}
			all[of][i].minor += row.Amount
			all[of][i].SaleCount += row.Sales
		}
	}
	for of, list := range all {
		slices.SortFunc(list, func(a, b *TenderSum) int { return cmp.Compare(a.Method, b.Method) })
		all[of] = slices.DeleteFunc(list, func(t *TenderSum) bool { return t.minor == 0 && t.SaleCount == 0 })
	}
	return all
}

func (r *run) figures(
	out *Figures, f *family, counts bool, s *sums, currency money.Currency, taken []*TenderSum,
) *Figures {
	if s == nil {
		s = &sums{key: key{currency: currency}}
	}
	*out = Figures{sums: s, family: f, counts: counts, costs: r.costs}
	if out.Tenders = taken; taken == nil {
		out.Tenders = []*TenderSum{}
	}
	return out
}

// order sorts the rows, those of one currency together.
func (r *run) order(rows []*Row) {
	by := InOrder
	if r.in.Sort != nil {
		by = *r.in.Sort
	}
	if by == InOrder {
		return // they are
	}
	slices.SortStableFunc(rows, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.key.currency, b.key.currency), by.compare(a.Figures, b.Figures))
	})
}

func (by Sort) compare(a, b *Figures) int {
	down := func(of func(*Figures) int64) int { return cmp.Compare(of(b), of(a)) }
	net := func(f *Figures) int64 { return f.value() }
	units := func(f *Figures) int64 { return f.Sold - f.Back }
	switch by {
	case ByNet:
		return down(net)
	case ByNetUp:
		return -down(net)
	case ByGross:
		return down(func(f *Figures) int64 { return f.sums.Gross })
	case BySold:
		return down(units)
	case BySoldUp:
		return -down(units)
	case BySaleCount:
		return down(func(f *Figures) int64 { return f.Sales })
	case ByDiscount:
		return down(func(f *Figures) int64 { return f.Discount })
	case ByReturned:
		return down(func(f *Figures) int64 { return f.Returned })
	case ByVoided:
		return down(func(f *Figures) int64 { return f.sums.Voided })
	case ByMargin:
		return down(func(f *Figures) int64 { return f.NetCosted - f.sums.Cost })
	case InOrder:
	}
	return 0
}

// shares says of each row how much of its currency's it is.
func shares(rows []*Row) {
	var whole perCurrency
	for _, row := range rows {
		*whole.of(row.key.currency) += row.Figures.value()
	}
	for _, row := range rows {
		row.whole = *whole.of(row.key.currency)
	}
}

// running adds rows up in their order.
func running(rows []*Row) {
	var sum perCurrency
	for _, row := range rows {
		at := sum.of(row.key.currency)
		*at += row.Figures.value()
		row.sum, row.summed = *at, true
	}
}

// perCurrency has a sum of each currency. The one that was asked for last is at hand: most reports have no other.
type perCurrency struct {
	first int64
	all   map[money.Currency]*int64
	last  money.Currency
	at    *int64
}

func (p *perCurrency) of(c money.Currency) *int64 {
	switch {
	case p.at == nil:
		p.last, p.at = c, &p.first
	case p.last != c:
		if p.all == nil {
			p.all = map[money.Currency]*int64{p.last: p.at}
		}
		if p.all[c] == nil {
			p.all[c] = new(int64)
		}
		p.last, p.at = c, p.all[c]
	}
	return p.at
}

const (
	// someRows is how many rows a report shows unless told, mostShown how many at most.
	someRows  = 100
	mostShown = 20_000
)

// RowCount is how many rows there are.
func (r *Report) RowCount() int { return len(r.rows) }

// Rows are the first so many rows.
//
// Errors: BAD_USER_INPUT, where that is none or too many.
func (r *Report) Rows(first *int) ([]*Row, error) { return firstOf(r.rows, first) }
