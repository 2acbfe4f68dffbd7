-- The numbers below a register's highest that no receipt has yet: a till that sells offline sends its sales when it
-- can, in any order. The register's counter is locked by whoever changes them, so that they are exact at any moment,
-- and reading them costs what there are of them, however many receipts the register has.
create table receipt_gaps (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    from_number bigint not null check (from_number > 0),
    to_number bigint not null check (to_number >= from_number),
    -- When a higher number came first.
    since timestamptz not null,
    primary key (tenant_id, store_id, register_id, from_number),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
);
create index receipt_gaps_by_register on receipt_gaps (tenant_id, register_id, from_number);
call tillgraph.protect('receipt_gaps', 'register');
grant select, insert, delete on receipt_gaps to tillgraph_app;

-- Numbers have been the server's so far; should one be missing, it is known from now on.
alter table sales no force row level security;
alter table receipt_gaps no force row level security;
insert into receipt_gaps (tenant_id, store_id, register_id, from_number, to_number, since)
    select tenant_id, store_id, register_id, before + 1, receipt_number - 1, recorded_at from (
        select tenant_id, store_id, register_id, receipt_number, recorded_at, coalesce(lag(receipt_number) over
            (partition by tenant_id, store_id, register_id order by receipt_number), 0) as before from sales) numbers
    where receipt_number > before + 1;
alter table receipt_gaps force row level security;
alter table sales force row level security;

-- Sales that were refused because their number was taken: two tills, or one that was set up anew, number in one
-- series. Nothing of them was sold; this is what there is to see of it.
create table receipt_conflicts (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    receipt_number bigint not null check (receipt_number > 0),
    -- The sale that has the number.
    sale_id uuid not null,
    -- What was refused: its key, what was asked, what it came to and when it happened by the till's clock.
    idempotency_key text not null check (length(idempotency_key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    total bigint not null,
    cashier_id uuid,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, id),
    -- A till that tries again is one conflict.
    unique (tenant_id, store_id, register_id, receipt_number, idempotency_key),
    foreign key (tenant_id, store_id, register_id, sale_id)
        references sales (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, cashier_id) references users (tenant_id, id)
);
create index receipt_conflicts_by_register on receipt_conflicts (tenant_id, register_id, recorded_at, id);
create statistics receipt_conflicts_tenant_store (dependencies) on tenant_id, store_id from receipt_conflicts;
call tillgraph.protect('receipt_conflicts', 'register');
grant select, insert on receipt_conflicts to tillgraph_app;
