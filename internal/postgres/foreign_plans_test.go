package postgres_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestForeignKeysReadOneRow: what a foreign key to a sale asks is answered by the one row, however much its register and
// others sold. The database keeps one plan of it for all, in which it doesn't know whom it is asked of.
func TestForeignKeysReadOneRow(t *testing.T) {
	t.Parallel()
	const companies, receipts = 200, 60
	d, _ := pgtest.Filled(t)
	d.Exec(t, "alter database "+d.Name+" set session_replication_role = replica")
	d.Super().Reset()
	d.Exec(t, `insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax, subtotal,
			tax_total, total, tendered, change, occurred_at, business_date)
		select tenant, store, register, gen_random_uuid(), n, 'EUR', true, 0, 0, 0, 0, 0, now(), now() from (
			select gen_random_uuid() as tenant, gen_random_uuid() as store, gen_random_uuid() as register
			from generate_series(1, $1::integer) offset 0) s, generate_series(1, $2::integer) n`, companies, receipts)
	d.Exec(t, "analyze sales")
	conn, err := d.Super().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{
		"set plan_cache_mode = force_generic_plan",
		`prepare asked (uuid, uuid, uuid, uuid) as select 1 from only public.sales x
			where tenant_id = $1 and store_id = $2 and register_id = $3 and id = $4 for key share of x`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	const none = "'00000000-0000-0000-0000-000000000000'"
	rows, err := conn.Query(t.Context(), fmt.Sprintf("explain execute asked (%[1]s, %[1]s, %[1]s, %[1]s)", none))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil || !regexp.MustCompile(`using sales_(pkey|tenant_id_store_id_register_id_id_key)`).MatchString(plan.String()) {
		t.Errorf("%v\n%s", err, plan.String())
	}
}

// TestForeignKeysHaveStatistics: where foreign keys name a row by its store or register beside its id, and another index
// begins with these as well, the database is told that they go together. Otherwise it can't tell which index finds less.
func TestForeignKeysHaveStatistics(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	const shared = `with named as (
			select distinct k.confrelid as of, array(select a.attname::text from pg_attribute a
				where a.attrelid = k.confrelid and a.attnum = any (k.confkey)) as key
			from pg_constraint k where k.contype = 'f' and cardinality(k.confkey) > 2
		), rivals as (
			select n.of, n.key, array(select a.attname::text from unnest(i.indkey::smallint[]) with ordinality c (num, place)
				join pg_attribute a on a.attrelid = i.indrelid and a.attnum = c.num order by c.place) as columns
			from named n join pg_index i on i.indrelid = n.of and i.indpred is null
		), told as (
			select s.stxrelid as of, array(select a.attname::text from pg_attribute a
				where a.attrelid = s.stxrelid and a.attnum = any (s.stxkeys::smallint[])) as columns
			from pg_statistic_ext s where 'f' = any (s.stxkind)
		), common as (
			select distinct r.of, case when r.columns[3] = 'register_id' and r.key @> '{register_id}' then r.columns[:3]
				else r.columns[:2] end as columns
			from rivals r where r.columns[:2] = '{tenant_id,store_id}' and not r.columns <@ r.key
		)
		select c.of::regclass::text || ' ' || c.columns::text || ' ' || exists (
			select from told t where t.of = c.of and t.columns @> c.columns) from common c order by 1`
	found := pgtest.Values[string](t, d, shared)
	if len(found) < 5 {
		t.Errorf("only these are looked at: %q", found)
	}
	for _, one := range found {
		if !strings.HasSuffix(one, " true") {
			t.Errorf("no statistics say how these go together: %s", one)
		}
	}
}
