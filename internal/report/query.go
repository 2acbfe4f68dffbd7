package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// shift moves the days of a period onto those that it is compared with: by days, or by months.
type shift struct{ days, months int }

// query adds rows of one family up.
type query struct {
	family  *family
	span    span
	groupBy []Dimension
	filter  *Filter
	shift   shift
	// wanted are the columns to read; nil is all that the family has. Told are those of them that figures are told of.
	wanted, told []string
	// sure says that only rows are read that aren't empty.
	sure bool
	// room is where rows are read into, also by several statements; nil is room of their own.
	room *[]sums
}

func (q *query) figures() []string {
	if q.wanted == nil {
		return q.family.figures
	}
	return q.wanted
}

// statements add up what there is into the two lists: the sums, and what they don't have yet; or the ledger alone.
func (q *query) statements(ctx context.Context, h *postgres.Handle, folded, rest *[]*sums) []postgres.Statement {
	if q.family.model == nil {
		return []postgres.Statement{q.into(ctx, folded, q.sum(h, q.rows(h, recorded(h, q.span))))}
	}
	return []postgres.Statement{
		q.into(ctx, folded, q.folded(h)),
		q.into(ctx, rest, q.sum(h, q.rows(h, unfolded(h, q.span)))),
	}
}

// settled reads the sums alone, and none where any receipts of the stores are not in them yet: reading those costs many
// times as much, and mostly there are none. Where the rows stand alone, without others that are added up of them, the
// database leaves out what is empty, so that the columns which tell it need not be read.
func (q *query) settled(ctx context.Context, h *postgres.Handle, folded *[]*sums, rowsAlone bool) postgres.Statement {
	shown := *q
	if rowsAlone && q.ready() {
		shown.wanted, shown.sure = q.told, true
	}
	from := shown.folded(h).Where("NOT EXISTS (?)", h.Select((*pending)(nil)).ColumnExpr("1").
		Where("pending.store_id ?", postgres.Among(q.span.stores)))
	if shown.sure {
		from.Where("(r." + strings.Join(q.figures(), " <> 0 OR r.") + " <> 0)")
	}
	return shown.into(ctx, folded, from)
}

// into reads sums, whose columns are the groups, the currency and the figures.
func (q *query) into(ctx context.Context, list *[]*sums, from *bun.SelectQuery) postgres.Statement {
	row := sums{sure: q.sure}
	room := q.room
	if room == nil {
		room = new([]sums)
	}
	targets := make([]any, 0, len(q.groupBy)+1+len(q.figures()))
	for i := range q.groupBy {
		targets = append(targets, &postgres.Word{To: &row.key.of[i]})
	}
	currency := ""
	targets = append(targets, &postgres.Word{To: &currency})
	for _, figure := range q.figures() {
		targets = append(targets, columns[figure](&row))
	}
	return postgres.Scan(ctx, []*postgres.Record{{Targets: targets}}, func() { *list = (*list)[:0] }, func() error {
		if len(*room) == cap(*room) {
			*room = make([]sums, 0, max(q.likely(), 2*cap(*room))) // rows that are there stay where they are
		}
		if len(*list) == 0 {
			*list = slices.Grow(*list, q.likely())
		}
		row.key.currency = money.Currency(currency)
		*room = append(*room, row)
		*list = append(*list, &(*room)[len(*room)-1])
		return nil
	}, from)
}

// likely is how many rows there will be at first sight: one of each store and day, where these are told apart.
func (q *query) likely() int {
	const few, many = 16, 1024
	if len(q.groupBy) == 0 {
		return 1
	}
	n := 1
	for _, d := range q.groupBy {
		switch d {
		case ByStore:
			n *= len(q.span.stores)
		case ByDay:
			n *= q.span.from.Days(q.span.to) + 1
		default:
			n *= few
		}
		n = min(n, many)
	}
	return n
}

// folded reads the sums. Where each of their rows is a group already, there is nothing to add up.
func (q *query) folded(h *postgres.Handle) *bun.SelectQuery {
	from := q.span.limit(h.Select(q.family.model), "r")
	if !q.ready() {
		return q.sum(h, from)
	}
	for i, d := range q.groupBy {
		q.column(from, d, "k"+strconv.Itoa(i))
	}
	from.ColumnExpr("r.currency_code")
	for _, figure := range q.figures() {
		from.ColumnExpr("r." + figure)
	}
	for i := range q.groupBy {
		from.OrderExpr(strconv.Itoa(i + 1)) // as the rows will be: the database is quicker at it
	}
	if q.filter != nil {
		q.filter.apply(h, from)
	}
	return from.Limit(mostRows + 1)
}

// ready says that each row of the sums is a group already.
func (q *query) ready() bool {
	return len(q.family.by) == 0 && slices.Contains(q.groupBy, ByStore) && slices.Contains(q.groupBy, ByDay)
}

func (q *query) rows(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return h.NewSelect().TableExpr("(?) AS r", q.family.source(h, receipts))
}

// sum adds rows named r up by the groups. What is one row more than a report may have shows that there are too many.
func (q *query) sum(h *postgres.Handle, from *bun.SelectQuery) *bun.SelectQuery {
	today := q.filter.today()
	for i, d := range q.groupBy {
		today = today || d == ByCategoryToday || d == ByBrandToday || d == BySupplierToday
		q.column(from, d, "k"+strconv.Itoa(i))
		from.GroupExpr(strconv.Itoa(i + 1))
	}
	from.ColumnExpr("r.currency_code").GroupExpr("r.currency_code")
	for _, figure := range q.figures() {
		from.ColumnExpr("coalesce(sum(r." + figure + "), 0)::bigint AS " + figure)
	}
	if today {
		from.Join("JOIN (?) AS today ON today.id = r.product_id", h.Select((*product)(nil)).Column("id", "category_id", "brand_id", "supplier_id"))
	}
	if q.filter != nil {
		q.filter.apply(h, from)
	}
	return from.Limit(mostRows + 1)
}

// column selects what a dimension is of a row: text, or what a word is made of.
func (q *query) column(from *bun.SelectQuery, d Dimension, name string) {
	column := idColumns[d]
	switch d {
	case ByDay:
		column = q.shift.day()
	case ByWeek:
		column = "date_trunc('week', " + q.shift.day() + "::timestamp)::date"
	case ByMonth:
		column = "date_trunc('month', " + q.shift.day() + "::timestamp)::date"
	case ByHour:
		column = "r.hour::text"
	case ByWeekday:
		column = "extract(isodow FROM r.business_date)::int::text"
	case ByTender:
		column = "r.method"
	case ByTaxRate:
		column = "r.tax_rate_ppm::text || chr(31) || r.tax_code || chr(31) || r.tax_name"
	case ByDiscountReason:
		column = "r.reason"
	default: // an id
	}
	from.ColumnExpr(column + " AS " + name)
}

// idColumns are the columns of the dimensions that are things with ids.
var idColumns = map[Dimension]string{
	ByStore: "r.store_id", ByRegister: "r.at_register_id", ByCashier: "r.cashier_id", ByProduct: "r.product_id",
	ByCategory: "r.category_id", ByCategoryToday: ofToday("category_id"), ByBrand: "r.brand_id",
	ByBrandToday: ofToday("brand_id"), BySupplier: "r.supplier_id", BySupplierToday: ofToday("supplier_id"),
	ByCustomerGroup: "r.customer_group_id",
}

// ofToday is what a product is of now.
func ofToday(column string) string { return "coalesce(today." + column + ", '" + nobody + "')" }

// day is the expression of a row's day, moved.
func (s shift) day() string {
	switch {
	case s.months != 0:
		// The end of a month that is longer falls on the end of the other one, so that nothing is lost.
		return fmt.Sprintf("(r.business_date + make_interval(months => %d))::date", s.months)
	case s.days != 0:
		return fmt.Sprintf("(r.business_date + %d)", s.days)
	default:
		return "r.business_date"
	}
}

// today says that a filter looks at what products are of now.
func (f *Filter) today() bool {
	return f != nil && len(f.CategoryTodayIDs)+len(f.BrandTodayIDs)+len(f.SupplierTodayIDs) > 0
}

func (f *Filter) apply(h *postgres.Handle, q *bun.SelectQuery) {
	among(q, "r.at_register_id = ANY (?::uuid[])", f.RegisterIDs)
	among(q, "r.cashier_id = ANY (?::uuid[])", f.CashierIDs)
	among(q, "r.product_id = ANY (?::uuid[])", f.ProductIDs)
	if len(f.CategoryIDs) > 0 {
		q.Where("r.category_id IN (?)", below(h, f.CategoryIDs))
	}
	if len(f.CategoryTodayIDs) > 0 {
		q.Where("today.category_id IN (?)", below(h, f.CategoryTodayIDs))
	}
	among(q, "r.brand_id = ANY (?::uuid[])", f.BrandIDs)
	among(q, "today.brand_id = ANY (?::uuid[])", f.BrandTodayIDs)
	among(q, "r.supplier_id = ANY (?::uuid[])", f.SupplierIDs)
	among(q, "today.supplier_id = ANY (?::uuid[])", f.SupplierTodayIDs)
	among(q, "r.customer_group_id = ANY (?::uuid[])", f.CustomerGroupIDs)
	oneOf(q, "r.hour = ANY (?::int[])", f.Hours)
	oneOf(q, "extract(isodow FROM r.business_date)::int = ANY (?::int[])", f.Weekdays)
	if len(f.Tenders) > 0 {
		q.Where("r.method = ANY (?::text[])", postgres.Texts(f.Tenders))
	}
	if len(f.DiscountReasons) > 0 {
		q.Where("r.reason = ANY (?::text[])", postgres.Texts(f.DiscountReasons))
	}
}

func among[T interface{ ~[16]byte }](q *bun.SelectQuery, condition string, ids []T) {
	if len(ids) > 0 {
		q.Where(condition, postgres.UUIDs(ids))
	}
}

func oneOf(q *bun.SelectQuery, condition string, numbers []int) {
	if len(numbers) == 0 {
		return
	}
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	q.Where(condition, postgres.Texts(texts))
}

// below are categories and all that are below them.
func below(h *postgres.Handle, ids []id.Category) *bun.SelectQuery {
	top := h.Select((*category)(nil)).ColumnExpr("category.id").Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids))
	under := h.Select((*category)(nil)).ColumnExpr("category.id").Join("JOIN branch ON category.parent_id = branch.id")
	return h.NewSelect().WithRecursive("branch", top.Union(under)).TableExpr("branch").ColumnExpr("branch.id")
}

// before is the period that another is compared with, and how its days are moved onto the other's.
func (c Compare) before(from, to civil.Date) (span, shift) {
	const year, weeks = 12, 364
	switch c {
	case LastYear:
		return span{from: firstOnto(from, year), to: lastOnto(to, year)}, shift{months: year}
	case LastYearWeekdays:
		return span{from: from.Add(-weeks), to: to.Add(-weeks)}, shift{days: weeks}
	default:
	}
	if n := wholeMonths(from, to); n > 0 {
		return span{from: months(from, -n), to: from.Add(-1)}, shift{months: n}
	}
	n := from.Days(to) + 1
	return span{from: from.Add(-n), to: from.Add(-1)}, shift{days: n}
}

// firstOnto and lastOnto are the first and the last day that so many months later are not before or after another.
func firstOnto(d civil.Date, n int) civil.Date {
	first := months(d, -n)
	if months(first, n).String() < d.String() {
		return first.Add(1)
	}
	return first
}

func lastOnto(d civil.Date, n int) civil.Date {
	last := months(d, -n)
	if next := last.Add(1); months(next, n) == d {
		return next
	}
	return last
}

// wholeMonths says how many months a period is, 0 where it doesn't begin and end with one.
func wholeMonths(from, to civil.Date) int {
	if from.Day != 1 || to.Add(1).Day != 1 {
		return 0
	}
	after := to.Add(1)
	return (after.Year-from.Year)*12 + int(after.Month) - int(from.Month)
}

// months moves a date by months; a day that the month doesn't have is its last.
func months(d civil.Date, n int) civil.Date {
	first := civil.Of(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC), time.UTC)
	last := civil.Of(time.Date(d.Year, d.Month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC), time.UTC)
	first.Day = min(d.Day, last.Day)
	return first
}
