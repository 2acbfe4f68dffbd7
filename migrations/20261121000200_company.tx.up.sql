-- Which company a slug names: the only thing that is unique across companies, and so the only table without
-- tenant_id. The application has no grant on it: it is asked through tillgraph.company_by_slug.
create table company_directory (
    slug text primary key check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    company_id uuid not null unique,
    region text not null default 'local',
    created_at timestamptz not null default now()
);

create table companies (
    tenant_id uuid primary key,
    slug text not null,
    name text not null check (length(name) between 1 and 200),
    country_code text not null check (country_code ~ '^[A-Z]{2}$'),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'SUSPENDED')),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
call tillgraph.protect('companies', 'tenant');
grant select on companies to tillgraph_app;

create table stores (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    code text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{0,15}$'),
    name text not null check (length(name) between 1 and 200),
    time_zone text not null check (length(time_zone) between 1 and 64),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    tax_rate_ppm integer not null check (tax_rate_ppm between 0 and 1000000),
    prices_include_tax boolean not null,
    address text not null default '' check (length(address) <= 500),
    phone text not null default '' check (length(phone) <= 50),
    status text not null default 'OPEN' check (status in ('OPEN', 'CLOSED')),
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, code),
    unique (tenant_id, external_reference)
);
create index stores_by_name on stores (tenant_id, name, id);
call tillgraph.protect('stores', 'stores');
grant select, insert, update on stores to tillgraph_app;

create table registers (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    code text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{0,15}$'),
    name text not null check (length(name) between 1 and 200),
    status text not null default 'OPEN' check (status in ('OPEN', 'CLOSED')),
    key_rotated_at timestamptz,
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, id),
    unique (tenant_id, store_id, code),
    unique (tenant_id, store_id, external_reference),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade
);
create index registers_by_name on registers (tenant_id, store_id, name, id);
call tillgraph.protect('registers', 'store');
grant select, insert, update on registers to tillgraph_app;

-- A register's device key. The application writes it and can't read it back: a key is checked by
-- tillgraph.register_access.
create table register_keys (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    key_hash bytea not null check (length(key_hash) = 32),
    created_at timestamptz not null default now(),
    primary key (tenant_id, store_id, register_id),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
);
call tillgraph.protect('register_keys', 'register');
grant insert, update on register_keys to tillgraph_app;
-- ON CONFLICT and an UPDATE's predicate read the key columns, not the hash.
grant select (tenant_id, store_id, register_id, created_at) on register_keys to tillgraph_app;

-- The next number of a register's receipts, apart from the register so that selling doesn't rewrite that row.
create table receipt_counters (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    next_number bigint not null default 1 check (next_number > 0),
    primary key (tenant_id, store_id, register_id),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
) with (fillfactor = 50);
call tillgraph.protect('receipt_counters', 'register');
grant select, insert, update on receipt_counters to tillgraph_app;
