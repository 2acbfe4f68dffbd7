-- What a company's business day is: how many minutes after midnight, by a store's clocks, it begins.
alter table company_settings add column business_day_start integer not null default 0
    check (business_day_start between 0 and 720);

-- The hour on the store's clocks, and the category as sold: reports of the past don't change with a store's time zone
-- or a product's category.
alter table sales add column local_hour smallint not null default 0 check (local_hour between 0 and 23);
-- No foreign key: it is what the receipt remembers, and a key would be looked up for each line sold.
alter table sale_lines add column category_id uuid;

-- The backfill is for every company: while it runs the owner is not held by the policies. What a product was sold as
-- before is not known: it gets the category of today.
alter table sales no force row level security;
alter table sale_lines no force row level security;
alter table stores no force row level security;
alter table products no force row level security;
update sales s set local_hour = extract(hour from s.occurred_at at time zone t.time_zone)
    from stores t where t.tenant_id = s.tenant_id and t.id = s.store_id;
update sale_lines l set category_id = p.category_id
    from products p where p.tenant_id = l.tenant_id and p.id = l.product_id and p.category_id is not null;
alter table products force row level security;
alter table stores force row level security;
alter table sale_lines force row level security;

-- What happened to sales and is not in the sums below yet: a row goes in with the sale or the void itself, and out
-- when it is folded into them. A report is the sums and these.
create table report_pending (
    tenant_id uuid not null,
    store_id uuid not null,
    sale_id uuid not null,
    kind text not null check (kind in ('SALE', 'VOID')),
    primary key (tenant_id, sale_id, kind),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, sale_id) references sales (tenant_id, id) on delete cascade
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
call tillgraph.protect('report_pending', 'store');
grant select, insert on report_pending to tillgraph_app;
alter table report_pending no force row level security;
insert into report_pending (tenant_id, store_id, sale_id, kind)
    select tenant_id, store_id, id, 'SALE' from sales
    union all select tenant_id, store_id, id, 'VOID' from sales where status = 'VOIDED';
alter table report_pending force row level security;
alter table sales force row level security;

-- The sums of sales, one table a grain. Amounts are minor units, quantities thousandths of a unit. No person, no
-- category: the zero UUID. What the columns hold:
--   sale_count    receipts on which something was sold, return_count those on which something came back
--   gross         what was sold, before discounts; discount, what was taken off; returned, what was given back
--   net           the lines before tax, after discounts and less what came back
--   sold, back    quantities that were sold and that came back
--   cost          what the goods cost, of lines where that is known, and net_costed the net of these lines
--   void_count    receipts that were voided, and voided their total; they are in nothing else
create procedure tillgraph.report_table(p_table text, p_keys text, p_key text, p_measures text)
    language plpgsql as $$
begin
    execute format('create table %I (
        tenant_id uuid not null,
        store_id uuid not null,
        business_date date not null,
        %s
        currency_code text not null check (currency_code ~ ''^[A-Z]{3}$''),
        %s,
        primary key (tenant_id, store_id, business_date, %s currency_code),
        foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade
    ) with (fillfactor = 80)', p_table, p_keys, p_measures, p_key);
    execute format('create statistics %I (dependencies) on tenant_id, store_id from %I', p_table || '_tenant_store', p_table);
    call tillgraph.protect(p_table::regclass, 'store');
    execute format('grant select on %I to tillgraph_app', p_table);
end $$;
do $$
declare
    lines constant text := 'sale_count bigint not null, return_count bigint not null, gross bigint not null,
        discount bigint not null, returned bigint not null, net bigint not null, tax bigint not null,
        sold bigint not null, back bigint not null, cost bigint not null, net_costed bigint not null,
        void_count bigint not null, voided bigint not null';
begin
    call tillgraph.report_table('report_days', '', '', lines || ', rounding bigint not null');
    call tillgraph.report_table('report_hours', 'hour smallint not null, at_register_id uuid not null,
        cashier_id uuid not null,', 'hour, at_register_id, cashier_id,', lines || ', rounding bigint not null');
    call tillgraph.report_table('report_products', 'product_id uuid not null, category_id uuid not null,',
        'product_id, category_id,', lines);
    call tillgraph.report_table('report_categories', 'category_id uuid not null,', 'category_id,', lines);
    call tillgraph.report_table('report_tenders', 'at_register_id uuid not null, cashier_id uuid not null,
        method text not null,', 'at_register_id, cashier_id, method,',
        'sale_count bigint not null, amount bigint not null');
    call tillgraph.report_table('report_taxes', 'tax_name text not null, tax_code text not null,
        tax_rate_ppm integer not null,', 'tax_name, tax_code, tax_rate_ppm,',
        'sale_count bigint not null, net bigint not null, tax bigint not null');
    call tillgraph.report_table('report_reasons', 'cashier_id uuid not null, reason text not null,',
        'cashier_id, reason,', 'sale_count bigint not null, discount bigint not null');
end $$;
drop procedure tillgraph.report_table(text, text, text, text);

-- Who folds: the gate, one company at a time. The server's role can't change a sum.
grant usage, create on schema tillgraph to tillgraph_gate;
grant select on sales, sale_lines, payments, sale_line_taxes, sale_discounts to tillgraph_gate;
grant select, delete on report_pending to tillgraph_gate;
grant select, insert, update on report_days, report_hours, report_products, report_categories, report_tenders,
    report_taxes, report_reasons to tillgraph_gate;
do $$
declare
    own constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
    t text;
begin
    foreach t in array '{payments,sale_line_taxes,sale_discounts}'::text[] loop
        execute format('create policy gate on %I for select to tillgraph_gate using (%s)', t, own);
    end loop;
    foreach t in array '{report_pending,report_days,report_hours,report_products,report_categories,report_tenders,report_taxes,report_reasons}'::text[] loop
        execute format('create policy gate on %I for all to tillgraph_gate using (%s) with check (%s)', t, own, own);
    end loop;
end $$;

-- fold_reports adds what is pending of a company to the sums, at most so much of it, and says how much that was: 0
-- also when somebody else is at it.
create function tillgraph.fold_reports(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    ids uuid[];
    signs integer[];
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    if not pg_try_advisory_xact_lock(hashtextextended('tillgraph fold ' || p_tenant, 0)) then
        return 0;
    end if;
    select array_agg(p.sale_id), array_agg(case p.kind when 'SALE' then 1 else -1 end) into ids, signs
        from (select sale_id, kind from report_pending where tenant_id = p_tenant order by sale_id, kind limit p_most) p;
    if ids is null then
        return 0;
    end if;
    delete from report_pending p using unnest(ids, signs) u (id, sign)
        where p.tenant_id = p_tenant and p.sale_id = u.id and p.kind = case u.sign when 1 then 'SALE' else 'VOID' end;

    -- A void takes back what its sale added, and is counted.
    with doc as materialized (
        select s.store_id, s.id, s.business_date, s.local_hour, s.register_id, coalesce(s.cashier_id, nobody) as cashier_id,
            s.currency_code, s.rounding, s.total, u.sign, case when u.sign < 0 then 1 else 0 end as void
        from unnest(ids, signs) u (id, sign) join sales s on s.tenant_id = p_tenant and s.id = u.id
    ), item as materialized (
        select d.id, d.sign, l.product_id, coalesce(l.category_id, nobody) as category_id,
            bool_or(l.kind = 'SALE') as sells, bool_or(l.kind = 'RETURN') as returns,
            coalesce(sum(l.gross) filter (where l.kind = 'SALE'), 0) as gross,
            coalesce(sum(l.discount + l.order_discount) filter (where l.kind = 'SALE'), 0) as discount,
            coalesce(sum(l.discount + l.order_discount - l.gross) filter (where l.kind = 'RETURN'), 0) as returned,
            sum(l.subtotal) as net, sum(l.tax) as tax, sum(l.total) as total,
            coalesce(sum(l.quantity) filter (where l.kind = 'SALE'), 0) as sold,
            coalesce(-sum(l.quantity) filter (where l.kind = 'RETURN'), 0) as back,
            coalesce(sum(l.cost), 0) as cost,
            coalesce(sum(l.subtotal) filter (where l.cost is not null), 0) as net_costed
        from doc d join sale_lines l on l.tenant_id = p_tenant and l.sale_id = d.id
        group by d.id, d.sign, l.product_id, coalesce(l.category_id, nobody)
    ), whole as materialized (
        select id, sign, bool_or(sells) as sells, bool_or(returns) as returns, sum(gross) as gross,
            sum(discount) as discount, sum(returned) as returned, sum(net) as net, sum(tax) as tax, sum(sold) as sold,
            sum(back) as back, sum(cost) as cost, sum(net_costed) as net_costed
        from item group by id, sign
    ), kind as (
        select id, sign, category_id, bool_or(sells) as sells, bool_or(returns) as returns, sum(gross) as gross,
            sum(discount) as discount, sum(returned) as returned, sum(net) as net, sum(tax) as tax, sum(total) as total,
            sum(sold) as sold, sum(back) as back, sum(cost) as cost, sum(net_costed) as net_costed
        from item group by id, sign, category_id
    ), hours as materialized (
        select d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id, d.currency_code,
            sum(d.sign * w.sells::int) as sale_count, sum(d.sign * w.returns::int) as return_count,
            sum(d.sign * w.gross) as gross, sum(d.sign * w.discount) as discount, sum(d.sign * w.returned) as returned,
            sum(d.sign * w.net) as net, sum(d.sign * w.tax) as tax, sum(d.sign * w.sold) as sold,
            sum(d.sign * w.back) as back, sum(d.sign * w.cost) as cost, sum(d.sign * w.net_costed) as net_costed,
            sum(d.void) as void_count, sum(d.void * d.total) as voided, sum(d.sign * d.rounding) as rounding
        from doc d join whole w on w.id = d.id and w.sign = d.sign
        group by 1, 2, 3, 4, 5, 6
    ), into_hours as (
        insert into report_hours as r (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, currency_code,
            sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count,
            voided, rounding)
        select p_tenant, h.* from hours h
        on conflict (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided, rounding = r.rounding + excluded.rounding
    ), into_days as (
        insert into report_days as r (tenant_id, store_id, business_date, currency_code, sale_count, return_count, gross,
            discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided, rounding)
        select p_tenant, store_id, business_date, currency_code, sum(sale_count), sum(return_count), sum(gross),
            sum(discount), sum(returned), sum(net), sum(tax), sum(sold), sum(back), sum(cost), sum(net_costed),
            sum(void_count), sum(voided), sum(rounding)
        from hours group by store_id, business_date, currency_code
        on conflict (tenant_id, store_id, business_date, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided, rounding = r.rounding + excluded.rounding
    ), into_products as (
        insert into report_products as r (tenant_id, store_id, business_date, product_id, category_id, currency_code,
            sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, d.store_id, d.business_date, i.product_id, i.category_id, d.currency_code,
            sum(d.sign * i.sells::int), sum(d.sign * i.returns::int), sum(d.sign * i.gross), sum(d.sign * i.discount),
            sum(d.sign * i.returned), sum(d.sign * i.net), sum(d.sign * i.tax), sum(d.sign * i.sold),
            sum(d.sign * i.back), sum(d.sign * i.cost), sum(d.sign * i.net_costed), sum(d.void), sum(d.void * i.total)
        from doc d join item i on i.id = d.id and i.sign = d.sign
        group by d.store_id, d.business_date, i.product_id, i.category_id, d.currency_code
        on conflict (tenant_id, store_id, business_date, product_id, category_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_categories as (
        insert into report_categories as r (tenant_id, store_id, business_date, category_id, currency_code, sale_count,
            return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, d.store_id, d.business_date, k.category_id, d.currency_code,
            sum(d.sign * k.sells::int), sum(d.sign * k.returns::int), sum(d.sign * k.gross), sum(d.sign * k.discount),
            sum(d.sign * k.returned), sum(d.sign * k.net), sum(d.sign * k.tax), sum(d.sign * k.sold),
            sum(d.sign * k.back), sum(d.sign * k.cost), sum(d.sign * k.net_costed), sum(d.void), sum(d.void * k.total)
        from doc d join kind k on k.id = d.id and k.sign = d.sign
        group by d.store_id, d.business_date, k.category_id, d.currency_code
        on conflict (tenant_id, store_id, business_date, category_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_tenders as (
        insert into report_tenders as r (tenant_id, store_id, business_date, at_register_id, cashier_id, method,
            currency_code, sale_count, amount)
        select p_tenant, d.store_id, d.business_date, d.register_id, d.cashier_id, p.method, d.currency_code,
            sum(d.sign), sum(d.sign * p.amount)
        from doc d join (
            select p.sale_id, p.method, sum(p.amount) as amount from payments p
            where p.tenant_id = p_tenant and p.sale_id = any (ids) group by p.sale_id, p.method) p on p.sale_id = d.id
        group by 2, 3, 4, 5, 6, 7
        on conflict (tenant_id, store_id, business_date, at_register_id, cashier_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_taxes as (
        -- What bears no tax is named by an empty name.
        insert into report_taxes as r (tenant_id, store_id, business_date, tax_name, tax_code, tax_rate_ppm, currency_code,
            sale_count, net, tax)
        select p_tenant, d.store_id, d.business_date, t.name, t.code, t.rate_ppm, d.currency_code,
            sum(d.sign), sum(d.sign * t.base), sum(d.sign * t.amount)
        from doc d join (
            select l.sale_id, coalesce(t.name, '') as name, coalesce(t.code, '') as code,
                coalesce(t.rate_ppm, 0) as rate_ppm, sum(coalesce(t.base, l.subtotal)) as base,
                coalesce(sum(t.amount), 0) as amount
            from sale_lines l left join sale_line_taxes t on t.tenant_id = l.tenant_id and t.sale_line_id = l.id
            where l.tenant_id = p_tenant and l.sale_id = any (ids)
            group by 1, 2, 3, 4) t on t.sale_id = d.id
        group by 2, 3, 4, 5, 6, 7
        on conflict (tenant_id, store_id, business_date, tax_name, tax_code, tax_rate_ppm, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, net = r.net + excluded.net, tax = r.tax + excluded.tax
    )
    insert into report_reasons as r (tenant_id, store_id, business_date, cashier_id, reason, currency_code, sale_count,
        discount)
    select p_tenant, d.store_id, d.business_date, d.cashier_id, o.reason, d.currency_code, sum(d.sign),
        sum(d.sign * o.amount)
    from doc d join (
        select o.sale_id, o.reason, sum(o.amount) as amount from sale_discounts o
        where o.tenant_id = p_tenant and o.sale_id = any (ids) group by o.sale_id, o.reason) o on o.sale_id = d.id
    group by 2, 3, 4, 5, 6
    on conflict (tenant_id, store_id, business_date, cashier_id, reason, currency_code) do update set
        sale_count = r.sale_count + excluded.sale_count, discount = r.discount + excluded.discount;
    return cardinality(ids);
end $$;

-- report_companies lists so many companies after one, with their stores and whether something is pending: so what a
-- server left behind when it died is folded by the next one, and all sums can be verified.
create function tillgraph.report_companies(p_after uuid, p_most integer)
    returns table (company uuid, slug text, store_ids uuid[], pending boolean)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    for company, slug in
        select d.company_id, d.slug from company_directory d where p_after is null or d.company_id > p_after
        order by d.company_id limit p_most
    loop
        execute format('set local app.tenant_id = %L', company);
        store_ids := array(select s.id from stores s where s.tenant_id = company order by s.id);
        pending := exists (select from report_pending p where p.tenant_id = company);
        return next;
    end loop;
end $$;

alter function tillgraph.fold_reports(uuid, integer) owner to tillgraph_gate;
alter function tillgraph.report_companies(uuid, integer) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.fold_reports(uuid, integer) from public;
revoke all on function tillgraph.report_companies(uuid, integer) from public;
