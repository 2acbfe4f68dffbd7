create table sales (
    tenant_id uuid not null references companies on delete cascade,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    receipt_number bigint not null check (receipt_number > 0),
    status text not null default 'COMPLETED' check (status in ('COMPLETED')),
    -- Null when the register sold by itself, without a person.
    cashier_id uuid,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    prices_include_tax boolean not null,
    -- Minor units: subtotal is before tax, total is what the customer owes, paid is what stays in the till.
    subtotal bigint not null,
    tax_total bigint not null,
    total bigint not null check (total = subtotal + tax_total),
    tendered bigint not null,
    change bigint not null check (change >= 0 and tendered - change = total),
    note text not null default '' check (length(note) <= 500),
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    business_date date not null,
    primary key (tenant_id, id),
    unique (tenant_id, store_id, register_id, id),
    unique (tenant_id, store_id, register_id, receipt_number),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id),
    foreign key (tenant_id, cashier_id) references users (tenant_id, id)
);
create index sales_by_time on sales (tenant_id, occurred_at, id);
create index sales_by_store_time on sales (tenant_id, store_id, occurred_at, id);
create index sales_by_register_time on sales (tenant_id, register_id, occurred_at, id);
create statistics sales_tenant_store (dependencies) on tenant_id, store_id from sales;
call tillgraph.protect('sales', 'register');
-- A completed sale is never edited: there is no grant to change or remove one.
grant select, insert on sales to tillgraph_app;

create table sale_lines (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    sale_id uuid not null,
    line_number integer not null check (line_number > 0),
    product_id uuid not null,
    -- As sold: later changes of the product don't reach a receipt.
    product_name text not null,
    sku text not null,
    unit text not null,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- Thousandths of the unit.
    quantity bigint not null check (quantity > 0),
    unit_price bigint not null check (unit_price >= 0),
    price_source text not null check (price_source in ('BASE', 'STORE')),
    tax_rate_ppm integer not null check (tax_rate_ppm between 0 and 1000000),
    subtotal bigint not null,
    tax bigint not null,
    total bigint not null check (total = subtotal + tax),
    primary key (tenant_id, id),
    unique (tenant_id, sale_id, line_number),
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id)
);
create index sale_lines_by_product on sale_lines (tenant_id, product_id);
create statistics sale_lines_tenant_store (dependencies) on tenant_id, store_id from sale_lines;
call tillgraph.protect('sale_lines', 'register');
grant select, insert on sale_lines to tillgraph_app;

create table payments (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    sale_id uuid not null,
    position integer not null check (position > 0),
    method text not null check (method in ('CASH', 'CARD', 'MOBILE_MONEY')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- What the customer handed over, and the part of it that went to the sale.
    tendered bigint not null check (tendered > 0),
    amount bigint not null check (amount between 0 and tendered),
    reference text not null default '' check (length(reference) <= 100),
    primary key (tenant_id, id),
    unique (tenant_id, sale_id, position),
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade
);
create statistics payments_tenant_store (dependencies) on tenant_id, store_id from payments;
call tillgraph.protect('payments', 'register');
grant select, insert on payments to tillgraph_app;

-- What was asked under a key, and the sale that came of it. Keys belong to a register: two registers that
-- happen on the same key don't meet, and can't learn of each other by it.
create table sale_idempotency_keys (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    key text not null check (length(key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    sale_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, store_id, register_id, key),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
);
call tillgraph.protect('sale_idempotency_keys', 'register');
grant select, insert on sale_idempotency_keys to tillgraph_app;
