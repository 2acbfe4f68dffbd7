create or replace function tillgraph.fold_reports(p_tenant uuid, p_most integer) returns integer
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
            coalesce(s.customer_group_id, nobody) as customer_group_id, s.currency_code, s.rounding, s.total, u.sign,
            case when u.sign < 0 then 1 else 0 end as void
        from unnest(ids, signs) u (id, sign) join sales s on s.tenant_id = p_tenant and s.id = u.id
    ), part as (
        select d.id, d.sign, l.product_id, coalesce(l.category_id, nobody) as category_id,
            coalesce(l.brand_id, nobody) as brand_id, coalesce(l.supplier_id, nobody) as supplier_id,
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
        group by d.id, d.sign, l.product_id, coalesce(l.category_id, nobody), coalesce(l.brand_id, nobody),
            coalesce(l.supplier_id, nobody)
    ), item as materialized (
        -- A product may stand on a receipt as several things: the first of these counts the receipt.
        select p.*, row_number() over (partition by id, sign, product_id order by category_id, brand_id, supplier_id) = 1 as first,
            bool_or(sells) over (partition by id, sign, product_id) as product_sells,
            bool_or(returns) over (partition by id, sign, product_id) as product_returns
        from part p
    ), paid as materialized (
        select p.sale_id, p.method, sum(p.amount) as amount from payments p
        where p.tenant_id = p_tenant and p.sale_id = any (ids) group by p.sale_id, p.method
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
    ), make as (
        select id, sign, brand_id, bool_or(sells) as sells, bool_or(returns) as returns, sum(gross) as gross,
            sum(discount) as discount, sum(returned) as returned, sum(net) as net, sum(tax) as tax, sum(total) as total,
            sum(sold) as sold, sum(back) as back, sum(cost) as cost, sum(net_costed) as net_costed
        from item group by id, sign, brand_id
    ), origin as (
        select id, sign, supplier_id, bool_or(sells) as sells, bool_or(returns) as returns, sum(gross) as gross,
            sum(discount) as discount, sum(returned) as returned, sum(net) as net, sum(tax) as tax, sum(total) as total,
            sum(sold) as sold, sum(back) as back, sum(cost) as cost, sum(net_costed) as net_costed
        from item group by id, sign, supplier_id
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
        insert into report_products as r (tenant_id, store_id, business_date, product_id, category_id, brand_id, supplier_id,
            currency_code, sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed,
            void_count, voided)
        select p_tenant, d.store_id, d.business_date, i.product_id, i.category_id, i.brand_id, i.supplier_id, d.currency_code,
            sum(d.sign * (i.first and i.product_sells)::int), sum(d.sign * (i.first and i.product_returns)::int), sum(d.sign * i.gross), sum(d.sign * i.discount),
            sum(d.sign * i.returned), sum(d.sign * i.net), sum(d.sign * i.tax), sum(d.sign * i.sold),
            sum(d.sign * i.back), sum(d.sign * i.cost), sum(d.sign * i.net_costed), sum(d.void * i.first::int),
            sum(d.void * i.total)
        from doc d join item i on i.id = d.id and i.sign = d.sign
        group by d.store_id, d.business_date, i.product_id, i.category_id, i.brand_id, i.supplier_id, d.currency_code
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
    ), into_brands as (
        insert into report_brands as r (tenant_id, store_id, business_date, brand_id, currency_code, sale_count,
            return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
        select p_tenant, d.store_id, d.business_date, x.brand_id, d.currency_code,
            sum(d.sign * x.sells::int), sum(d.sign * x.returns::int), sum(d.sign * x.gross), sum(d.sign * x.discount),
            sum(d.sign * x.returned), sum(d.sign * x.net), sum(d.sign * x.tax), sum(d.sign * x.sold),
            sum(d.sign * x.back), sum(d.sign * x.cost), sum(d.sign * x.net_costed), sum(d.void), sum(d.void * x.total)
        from doc d join make x on x.id = d.id and x.sign = d.sign
        group by d.store_id, d.business_date, x.brand_id, d.currency_code
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
        select p_tenant, d.store_id, d.business_date, x.supplier_id, d.currency_code,
            sum(d.sign * x.sells::int), sum(d.sign * x.returns::int), sum(d.sign * x.gross), sum(d.sign * x.discount),
            sum(d.sign * x.returned), sum(d.sign * x.net), sum(d.sign * x.tax), sum(d.sign * x.sold),
            sum(d.sign * x.back), sum(d.sign * x.cost), sum(d.sign * x.net_costed), sum(d.void), sum(d.void * x.total)
        from doc d join origin x on x.id = d.id and x.sign = d.sign
        group by d.store_id, d.business_date, x.supplier_id, d.currency_code
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
        select p_tenant, d.store_id, d.business_date, d.customer_group_id, d.currency_code,
            sum(d.sign * w.sells::int), sum(d.sign * w.returns::int),
            sum(d.sign * w.gross), sum(d.sign * w.discount), sum(d.sign * w.returned),
            sum(d.sign * w.net), sum(d.sign * w.tax), sum(d.sign * w.sold),
            sum(d.sign * w.back), sum(d.sign * w.cost), sum(d.sign * w.net_costed),
            sum(d.void), sum(d.void * d.total), sum(d.sign * d.rounding)
        from doc d join whole w on w.id = d.id and w.sign = d.sign
        group by d.store_id, d.business_date, d.customer_group_id, d.currency_code
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
        select p_tenant, d.store_id, d.business_date, d.register_id, d.cashier_id, p.method, d.currency_code,
            sum(d.sign), sum(d.sign * p.amount)
        from doc d join paid p on p.sale_id = d.id
        group by 2, 3, 4, 5, 6, 7
        on conflict (tenant_id, store_id, business_date, at_register_id, cashier_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_tender_hours as (
        insert into report_tender_hours as r (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, method,
            currency_code, sale_count, amount)
        select p_tenant, d.store_id, d.business_date, d.local_hour, d.register_id, d.cashier_id, p.method, d.currency_code,
            sum(d.sign), sum(d.sign * p.amount)
        from doc d join paid p on p.sale_id = d.id
        group by 2, 3, 4, 5, 6, 7, 8
        on conflict (tenant_id, store_id, business_date, hour, at_register_id, cashier_id, method, currency_code) do update set
            sale_count = r.sale_count + excluded.sale_count, amount = r.amount + excluded.amount
    ), into_tender_customers as (
        insert into report_tender_customers as r (tenant_id, store_id, business_date, customer_group_id, method,
            currency_code, sale_count, amount)
        select p_tenant, d.store_id, d.business_date, d.customer_group_id, p.method, d.currency_code,
            sum(d.sign), sum(d.sign * p.amount)
        from doc d join paid p on p.sale_id = d.id
        group by 2, 3, 4, 5, 6
        on conflict (tenant_id, store_id, business_date, customer_group_id, method, currency_code) do update set
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
