package seed_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// invariants each select what is wrong, over all companies. They hold for real data as well.
func invariants() map[string]string {
	return map[string]string{
		"a level is the sum of its movements": `
			select l.id from inventory_levels l
			left join (select tenant_id, store_id, product_id, sum(quantity) as quantity from stock_movements
				group by 1, 2, 3) m using (tenant_id, store_id, product_id)
			where l.quantity is distinct from m.quantity`,
		"a movement's running quantity is right": `
			select id from (select id, quantity_after, sum(quantity) over (partition by tenant_id, store_id, product_id
				order by id) as quantity from stock_movements) m
			where quantity_after <> quantity`,
		"a level's history has no gap, and the level stands at its end": `
			select id from (select m.id, m.sequence, m.recorded_at, l.movement_count,
					row_number() over (partition by m.tenant_id, m.level_id order by m.id) as n,
					count(*) over (partition by m.tenant_id, m.level_id) as count
				from stock_movements m join inventory_levels l on l.tenant_id = m.tenant_id and l.id = m.level_id
					and l.store_id = m.store_id and l.product_id = m.product_id) m
			where sequence <> n or movement_count <> count`,
		"a line's cost is what its goods left the shelf at": `
			select l.id from sale_lines l join stock_movements m
				on m.tenant_id = l.tenant_id and m.sale_id = l.sale_id and m.product_id = l.product_id
			where l.cost is distinct from round(l.quantity * m.unit_cost / 10000000.0)`,
		"the average cost is that of what came in": `
			select l.id from inventory_levels l join (select tenant_id, level_id,
					sum(quantity * unit_cost) / sum(quantity) as cost from stock_movements
				where kind in ('OPENING', 'RECEIPT') group by 1, 2) m on m.tenant_id = l.tenant_id and m.level_id = l.id
			where l.average_cost is distinct from round(m.cost)`,
		"a product has a level in every store": `
			select p.id from products p join stores s using (tenant_id)
			where p.sku not like 'BAG%' and not exists (select from inventory_levels l where l.tenant_id = p.tenant_id and l.store_id = s.id
				and l.product_id = p.id)`,
		"a sold line has its movement": `
			select coalesce(l.id, m.id) from sale_lines l
			full join (select * from stock_movements where kind = 'SALE') m
				on m.tenant_id = l.tenant_id and m.sale_id = l.sale_id and m.product_id = l.product_id
			where l.id is null or m.id is null or m.quantity <> -l.quantity or m.store_id <> l.store_id
				or m.register_id <> l.register_id`,
		"a sale is the sum of its lines": `
			select s.id from sales s
			left join (select tenant_id, sale_id, sum(subtotal) as subtotal, sum(tax) as tax, sum(total) as total
				from sale_lines group by 1, 2) l on l.tenant_id = s.tenant_id and l.sale_id = s.id
			where (s.subtotal, s.tax_total, s.total) is distinct from (l.subtotal, l.tax, l.total)`,
		"payments cover the sale, and change is what is too much": `
			select s.id from sales s
			left join (select tenant_id, sale_id, sum(tendered) as tendered, sum(amount) as amount
				from payments group by 1, 2) p on p.tenant_id = s.tenant_id and p.sale_id = s.id
			where s.tendered is distinct from p.tendered or s.total is distinct from p.amount
				or s.tendered - s.change <> s.total`,
		"only cash is given change for": `
			select id from payments where method <> 'CASH' and tendered <> amount`,
		"receipts are numbered without a gap, in the order of time": `
			select id from (select id, receipt_number, row_number() over (partition by tenant_id, store_id, register_id
				order by occurred_at, id) as n from sales) s
			where receipt_number <> n`,
		"a register's counter is past its last receipt": `
			select r.id from registers r
			left join receipt_counters c on c.tenant_id = r.tenant_id and c.store_id = r.store_id and c.register_id = r.id
			left join (select tenant_id, register_id, max(receipt_number) as last from sales group by 1, 2) s
				on s.tenant_id = r.tenant_id and s.register_id = r.id
			where c.next_number is distinct from coalesce(s.last, 0) + 1`,
		"a line costs what the store asks, at the store's tax": `
			select l.id from sale_lines l join products p on p.tenant_id = l.tenant_id and p.id = l.product_id
			join stores s on s.tenant_id = l.tenant_id and s.id = l.store_id
			left join store_prices o on o.tenant_id = l.tenant_id and o.store_id = l.store_id and o.product_id = p.id
			where l.unit_price <> coalesce(o.price, p.price)
				or l.price_source <> case when o.id is null then 'BASE' else 'STORE' end
				or l.tax_rate_ppm <> case when p.taxable then s.tax_rate_ppm else 0 end
				or (l.sku, l.product_name, l.unit) <> (p.sku, p.name, p.unit) or p.status <> 'ACTIVE'`,
		"a line's taxes are those of its product's category in the store": `
			select l.id from sale_lines l join sales s on s.tenant_id = l.tenant_id and s.id = l.sale_id
			join products p on p.tenant_id = l.tenant_id and p.id = l.product_id
			left join tax_rates r on r.tenant_id = p.tenant_id and r.tax_category_id = p.tax_category_id
			left join store_tax_rates o on o.tenant_id = r.tenant_id and o.tax_category_id = r.tax_category_id
				and o.store_id = l.store_id
			left join sale_line_taxes t on t.tenant_id = l.tenant_id and t.sale_line_id = l.id
			where t.rate_ppm is distinct from coalesce(o.rate_ppm, r.rate_ppm) or t.amount is distinct from
				case when r.id is not null then l.tax end or t.base <> l.subtotal or t.inclusive <> s.prices_include_tax`,
		"a cashier works in the store": `
			select s.id from sales s join users u on u.tenant_id = s.tenant_id and u.id = s.cashier_id
			where u.role <> 'OWNER' and not exists (select from user_stores a where a.tenant_id = s.tenant_id
				and a.user_id = u.id and a.store_id = s.store_id)`,
		"a business day is the store's": `
			select s.id from sales s join stores t on t.tenant_id = s.tenant_id and t.id = s.store_id
			where s.business_date <> (s.occurred_at at time zone t.time_zone)::date`,
		"ids carry the time of their rows": `
			select id from (
				select id, occurred_at as at from sales union all
				select id, occurred_at from stock_movements) v
			where substr(id::text, 15, 1) <> '7' or abs(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
				- floor(extract(epoch from at) * 1000)) > 10`,
		"a company is in the directory": `
			select tenant_id from companies c
			where not exists (select from company_directory d where d.slug = c.slug and d.company_id = c.tenant_id)`,
		"a customer's balances and a card's are the sums of their ledgers": `
			select id from customers c where (store_credit, account_owed, points) <> (
				select coalesce(sum(amount) filter (where ledger = 'STORE_CREDIT'), 0)::bigint,
					coalesce(sum(amount) filter (where ledger = 'ACCOUNT'), 0)::bigint,
					coalesce(sum(amount) filter (where ledger = 'LOYALTY_POINTS'), 0)::bigint
				from ledger_entries e where e.tenant_id = c.tenant_id and e.customer_id = c.id)
			union all
			select id from gift_cards c where balance <> (select sum(amount) from ledger_entries e
				where e.tenant_id = c.tenant_id and e.gift_card_id = c.id)`,
		"a sale is of its register's session of the day": `
			select s.id from sales s left join till_sessions t on t.tenant_id = s.tenant_id and t.id = s.till_session_id
			where exists (select from till_sessions o where o.tenant_id = s.tenant_id)
				and (t.register_id is distinct from s.register_id or t.business_date <> s.business_date
				or s.occurred_at not between t.opened_at and coalesce(t.closed_at, 'infinity') or s.till_amendment
				or s.cashier_id <> t.opened_by_id)`,
		"a Z report has the sums of its session's sales": `
			select z.id from till_z_reports z left join (
				select s.tenant_id, s.till_session_id, count(*) as sales, sum(l.gross)::bigint as gross,
					sum(s.subtotal)::bigint as net, sum(s.tax_total)::bigint as tax, sum(s.total)::bigint as total
				from sales s join (select tenant_id, sale_id, sum(gross) as gross from sale_lines group by 1, 2) l
					on l.tenant_id = s.tenant_id and l.sale_id = s.id group by 1, 2) s
				on s.tenant_id = z.tenant_id and s.till_session_id = z.session_id,
				jsonb_to_record(z.figures) as f("saleCount" bigint, gross bigint, net bigint, tax bigint, total bigint)
			where (f."saleCount", f.gross, f.net, f.tax, f.total) is distinct from (s.sales, s.gross, s.net, s.tax, s.total)`,
		"a Z report has the sums of its session's taxes": `
			select coalesce(z.id, s.till_session_id) from (select z.*, f.* from till_z_reports z,
				jsonb_to_recordset(z.figures -> 'taxes') as f(name text, code text, rate bigint, base bigint, amount bigint)) z
			full join (select s.tenant_id, s.till_session_id, t.name, t.code, t.rate_ppm, sum(t.base) as base,
					sum(t.amount) as amount
				from sales s join sale_line_taxes t on t.tenant_id = s.tenant_id and t.sale_id = s.id
				join till_sessions o on o.tenant_id = s.tenant_id and o.id = s.till_session_id and o.status = 'CLOSED'
				group by 1, 2, 3, 4, 5) s
				on s.tenant_id = z.tenant_id and s.till_session_id = z.session_id and s.name = z.name and s.code = z.code
					and s.rate_ppm = z.rate
			where (z.base, z.amount) is distinct from (s.base, s.amount)`,
		"a Z report has the sums of its session's payments": `
			select coalesce(z.id, s.till_session_id) from (select z.*, f.* from till_z_reports z,
				jsonb_to_recordset(z.figures -> 'tenders') as f(method text, count bigint, tendered bigint, change bigint,
					amount bigint)
				where f.count > 0) z
			full join (select s.tenant_id, s.till_session_id, p.method, count(*) as n, sum(p.tendered) as tendered,
					sum(p.tendered - p.amount) as change, sum(p.amount) as amount
				from sales s join payments p on p.tenant_id = s.tenant_id and p.sale_id = s.id
				join till_sessions o on o.tenant_id = s.tenant_id and o.id = s.till_session_id and o.status = 'CLOSED'
				group by 1, 2, 3) s
				on s.tenant_id = z.tenant_id and s.till_session_id = z.session_id and s.method = z.method
			where (z.count, z.tendered, z.change, z.amount) is distinct from (s.n, s.tendered, s.change, s.amount)`,
		"a Z report has the sums of its drawer, and expects what they come to": `
			select z.id from till_z_reports z join till_sessions t on t.tenant_id = z.tenant_id and t.id = z.session_id
			left join (select tenant_id, session_id, sum(amount) filter (where kind = 'PAID_IN') as paid_in,
					sum(amount) filter (where kind = 'PAID_OUT') as paid_out,
					sum(amount) filter (where kind = 'CASH_DROP') as dropped, count(*) filter (where kind = 'NO_SALE') as no_sale
				from drawer_movements group by 1, 2) m on m.tenant_id = z.tenant_id and m.session_id = z.session_id,
				jsonb_to_record(z.figures) as f("openingFloat" bigint, "paidIn" bigint, "paidOut" bigint, "cashDrops" bigint,
					"noSaleCount" bigint, tenders jsonb),
				jsonb_to_recordset(f.tenders) as c(method text, amount bigint, expected bigint, counted bigint)
			where (f."openingFloat", f."paidIn", f."paidOut", f."cashDrops", f."noSaleCount") is distinct from (t.opening_float,
					coalesce(m.paid_in, 0), coalesce(m.paid_out, 0), coalesce(m.dropped, 0), coalesce(m.no_sale, 0))
				or c.expected <> c.amount + case when c.method = 'CASH'
					then f."openingFloat" + f."paidIn" - f."paidOut" - f."cashDrops" else 0 end
				or c.counted is null or c.counted < 0`,
		"a count is what its Z report says": `
			select z.id from till_z_reports z left join till_counts c on c.tenant_id = z.tenant_id and c.session_id = z.session_id
			where c.kind is distinct from 'CLOSE' or c.counted_by_id <> z.counted_by_id or c.tenders is distinct from
				(select jsonb_agg(jsonb_build_object('method', t -> 'method', 'counted', t -> 'counted', 'expected', t -> 'expected'))
				from jsonb_array_elements(z.figures -> 'tenders') t)`,
		"a variance above the limit is approved by somebody else, and no other is": `
			select t.id from till_sessions t join till_counts c on c.tenant_id = t.tenant_id and c.session_id = t.id
			cross join lateral (select coalesce(max(abs(counted - expected)), 0) as most
				from jsonb_to_recordset(c.tenders) as v(counted bigint, expected bigint)) v
			where (coalesce(v.most > t.variance_limit, false)) <> (t.approved_by_id is not null)
				or t.approved_by_id = c.counted_by_id`,
		"sessions and Z reports are numbered without a gap, in the order of time": `
			select id from (select id, number, opened_at, closed_at, row_number() over w as n, lag(closed_at) over w as before,
					lag(status) over w as was
				from till_sessions window w as (partition by tenant_id, register_id order by opened_at)) t
			where number <> n or opened_at < before or was <> 'CLOSED'
			union all
			select t.id from till_sessions t left join till_z_reports z on z.tenant_id = t.tenant_id and z.session_id = t.id
			where (t.status = 'CLOSED') <> (z.id is not null) or z.number <> t.number`,
		"a product is found by words": `
			select id from products p where not exists (select from product_words w
				where w.tenant_id = p.tenant_id and w.product_id = p.id and w.word = lower(p.sku))`,
	}
}

// violations says which invariants don't hold, and for how many rows. It needs a connection that no policy binds:
// a superuser's.
func violations(ctx context.Context, t *testing.T, conn *pgx.Conn) map[string]int {
	t.Helper()
	found := map[string]int{}
	for what, query := range invariants() {
		var wrong int
		if err := conn.QueryRow(ctx, "select count(*) from ("+query+") wrong").Scan(&wrong); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if wrong > 0 {
			found[what] = wrong
		}
	}
	return found
}

func checkConsistency(ctx context.Context, t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for what, wrong := range violations(ctx, t, conn) {
		t.Errorf("%s: not so for %d rows", what, wrong)
	}
}

// count gives how many rows a table has, over all companies.
func count(ctx context.Context, t *testing.T, conn *pgx.Conn, table string) int {
	t.Helper()
	var n int
	if err := conn.QueryRow(ctx, "select count(*) from "+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
