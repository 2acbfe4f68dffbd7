-- What is taxed alike: goods of the standard rate, of a reduced one, zero-rated ones.
create table tax_categories (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name),
    unique (tenant_id, external_reference)
);
call tillgraph.protect('tax_categories', 'tenant');
grant select, insert, update on tax_categories to tillgraph_app;

-- The taxes of a category, in the order they are laid on: those that began last count.
create table tax_rates (
    tenant_id uuid not null,
    id uuid not null,
    tax_category_id uuid not null,
    valid_from timestamptz not null,
    position integer not null check (position between 1 and 5),
    name text not null check (length(name) between 1 and 50),
    code text not null default '' check (length(code) <= 16),
    rate_ppm integer not null check (rate_ppm between 0 and 1000000),
    -- On top of those before it, and not on the net amount alone.
    compound boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, tax_category_id, valid_from, position),
    foreign key (tenant_id, tax_category_id) references tax_categories (tenant_id, id) on delete cascade
);
call tillgraph.protect('tax_rates', 'tenant');
grant select, insert, delete on tax_rates to tillgraph_app;

-- Where a store's differ, in place of the company's: all taxes of the category.
create table store_tax_rates (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    tax_category_id uuid not null,
    valid_from timestamptz not null,
    -- When the company's count again; null is never.
    valid_until timestamptz,
    position integer not null check (position between 1 and 5),
    name text not null check (length(name) between 1 and 50),
    code text not null default '' check (length(code) <= 16),
    rate_ppm integer not null check (rate_ppm between 0 and 1000000),
    compound boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, tax_category_id, valid_from, position),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, tax_category_id) references tax_categories (tenant_id, id) on delete cascade
);
create index store_tax_rates_by_category on store_tax_rates (tenant_id, tax_category_id);
call tillgraph.protect('store_tax_rates', 'store');
grant select, insert, delete, update (valid_until) on store_tax_rates to tillgraph_app;

-- Without a category the store's own rate counts for what is taxable.
alter table products
    add column tax_category_id uuid,
    add foreign key (tenant_id, tax_category_id) references tax_categories (tenant_id, id);
create index products_by_tax_category on products (tenant_id, tax_category_id) where tax_category_id is not null;

-- Why somebody sold at a price of their own.
alter table sale_lines
    add column price_reason text check (length(price_reason) between 1 and 200),
    add constraint sale_lines_price_by_hand_check check (price_reason is null or price_source = 'MANUAL');

-- The taxes of a line as they were when it was sold.
create table sale_line_taxes (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    sale_id uuid not null,
    sale_line_id uuid not null,
    position integer not null check (position between 1 and 5),
    name text not null check (length(name) between 1 and 50),
    code text not null default '' check (length(code) <= 16),
    rate_ppm integer not null check (rate_ppm between 0 and 1000000),
    compound boolean not null,
    -- Whether the price had it in itself.
    inclusive boolean not null,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- Minor units: what the rate was laid on, and what it came to. Below zero for what comes back.
    base bigint not null,
    amount bigint not null,
    primary key (tenant_id, sale_line_id, position),
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, sale_line_id) references sale_lines (tenant_id, id) on delete cascade
);
create index sale_line_taxes_by_sale on sale_line_taxes (tenant_id, sale_id);
create statistics sale_line_taxes_tenant_store (dependencies) on tenant_id, store_id from sale_line_taxes;
-- The backfill is for every company: while it runs the owner is not held by the policy.
alter table sale_lines no force row level security;
alter table sales no force row level security;
insert into sale_line_taxes (tenant_id, store_id, register_id, sale_id, sale_line_id, position, name, rate_ppm,
        compound, inclusive, currency_code, base, amount)
    select l.tenant_id, l.store_id, l.register_id, l.sale_id, l.id, 1, 'Tax', l.tax_rate_ppm, false,
        s.prices_include_tax, l.currency_code, l.subtotal, l.tax
    from sale_lines l join sales s on s.tenant_id = l.tenant_id and s.id = l.sale_id
    where l.tax_rate_ppm > 0;
alter table sale_lines force row level security;
alter table sales force row level security;
call tillgraph.protect('sale_line_taxes', 'register');
grant select, insert on sale_line_taxes to tillgraph_app;

-- What was taken off a line, or off the sale as a whole.
create table sale_discounts (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    sale_id uuid not null,
    -- Null for the sale as a whole.
    sale_line_id uuid,
    position integer not null check (position > 0),
    kind text not null check (kind in ('FIXED', 'PERCENT')),
    rate_ppm integer check (rate_ppm between 0 and 1000000),
    value bigint check (value >= 0),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- Minor units: what it came to.
    amount bigint not null check (amount >= 0),
    reason text not null check (length(reason) between 1 and 200),
    -- Null when the register acted by itself.
    given_by_id uuid,
    primary key (tenant_id, id),
    unique (tenant_id, sale_id, position),
    check (kind = 'FIXED' and value is not null and rate_ppm is null
        or kind = 'PERCENT' and rate_ppm is not null and value is null),
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, sale_line_id) references sale_lines (tenant_id, id) on delete cascade,
    foreign key (tenant_id, given_by_id) references users (tenant_id, id)
);
create index sale_discounts_by_line on sale_discounts (tenant_id, sale_line_id) where sale_line_id is not null;
create statistics sale_discounts_tenant_store (dependencies) on tenant_id, store_id from sale_discounts;
call tillgraph.protect('sale_discounts', 'register');
grant select, insert on sale_discounts to tillgraph_app;
