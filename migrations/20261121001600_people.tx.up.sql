-- People are invited before they are there, may have a short number to name them at a till, and may be bound to a
-- second factor.
alter table users
    drop constraint users_status_check,
    add constraint users_status_check check (status in ('INVITED', 'ACTIVE', 'DEACTIVATED')),
    add column staff_number text check (staff_number ~ '^[0-9]{1,6}$'),
    add column must_use_second_factor boolean not null default false,
    add unique (tenant_id, staff_number);
grant insert on users to tillgraph_app;
grant update (name, status, staff_number, must_use_second_factor) on users to tillgraph_app;
grant insert on user_credentials to tillgraph_app;

-- The token is shown once, by mail; sending it again replaces it.
create table user_invitations (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    invited_by_id uuid,
    token_hash bytea not null check (length(token_hash) = 32),
    created_at timestamptz not null default now(),
    sent_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant_id, id),
    check (accepted_at is null or revoked_at is null),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    foreign key (tenant_id, invited_by_id) references users (tenant_id, id)
);
create unique index user_invitations_open on user_invitations (tenant_id, user_id)
    where accepted_at is null and revoked_at is null;
create index user_invitations_by_time on user_invitations (tenant_id, created_at, id);
call tillgraph.protect('user_invitations', 'tenant');
grant select, insert on user_invitations to tillgraph_app;
grant update (token_hash, sent_at, expires_at, accepted_at, revoked_at) on user_invitations to tillgraph_app;

create table password_resets (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index password_resets_by_user on password_resets (tenant_id, user_id, created_at);
call tillgraph.protect('password_resets', 'tenant');
grant select, insert on password_resets to tillgraph_app;
grant update (used_at) on password_resets to tillgraph_app;

-- A PIN for changing cashiers at a register. Each guess is counted before it is looked at, so that many at once are
-- no more than a few.
create table user_pins (
    tenant_id uuid not null,
    user_id uuid not null,
    pin_hash text not null,
    failures integer not null default 0 check (failures >= 0),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
call tillgraph.protect('user_pins', 'tenant');
grant select, insert, update on user_pins to tillgraph_app;

-- How many PINs a register has tried in vain of late, whosever they were.
create table register_pin_attempts (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    failures integer not null default 0 check (failures >= 0),
    since timestamptz not null,
    primary key (tenant_id, store_id, register_id),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id) on delete cascade
);
call tillgraph.protect('register_pin_attempts', 'register');
grant select, insert, update on register_pin_attempts to tillgraph_app;

-- A second factor (RFC 6238). The secret is sealed with a key that the database doesn't have; last_step is the time
-- step of the code that was used last, which is not taken again.
create table user_second_factors (
    tenant_id uuid not null,
    user_id uuid not null,
    secret bytea not null,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    failures integer not null default 0 check (failures >= 0),
    locked_until timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
call tillgraph.protect('user_second_factors', 'tenant');
grant select, insert, update, delete on user_second_factors to tillgraph_app;

create table user_recovery_codes (
    tenant_id uuid not null,
    user_id uuid not null,
    code_hash bytea not null check (length(code_hash) = 32),
    created_at timestamptz not null default now(),
    used_at timestamptz,
    primary key (tenant_id, user_id, code_hash),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
call tillgraph.protect('user_recovery_codes', 'tenant');
grant select, insert, update, delete on user_recovery_codes to tillgraph_app;

-- A login whose password was right and whose second factor is still to come.
create table login_challenges (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index login_challenges_by_user on login_challenges (tenant_id, user_id);
call tillgraph.protect('login_challenges', 'tenant');
grant select, insert, update on login_challenges to tillgraph_app;

-- A session of a PIN is of one register. Its columns are named so that a session stays the company's.
alter table sessions
    drop constraint sessions_end_reason_check,
    add constraint sessions_end_reason_check check (end_reason in ('LOGOUT', 'TOKEN_REUSED', 'ENDED',
        'ENDED_BY_MANAGER', 'DEACTIVATED', 'PASSWORD_CHANGED', 'PASSWORD_RESET', 'SECOND_FACTOR')),
    add column last_used_at timestamptz not null default now(),
    add column user_agent text not null default '' check (length(user_agent) <= 300),
    add column address text not null default '' check (length(address) <= 64),
    add column at_store_id uuid,
    add column at_register_id uuid,
    add constraint sessions_at_check check ((at_store_id is null) = (at_register_id is null)),
    add foreign key (tenant_id, at_store_id, at_register_id) references registers (tenant_id, store_id, id)
        on delete cascade;

alter table registers add column last_seen_at timestamptz;
grant delete on register_keys to tillgraph_app;

-- A till that asks to be let in: it shows the code, and holds the secret that it asks with.
create table device_pairings (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    code_hash bytea not null check (length(code_hash) = 32),
    secret_hash bytea not null check (length(secret_hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    approved_at timestamptz,
    approved_by_id uuid,
    for_store_id uuid,
    for_register_id uuid,
    finished_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, code_hash),
    check ((approved_at is null) = (for_register_id is null)),
    check ((for_store_id is null) = (for_register_id is null)),
    foreign key (tenant_id, approved_by_id) references users (tenant_id, id),
    foreign key (tenant_id, for_store_id, for_register_id) references registers (tenant_id, store_id, id)
        on delete cascade
);
create index device_pairings_by_time on device_pairings (tenant_id, expires_at);
call tillgraph.protect('device_pairings', 'tenant');
grant select, insert, delete on device_pairings to tillgraph_app;
grant update (approved_at, approved_by_id, for_store_id, for_register_id, finished_at)
    on device_pairings to tillgraph_app;

grant create on schema tillgraph to tillgraph_gate;

-- session_register answers the store of the register that a PIN's session is of, or null: the session is over, the
-- register is closed, or its device key isn't the one of then.
create function tillgraph.session_register(p_tenant uuid, p_session uuid, p_register uuid) returns uuid
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return (select s.at_store_id
        from sessions s
            join registers r on r.tenant_id = s.tenant_id and r.store_id = s.at_store_id and r.id = s.at_register_id
            join register_keys k on k.tenant_id = r.tenant_id and k.store_id = r.store_id and k.register_id = r.id
        where s.tenant_id = p_tenant and s.id = p_session and s.at_register_id = p_register
            and s.ended_at is null and r.status = 'OPEN' and k.created_at <= s.created_at);
end $$;

-- works_elsewhere says whether a person of the scope's company has a store that isn't the scope's: who manages some
-- stores doesn't see the others' rows, and must not act on who has them.
create function tillgraph.works_elsewhere(p_user uuid) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return exists (select from user_stores a
        where a.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and a.user_id = p_user
            and not a.store_id = any (coalesce(nullif(current_setting('app.store_ids', true), '')::uuid[], '{}')));
end $$;

alter function tillgraph.session_register(uuid, uuid, uuid) owner to tillgraph_gate;
alter function tillgraph.works_elsewhere(uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.session_register(uuid, uuid, uuid) from public;
revoke all on function tillgraph.works_elsewhere(uuid) from public;
grant execute on function tillgraph.works_elsewhere(uuid) to tillgraph_app;
