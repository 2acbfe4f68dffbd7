-- Whether more may be sold than is there, where the company's setting doesn't count, and what one unit costs while
-- no receipt says so, in minor units of the product's currency.
alter table products
    add column negative_stock_allowed boolean,
    add column cost bigint check (cost between 0 and 1000000000000);

alter table inventory_levels
    -- Put aside for parked sales.
    add column reserved bigint not null default 0 check (reserved >= 0),
    -- Ten-thousandths of the minor unit of the store's currency for one unit of the product; null while no goods
    -- came in at a known cost.
    add column average_cost bigint check (average_cost >= 0),
    -- How many movements there were: the next one's sequence is one more.
    add column movement_count bigint not null default 0 check (movement_count >= 0),
    add column low_stock_threshold bigint check (low_stock_threshold >= 0),
    -- A column of its own, so that stock that moves within its bounds changes no index.
    add column low_stock boolean not null
        generated always as (coalesce(quantity - reserved <= low_stock_threshold, false)) stored,
    -- For the key by which movements belong to a level and to its store and product at once.
    add unique (tenant_id, store_id, product_id, id);
create index inventory_levels_low on inventory_levels (tenant_id, store_id, product_id) where low_stock;

-- What was asked under a key, and the operation that came of it.
create table stock_idempotency_keys (
    tenant_id uuid not null,
    store_id uuid not null,
    key text not null check (length(key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    operation_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, store_id, key),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade
);
call tillgraph.protect('stock_idempotency_keys', 'store');
grant select, insert on stock_idempotency_keys to tillgraph_app;

alter table stock_movements rename column reason to kind;
alter table stock_movements rename constraint stock_movements_reason_check to stock_movements_kind_check;
alter table stock_movements
    add column level_id uuid,
    -- Its place in the history of its level, from 1 and without a gap.
    add column sequence bigint check (sequence > 0),
    add column reason text check (reason in ('DAMAGE', 'THEFT', 'EXPIRED', 'COUNT', 'FOUND', 'OTHER')),
    add column note text not null default '' check (length(note) <= 500),
    -- The supplier's delivery note or invoice.
    add column supplier_reference text not null default '' check (length(supplier_reference) <= 100),
    -- Null when a register acted by itself.
    add column user_id uuid,
    -- Ten-thousandths of a minor unit for one unit of the product; null where it isn't known.
    add column unit_cost bigint check (unit_cost >= 0),
    -- The adjustment, receipt or count that it was part of; null for what a sale moved.
    add column operation_id uuid,
    add constraint stock_movements_adjustment_check check ((kind = 'ADJUSTMENT') = (reason is not null)),
    add constraint stock_movements_operation_check check (sale_id is null or operation_id is null),
    add foreign key (tenant_id, user_id) references users (tenant_id, id);

-- The backfill is for every company: while it runs the owner is not held by the policies.
alter table inventory_levels no force row level security;
alter table stock_movements no force row level security;
alter table sales no force row level security;
update stock_movements m set level_id = n.level_id, sequence = n.sequence, user_id = n.user_id
    from (select m.tenant_id, m.id, l.id as level_id, s.cashier_id as user_id,
            row_number() over (partition by m.tenant_id, m.store_id, m.product_id order by m.recorded_at, m.id) as sequence
        from stock_movements m
        join inventory_levels l on l.tenant_id = m.tenant_id and l.store_id = m.store_id and l.product_id = m.product_id
        left join sales s on s.tenant_id = m.tenant_id and s.id = m.sale_id) n
    where n.tenant_id = m.tenant_id and n.id = m.id;
update inventory_levels l set movement_count = n.count
    from (select tenant_id, level_id, count(*) from stock_movements group by 1, 2) n
    where n.tenant_id = l.tenant_id and n.level_id = l.id;
alter table sales force row level security;
alter table stock_movements force row level security;
alter table inventory_levels force row level security;

alter table stock_movements
    alter column level_id set not null,
    alter column sequence set not null,
    add unique (tenant_id, level_id, sequence),
    drop constraint stock_movements_tenant_id_store_id_product_id_fkey,
    add foreign key (tenant_id, store_id, product_id, level_id)
        references inventory_levels (tenant_id, store_id, product_id, id) on delete cascade;
drop index stock_movements_by_product;
create index stock_movements_by_time on stock_movements (tenant_id, recorded_at, id);
create index stock_movements_by_store on stock_movements (tenant_id, store_id, recorded_at, id);
create index stock_movements_by_product on stock_movements (tenant_id, product_id, recorded_at, id);
create index stock_movements_by_operation on stock_movements (tenant_id, operation_id) where operation_id is not null;
