-- How much of a product a store has: the sum of its movements, kept beside them.
create table inventory_levels (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    -- Thousandths of the product's unit; below zero when more was sold than was known to be there.
    quantity bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, product_id),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id)
) with (fillfactor = 70);
create index inventory_levels_by_product on inventory_levels (tenant_id, product_id, store_id);
call tillgraph.protect('inventory_levels', 'store');
grant select, insert, update on inventory_levels to tillgraph_app;

create table stock_movements (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    reason text not null check (reason in ('OPENING', 'SALE')),
    quantity bigint not null check (quantity <> 0),
    quantity_after bigint not null,
    -- The register and sale that moved it; null for an opening count.
    register_id uuid,
    sale_id uuid,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, id),
    check ((reason = 'SALE') = (sale_id is not null)),
    check ((sale_id is null) = (register_id is null)),
    foreign key (tenant_id, store_id, product_id)
        references inventory_levels (tenant_id, store_id, product_id) on delete cascade,
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade
);
create index stock_movements_by_product on stock_movements (tenant_id, store_id, product_id, id);
create index stock_movements_by_sale on stock_movements (tenant_id, sale_id);
create statistics stock_movements_tenant_store (dependencies) on tenant_id, store_id from stock_movements;
call tillgraph.protect('stock_movements', 'store');
-- A ledger: there is no grant to change or remove a movement.
grant select, insert on stock_movements to tillgraph_app;
