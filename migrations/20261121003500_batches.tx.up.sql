-- Batches: goods of one lot of a product in one store, with the day that they may be sold until.
alter table company_settings add column batch_tracking_enabled boolean not null default false;
alter table products add column batch_tracked boolean not null default false;
-- What a line was of, as it was sold: lots, their last days and quantities. Null for what wasn't tracked.
alter table sale_lines add column batches jsonb;

create table stock_batches (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    level_id uuid not null,
    product_id uuid not null,
    lot_number text not null check (length(lot_number) between 1 and 50),
    -- The last day on which it may be sold; null for what does not expire.
    expires_on date,
    manufactured_on date,
    -- What lists are in the order of: what does not expire comes last.
    sold_until date not null default '9999-12-31' check (sold_until = coalesce(expires_on, date '9999-12-31')),
    -- Thousandths of the product's unit: the sum of its parts of movements. Below zero when more was sold of it than
    -- was known to be there.
    quantity bigint not null default 0,
    quarantined boolean not null default false,
    note text not null default '' check (length(note) <= 500),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, product_id, lot_number),
    unique (tenant_id, store_id, id),
    check (manufactured_on <= expires_on),
    foreign key (tenant_id, store_id, product_id, level_id)
        references inventory_levels (tenant_id, store_id, product_id, id) on delete cascade
) with (fillfactor = 70);
create index stock_batches_by_level on stock_batches (tenant_id, level_id, sold_until, id);
create index stock_batches_by_expiry on stock_batches (tenant_id, sold_until, id);
create index stock_batches_by_lot on stock_batches (tenant_id, lot_number, product_id);
call tillgraph.protect('stock_batches', 'store');
grant select, insert, update on stock_batches to tillgraph_app;
-- Its quantity is the sum of movements, which have records of their own.
call tillgraph.trail('stock_batches', 'Product', 'product_id', 'batch', '{}', '{quantity,sold_until}');

-- The part of a movement of stock that was of a batch. What a movement has beyond its parts was of no known batch.
create table stock_batch_parts (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    batch_id uuid not null,
    movement_id uuid not null,
    quantity bigint not null check (quantity <> 0),
    primary key (tenant_id, id),
    foreign key (tenant_id, store_id, batch_id) references stock_batches (tenant_id, store_id, id) on delete cascade,
    foreign key (tenant_id, movement_id) references stock_movements (tenant_id, id) on delete cascade
);
create index stock_batch_parts_by_batch on stock_batch_parts (tenant_id, batch_id, movement_id);
create index stock_batch_parts_by_movement on stock_batch_parts (tenant_id, movement_id);
call tillgraph.protect('stock_batch_parts', 'store');
-- A ledger: there is no grant to change or remove a part.
grant select, insert on stock_batch_parts to tillgraph_app;
call tillgraph.no_trail('stock_batch_parts', 'part', 'added with their movement, and never changed');
