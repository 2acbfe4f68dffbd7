package report

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

func TestMain(m *testing.M) {
	// Each check is a few dozen reports; -rapid.checks asks for more.
	_ = flag.Set("rapid.checks", "20")
	os.Exit(pgtest.Main(m))
}

var (
	chainSales   = flag.Int("report.sales", 1_000_000, "how many sales BenchmarkReports has")
	chainWaiting = flag.Int("report.waiting", 100, "how many of them wait to be folded")
)

const (
	chainStores = 50
	chainDays   = 730
)

var lastDay = civil.Date{Year: 2026, Month: 11, Day: 20}

// chain is a company of many stores with sales over two years.
type chain struct {
	db      *pgtest.Database
	pool    *postgres.DB
	reports *Reports
	scope   *tenancy.Scope
	ctx     context.Context
}

// open makes the chain beside the fixture's companies: receipts of two lines, paid in one way, spread over stores,
// registers, days and hours, and folded but for the last so many.
func open(t testing.TB, sales, pending int) *chain {
	t.Helper()
	d, f := pgtest.Filled(t)
	c := &chain{db: d, pool: d.Open(t, Models(), func(c *postgres.Config) { c.StatementTimeout = time.Hour })}
	c.reports = New(c.pool)
	stores := make([]id.Store, chainStores)
	tenant := f.A.ID.UUID()
	for i := range stores {
		stores[i] = id.New[id.Store]()
		d.Exec(t, `insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax)
			values ($1, $2, $3, $3, 'Africa/Nairobi', 'KES', 160000, true)`, tenant, stores[i].UUID(), fmt.Sprintf("C%d", i))
		for n := range 2 {
			d.Exec(t, "insert into registers (tenant_id, store_id, id, code, name) values ($1, $2, $3, $4, 'R')",
				tenant, stores[i].UUID(), id.New[id.Register]().UUID(), fmt.Sprintf("R%d", n))
		}
	}
	c.scope = tenancy.New(tenancy.Spec{Company: f.A.ID, Role: tenancy.Owner, Stores: append(f.A.StoreIDs(), stores...)})
	c.ctx = pgtest.Context(t, c.scope)
	c.products(t, tenant)
	c.sell(t, tenant, sales, pending)
	return c
}

func (c *chain) products(t testing.TB, tenant uuid.UUID) {
	t.Helper()
	c.db.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price, category_id)
		select $1, gen_random_uuid(), 'CHAIN-' || n, 'Product ' || n, 'EACH', 'KES', 100 + n,
			(select id from categories where tenant_id = $1 limit 1) from generate_series(0, 199) n`, tenant)
	c.db.Exec(t, "analyze products")
}

func (c *chain) sell(t testing.TB, tenant uuid.UUID, sales, pending int) {
	t.Helper()
	const each = 50_000
	// What the application would have checked is right here, and keys would be looked up one by one.
	c.db.Exec(t, "alter database "+c.db.Name+" set session_replication_role = replica")
	c.db.Super().Reset()
	for from := 0; from < sales; from += each {
		c.db.Exec(t, `with place as (
				select s.id as store_id, r.id as register_id, row_number() over (order by s.code, r.code) - 1 as n,
					count(*) over () as all_of_them
				from stores s join registers r on r.tenant_id = s.tenant_id and r.store_id = s.id
				where s.tenant_id = $1 and s.code like 'C%'
			), made as (
				insert into sales (tenant_id, store_id, register_id, id, receipt_number, cashier_id, currency_code,
					prices_include_tax, subtotal, tax_total, total, tendered, change, occurred_at, recorded_at, business_date,
					local_hour)
				select $1, p.store_id, p.register_id, gen_random_uuid(), g + 1, null, 'KES', true, 1724, 276, 2000, 2000, 0,
					at, at, (at at time zone 'Africa/Nairobi')::date, extract(hour from at at time zone 'Africa/Nairobi')
				from generate_series($2::int, $3::int - 1) g join place p on p.n = g % p.all_of_them
					cross join lateral (select ($4::date - (g / 100 * 7919 % $5::int))::timestamp at time zone 'Africa/Nairobi'
						+ make_interval(secs => 8 * 3600 + g % 43200) as at) t
				returning id, store_id, register_id, receipt_number
			), lined as (
				insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id, product_name, sku,
					unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross, cost,
					category_id)
				select $1, m.store_id, m.register_id, gen_random_uuid(), m.id, l, p.id, 'Product', 'SKU', 'EACH', 'KES', 1000, 1000,
					'BASE', 160000, 862, 138, 1000, 1000, 600, p.category_id
				from made m cross join generate_series(1, 2) l join products p on p.tenant_id = $1
					and p.sku = 'CHAIN-' || (m.receipt_number * (6 * l + 1) % 200)
			), paid as (
				insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code, tendered, amount)
				select $1, store_id, register_id, gen_random_uuid(), id, 1,
					case receipt_number % 3 when 0 then 'CARD' else 'CASH' end, 'KES', 2000, 2000 from made
			)
			insert into report_pending (tenant_id, store_id, sale_id, kind) select $1, store_id, id, 'SALE' from made`,
			tenant, from, min(from+each, sales), lastDay.String(), chainDays)
		if from == 0 {
			c.analyze(t)
		}
		if from+each < sales {
			c.fold(t, tenant, each)
		}
	}
	c.db.Exec(t, "alter database "+c.db.Name+" reset session_replication_role")
	c.db.Super().Reset()
	c.db.Exec(t, "vacuum report_pending")
	c.fold(t, tenant, pgtest.Value[int](t, c.db, "select count(*) from report_pending where tenant_id = $1", tenant)-pending)
	c.analyze(t)
}

func (c *chain) fold(t testing.TB, tenant uuid.UUID, most int) {
	t.Helper()
	if _, err := c.pool.FoldReports(t.Context(), id.Company(tenant), most); err != nil {
		t.Fatal(err)
	}
}

func (c *chain) analyze(t testing.TB) {
	t.Helper()
	c.db.Exec(t, `analyze sales, sale_lines, payments, report_pending, report_days, report_hours, report_products, report_categories, report_brands, report_suppliers, report_customers,
		report_tenders, report_tender_hours, report_tender_customers, report_taxes, report_reasons`)
}

// asked are what owners ask, with the index that must be used, and how many pages of memory it may take to answer among
// the sales of the test.
var asked = []struct {
	name  string
	in    Input
	index string
	pages int
}{
	{"a-year-by-store-and-day", Input{From: lastDay.Add(-364), To: lastDay, GroupBy: []Dimension{ByStore, ByDay}}, "report_days_pkey", 20_000},
	{"today", Input{From: lastDay, To: lastDay}, "report_days_pkey", 500},
	{"today-by-store", Input{From: lastDay, To: lastDay, GroupBy: []Dimension{ByStore}}, "report_days_pkey", 500},
	{"a-month-by-hour-and-weekday", Input{From: lastDay.Add(-29), To: lastDay, GroupBy: []Dimension{ByWeekday, ByHour}}, "report_hours_pkey", 4000},
	{"best-sellers-of-a-month", Input{From: lastDay.Add(-29), To: lastDay, GroupBy: []Dimension{ByProduct}}, "report_products_pkey", 8000},
	{"a-week-of-products-by-hour", Input{From: lastDay.Add(-6), To: lastDay, GroupBy: []Dimension{ByProduct, ByHour}}, "on sales", 20_000},
}

// explain gives the plans of a report as the restricted role has them.
func (c *chain) explain(t testing.TB, in *Input) (plans []string) {
	t.Helper()
	h, err := c.pool.Bind(c.ctx)
	if err != nil {
		t.Fatal(err)
	}
	r, err := plan(c.scope, in, Want{})
	if err != nil {
		t.Fatal(err)
	}
	q := r.main.query
	queries := []*bun.SelectQuery{q.sum(h, q.rows(h, recorded(h, q.span)))}
	if q.family.model != nil {
		queries = []*bun.SelectQuery{q.folded(h), q.sum(h, q.rows(h, unfolded(h, q.span)))}
	}
	for _, query := range queries {
		plans = append(plans, c.db.ExplainQuery(t, h, query))
	}
	return plans
}

var (
	readsAll = regexp.MustCompile(`Seq Scan on (report_\w+|sales|sale_lines)`)
	pages    = regexp.MustCompile(`Buffers: shared hit=(\d+)`)
)

// TestReportsUseTheirIndexes asks a chain of fifty stores, with two years of sales of which the last wait to be folded, as
// the restricted role under row-level security.
func TestReportsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	const pending = 200
	c := open(t, 30_000, pending)
	for _, test := range asked {
		for i, plan := range c.explain(t, &test.in) {
			// What waits is little, and read as a whole where that is cheaper.
			if readsAll.MatchString(strings.ReplaceAll(plan, "Seq Scan on report_pending", "")) {
				t.Errorf("%s reads a whole table:\n%s", test.name, plan)
			}
			if i == 0 && !strings.Contains(plan, test.index) {
				t.Errorf("%s doesn't use %s:\n%s", test.name, test.index, plan)
			}
			// Pages of memory, which don't depend on how busy the machine is.
			var n int
			if at := pages.FindStringSubmatch(plan); at != nil {
				_, _ = fmt.Sscan(at[1], &n)
			}
			most := test.pages
			if i > 0 {
				most = 100 + 20*pending // however long the period is
			}
			if n == 0 || n > most {
				t.Errorf("%s reads %d pages:\n%s", test.name, n, plan)
			}
		}
	}
}

// BenchmarkReports asks what owners ask a chain of fifty stores with a million sales in two years, of which the last
// hundred wait to be folded. A small report reads the sums once more where some wait.
func BenchmarkReports(b *testing.B) {
	c := open(b, *chainSales, *chainWaiting)
	for _, test := range asked {
		b.Run(test.name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				report, err := c.reports.Sales(c.ctx, test.in, Want{Totals: true})
				if err != nil {
					b.Fatal(err)
				}
				rows = report.RowCount()
			}
			b.ReportMetric(float64(rows), "rows")
		})
	}
}
