package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/till"
)

// TestOtherReportsUseTheirIndexes looks at the plans of what isn't made of sums, as the restricted role has them: of two of
// fifty stores nothing is read as a whole.
func TestOtherReportsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	c := open(t, 2000, 10)
	tenant := c.scope.Company.UUID()
	c.db.Exec(t, "alter database "+c.db.Name+" set session_replication_role = replica")
	c.db.Super().Reset()
	c.db.Exec(t, `insert into inventory_levels (tenant_id, store_id, id, product_id, quantity) select $1, s.id, gen_random_uuid(), p.id, 5000
		from stores s cross join products p where s.tenant_id = $1 and p.tenant_id = $1 and s.code like 'C%' and p.sku like 'CHAIN%'`, tenant)
	c.db.Exec(t, `insert into till_sessions (tenant_id, store_id, register_id, id, number, status, currency_code, opening_float, business_date, opened_at,
			counted_at, count_number, closed_at)
		select $1, r.store_id, r.id, gen_random_uuid(), n + 1000, 'CLOSED', 'KES', 0, $2::date - n, ($2::date - n)::timestamp at time zone 'Africa/Nairobi',
			($2::date - n + 1)::timestamp at time zone 'Africa/Nairobi', 1, ($2::date - n + 1)::timestamp at time zone 'Africa/Nairobi'
		from registers r cross join generate_series(0, 299) n where r.tenant_id = $1`, tenant, lastDay.String())
	c.db.Exec(t, `insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code, counted_by_id, counted_at, tenders)
		select tenant_id, store_id, register_id, id, 1, 'CLOSE', 'KES', $2, counted_at, '[{"method": "CASH", "counted": 1, "expected": 2}]'
		from till_sessions where tenant_id = $1 and number >= 1000`, tenant, id.New[id.User]().UUID())
	c.db.Exec(t, "analyze inventory_levels, till_sessions, till_counts, till_holders, stores, products, store_prices")
	pool := c.db.Open(t, slices.Concat(Models(), catalog.Models(), company.Models(), inventory.Models(), till.Models()), func(c *postgres.Config) { c.StatementTimeout = time.Hour })
	h, err := pool.Bind(c.ctx)
	if err != nil {
		t.Fatal(err)
	}
	stores := c.scope.Stores()[3:5]
	for name, test := range map[string]struct {
		query *bun.SelectQuery
		not   string
		index string
	}{
		"stock": {stockLines(h, stores, nil, true, time.Now()), `Seq Scan on inventory_levels`, "inventory_levels"},
		"variances": {
			variances(h, span{stores: stores, from: lastDay.Add(-6), to: lastDay}), `Seq Scan on till_(sessions|counts)`, "till_sessions_by_",
		},
	} {
		plan := c.db.ExplainQuery(t, h, test.query)
		if regexp.MustCompile(test.not).MatchString(plan) || !strings.Contains(plan, test.index) {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}
