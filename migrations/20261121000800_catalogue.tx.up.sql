-- Products grow a type, and variants: a product with option names is sold through its variants, products of their
-- own with a value for each option.
alter table products
    add column type text not null default 'GOODS' check (type in ('GOODS', 'SERVICE', 'GIFT_CARD')),
    add column parent_id uuid check (parent_id <> id),
    add column option_names text[] not null default '{}' check (cardinality(option_names) <= 3),
    add column option_values text[] not null default '{}' check (cardinality(option_values) <= 3),
    -- The values in lower case and without accents, so that "Red" and "red" are one.
    add column variant_key text check (length(variant_key) <= 1000),
    add constraint products_variant_check check ((parent_id is null) = (variant_key is null)
        and (parent_id is null) = (option_values = '{}')
        and (parent_id is null or option_names = '{}')),
    add foreign key (tenant_id, parent_id) references products (tenant_id, id);
create unique index products_by_parent on products (tenant_id, parent_id, variant_key) where parent_id is not null;
create index products_of_parent on products (tenant_id, parent_id, name, id) where parent_id is not null;

grant insert, update, delete on categories to tillgraph_app;

-- What a barcode is found by: all forms of a GTIN as their 14 digits, other codes as they are. UPC-A and its EAN-13
-- are one that way.
alter table product_barcodes no force row level security;
alter table product_barcodes add column code text check (length(code) between 1 and 64);
update product_barcodes set code = case when barcode ~ '^([0-9]{8}|[0-9]{12,14})$' then lpad(barcode, 14, '0') else barcode end;
-- Of one product's barcodes that are the same now the longest stays.
delete from product_barcodes b using product_barcodes o where o.tenant_id = b.tenant_id and o.product_id = b.product_id
    and o.code = b.code and length(o.barcode) > length(b.barcode);
alter table product_barcodes alter column code set not null, add unique (tenant_id, code);
alter table product_barcodes force row level security;

-- How scales write a weight or a price into an EAN-13: prefix, item, value, check digit. A UPC-A is read with a zero
-- in front.
create table barcode_rules (
    tenant_id uuid not null references companies on delete cascade,
    prefix text not null check (prefix ~ '^(02|2[0-9])[0-9]{0,4}$'),
    item_digits integer not null check (item_digits between 1 and 9),
    -- A digit between item and value that secures the value; it isn't looked at.
    value_check_digit boolean not null default false,
    value_digits integer not null check (value_digits between 1 and 9),
    value_kind text not null check (value_kind in ('WEIGHT', 'PRICE')),
    decimals integer not null check (decimals between 0 and 3),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, prefix),
    check (length(prefix) + item_digits + value_check_digit::integer + value_digits = 12)
);
call tillgraph.protect('barcode_rules', 'tenant');
grant select, insert, update, delete on barcode_rules to tillgraph_app;

-- A store has one standing price for a product and any number of prices for a time, which beat it and don't overlap.
alter table store_prices
    add column valid_from timestamptz,
    add column valid_until timestamptz,
    add constraint store_prices_valid_check check (valid_until is null or valid_until > valid_from),
    add constraint store_prices_standing_check check (valid_until is null or valid_from is not null),
    drop constraint store_prices_tenant_id_store_id_product_id_key,
    add constraint store_prices_period_key unique nulls not distinct (tenant_id, store_id, product_id, valid_from);

-- Whether a store sells a product; without a row it does.
create table product_availability (
    tenant_id uuid not null,
    store_id uuid not null,
    product_id uuid not null,
    sold boolean not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, product_id, store_id),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete cascade
);
create index product_availability_not_sold on product_availability (tenant_id, store_id, product_id) where not sold;
call tillgraph.protect('product_availability', 'store');
grant select, insert, update on product_availability to tillgraph_app;

-- Prices of many products in some stores, for a time. The list of highest priority counts.
create table price_lists (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'INACTIVE')),
    priority integer not null default 0 check (priority between -1000 and 1000),
    valid_from timestamptz,
    valid_until timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    check (valid_until is null or valid_from is null or valid_until > valid_from)
);
create index price_lists_by_name on price_lists (tenant_id, name, id);
call tillgraph.protect('price_lists', 'tenant');
grant select, insert, update, delete on price_lists to tillgraph_app;

create table price_list_stores (
    tenant_id uuid not null,
    store_id uuid not null,
    price_list_id uuid not null,
    primary key (tenant_id, price_list_id, store_id),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, price_list_id) references price_lists (tenant_id, id) on delete cascade
);
create index price_list_stores_by_store on price_list_stores (tenant_id, store_id, price_list_id);
call tillgraph.protect('price_list_stores', 'store');
grant select, insert, delete on price_list_stores to tillgraph_app;

create table price_list_items (
    tenant_id uuid not null,
    price_list_id uuid not null,
    product_id uuid not null,
    -- The list's.
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    price bigint not null check (price between 0 and 1000000000000),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, price_list_id, product_id),
    foreign key (tenant_id, price_list_id) references price_lists (tenant_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete cascade
);
create index price_list_items_by_product on price_list_items (tenant_id, product_id, price_list_id);
call tillgraph.protect('price_list_items', 'tenant');
grant select, insert, update, delete on price_list_items to tillgraph_app;
