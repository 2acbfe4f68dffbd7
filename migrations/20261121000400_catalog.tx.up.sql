create table categories (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    parent_id uuid check (parent_id <> id),
    name text not null check (length(name) between 1 and 200),
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, external_reference),
    foreign key (tenant_id, parent_id) references categories (tenant_id, id)
);
create index categories_by_parent on categories (tenant_id, parent_id, name, id);
create index categories_by_name on categories (tenant_id, name, id);
call tillgraph.protect('categories', 'tenant');
grant select on categories to tillgraph_app;

create table products (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    sku text not null check (length(sku) between 1 and 64),
    name text not null check (length(name) between 1 and 200),
    description text not null default '' check (length(description) <= 5000),
    category_id uuid,
    unit text not null check (unit in ('EACH', 'KILOGRAM', 'LITRE', 'METRE')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- Minor units of the currency for one unit of the product.
    price bigint not null check (price between 0 and 1000000000000),
    taxable boolean not null default true,
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'ARCHIVED')),
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, sku),
    unique (tenant_id, external_reference),
    foreign key (tenant_id, category_id) references categories (tenant_id, id)
);
create index products_by_name on products (tenant_id, name, id);
create index products_by_category on products (tenant_id, category_id, name, id);
create index products_by_creation on products (tenant_id, created_at, id);
create index products_by_change on products (tenant_id, updated_at, id);
call tillgraph.protect('products', 'tenant');
grant select, insert, update on products to tillgraph_app;

create table product_barcodes (
    tenant_id uuid not null,
    barcode text not null check (length(barcode) between 1 and 64),
    product_id uuid not null,
    primary key (tenant_id, barcode),
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete cascade
);
create index product_barcodes_by_product on product_barcodes (tenant_id, product_id, barcode);
call tillgraph.protect('product_barcodes', 'tenant');
grant select, insert, delete on product_barcodes to tillgraph_app;

-- The words that a product is found by, in lower case and without accents. LIKE, trigrams and full text are not
-- leakproof, so that under row-level security they can't use an index; a range of words in "C" order can.
create table product_words (
    tenant_id uuid not null,
    word text collate "C" not null check (length(word) between 1 and 64),
    product_id uuid not null,
    primary key (tenant_id, word, product_id),
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete cascade
);
create index product_words_by_product on product_words (tenant_id, product_id, word);
call tillgraph.protect('product_words', 'tenant');
grant select, insert, delete on product_words to tillgraph_app;

create table store_prices (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    price bigint not null check (price between 0 and 1000000000000),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, product_id),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete cascade
);
create index store_prices_by_product on store_prices (tenant_id, product_id, store_id);
call tillgraph.protect('store_prices', 'store');
grant select, insert, update, delete on store_prices to tillgraph_app;
