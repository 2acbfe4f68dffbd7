-- The database adds whole numbers up to numbers of any length, and all that is made of such a sum is reckoned digit by digit
-- from there on: a fifth of what folding took. What a receipt has of a figure fits into what the figure is kept in.
create or replace function tillgraph.fold_reports(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
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
            coalesce(s.customer_group_id, nobody) as customer_group_id, s.currency_code, s.rounding, s.total as receipt,
            u.sign, case when u.sign < 0 then 1 else 0 end as void
        from unnest(ids, signs) u (id, sign) join sales s on s.tenant_id = p_tenant and s.id = u.id
    ), part as (
        select d.id, d.sign, d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id, d.customer_group_id,
            d.currency_code, d.rounding, d.receipt, d.void, l.product_id, coalesce(l.category_id, nobody) as category_id,
            coalesce(l.brand_id, nobody) as brand_id, coalesce(l.supplier_id, nobody) as supplier_id,
            bool_or(l.kind = 'SALE') as sells, bool_or(l.kind = 'RETURN') as returns,
            coalesce(sum(l.gross) filter (where l.kind = 'SALE'), 0)::bigint as gross,
            coalesce(sum(l.discount + l.order_discount) filter (where l.kind = 'SALE'), 0)::bigint as discount,
            coalesce(sum(l.discount + l.order_discount - l.gross) filter (where l.kind = 'RETURN'), 0)::bigint as returned,
            sum(l.subtotal)::bigint as net, sum(l.tax)::bigint as tax, sum(l.total)::bigint as total,
            coalesce(sum(l.quantity) filter (where l.kind = 'SALE'), 0)::bigint as sold,
            coalesce(-sum(l.quantity) filter (where l.kind = 'RETURN'), 0)::bigint as back,
            coalesce(sum(l.cost), 0)::bigint as cost,
            coalesce(sum(l.subtotal) filter (where l.cost is not null), 0)::bigint as net_costed
        from doc d join sale_lines l on l.tenant_id = p_tenant and l.sale_id = d.id
        group by d.id, d.sign, l.product_id, coalesce(l.category_id, nobody), coalesce(l.brand_id, nobody),
            coalesce(l.supplier_id, nobody), d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id,
            d.customer_group_id, d.currency_code, d.rounding, d.receipt, d.void
    ), item as materialized (
        -- A product may stand on a receipt as several things: the first of these counts the receipt.
        select p.*, row_number() over (partition by id, sign, product_id order by category_id, brand_id, supplier_id) = 1 as first,
            bool_or(sells) over (partition by id, sign, product_id) as product_sells,
            bool_or(returns) over (partition by id, sign, product_id) as product_returns
        from part p
    ), paid as materialized (
        select d.id, d.sign, d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id, d.customer_group_id,
            d.currency_code, p.method, sum(p.amount)::bigint as amount
        from doc d join payments p on p.tenant_id = p_tenant and p.sale_id = d.id
        group by d.id, d.sign, p.method, d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id,
            d.customer_group_id, d.currency_code
    ), whole as materialized (
        select id, sign, store_id, business_date, local_hour, register_id, cashier_id, customer_group_id, currency_code,
            rounding, receipt, void, bool_or(sells) as sells, bool_or(returns) as returns, sum(gross)::bigint as gross,
            sum(discount)::bigint as discount, sum(returned)::bigint as returned, sum(net)::bigint as net,
            sum(tax)::bigint as tax, sum(sold)::bigint as sold,
            sum(back)::bigint as back, sum(cost)::bigint as cost, sum(net_costed)::bigint as net_costed
        from item
        group by id, sign, store_id, business_date, local_hour, register_id, cashier_id, customer_group_id, currency_code,
            rounding, receipt, void
    ), kind as (
        select id, sign, category_id, store_id, business_date, currency_code, void, bool_or(sells) as sells,
            bool_or(returns) as returns, sum(gross)::bigint as gross, sum(discount)::bigint as discount,
            sum(returned)::bigint as returned, sum(net)::bigint as net, sum(tax)::bigint as tax, sum(total)::bigint as total,
            sum(sold)::bigint as sold, sum(back)::bigint as back, sum(cost)::bigint as cost,
            sum(net_costed)::bigint as net_costed
        from item group by id, sign, category_id, store_id, business_date, currency_code, void
    ), make as (
        select id, sign, brand_id, store_id, business_date, currency_code, void, bool_or(sells) as sells,
            bool_or(returns) as returns, sum(gross)::bigint as gross, sum(discount)::bigint as discount,
            sum(returned)::bigint as returned, sum(net)::bigint as net, sum(tax)::bigint as tax, sum(total)::bigint as total,
            sum(sold)::bigint as sold, sum(back)::bigint as back, sum(cost)::bigint as cost,
            sum(net_costed)::bigint as net_costed
        from item group by id, sign, brand_id, store_id, business_date, currency_code, void
    ), origin as (
        select id, sign, supplier_id, store_id, business_date, currency_code, void, bool_or(sells) as sells,
            bool_or(returns) as returns, sum(gross)::bigint as gross, sum(discount)::bigint as discount,
            sum(returned)::bigint as returned, sum(net)::bigint as net, sum(tax)::bigint as tax, sum(total)::bigint as total,
            sum(sold)::bigint as sold, sum(back)::bigint as back, sum(cost)::bigint as cost,
            sum(net_costed)::bigint as net_costed
        from item group by id, sign, supplier_id, store_id, business_date, currency_code, void
    ), hours as materialized (
        select store_id, business_date, local_hour, register_id, cashier_id, currency_code,
            sum(sign * sells::int) as sale_count, sum(sign * returns::int) as return_count,
            sum(sign * gross)::bigint as gross, sum(sign * discount)::bigint as discount,
            sum(sign * returned)::bigint as returned,
            sum(sign * net)::bigint as net, sum(sign * tax)::bigint as tax, sum(sign * sold)::bigint as sold,
            sum(sign * back)::bigint as back, sum(sign * cost)::bigint as cost, sum(sign * net_costed)::bigint as net_costed,
            sum(void) as void_count, sum(void * receipt)::bigint as voided, sum(sign * rounding)::bigint as rounding
        from whole
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
        insert into report_products as r (tenant_id, store_id, business_date, product_id, category_id, brand_id, supplier_id,
            currency_code, sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed,
            void_count, voided)
        select p_tenant, i.store_id, i.business_date, i.product_id, i.category_id, i.brand_id, i.supplier_id, i.currency_code,
            sum(i.sign * (i.first and i.product_sells)::int), sum(i.sign * (i.first and i.product_returns)::int),
            sum(i.sign * i.gross), sum(i.sign * i.discount), sum(i.sign * i.returned), sum(i.sign * i.net),
            sum(i.sign * i.tax), sum(i.sign * i.sold),
            sum(i.sign * i.back), sum(i.sign * i.cost), sum(i.sign * i.net_costed), sum(i.void * i.first::int),
            sum(i.void * i.total)
        from item i
        group by i.store_id, i.business_date, i.product_id, i.category_id, i.brand_id, i.supplier_id, i.currency_code
        on conflict (tenant_id, store_id, business_date, product_id, category_id, brand_id, supplier_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_categories as (
        insert into report_categories as r (tenant_id, store_id, business_date, category_id, currency_code, sale_count,
            return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, k.store_id, k.business_date, k.category_id, k.currency_code,
            sum(k.sign * k.sells::int), sum(k.sign * k.returns::int), sum(k.sign * k.gross), sum(k.sign * k.discount),
            sum(k.sign * k.returned), sum(k.sign * k.net), sum(k.sign * k.tax), sum(k.sign * k.sold),
            sum(k.sign * k.back), sum(k.sign * k.cost), sum(k.sign * k.net_costed), sum(k.void), sum(k.void * k.total)
        from kind k
        group by k.store_id, k.business_date, k.category_id, k.currency_code
        on conflict (tenant_id, store_id, business_date, category_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_brands as (
        insert into report_brands as r (tenant_id, store_id, business_date, brand_id, currency_code, sale_count,
            return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, x.store_id, x.business_date, x.brand_id, x.currency_code,
            sum(x.sign * x.sells::int), sum(x.sign * x.returns::int), sum(x.sign * x.gross), sum(x.sign * x.discount),
            sum(x.sign * x.returned), sum(x.sign * x.net), sum(x.sign * x.tax), sum(x.sign * x.sold),
            sum(x.sign * x.back), sum(x.sign * x.cost), sum(x.sign * x.net_costed), sum(x.void), sum(x.void * x.total)
        from make x
        group by x.store_id, x.business_date, x.brand_id, x.currency_code
        on conflict (tenant_id, store_id, business_date, brand_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_suppliers as (
        insert into report_suppliers as r (tenant_id, store_id, business_date, supplier_id, currency_code, sale_count,
            return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, x.store_id, x.business_date, x.supplier_id, x.currency_code,
            sum(x.sign * x.sells::int), sum(x.sign * x.returns::int), sum(x.sign * x.gross), sum(x.sign * x.discount),
            sum(x.sign * x.returned), sum(x.sign * x.net), sum(x.sign * x.tax), sum(x.sign * x.sold),
            sum(x.sign * x.back), sum(x.sign * x.cost), sum(x.sign * x.net_costed), sum(x.void), sum(x.void * x.total)
        from origin x
        group by x.store_id, x.business_date, x.supplier_id, x.currency_code
        on conflict (tenant_id, store_id, business_date, supplier_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided
    ), into_customers as (
        insert into report_customers as r (tenant_id, store_id, business_date, customer_group_id, currency_code,
            sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count,
            voided, rounding)
        select p_tenant, w.store_id, w.business_date, w.customer_group_id, w.currency_code,
            sum(w.sign * w.sells::int), sum(w.sign * w.returns::int),
            sum(w.sign * w.gross), sum(w.sign * w.discount), sum(w.sign * w.returned),
            sum(w.sign * w.net), sum(w.sign * w.tax), sum(w.sign * w.sold),
            sum(w.sign * w.back), sum(w.sign * w.cost), sum(w.sign * w.net_costed),
            sum(w.void), sum(w.void * w.receipt), sum(w.sign * w.rounding)
        from whole w
        group by w.store_id, w.business_date, w.customer_group_id, w.currency_code
        on conflict (tenant_id, store_id, business_date, customer_group_id, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, return_count = r.return_count + excluded.return_count,
            gross = r.gross + excluded.gross, discount = r.discount + excluded.discount,
            returned = r.returned + excluded.returned, net = r.net + excluded.net, tax = r.tax + excluded.tax,
            sold = r.sold + excluded.sold, back = r.back + excluded.back, cost = r.cost + excluded.cost,
            net_costed = r.net_costed + excluded.net_costed, void_count = r.void_count + excluded.void_count,
            voided = r.voided + excluded.voided, rounding = r.rounding + excluded.rounding
    ), into_tenders as (
        insert into report_tenders as r (tenant_id, store_id, business_date, at_register_id, cashier_id, method,
            currency_code, sale_count, amount)
        select p_tenant, p.store_id, p.business_date, p.register_id, p.cashier_id, p.method, p.currency_code,
            sum(p.sign), sum(p.sign * p.amount)
        from paid p
        group by 2, 3, 4, 5, 6, 7
        on conflict (tenant_id, store_id, business_date, at_register_id, cashier_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_tender_hours as (
        insert into report_tender_hours as r (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, method,
            currency_code, sale_count, amount)
        select p_tenant, p.store_id, p.business_date, p.local_hour, p.register_id, p.cashier_id, p.method, p.currency_code,
            sum(p.sign), sum(p.sign * p.amount)
        from paid p
        group by 2, 3, 4, 5, 6, 7, 8
        on conflict (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_tender_customers as (
        insert into report_tender_customers as r (tenant_id, store_id, business_date, customer_group_id, method,
            currency_code, sale_count, amount)
        select p_tenant, p.store_id, p.business_date, p.customer_group_id, p.method, p.currency_code,
            sum(p.sign), sum(p.sign * p.amount)
        from paid p
        group by 2, 3, 4, 5, 6
        on conflict (tenant_id, store_id, business_date, customer_group_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_taxes as (
        -- What bears no tax is named by an empty name.
        insert into report_taxes as r (tenant_id, store_id, business_date, tax_name, tax_code, tax_rate_ppm, currency_code,
            sale_count, net, tax)
        select p_tenant, t.store_id, t.business_date, t.name, t.code, t.rate_ppm, t.currency_code,
            sum(t.sign), sum(t.sign * t.base), sum(t.sign * t.amount)
        from (
            select d.id, d.sign, coalesce(t.name, '') as name, coalesce(t.code, '') as code,
                coalesce(t.rate_ppm, 0) as rate_ppm, d.store_id, d.business_date, d.currency_code,
                sum(coalesce(t.base, l.subtotal))::bigint as base, coalesce(sum(t.amount), 0)::bigint as amount
            from doc d join sale_lines l on l.tenant_id = p_tenant and l.sale_id = d.id
                left join sale_line_taxes t on t.tenant_id = p_tenant and t.sale_line_id = l.id
            group by 1, 2, 3, 4, 5, 6, 7, 8) t
        group by 2, 3, 4, 5, 6, 7
        on conflict (tenant_id, store_id, business_date, tax_name, tax_code, tax_rate_ppm, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, net = r.net + excluded.net, tax = r.tax + excluded.tax
    )
    insert into report_reasons as r (tenant_id, store_id, business_date, cashier_id, reason, currency_code, sale_count,
        discount)
    select p_tenant, o.store_id, o.business_date, o.cashier_id, o.reason, o.currency_code, sum(o.sign),
        sum(o.sign * o.amount)
    from (
        select d.id, d.sign, o.reason, d.store_id, d.business_date, d.cashier_id, d.currency_code,
        sum(o.amount)::bigint as amount
        from doc d join sale_discounts o on o.tenant_id = p_tenant and o.sale_id = d.id
        group by 1, 2, 3, 4, 5, 6, 7) o
    group by 2, 3, 4, 5, 6
    on conflict (tenant_id, store_id, business_date, cashier_id, reason, currency_code) do update set
        sale_count = r.sale_count + excluded.sale_count, discount = r.discount + excluded.discount;
    return cardinality(ids);
end $$;
