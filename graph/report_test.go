package graph_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/seed"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// figures are all figures of a group of receipts.
const figures = `gross { amount } discounts { amount } returns { amount } net { amount } tax { amount } rounding { amount }
	total { amount } tendered { amount } tenders { method amount { amount } saleCount } saleCount returnCount voidCount
	voided { amount } unitsSold unitsReturned units averageBasket { amount } unitsPerSale cost { amount } margin { amount }
	marginRate netWithoutCost { amount }`

const groups = `brand { id } brandToday { id } supplier { id } supplierToday { id } customerGroup { id }
	store { id } register { id } cashier { id } day week month hour weekday category { id } categoryToday { id }
	product { id } tender taxRate { name code rate } discountReason`

const rowFields = `currencyCode group { ` + groups + ` } figures { ` + figures + ` } shareOfTotal runningTotal { amount currencyCode }`

const salesReport = `query($input: SalesReportInput!) { salesReport(input: $input) { report { from to rowCount
	rows(first: 20000) { ` + rowFields + ` } totals { ` + rowFields + ` } subtotals { ` + rowFields + ` } }
	userErrors { code field message } } }`

// report asks for a report and fails the test unless there is one.
func (b *bundle) report(t testing.TB, token string, input vars) *answer {
	t.Helper()
	a := b.post(t, token, salesReport, vars{"input": input}).ok(t)
	if codes := a.codes("salesReport"); len(codes) > 0 {
		t.Fatalf("%v: refused: %s", input, a.Raw)
	}
	return a
}

// folder folds what the test has it fold.
func (b *bundle) folder(t testing.TB) *report.Folder {
	t.Helper()
	return report.NewFolder(b.db.Open(t, graph.Models()), slog.New(slog.DiscardHandler))
}

// verified fails the test where the sums of a company aren't what its receipts say.
func (b *bundle) verified(t testing.TB, c pgtest.Company) {
	t.Helper()
	for _, difference := range b.differences(t, c) {
		t.Error(difference)
	}
}

func (b *bundle) differences(t testing.TB, c pgtest.Company) (list []string) {
	t.Helper()
	stores := pgtest.Values[[16]byte](t, b.db, "select id from stores where tenant_id = $1", c.ID.UUID())
	ids := make([]id.Store, len(stores))
	for i, store := range stores {
		ids[i] = id.Store(store)
	}
	scope := tenancy.New(tenancy.Spec{Company: c.ID, Role: tenancy.Owner, Stores: ids})
	found, err := report.New(b.db.Open(t, graph.Models())).Verify(pgtest.Context(t, scope))
	must(t, err)
	for _, d := range found {
		list = append(list, d.String())
	}
	return list
}

// demo is a server over the demo companies, beside those of the fixture.
func demo(t *testing.T) (*bundle, map[string]pgtest.Company) {
	t.Helper()
	type world struct {
		Fixture *pgtest.Fixture
		Demo    seed.DemoResult
	}
	d, w := pgtest.Prepared(t, "demo", func(ctx context.Context, to pgtest.Blank) (*world, error) {
		conn, err := pgx.Connect(ctx, to.OwnerURL)
		if err != nil {
			return nil, err
		}
		made, err := seed.Demo(ctx, conn, seed.Options{
			Now:    func() time.Time { return time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC) },
			Logger: slog.New(slog.DiscardHandler), Seed: 7,
			HashPassword: func(context.Context, string) (string, error) { return "no password", nil },
		})
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			return nil, err
		}
		f, err := to.Fixture(ctx)
		return &world{f, made}, err
	})
	companies := map[string]pgtest.Company{}
	for _, account := range w.Demo.Accounts {
		if strings.EqualFold(account.Role, "owner") {
			companies[account.CompanySlug] = pgtest.Company{ID: account.CompanyID, Owner: account.UserID}
		}
	}
	return serveOn(t, d, w.Fixture, func(c *graph.Config) { c.MaxComplexity = 1 << 30 }), companies
}

// oneDimension says, in SQL over the raw tables, what a receipt or a line is of; a is the answer's place of the same.
var oneDimension = map[string]struct{ sql, field string }{
	"STORE":          {"s.store_id::text", "store"},
	"REGISTER":       {"s.register_id::text", "register"},
	"CASHIER":        {"s.cashier_id::text", "cashier"},
	"DAY":            {"(s.occurred_at at time zone o.time_zone)::date::text", "day"},
	"WEEK":           {"to_char(s.occurred_at at time zone o.time_zone, 'IYYY IW')", "week"},
	"MONTH":          {"to_char(s.occurred_at at time zone o.time_zone, 'YYYY-MM-01')", "month"},
	"HOUR":           {"extract(hour from s.occurred_at at time zone o.time_zone)::int::text", "hour"},
	"WEEKDAY":        {"extract(isodow from s.occurred_at at time zone o.time_zone)::int::text", "weekday"},
	"PRODUCT":        {"l.product_id::text", "product"},
	"CATEGORY":       {"p.category_id::text", "category"},
	"CATEGORY_TODAY": {"p.category_id::text", "categoryToday"},
	"BRAND":          {"p.brand_id::text", "brand"},
	"SUPPLIER":       {"p.supplier_id::text", "supplier"},
	"CUSTOMER_GROUP": {"(select u.customer_group_id::text from customers u where u.id = s.customer_id)", "customerGroup"},
}

// byHand adds raw receipts up: by group, its net, tax, gross, discounts, cost, units and receipts.
func (b *bundle) byHand(t testing.TB, c pgtest.Company, groupBy []string, from, to string) map[string]string {
	t.Helper()
	keys := []string{"s.currency_code"}
	for _, d := range groupBy {
		keys = append(keys, "coalesce("+oneDimension[d].sql+", '')")
	}
	rows, err := b.db.Super().Query(t.Context(), `select concat_ws('|', `+strings.Join(keys, ", ")+`) as of,
			concat_ws(' ', sum(l.gross), sum(l.discount + l.order_discount), sum(l.subtotal), sum(l.tax), sum(l.cost),
				sum(l.quantity), count(distinct s.id))
		from sales s join sale_lines l on l.sale_id = s.id join stores o on o.id = s.store_id
			join products p on p.id = l.product_id
		where s.tenant_id = $1 and s.status = 'COMPLETED'
			and (s.occurred_at at time zone o.time_zone)::date between $2::date and $3::date
		group by `+strings.Join(keys, ", "), c.ID.UUID(), from, to)
	must(t, err)
	sums := map[string]string{}
	var of, sum string
	_, err = pgx.ForEachRow(rows, []any{&of, &sum}, func() error {
		sums[of] = sum
		return nil
	})
	must(t, err)
	return sums
}

// minor is an amount of the answer without its point, as the database has it.
func minor(v any) string {
	object, _ := v.(map[string]any)
	text, _ := object["amount"].(string)
	text = strings.TrimLeft(strings.ReplaceAll(text, ".", ""), "0")
	return map[bool]string{true: "0", false: text}[text == ""]
}

func milli(v any) string {
	text, _ := v.(string)
	whole, part, _ := strings.Cut(text, ".")
	return strings.TrimLeft(whole+(part + "000")[:3], "0")
}

// told are the same sums as a report has them.
func told(t testing.TB, rows any, groupBy []string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	list, _ := rows.([]any)
	for _, row := range list {
		row, _ := row.(map[string]any)
		group, _ := row["group"].(map[string]any)
		f, _ := row["figures"].(map[string]any)
		of := fmt.Sprint(row["currencyCode"])
		for _, d := range groupBy {
			of += "|" + keyOf(t, d, group[oneDimension[d].field])
		}
		count := fmt.Sprint(f["saleCount"])
		if slices.Contains(groupBy, "CATEGORY_TODAY") && !slices.Contains(groupBy, "PRODUCT") {
			count = "*"
		}
		sums[of] = strings.Join([]string{
			minor(f["gross"]), minor(f["discounts"]), minor(f["net"]), minor(f["tax"]), minor(f["cost"]), milli(f["unitsSold"]), count,
		}, " ")
	}
	return sums
}

func keyOf(t testing.TB, dimension string, v any) string {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return ""
	case map[string]any:
		ref, err := id.Parse(fmt.Sprint(v["id"]))
		must(t, err)
		return ref.UUID.String()
	case string:
		if dimension == "WEEK" {
			day, err := time.Parse(time.DateOnly, v)
			must(t, err)
			year, week := day.ISOWeek()
			return fmt.Sprintf("%d %02d", year, week)
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// TestReportsOfTheDemo compares the demo companies' reports with sums made by hand of the raw receipts.
func TestReportsOfTheDemo(t *testing.T) {
	t.Parallel()
	b, companies := demo(t)
	for _, groupBy := range [][]string{
		{},
		{"STORE"},
		{"DAY"},
		{"WEEK"},
		{"MONTH"},
		{"STORE", "DAY"},
		{"HOUR"},
		{"WEEKDAY", "HOUR"},
		{"REGISTER"},
		{"CASHIER"},
		{"STORE", "CASHIER", "MONTH"},
		{"CATEGORY"},
		{"CATEGORY", "STORE"},
		{"CATEGORY_TODAY"},
		{"PRODUCT"},
		{"STORE", "PRODUCT", "WEEK"},
		{"BRAND", "STORE"},
		{"SUPPLIER", "MONTH"},
		{"CUSTOMER_GROUP"},
		// From the ledger.
		{"PRODUCT", "HOUR"},
		{"CATEGORY", "CASHIER", "WEEKDAY"},
		{"CATEGORY_TODAY", "REGISTER"},
	} {
		for slug, c := range companies {
			if slug != "savanna" && len(groupBy) != 2 {
				continue // once with each grain is enough
			}
			from, to := "2026-10-21", "2026-11-20"
			a := b.report(t, b.token(t, c, c.Owner), vars{"from": from, "to": to, "groupBy": groupBy})
			want := b.byHand(t, c, groupBy, from, to)
			if len(want) == 0 {
				t.Fatalf("%s sold nothing", slug)
			}
			if len(want) < 2 && len(groupBy) > 0 && slug == "savanna" {
				t.Errorf("%s has nothing to tell apart by %v: %v", slug, groupBy, want)
			}
			if slices.Contains(groupBy, "CATEGORY_TODAY") {
				for of, sum := range want {
					want[of] = sum[:strings.LastIndexByte(sum, ' ')] + " *"
				}
			}
			if got := told(t, a.at("salesReport", "report", "rows"), groupBy); !maps.Equal(got, want) {
				t.Errorf("%s by %v:\n%v\nby hand\n%v", slug, groupBy, got, want)
			}
		}
	}
	for _, c := range companies {
		b.verified(t, c)
	}
	b.logs.quiet(t)
}

// readReports has the figures of the fixture's sales: four of 200.00 with 27.58 of tax, of which one is of long ago.
func (b *bundle) readReports(t *testing.T, ask asker) {
	t.Helper()
	b.db.Exec(t, "update sale_lines l set cost = 6000, brand_id = b.id, supplier_id = s.id from brands b, suppliers s where b.tenant_id = l.tenant_id and s.tenant_id = l.tenant_id")
	b.db.Exec(t, "update sales s set customer_group_id = g.id from customer_groups g where g.tenant_id = s.tenant_id")
	const period = `from: "2026-06-01", to: "2035-12-31"`
	today := time.Now().UTC().Format(time.DateOnly) // as the fixture's sales have it
	a := ask(t, b.owner(t), `{ salesReport(input: {`+period+`, groupBy: [STORE, DAY], compareWith: PREVIOUS_PERIOD}) {
		report { from to previousFrom previousTo rowCount rows { `+rowFields+` previous { saleCount } change { net { amount } netRate
			gross { amount } grossRate saleCount saleCountRate } } totals { figures { saleCount net { amount } } } subtotals { figures { net { amount } } } }
		userErrors { code field message } } }`)
	same(t, a.at("salesReport", "userErrors"), []any{})
	same(t, a.at("salesReport", "report", "totals"), []vars{{"figures": vars{"saleCount": 3, "net": vars{"amount": "517.26"}}}})
	same(t, a.at("salesReport", "report", "subtotals"), []vars{
		{"figures": vars{"net": vars{"amount": "172.42"}}}, {"figures": vars{"net": vars{"amount": "344.84"}}},
	})
	same(t, a.at("salesReport", "report", "previousFrom"), "2016-11-01")
	for _, by := range []string{
		"TAX_RATE", "DISCOUNT_REASON", "TENDER", "REGISTER, CASHIER, HOUR", "WEEK, WEEKDAY, MONTH", "PRODUCT, CATEGORY, CATEGORY_TODAY",
		"BRAND, BRAND_TODAY, SUPPLIER", "SUPPLIER_TODAY, CUSTOMER_GROUP",
	} {
		ask(t, b.owner(t), `{ salesReport(input: {from: "2026-01-01", to: "2026-01-31", groupBy: [`+by+`]}) { report { rows { `+rowFields+` } } } }`)
		ask(t, b.owner(t), `{ salesReport(input: {from: "`+today+`", to: "`+today+`", groupBy: [`+by+`]}) { report { rows { `+rowFields+` } } } }`)
	}
	ask(t, b.owner(t), `{ salesReport(input: {from: "2035-01-01", to: "2034-01-01"}) { report { from } userErrors { code field message } } }`)
	ask(t, b.owner(t), `{ salesReport(input: {`+period+`}) { report { rows { figures { tenders { method amount { amount } saleCount } } } } } }`)
}

// TestReportsOfOtherParts: tenders, taxes and reasons of discounts are what the receipts say.
func TestReportsOfOtherParts(t *testing.T) {
	t.Parallel()
	b, companies := demo(t)
	c := companies["savanna"]
	b.db.Exec(t, `insert into sale_discounts (tenant_id, store_id, register_id, id, sale_id, position, kind, value, currency_code,
			amount, reason)
		select tenant_id, store_id, register_id, gen_random_uuid(), id, 1, 'FIXED', 100, currency_code, 100,
			'reason ' || (receipt_number % 3) from sales where tenant_id = $1 and receipt_number % 5 = 0`, c.ID.UUID())
	b.db.Exec(t, "truncate report_days, report_hours, report_products, report_categories, report_brands, report_suppliers, report_customers, report_tenders, report_tender_hours, report_tender_customers, report_taxes, report_reasons")
	b.db.Exec(t, `insert into report_pending (tenant_id, store_id, sale_id, kind) select tenant_id, store_id, id, 'SALE' from sales
		where tenant_id = $1 on conflict do nothing`, c.ID.UUID())
	ask := func(by, key, figure string) map[string]string {
		a := b.report(t, b.token(t, c, c.Owner), vars{"from": "2026-10-21", "to": "2026-11-20", "groupBy": strings.Split(by, " ")})
		sums := map[string]string{}
		rows, _ := a.at("salesReport", "report", "rows").([]any)
		for _, row := range rows {
			row, _ := row.(map[string]any)
			group, _ := row["group"].(map[string]any)
			f, _ := row["figures"].(map[string]any)
			of := group[key]
			if tax, is := of.(map[string]any); is {
				of = fmt.Sprint(tax["name"], "/", tax["rate"])
			}
			if hour := group["hour"]; hour != nil {
				of = fmt.Sprint(of, " ", hour)
			}
			sums[fmt.Sprint(of)] = fmt.Sprint(minor(f[figure]), " ", f["saleCount"])
		}
		return sums
	}
	byHand := func(sql string) map[string]string {
		rows, err := b.db.Super().Query(t.Context(), sql, c.ID.UUID())
		must(t, err)
		sums := map[string]string{}
		var of, sum string
		_, err = pgx.ForEachRow(rows, []any{&of, &sum}, func() error {
			sums[of] = sum
			return nil
		})
		must(t, err)
		return sums
	}
	const sales = ` sales s where s.tenant_id = $1 and s.status = 'COMPLETED' and s.business_date between '2026-10-21' and '2026-11-20')`
	const clock = "extract(hour from (select occurred_at at time zone 'Africa/Nairobi' from sales s where s.id = x.sale_id))"
	for _, folded := range []bool{false, true} {
		if folded {
			must(t, b.folder(t).Sweep(t.Context()))
		}
		for _, test := range []struct{ by, key, figure, sql string }{
			{"TENDER", "tender", "tendered", `select method, concat_ws(' ', sum(amount), count(distinct sale_id)) from payments x
				where sale_id in (select id from` + sales + ` group by 1`},
			{"TENDER HOUR", "tender", "tendered", `select method || ' ' || ` + clock + `, concat_ws(' ', sum(amount), count(distinct sale_id))
				from payments x where sale_id in (select id from` + sales + ` group by 1`},
			{"TAX_RATE", "taxRate", "tax", `select concat_ws('/', coalesce(t.name, ''), coalesce(t.rate_ppm, 0) / 10000),
					concat_ws(' ', coalesce(sum(t.amount), 0), count(distinct x.sale_id))
				from sale_lines x left join sale_line_taxes t on t.sale_line_id = x.id where x.sale_id in (select id from` + sales + ` group by 1`},
			{"DISCOUNT_REASON", "discountReason", "discounts", `select reason, concat_ws(' ', sum(amount), count(distinct sale_id))
				from sale_discounts x where sale_id in (select id from` + sales + ` group by 1`},
		} {
			want := byHand(test.sql)
			if got := ask(test.by, test.key, test.figure); len(want) == 0 || !maps.Equal(got, want) {
				t.Errorf("folded %v, by %s: %v, by hand %v", folded, test.by, got, want)
			}
		}
	}
	b.verified(t, c)
}

// TestReportRefuses says what is wrong, all at once.
func TestReportRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	period := func(in vars) vars {
		out := vars{"from": "2026-01-01", "to": "2026-01-31"}
		maps.Copy(out, in)
		return out
	}
	for name, test := range map[string]struct {
		in   vars
		want []string
	}{
		"the end before the beginning": {vars{"from": "2026-01-02", "to": "2026-01-01"}, []string{"INVALID to"}},
		"too long":                     {vars{"from": "2016-01-01", "to": "2026-01-02"}, []string{"RANGE_TOO_LONG to"}},
		"four groups and one twice": {
			period(vars{"groupBy": []string{"DAY", "HOUR", "STORE", "DAY"}, "filter": vars{"hours": []int{24}, "weekdays": []int{0}}}),
			[]string{"INVALID groupBy", "INVALID groupBy.3", "INVALID filter.hours.0", "INVALID filter.weekdays.0"},
		},
		"tenders of products": {period(vars{"groupBy": []string{"TENDER", "PRODUCT"}}), []string{"COMBINATION_NOT_POSSIBLE groupBy"}},
		"taxes by reason":     {period(vars{"groupBy": []string{"TAX_RATE", "DISCOUNT_REASON"}}), []string{"COMBINATION_NOT_POSSIBLE groupBy"}},
		"reasons of products": {
			period(vars{"groupBy": []string{"PRODUCT"}, "filter": vars{"discountReasons": []string{"x"}}}),
			[]string{"COMBINATION_NOT_POSSIBLE groupBy"},
		},
		"products by hour, long": {
			vars{"from": "2026-01-01", "to": "2026-02-01", "groupBy": []string{"PRODUCT", "HOUR"}}, []string{"RANGE_TOO_LONG to"},
		},
		"two stores that aren't there": {
			period(vars{"storeIds": []string{fresh[id.Store](), b.A.Stores[0].ID.String(), fresh[id.Store]()}}),
			[]string{"STORE_NOT_FOUND storeIds.0", "STORE_NOT_FOUND storeIds.2"},
		},
	} {
		a := b.post(t, b.owner(t), salesReport, vars{"input": test.in}).ok(t)
		if got := a.codes("salesReport"); !slices.Equal(got, test.want) || a.at("salesReport", "report") != nil || a.Statements != 1 {
			t.Errorf("%s: %v after %d statements, want %v", name, got, a.Statements, test.want)
		}
	}
	for _, by := range []string{"PRODUCT HOUR", "TAX_RATE PRODUCT", "TENDER HOUR", "DISCOUNT_REASON REGISTER", "CATEGORY CASHIER"} {
		b.report(t, b.owner(t), period(vars{"groupBy": strings.Split(by, " ")}))
	}
	for _, first := range []string{"0", "20001"} {
		a := b.post(t, b.owner(t), `{ salesReport(input: {from: "2026-01-01", to: "2026-01-01"}) { report { rows(first: `+first+`) { currencyCode } } } }`, nil)
		if a.code() != "BAD_USER_INPUT" {
			t.Error(a.Raw)
		}
	}
}

// TestReportCost pins what reports ask of the database: the scope with who asks, and the sums. A period to compare with,
// tenders, and a total of products are one more each. Receipts that aren't in the sums yet cost a second round trip.
func TestReportCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.folded(t, "true")
	settled := `groupBy: [STORE, DAY]}) { report { rows { figures { net { amount } saleCount } } totals { figures { net { amount } } } } }`
	b.costsOfReports(t, map[string]cost{
		settled: {Statements: 2, RoundTrips: 1},
		`groupBy: [STORE], compareWith: LAST_YEAR}) { report { rows { change { netRate } } } }`:                         {Statements: 3, RoundTrips: 1},
		`groupBy: [STORE]}) { report { rows { figures { tenders { amount { amount } } } } } }`:                          {Statements: 3, RoundTrips: 1},
		`groupBy: [PRODUCT]}) { report { rows { figures { net { amount } } } totals { figures { net { amount } } } } }`: {Statements: 3, RoundTrips: 1},
		`groupBy: [PRODUCT, HOUR], sort: NET_DESC}) { report { rows { figures { net { amount } } } } }`:                 {Statements: 2, RoundTrips: 1},
		`groupBy: [STORE, REGISTER, CASHIER]}) { report { rows { group { store { name } register { name } cashier { name } } figures { net { amount } } } } }`: {
			Statements: 2 + 1 + 3, RoundTrips: 2,
		},
	})
	b.waiting(t, "true")
	b.costsOfReports(t, map[string]cost{settled: {Statements: 2 + 3, RoundTrips: 2}})
}

// TestRowsThatAreNotEmpty: a row is there where it counts a receipt or comes to something, and not where all of it was taken
// back, whatever of it is asked for, and whether the sums have everything or not.
func TestRowsThatAreNotEmpty(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.folded(t, "true")
	b.db.Exec(t, "delete from report_days")
	first := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	var want []string
	for i, column := range []string{"sale_count", "return_count", "void_count", "net", ""} {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		b.db.Exec(t, `insert into report_days (tenant_id, store_id, business_date, currency_code, sale_count, return_count, gross,
				discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided, rounding)
			select $1, $2, $3::date, 'KES', ('sale_count' = $4)::int, ('return_count' = $4)::int, 0, 0, 0, ('net' = $4)::int, 0, 0, 0, 0,
				0, ('void_count' = $4)::int, 0, 0`, b.A.ID.UUID(), b.A.Stores[0].ID.UUID(), day, column)
		if column != "" {
			want = append(want, day)
		}
	}
	for _, waits := range []bool{false, true} {
		if waits {
			b.waiting(t, "true") // of other days
		}
		for _, figures := range []string{"net { amount }", "saleCount", "returnCount voidCount", "gross { amount } net { amount } saleCount voidCount"} {
			for _, beside := range []string{"", "totals { figures { saleCount } }"} {
				a := b.post(t, b.owner(t), fmt.Sprintf(`{ salesReport(input: {from: %q, to: %q, groupBy: [DAY, STORE]}) { report {
					rows { group { day } figures { %s } } %s } } }`, want[0], first.AddDate(0, 0, 5).Format(time.DateOnly), figures, beside), nil).ok(t)
				var days []string
				for _, part := range strings.Split(a.Raw, `"day":"`)[1:] {
					days = append(days, part[:len(time.DateOnly)])
				}
				if !slices.Equal(days, want) {
					t.Errorf("%s %s, waiting %v: %v, want %v: %s", figures, beside, waits, days, want, a.Raw)
				}
			}
		}
	}
}

func (b *bundle) costsOfReports(t *testing.T, queries map[string]cost) {
	t.Helper()
	today := time.Now().UTC()
	for query, want := range queries {
		a := b.post(t, b.owner(t), `{ salesReport(input: {from: "`+today.AddDate(0, 0, -15).Format(time.DateOnly)+`", to: "`+
			today.AddDate(0, 0, 15).Format(time.DateOnly)+`", `+query+` }`, nil).ok(t)
		if a.cost != want {
			t.Errorf("%s: %+v, want %+v: %s", query, a.cost, want, a.Raw)
		}
	}
}
