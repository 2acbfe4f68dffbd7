package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/seed"
)

// TestOthersGrowth takes the statements that the server sends for each kind of request, and runs them again and again as the
// restricted role, in the same scope over the same company, while all others become ten and a hundred times as much. What
// is read stays within what the company itself has, and so do the pages: a few for each look into an index, and one a row.
// With the most of it, the plans are looked at: the main tables are read by the index that is meant for that, no table that
// isn't small is read from end to end, and next to nothing is read to be thrown away.
func TestOthersGrowth(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	fill(t, d, seed.BulkOptions{Companies: 2, Sales: 400})
	sent := captured(t, twin(t, d))
	first, table := map[string]explained{}, &strings.Builder{}
	for _, times := range []int{1, 10, 100} {
		multiply(t, d, times)
		for _, q := range Requests() {
			e := explain(t, d, sent[q.Name])
			fmt.Fprintf(table, "%s  others x%-3d  %4d rows  %4d pages  %3d looks\n", q.Name, times, e.rows(), e.pages(), e.looks())
			switch times {
			case 1:
				first[q.Name] = e
			case 100:
				e.wasteful(t, q.Name)
				e.readBy(t, q.Name, indexes()[q.Name])
			}
			e.within(t, q.Name, first[q.Name])
		}
	}
	t.Logf("\n%s", table)
}

// TestOwnHistory: a page of what a store sold last is read by reading about a page, however much it has sold before.
func TestOwnHistory(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	fill(t, d, seed.BulkOptions{Companies: 2, Sales: 400})
	sent := captured(t, twin(t, d))
	// Among many companies, which have little in each of their stores.
	multiply(t, d, 150)
	first := map[string]explained{}
	for _, name := range []string{"Q2", "Q3", "Q5"} {
		first[name] = explainKept(t, d, sent[name])
	}
	age(t, d, "bulk-0001", 25)
	for name, before := range first {
		e := explainKept(t, d, sent[name])
		t.Logf("%s: %d rows and %d pages, before %d and %d", name, e.rows(), e.pages(), before.rows(), before.pages())
		e.wasteful(t, name)
		e.readBy(t, name, indexes()[name])
		const other = 2 // by another plan
		if e.rows() > other*before.rows() {
			t.Errorf("%s reads %d rows, and %d before:\n%s", name, e.rows(), before.rows(), e)
		}
	}
}

// TestOwnKeys: what a sale reads that comes again doesn't grow with the sales that were recorded before it.
func TestOwnKeys(t *testing.T) {
	t.Parallel()
	const fewPages = 4
	var before explained
	for _, keys := range []int{1, 2000} { // of each register
		d := pgtest.New(t)
		fill(t, d, seed.BulkOptions{Companies: 2, Sales: 400})
		d.Exec(t, `insert into sale_idempotency_keys (tenant_id, store_id, register_id, key, request_hash, sale_id)
			select tenant_id, store_id, id, n, sha256(''), gen_random_uuid() from registers cross join generate_series(1, $1::int) n`, keys)
		d.Exec(t, "analyze sale_idempotency_keys")
		d.Super().Reset() // nobody may be connected while it is cloned
		d = twin(t, d)
		sent := slices.DeleteFunc(captured(t, d)[again], func(s statement) bool {
			return !strings.HasPrefix(s.sql, "SELECT") && !strings.Contains(s.sql, "tillgraph.enter")
		})
		e := explainKept(t, d, sent)
		if before.plans == nil {
			before = e
			continue
		}
		if !slices.Equal(e.texts, before.texts) {
			t.Fatalf("other statements are sent: %v and %v", e.texts, before.texts)
		}
		e.readBy(t, again, []string{"sale_idempotency_keys_pkey"})
		for i, plan := range e.plans {
			now, then := plan.Hit+plan.Read, before.plans[i].Hit+before.plans[i].Read
			if now > then+fewPages {
				t.Errorf("%.0f pages are read instead of %.0f:\n%s", now, then, e.texts[i])
			}
		}
	}
}

// age gives a company so many times what it sold, in years before.
func age(t *testing.T, d *pgtest.Database, slug string, times int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.SuperURL)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), "set session_replication_role = replica")
	must(t, err)
	for table, changed := range map[string]map[string]string{
		"sales": {
			"id": "md5(id::text || n)::uuid", "receipt_number": "receipt_number + n * 1000000",
			"occurred_at": "occurred_at - n * interval '400 days'", "business_date": "business_date - n * 400",
		},
		"sale_lines": {"id": "md5(id::text || n)::uuid", "sale_id": "md5(sale_id::text || n)::uuid"},
	} {
		rows, err := conn.Query(t.Context(), `select attname from pg_attribute
			where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`, table)
		must(t, err)
		columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		values := slices.Clone(columns)
		for i, column := range columns {
			if value, ok := changed[column]; ok {
				values[i] = value
			}
		}
		_, err = conn.Exec(t.Context(), fmt.Sprintf(`insert into %[1]s (%[2]s) select %[3]s from %[1]s cross join generate_series(1, $1::int) n
			where tenant_id = (select company_id from company_directory where slug = $2)`,
			table, strings.Join(columns, ", "), strings.Join(values, ", ")), times-1, slug)
		must(t, err)
		_, err = conn.Exec(t.Context(), "analyze "+table)
		must(t, err)
	}
}

// indexes are those by which each request reads, whatever else its plan does.
func indexes() map[string][]string {
	const linesOfSale = "sale_lines_tenant_id_sale_id_line_number_key"
	return map[string][]string{
		"Q1": {"products_pkey"},
		"Q2": {"sales_by_store_time"},
		"Q3": {"sales_by_store_time", linesOfSale, "products_pkey"},
		"Q4": {"report_days_pkey"},
		"Q5": {"sales_by_register_time", linesOfSale, "products_pkey"},
		"M1": {
			"products_pkey", "store_prices_period_key", "receipt_counters_pkey",
			"inventory_levels_tenant_id_store_id_product_id_*key",
		},
	}
}

// captured are the statements of each kind of request for the largest company, as a server sends them that knows who asks.
func captured(t *testing.T, d *pgtest.Database) map[string][]statement {
	t.Helper()
	var c capture
	w := open(t, d, func(config *postgres.Config) { config.Tracer = &c })
	r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // nothing is secret
	sent := map[string][]statement{}
	for _, q := range Requests() {
		list, err := prepare(q, w.shops[:1], 1, r)
		must(t, err)
		for range 3 { // what is kept is known to the third
			c.take()
			_, err := w.server.post(t.Context(), q, list[0].shop, list[0].body)
			must(t, err)
			sent[q.Name] = c.take()
		}
		if q.change == nil {
			continue
		}
		for range 2 {
			c.take()
			_, err := w.server.post(t.Context(), q, list[0].shop, bytes.Replace(list[0].body, []byte(freshKey), []byte("one"), 1))
			must(t, err)
			sent[again] = c.take()
		}
	}
	return sent
}

// again names the statements of a change that comes with its key a second time.
const again = "again"

// multiply makes the other companies so many times as much as they were, by companies like the smaller one.
func multiply(t *testing.T, d *pgtest.Database, times int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.SuperURL)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	tables := []string{
		"stores", "registers", "receipt_counters", "users", "user_stores", "categories", "products", "store_prices", "sales",
		"sale_lines", "sale_line_taxes", "payments", "inventory_levels", "stock_movements", "report_days", "report_hours",
		"report_products", "report_categories", "report_tenders", "report_taxes",
	}
	var other uuid.UUID
	must(t, conn.QueryRow(t.Context(), "select company_id from company_directory where slug = 'bulk-0002'").Scan(&other))
	_, err = conn.Exec(t.Context(), "set session_replication_role = replica")
	must(t, err)
	for _, table := range tables {
		var columns string
		must(t, conn.QueryRow(t.Context(), `select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
			where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'tenant_id'`,
			table).Scan(&columns))
		_, err := conn.Exec(t.Context(), fmt.Sprintf(`insert into %[1]s (tenant_id, %[2]s)
			select ('018f0000-0099-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %[2]s from %[1]s
			cross join generate_series($2::integer + 1, $3) n where tenant_id = $1
				and not exists (select from %[1]s where tenant_id = ('018f0000-0099-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid)`,
			table, columns), other, 1, times)
		must(t, err)
	}
	_, err = conn.Exec(t.Context(), "analyze "+strings.Join(tables, ", "))
	must(t, err)
}
