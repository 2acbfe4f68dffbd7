-- A register's till between opening and closing. A register sells under one at a time.
create table till_sessions (
    tenant_id uuid not null references companies on delete cascade,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    -- Counts the register's sessions from 1.
    number bigint not null check (number > 0),
    status text not null default 'OPEN' check (status in ('OPEN', 'COUNTED', 'CLOSED')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    opening_float bigint not null check (opening_float >= 0),
    business_date date not null,
    opened_at timestamptz not null,
    -- Null where the register opened it by itself, without a person.
    opened_by_id uuid,
    -- Who has the drawer.
    holder_id uuid,
    -- The last count that is to close it, and how far it may be off without an approval; null is any distance.
    counted_at timestamptz,
    count_number integer,
    variance_limit bigint,
    -- The variances that were approved, by way of paying, and by whom.
    approved_variances jsonb,
    approved_at timestamptz,
    approved_by_id uuid,
    approval_reason text check (length(approval_reason) between 1 and 500),
    closed_at timestamptz,
    closed_by_id uuid,
    primary key (tenant_id, id),
    unique (tenant_id, store_id, register_id, id),
    unique (tenant_id, store_id, register_id, number),
    check ((status = 'OPEN') = (counted_at is null)),
    check ((status = 'OPEN') = (count_number is null)),
    check ((status = 'CLOSED') = (closed_at is not null)),
    check (closed_at >= opened_at),
    check ((approved_at is null) = (approved_by_id is null) and (approved_at is null) = (approval_reason is null)
        and (approved_at is null) = (approved_variances is null)),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id),
    foreign key (tenant_id, opened_by_id) references users (tenant_id, id),
    foreign key (tenant_id, holder_id) references users (tenant_id, id),
    foreign key (tenant_id, approved_by_id) references users (tenant_id, id),
    foreign key (tenant_id, closed_by_id) references users (tenant_id, id)
) with (fillfactor = 70);
create unique index till_sessions_unclosed on till_sessions (tenant_id, register_id) where status <> 'CLOSED';
create index till_sessions_by_time on till_sessions (tenant_id, opened_at, id);
create index till_sessions_by_store_time on till_sessions (tenant_id, store_id, opened_at, id);
create index till_sessions_by_register_time on till_sessions (tenant_id, register_id, opened_at, id);
-- A sale looks for the session that it happened in: the first of the register to close after it.
create index till_sessions_by_close on till_sessions (tenant_id, register_id, closed_at);
create statistics till_sessions_tenant_store (dependencies) on tenant_id, store_id from till_sessions;
call tillgraph.protect('till_sessions', 'register');
grant select, insert on till_sessions to tillgraph_app;
grant update (status, holder_id, counted_at, count_number, variance_limit, approved_variances, approved_at,
    approved_by_id, approval_reason, closed_at, closed_by_id) on till_sessions to tillgraph_app;
create function tillgraph.till_session_closed() returns trigger language plpgsql as $$
begin
    raise exception 'a closed till session is not changed' using errcode = 'restrict_violation';
end $$;
create trigger till_session_closed before update on till_sessions for each row
    when (current_user = 'tillgraph_app' and old.status = 'CLOSED')
    execute function tillgraph.till_session_closed();

-- Who had the drawer, one after another.
create table till_holders (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    session_id uuid not null,
    position integer not null check (position > 0),
    holder_id uuid not null,
    since timestamptz not null,
    -- Who handed it over; null for who opened the session.
    handed_over_by_id uuid,
    -- The count of the hand-over, where there was one.
    count_number integer,
    primary key (tenant_id, session_id, position),
    foreign key (tenant_id, store_id, register_id, session_id)
        references till_sessions (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, holder_id) references users (tenant_id, id),
    foreign key (tenant_id, handed_over_by_id) references users (tenant_id, id)
);
call tillgraph.protect('till_holders', 'register');
grant select, insert on till_holders to tillgraph_app;

-- What was counted, each time that it was, with what was expected at that moment.
create table till_counts (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    session_id uuid not null,
    number integer not null check (number > 0),
    kind text not null check (kind in ('CLOSE', 'HAND_OVER')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    counted_by_id uuid not null,
    counted_at timestamptz not null,
    -- A list by way of paying: method, counted, expected, denominations.
    tenders jsonb not null default '[]',
    note text not null default '' check (length(note) <= 500),
    primary key (tenant_id, session_id, number),
    foreign key (tenant_id, store_id, register_id, session_id)
        references till_sessions (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, counted_by_id) references users (tenant_id, id)
);
call tillgraph.protect('till_counts', 'register');
grant select, insert on till_counts to tillgraph_app;

-- What went into and out of a drawer beside sales, and when it was opened for nothing. A ledger.
create table drawer_movements (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    kind text not null check (kind in ('PAID_IN', 'PAID_OUT', 'CASH_DROP', 'NO_SALE')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    amount bigint not null check (amount >= 0),
    reason text not null check (length(reason) between 1 and 200),
    person_id uuid not null,
    recorded_at timestamptz not null,
    primary key (tenant_id, id),
    check ((kind = 'NO_SALE') = (amount = 0)),
    foreign key (tenant_id, store_id, register_id, session_id)
        references till_sessions (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, person_id) references users (tenant_id, id)
);
create index drawer_movements_by_session on drawer_movements (tenant_id, session_id, recorded_at, id);
call tillgraph.protect('drawer_movements', 'register');
grant select, insert on drawer_movements to tillgraph_app;

-- The report that closes a session, with its figures as they were then. It is never changed.
create table till_z_reports (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    -- Counts the register's reports from 1, without a gap.
    number bigint not null check (number > 0),
    session_id uuid not null,
    business_date date not null,
    opened_at timestamptz not null,
    closed_at timestamptz not null,
    closed_by_id uuid,
    counted_by_id uuid not null,
    approved_by_id uuid,
    approval_reason text,
    figures jsonb not null default '{}',
    primary key (tenant_id, id),
    unique (tenant_id, store_id, register_id, number),
    unique (tenant_id, session_id) deferrable initially deferred,
    foreign key (tenant_id, store_id, register_id, session_id)
        references till_sessions (tenant_id, store_id, register_id, id) on delete cascade,
    foreign key (tenant_id, closed_by_id) references users (tenant_id, id),
    foreign key (tenant_id, counted_by_id) references users (tenant_id, id),
    foreign key (tenant_id, approved_by_id) references users (tenant_id, id)
);
create index till_z_reports_by_time on till_z_reports (tenant_id, closed_at, id);
create index till_z_reports_by_store_time on till_z_reports (tenant_id, store_id, closed_at, id);
create index till_z_reports_by_register_time on till_z_reports (tenant_id, register_id, closed_at, id);
create statistics till_z_reports_tenant_store (dependencies) on tenant_id, store_id from till_z_reports;
call tillgraph.protect('till_z_reports', 'register');
grant select, insert on till_z_reports to tillgraph_app;

-- What was asked of a register's till under a key, and what came of it.
create table till_idempotency_keys (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    key text not null check (length(key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    session_id uuid not null,
    -- The movement that was made, where that is what was asked.
    movement_id uuid,
    created_at timestamptz not null default now(),
    primary key (tenant_id, store_id, register_id, key),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
);
call tillgraph.protect('till_idempotency_keys', 'register');
grant select, insert on till_idempotency_keys to tillgraph_app;

-- A sale belongs to the session that it happened in. One that came when that was closed is an amendment of it.
alter table sales
    add column till_amendment boolean not null default false,
    add constraint sales_till_amendment_check check (not till_amendment or till_session_id is not null),
    add constraint sales_till_session_fkey foreign key (tenant_id, store_id, register_id, till_session_id)
        references till_sessions (tenant_id, store_id, register_id, id),
    add constraint sales_void_till_session_fkey foreign key (tenant_id, store_id, register_id, void_till_session_id)
        references till_sessions (tenant_id, store_id, register_id, id);
create index sales_by_till_session_time on sales (tenant_id, till_session_id, occurred_at, id)
    where till_session_id is not null;
create index sales_by_till_amendment on sales (tenant_id, till_session_id, occurred_at, id) where till_amendment;
drop index sales_by_till_session;
