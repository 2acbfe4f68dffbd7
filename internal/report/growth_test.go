package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	grownStores = 10
	// hourDays is of how many days there are sums by hour; of years there are sums by day.
	hourDays = 45
	// fewOthers is how many other companies there are, of the same size, before there are ten times as many.
	fewOthers = 3
	// dayReceipts is how many receipts of the last day wait in each store to be added up.
	dayReceipts = 5
)

// grown is a chain whose sums, and those of other companies, are put where folding has them: those of a day, or an hour,
// of one company beside each other, and after them those of the next company.
func grown(t *testing.T) *chain {
	t.Helper()
	d, f := pgtest.Filled(t)
	c := &chain{db: d, pool: d.Open(t, Models(), func(c *postgres.Config) { c.StatementTimeout = time.Hour })}
	stores := make([]id.Store, grownStores)
	for i := range stores {
		stores[i] = id.New[id.Store]()
	}
	c.scope = tenancy.New(tenancy.Spec{Company: f.A.ID, Role: tenancy.Owner, Stores: stores})
	c.ctx = pgtest.Context(t, c.scope)
	// The rows stand for themselves: what they refer to isn't there.
	d.Exec(t, "alter database "+d.Name+" set session_replication_role = replica")
	d.Super().Reset()
	d.Exec(t, "create table grown_stores (company integer, tenant_id uuid, store_id uuid, register_id uuid)")
	for _, store := range stores {
		d.Exec(t, "insert into grown_stores values (0, $1, $2, gen_random_uuid())", f.A.ID.UUID(), store.UUID())
	}
	d.Exec(t, `insert into grown_stores select c.company, c.tenant_id, gen_random_uuid(), gen_random_uuid()
		from (select n as company, gen_random_uuid() as tenant_id from generate_series(1, $1::int) n) c cross join generate_series(1, $2::int)`,
		10*fewOthers, grownStores)
	return c
}

// fill has the sums of so many years of the company, and of a year of so many others, with what waits of the last day.
func (c *chain) fill(t *testing.T, years, others int) {
	t.Helper()
	const figures = "sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided, rounding"
	const zeroes = "10, 0, 1000, 0, 0, 900, 100, 10, 0, 500, 900, 0, 0, 0"
	c.db.Exec(t, "truncate report_days, report_hours, report_pending, sales, sale_lines cascade")
	c.db.Exec(t, `insert into report_days (tenant_id, store_id, business_date, currency_code, `+figures+`)
		select g.tenant_id, g.store_id, $1::date - n, 'KES', `+zeroes+` from generate_series($2::int, 0, -1) n join grown_stores g
			on g.company = 0 or g.company <= $3::int and n < 365
		order by n desc, g.company, g.store_id`, lastDay.String(), 365*years-1, others)
	c.db.Exec(t, `insert into report_hours (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, currency_code, `+figures+`)
		select g.tenant_id, g.store_id, $1::date - n, h, g.register_id, '`+nobody+`', 'KES', `+zeroes+`
		from generate_series($2::int, 0, -1) n cross join generate_series(9, 14) h
			join grown_stores g on g.company = 0 or g.company <= $3::int and n < $4::int
		order by n desc, h, g.company, g.store_id`, lastDay.String(), hourDays*years-1, others, hourDays)
	c.db.Exec(t, `with made as (
			insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax, subtotal, tax_total, total,
				tendered, change, occurred_at, recorded_at, business_date, local_hour)
			select tenant_id, store_id, register_id, gen_random_uuid(), n, 'KES', true, 900, 100, 1000, 1000, 0,
				$1::date + make_interval(hours => 6 + n), $1::date + make_interval(hours => 6 + n), $1::date, 9 + n
			from grown_stores cross join generate_series(1, $3) n where company <= $2 order by n, company
			returning tenant_id, store_id, register_id, id
		), lined as (
			insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id, product_name, sku, unit,
				currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross)
			select tenant_id, store_id, register_id, gen_random_uuid(), id, 1, gen_random_uuid(), 'P', 'S', 'EACH', 'KES', 1000, 1000, 'BASE',
				0, 900, 100, 1000, 1000 from made
		)
		insert into report_pending (tenant_id, store_id, sale_id, kind) select tenant_id, store_id, id, 'SALE' from made`,
		lastDay.String(), others, dayReceipts)
	c.db.Exec(t, "vacuum analyze report_days, report_hours, report_pending, sales, sale_lines")
}

// pagesOf are the pages of memory that a report reads, and its plans.
func (c *chain) pagesOf(t *testing.T, in Input) (n int, plans []string) {
	t.Helper()
	plans = c.explain(t, &in)
	for _, plan := range plans {
		var read int
		if at := pages.FindStringSubmatch(plan); at != nil {
			_, _ = fmt.Sscan(at[1], &read)
		}
		n += read
	}
	return n, plans
}

// TestReportsDoNotGrowWithOthers: what a report reads doesn't grow with what other companies have, and hardly with years of
// its own that it isn't of. Pages of memory are counted, as the restricted role reads them, so that it doesn't matter how
// busy the machine is.
func TestReportsDoNotGrowWithOthers(t *testing.T) {
	t.Parallel()
	c := grown(t)
	questions := map[string]Input{
		"a year by store and day":     {From: lastDay.Add(-364), To: lastDay, GroupBy: []Dimension{ByStore, ByDay}},
		"a year by month":             {From: lastDay.Add(-364), To: lastDay, GroupBy: []Dimension{ByMonth}},
		"today":                       {From: lastDay, To: lastDay},
		"today by store":              {From: lastDay, To: lastDay, GroupBy: []Dimension{ByStore}},
		"a month by weekday and hour": {From: lastDay.Add(-29), To: lastDay, GroupBy: []Dimension{ByWeekday, ByHour}},
	}
	first := map[string]int{}
	for _, size := range []struct {
		what          string
		years, others int
		// most is how much more may be read, in percent.
		most int
	}{
		{"at first", 1, fewOthers, 0},
		{"with ten times as many others", 1, 10 * fewOthers, 10},
		{"after two more years", 3, fewOthers, 25},
	} {
		c.fill(t, size.years, size.others)
		for name, in := range questions {
			n, plans := c.pagesOf(t, in)
			if first[name] == 0 {
				first[name] = n
			}
			t.Logf("%s, %s: %d pages", name, size.what, n)
			// An index that is a level higher has each of its look-ups read a page more: a few a store, and those of the
			// receipts that wait, each with its line.
			if n == 0 || n > first[name]*(100+size.most)/100+(4+2*dayReceipts)*grownStores {
				t.Errorf("%s, %s: %d pages instead of %d:\n%s", name, size.what, n, first[name], plans)
			}
		}
	}
}
