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
