-- How much of each sold line came back, and what was paid back for it: a row from the first return on, or from the
-- void. It belongs to the company and not to a store, because goods may come back in another store than the one
-- that sold them, whose rows that store can't see. Who writes it has asked the gate for the line.
create table returned_quantities (
    tenant_id uuid not null references companies on delete cascade,
    sale_line_id uuid not null,
    -- Thousandths of the unit.
    sold bigint not null check (sold > 0),
    returned bigint not null check (returned between 0 and sold),
    -- What was paid back so far, in minor units: the last part gets what is left, so that the parts add up.
    discount bigint not null default 0,
    order_discount bigint not null default 0,
    subtotal bigint not null default 0,
    tax bigint not null default 0,
    -- Goods of a voided sale are back already.
    voided boolean not null default false,
    -- Grows with every change: two tills that return of one line at once can't both start from the same amounts.
    version integer not null default 1,
    primary key (tenant_id, sale_line_id),
    check (not voided or returned = 0),
    foreign key (tenant_id, sale_line_id) references sale_lines (tenant_id, id) on delete cascade
);
call tillgraph.protect('returned_quantities', 'tenant');
grant select, insert, update on returned_quantities to tillgraph_app;

-- The gate to other tills' receipts. A cashier or a register sees its own sales; goods come back anywhere in the
-- store, and in any store where the company says so. These two tell where such a sale was made, and nothing else,
-- so that a look can be entered for exactly these stores. They are the one place that knows the setting.
grant usage, create on schema tillgraph to tillgraph_gate;
grant select (tenant_id, store_id, register_id, id, receipt_number) on sales to tillgraph_gate;
grant select (tenant_id, store_id, id) on sale_lines to tillgraph_gate;
grant select (tenant_id, returns_across_stores) on company_settings to tillgraph_gate;
create policy gate on sales for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy gate on sale_lines for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- returnable_lines answers in which stores lines were sold, for a return at a register of one of the caller's
-- stores. No row: there is no such line, or it may not come back there.
create function tillgraph.returnable_lines(p_tenant uuid, p_stores uuid[], p_register uuid, p_lines uuid[])
    returns table (store_id uuid)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select distinct l.store_id
        from registers r join sale_lines l on l.tenant_id = r.tenant_id
        where r.tenant_id = p_tenant and r.id = p_register and r.store_id = any (p_stores)
            and l.id = any (p_lines)
            and (l.store_id = r.store_id or exists (
                select from company_settings c where c.tenant_id = p_tenant and c.returns_across_stores))
        order by 1;
end $$;

-- returnable_sale finds a sale by its id, or by its receipt: the codes of store and register and the number.
create function tillgraph.returnable_sale(
    p_tenant uuid, p_stores uuid[], p_sale uuid, p_store_code text, p_register_code text, p_number bigint)
    returns table (sale_id uuid, store_id uuid)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select s.id, s.store_id
        from sales s
            join stores o on o.tenant_id = s.tenant_id and o.id = s.store_id
            join registers r on r.tenant_id = s.tenant_id and r.store_id = s.store_id and r.id = s.register_id
        where s.tenant_id = p_tenant
            and (s.id = p_sale
                or p_sale is null and o.code = p_store_code and r.code = p_register_code and s.receipt_number = p_number)
            and (s.store_id = any (p_stores) or exists (
                select from company_settings c where c.tenant_id = p_tenant and c.returns_across_stores));
end $$;

alter function tillgraph.returnable_lines(uuid, uuid[], uuid, uuid[]) owner to tillgraph_gate;
alter function tillgraph.returnable_sale(uuid, uuid[], uuid, text, text, bigint) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.returnable_lines(uuid, uuid[], uuid, uuid[]) from public;
revoke all on function tillgraph.returnable_sale(uuid, uuid[], uuid, text, text, bigint) from public;

-- Sales put aside, to be carried on at any register of the store until they expire. They hold what was asked for and
-- no prices: those are looked up when the sale is made.
create table parked_sales (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    -- Not register_id: a parked sale is no register's own.
    parked_register_id uuid not null,
    -- Null when the register parked by itself, without a person.
    parked_by_id uuid,
    customer_id uuid,
    label text not null default '' check (length(label) <= 100),
    note text not null default '' check (length(note) <= 500),
    status text not null default 'PARKED' check (status in ('PARKED', 'COMPLETED', 'DISCARDED', 'EXPIRED')),
    -- Whether its goods are put aside in the levels; they are not any more once it has ended.
    reserved boolean not null default false,
    idempotency_key text not null check (length(idempotency_key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    -- The sale that came of it.
    sale_id uuid,
    version integer not null default 1,
    parked_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, store_id, id),
    unique (tenant_id, store_id, idempotency_key),
    check (status = 'COMPLETED' or sale_id is null),
    check (status = 'PARKED' or not reserved),
    foreign key (tenant_id, store_id, parked_register_id) references registers (tenant_id, store_id, id) on delete cascade,
    foreign key (tenant_id, parked_by_id) references users (tenant_id, id),
    foreign key (tenant_id, sale_id) references sales (tenant_id, id)
);
create index parked_sales_open on parked_sales (tenant_id, store_id, parked_at, id) where status = 'PARKED';
create index parked_sales_reserving on parked_sales (tenant_id, store_id, expires_at) where reserved;
create index parked_sales_by_sale on parked_sales (tenant_id, sale_id) where sale_id is not null;
call tillgraph.protect('parked_sales', 'store');
grant select, insert, update on parked_sales to tillgraph_app;

create table parked_sale_lines (
    tenant_id uuid not null,
    store_id uuid not null,
    parked_sale_id uuid not null,
    line_number integer not null check (line_number > 0),
    product_id uuid not null,
    -- Thousandths of the unit.
    quantity bigint not null check (quantity > 0),
    -- How much of it is put aside in the level while the sale waits.
    reserved bigint not null default 0 check (reserved between 0 and quantity),
    primary key (tenant_id, parked_sale_id, line_number),
    foreign key (tenant_id, store_id, parked_sale_id) references parked_sales (tenant_id, store_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id)
);
create index parked_sale_lines_by_product on parked_sale_lines (tenant_id, product_id);
call tillgraph.protect('parked_sale_lines', 'store');
grant select, insert, delete on parked_sale_lines to tillgraph_app;
