alter table company_settings
    add column stock_approval_required boolean not null default false,
    -- In minor units of the store's currency; null is any adjustment.
    add column stock_approval_limit bigint check (stock_approval_limit between 0 and 1000000000000),
    add column discount_approval_required boolean not null default false,
    add column return_approval_required boolean not null default false,
    add column approval_hours integer not null default 24 check (approval_hours between 1 and 720);

-- What waits for a second person, and what became of it.
create table approvals (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('STOCK_ADJUSTMENT', 'DISCOUNT', 'RETURN_WITHOUT_RECEIPT')),
    status text not null default 'PENDING' check (status in ('PENDING', 'APPROVED', 'REFUSED', 'USED')),
    -- The till that it is good for; null for stock.
    for_register_id uuid,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    -- Minor units: the most that is allowed by it; of stock, what it is worth, null where that isn't known.
    amount bigint check (amount >= 0),
    reason text not null check (length(reason) <= 500),
    -- Of stock: which mutation asked, why, and what is to move.
    request_key text check (length(request_key) between 1 and 100),
    request_hash bytea check (length(request_hash) = 32),
    stock_reason text,
    lines jsonb not null default '[]',
    requested_by_id uuid not null,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    decided_by_id uuid,
    decided_at timestamptz,
    decision_reason text not null default '' check (length(decision_reason) <= 500),
    used_at timestamptz,
    sale_id uuid,
    primary key (tenant_id, id),
    unique (tenant_id, store_id, request_key),
    check ((kind = 'STOCK_ADJUSTMENT') = (for_register_id is null)),
    check ((kind = 'STOCK_ADJUSTMENT') = (request_key is not null)),
    check ((kind = 'STOCK_ADJUSTMENT') = (request_hash is not null)),
    check (kind = 'STOCK_ADJUSTMENT' or amount is not null),
    check ((status = 'PENDING') = (decided_by_id is null)),
    check ((status = 'PENDING') = (decided_at is null)),
    check (decided_by_id <> requested_by_id),
    check ((status = 'USED') = (used_at is not null)),
    check (sale_id is null or status = 'USED'),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, store_id, for_register_id) references registers (tenant_id, store_id, id) on delete cascade,
    foreign key (tenant_id, requested_by_id) references users (tenant_id, id),
    foreign key (tenant_id, decided_by_id) references users (tenant_id, id),
    -- It is used before the sale is written, in the same transaction.
    foreign key (tenant_id, sale_id) references sales (tenant_id, id) deferrable initially deferred
);
create index approvals_by_time on approvals (tenant_id, store_id, requested_at, id);
create index approvals_by_sale on approvals (tenant_id, sale_id) where sale_id is not null;
call tillgraph.protect('approvals', 'store');
grant select, insert, update (status, decided_by_id, decided_at, decision_reason, used_at, sale_id) on approvals
    to tillgraph_app;

-- What was decided stays decided, and what was used stays used.
create function tillgraph.approval_goes_on() returns trigger language plpgsql as $$
begin
    raise exception 'an approval is decided once and used once' using errcode = 'restrict_violation';
end $$;
revoke all on function tillgraph.approval_goes_on() from public;
create trigger approval_goes_on before update on approvals for each row
    when (current_user = 'tillgraph_app' and not (
        old.status = 'PENDING' and new.status in ('APPROVED', 'REFUSED')
        or old.status = 'PENDING' and new.status = 'USED' and old.kind = 'STOCK_ADJUSTMENT'
        or old.status = 'APPROVED' and new.status = 'USED' and old.decided_by_id = new.decided_by_id))
    execute function tillgraph.approval_goes_on();
