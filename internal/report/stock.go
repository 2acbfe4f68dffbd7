package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// StockSort is the order of a stock report's rows.
type StockSort string

// The orders.
const (
	StockInOrder   StockSort = "GROUP"
	SlowestStock   StockSort = "UNITS_ASC"
	FastestStock   StockSort = "UNITS_DESC"
	LowestSold     StockSort = "SELL_THROUGH_ASC"
	DearestStock   StockSort = "VALUE_AT_PRICE_DESC"
	CostliestStock StockSort = "VALUE_AT_COST_DESC"
)

// StockInput says what stock to report, and over which days what was sold counts.
type StockInput struct {
	From, To    civil.Date
	StoreIDs    []id.Store
	CategoryIDs []id.Category
	Sort        *StockSort
}

// sales are those that count.
func (in *StockInput) sales() *Input {
	return &Input{From: in.From, To: in.To, StoreIDs: in.StoreIDs, Filter: &Filter{CategoryTodayIDs: in.CategoryIDs}}
}

func (in *StockInput) validate(p *errs.Problems, scope *tenancy.Scope) []id.Store {
	return in.sales().narrower(p, scope, tenancy.InventoryRead, "categoryIds")
}

// narrower validates the input of a report that has a list of the filter as a field of its own, and needs another
// permission besides: a store where somebody hasn't that is none.
func (in *Input) narrower(p *errs.Problems, scope *tenancy.Scope, also tenancy.Permission, field string) []id.Store {
	before := len(*p)
	stores := in.validate(p, scope)
	for i := before; i < len(*p); i++ {
		if path := (*p)[i].Field; len(path) == 2 && path[0] == "filter" {
			(*p)[i].Field = []string{field}
		}
	}
	seen := slices.DeleteFunc(slices.Clone(stores), func(s id.Store) bool { return !scope.CanAt(also, s) })
	for i, asked := range in.StoreIDs {
		if slices.Contains(stores, asked) && !slices.Contains(seen, asked) {
			p.Add(storeNotFound, errs.Path("storeIds", i), "There is no such store.")
		}
	}
	return seen
}

// mayBeSorted is nil unless the order would tell costs that the caller may not see.
func (in *StockInput) mayBeSorted(costs bool) error {
	if in.Sort != nil && *in.Sort == CostliestStock && !costs {
		return errs.New(errs.Forbidden, "This needs the permission %s.", tenancy.CostRead)
	}
	return nil
}

// stockLine is a product in a store, as the database has it.
type stockLine struct {
	StoreID    id.Store       `bun:"store_id"`
	ProductID  id.Product     `bun:"product_id"`
	Currency   money.Currency `bun:"store_currency"`
	Milli      int64          `bun:"on_hand"`
	Average    *money.Cost    `bun:"on_average"`
	Cost       *int64         `bun:"cost"`
	Catalogue  money.Currency `bun:"currency_code"`
	Price      *int64         `bun:"at_price"`
	soldMilli  int64
	valueCost  *int64
	valuePrice *int64
}

// StockRow is a product in a store: what is there, what that is worth, and what was sold of it.
type StockRow struct {
	line  *stockLine
	costs bool
}

// StoreID is where.
func (r *StockRow) StoreID() *id.Store { return &r.line.StoreID }

// ProductID is of what.
func (r *StockRow) ProductID() *id.Product { return &r.line.ProductID }

// CurrencyCode is the store's.
func (r *StockRow) CurrencyCode() money.Currency { return r.line.Currency }

// Quantity is what is there, below zero where more was sold than was known to be there.
func (r *StockRow) Quantity() money.Decimal { return money.Quantity(r.line.Milli) }

// UnitsSold is what was sold in the period less what came back.
func (r *StockRow) UnitsSold() money.Decimal { return money.Quantity(r.line.soldMilli) }

// SellThrough is what was sold of what there was to sell: that and what is still there, in percent.
func (r *StockRow) SellThrough() (money.Decimal, bool) {
	return sellThrough(r.line.soldMilli, r.line.Milli)
}

func sellThrough(sold, left int64) (money.Decimal, bool) {
	return money.ShareOf(sold, sold+max(left, 0))
}

// ValueAtCost is what is there at what it cost; it can't be told where that isn't known or isn't the caller's to see.
func (r *StockRow) ValueAtCost() (money.Money, bool) {
	if !r.costs || r.line.valueCost == nil {
		return money.Money{}, false
	}
	return money.Money{Minor: *r.line.valueCost, Currency: r.line.Currency}, true
}

// ValueAtPrice is what is there at the store's prices of this moment; it can't be told where it has none.
func (r *StockRow) ValueAtPrice() (money.Money, bool) {
	if r.line.valuePrice == nil {
		return money.Money{}, false
	}
	return money.Money{Minor: *r.line.valuePrice, Currency: r.line.Currency}, true
}

// StockTotal is what all rows of one currency come to.
type StockTotal struct {
	Currency                 money.Currency
	ProductCount             int
	WithoutCost              int
	costs                    bool
	sold, left, cost, priced int64
}

// CurrencyCode is what the amounts are in.
func (t *StockTotal) CurrencyCode() money.Currency { return t.Currency }

// SellThrough is that of all of it together.
func (t *StockTotal) SellThrough() (money.Decimal, bool) { return money.ShareOf(t.sold, t.sold+t.left) }

// ValueAtCost is the sum of what is known.
func (t *StockTotal) ValueAtCost() (money.Money, bool) {
	if !t.costs {
		return money.Money{}, false
	}
	return money.Money{Minor: t.cost, Currency: t.Currency}, true
}

// CountWithoutCost is how many rows have goods of which that isn't known.
func (t *StockTotal) CountWithoutCost() (n int, told bool) {
	if !t.costs {
		return 0, false
	}
	return t.WithoutCost, true
}

// ValueAtPrice is the sum of what has a price.
func (t *StockTotal) ValueAtPrice() *money.Money { return amount(t.priced, t.Currency) }

// StockReport is what was asked for.
type StockReport struct {
	From, To civil.Date
	Totals   []*StockTotal

	rows []*StockRow
}

// RowCount is how many rows there are.
func (r *StockReport) RowCount() int { return len(r.rows) }

// Rows are the first so many rows.
//
// Errors: BAD_USER_INPUT, where that is none or too many.
func (r *StockReport) Rows(first *int) ([]*StockRow, error) { return firstOf(r.rows, first) }

func firstOf[T any](rows []T, first *int) ([]T, error) {
	n := someRows
	if first != nil {
		n = *first
	}
	if n < 1 || n > mostShown {
		return nil, errs.New(errs.BadUserInput, "first must be 1 to %d.", mostShown)
	}
	return rows[:min(n, len(rows))], nil
}

// Stock reports stock as it is now, with what was sold in some days, in one round trip. Prices are looked up where they
// are wanted.
//
// Errors: problems form.Invalid, storeNotFound, rangeTooLong, tooManyRows; FORBIDDEN for a register, and where the order
// would tell costs that the caller may not see.
func (r *Reports) Stock(ctx context.Context, in StockInput, prices bool, now time.Time) (*StockReport, error) {
	h, err := r.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope := h.Scope()
	if err := scope.Whole(); err != nil {
		return nil, err
	}
	var p errs.Problems
	stores := in.validate(&p, scope)
	if err := p.Err(); err != nil {
		return nil, err
	}
	costs := scope.CanAtAll(tenancy.CostRead, stores)
	if err := in.mayBeSorted(costs); err != nil {
		return nil, err
	}
	by := StockInOrder
	if in.Sort != nil {
		by = *in.Sort
	}
	sold := &query{
		span: span{stores: stores, from: in.From, to: in.To}, groupBy: []Dimension{ByStore, ByProduct},
	}
	if len(in.CategoryIDs) > 0 {
		sold.filter = &Filter{CategoryTodayIDs: in.CategoryIDs}
	}
	sold.family = choose(needed(sold.groupBy, sold.filter))
	var lines []*stockLine
	var folded, rest []*sums
	err = h.Read(ctx, append(sold.statements(ctx, h, &folded, &rest),
		postgres.Rows(&lines, stockLines(h, stores, in.CategoryIDs, prices || by == DearestStock, now)))...)
	if err != nil {
		return nil, err
	}
	if max(len(lines), len(folded), len(rest)) > mostRows {
		return nil, errs.Problems{{
			Code: tooManyRows, Field: []string{"storeIds"}, Message: "This has too many rows: take fewer stores or categories.",
		}}
	}
	return stockReport(&in, by, costs, lines, merged(folded, rest)), nil
}

// Stock is that of the reports, at the prices of now.
func (f *Files) Stock(ctx context.Context, in StockInput, prices bool) (*StockReport, error) {
	return f.reports.Stock(ctx, in, prices, f.Now())
}

// stockLines are the levels of some stores, with what their products cost there.
func stockLines(h *postgres.Handle, stores []id.Store, categories []id.Category, prices bool, now time.Time) *bun.SelectQuery {
	q := h.Select((*catalog.Product)(nil)).
		Join("JOIN (?) AS level ON level.product_id = product.id", h.Select((*inventory.Level)(nil)).
			Where("?TableAlias.store_id = ANY (?::uuid[])", postgres.UUIDs(stores))).
		Join("JOIN (?) AS at ON at.id = level.store_id", h.Select((*company.Store)(nil)))
	if len(categories) > 0 {
		q.Where("product.category_id IN (?)", below(h, categories))
	}
	if prices {
		q = catalog.PricedNow(h, q, now)
	} else {
		q.ColumnExpr("product.id, product.cost, product.currency_code, at.id AS at_store").
			ColumnExpr("at.currency_code AS store_currency, NULL::bigint AS at_price")
	}
	q.ColumnExpr("level.quantity AS on_hand, level.average_cost AS on_average")
	return h.NewSelect().TableExpr("(?) AS p", q).
		ColumnExpr("p.at_store AS store_id, p.id AS product_id, p.store_currency, p.on_hand, p.on_average, p.cost").
		ColumnExpr("p.currency_code, p.at_price").Limit(mostRows + 1)
}

func stockReport(in *StockInput, by StockSort, costs bool, lines []*stockLine, sold []*sums) *StockReport {
	type place struct{ store, product string }
	units := make(map[place]int64, len(sold))
	for _, s := range sold {
		units[place{s.key.of[0], s.key.of[1]}] += s.Sold - s.Back
	}
	out := &StockReport{From: in.From, To: in.To, Totals: []*StockTotal{}, rows: make([]*StockRow, len(lines))}
	totals := map[money.Currency]*StockTotal{}
	for i, line := range lines {
		line.soldMilli = units[place{line.StoreID.UUID().String(), line.ProductID.UUID().String()}]
		line.worth()
		out.rows[i] = &StockRow{line: line, costs: costs}
		total := totals[line.Currency]
		if total == nil {
			total = &StockTotal{Currency: line.Currency, costs: costs}
			totals[line.Currency] = total
			out.Totals = append(out.Totals, total)
		}
		total.add(line)
	}
	slices.SortFunc(out.Totals, func(a, b *StockTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	slices.SortFunc(out.rows, func(a, b *StockRow) int {
		return cmp.Or(cmp.Compare(a.line.Currency, b.line.Currency), by.compare(a.line, b.line),
			slices.Compare(a.line.StoreID[:], b.line.StoreID[:]), slices.Compare(a.line.ProductID[:], b.line.ProductID[:]))
	})
	return out
}

// worth values what is there; what is below zero is worth nothing.
func (l *stockLine) worth() {
	there := max(l.Milli, 0)
	cost := l.Average
	if cost == nil && l.Cost != nil && l.Catalogue == l.Currency {
		known := money.CostOf(*l.Cost)
		cost = &known
	}
	if cost != nil {
		if value, err := cost.Of(there); err == nil {
			l.valueCost = &value
		}
	}
	if l.Price != nil {
		if value, err := money.MulDiv(there, *l.Price, milli); err == nil {
			l.valuePrice = &value
		}
	}
}

// milli are the thousandths of a unit.
const milli = 1000

func (t *StockTotal) add(l *stockLine) {
	t.ProductCount++
	t.sold += l.soldMilli
	t.left += max(l.Milli, 0)
	if l.valueCost != nil {
		t.cost += *l.valueCost
	} else if l.Milli > 0 {
		t.WithoutCost++
	}
	if l.valuePrice != nil {
		t.priced += *l.valuePrice
	}
}

func (by StockSort) compare(a, b *stockLine) int {
	value := func(v *int64) int64 {
		if v == nil {
			return -1
		}
		return *v
	}
	switch by {
	case SlowestStock:
		// What is slow is there: of as many sold, that of which there is more comes first.
		return cmp.Or(cmp.Compare(isThere(b), isThere(a)), cmp.Compare(a.soldMilli, b.soldMilli), cmp.Compare(b.Milli, a.Milli))
	case FastestStock:
		return cmp.Compare(b.soldMilli, a.soldMilli)
	case LowestSold:
		return cmp.Or(cmp.Compare(isThere(b), isThere(a)), compareShares(a, b), cmp.Compare(b.Milli, a.Milli))
	case DearestStock:
		return cmp.Compare(value(b.valuePrice), value(a.valuePrice))
	case CostliestStock:
		return cmp.Compare(value(b.valueCost), value(a.valueCost))
	case StockInOrder:
	}
	return 0
}

func isThere(l *stockLine) int {
	if l.Milli > 0 {
		return 1
	}
	return 0
}

// compareShares compares sold/(sold+left), the less first.
func compareShares(a, b *stockLine) int {
	rate := func(l *stockLine) float64 {
		if whole := l.soldMilli + max(l.Milli, 0); whole != 0 {
			return float64(l.soldMilli) / float64(whole)
		}
		return 0
	}
	return cmp.Compare(rate(a), rate(b))
}
