create table users (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    email text not null check (length(email) between 3 and 254 and email = lower(email)),
    name text not null check (length(name) between 1 and 200),
    role text not null check (role in ('OWNER', 'MANAGER', 'CASHIER')),
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'DEACTIVATED')),
    -- What an outside identity provider calls this person (its sub claim).
    external_subject text check (length(external_subject) between 1 and 255),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, email),
    unique (tenant_id, external_subject)
);
create index users_by_name on users (tenant_id, name, id);
call tillgraph.protect('users', 'tenant');
grant select on users to tillgraph_app;

-- The stores that a manager or a cashier works in. An owner needs no row: owners have all stores.
create table user_stores (
    tenant_id uuid not null,
    store_id uuid not null,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id, store_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade
);
create index user_stores_by_store on user_stores (tenant_id, store_id, user_id);
call tillgraph.protect('user_stores', 'store');
grant select on user_stores to tillgraph_app;

create table user_credentials (
    tenant_id uuid not null,
    user_id uuid not null,
    password_hash text not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
call tillgraph.protect('user_credentials', 'tenant');
grant select, update on user_credentials to tillgraph_app;

-- A login and everything refreshed from it; ending it ends all of its tokens.
create table sessions (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text check (end_reason in ('LOGOUT', 'TOKEN_REUSED')),
    primary key (tenant_id, id),
    check ((ended_at is null) = (end_reason is null)),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index sessions_by_user on sessions (tenant_id, user_id, created_at);
call tillgraph.protect('sessions', 'tenant');
grant select, insert, update on sessions to tillgraph_app;

create table refresh_tokens (
    tenant_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, session_id) references sessions (tenant_id, id) on delete cascade
);
create index refresh_tokens_by_session on refresh_tokens (tenant_id, session_id);
call tillgraph.protect('refresh_tokens', 'tenant');
grant select, insert, update on refresh_tokens to tillgraph_app;

-- The gate: what must be known before a scope can be. Each function sets the company first and so stays under
-- row-level security; the gate's own policies widen the stores of that one company, for reading.
grant select (slug, company_id) on company_directory to tillgraph_gate;
grant select on companies, stores, registers, register_keys, users, user_stores, sessions to tillgraph_gate;
create policy gate on stores for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy gate on registers for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy gate on register_keys for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy gate on user_stores for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

create function tillgraph.company_by_slug(p_slug text) returns uuid
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return (select company_id from company_directory where slug = p_slug);
end $$;

-- user_access answers a person's live role and stores, or no row: unknown, deactivated, or the session is over.
-- The person is named by id, or by what an outside identity provider calls them.
create function tillgraph.user_access(p_tenant uuid, p_user uuid, p_subject text, p_session uuid)
    returns table (user_id uuid, role text, store_ids uuid[], company_slug text, company_status text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select u.id, u.role,
            case when u.role = 'OWNER'
                then array(select s.id from stores s where s.tenant_id = p_tenant order by s.id)
                else array(select a.store_id from user_stores a
                           where a.tenant_id = p_tenant and a.user_id = u.id order by a.store_id) end,
            c.slug, c.status
        from users u join companies c on c.tenant_id = u.tenant_id
        where u.tenant_id = p_tenant and u.status = 'ACTIVE'
            and ((p_user is not null and u.id = p_user) or (p_user is null and u.external_subject = p_subject))
            and (p_session is null or exists (
                select from sessions s where s.tenant_id = p_tenant and s.id = p_session
                    and s.user_id = u.id and s.ended_at is null));
end $$;

-- register_access answers where a register stands, or no row: unknown, closed, or not its key.
create function tillgraph.register_access(p_tenant uuid, p_register uuid, p_key_hash bytea)
    returns table (store_id uuid, company_slug text, company_status text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select r.store_id, c.slug, c.status
        from registers r
            join register_keys k on k.tenant_id = r.tenant_id and k.store_id = r.store_id and k.register_id = r.id
            join companies c on c.tenant_id = r.tenant_id
        where r.tenant_id = p_tenant and r.id = p_register and r.status = 'OPEN' and k.key_hash = p_key_hash;
end $$;

alter function tillgraph.company_by_slug(text) owner to tillgraph_gate;
alter function tillgraph.user_access(uuid, uuid, text, uuid) owner to tillgraph_gate;
alter function tillgraph.register_access(uuid, uuid, bytea) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.company_by_slug(text) from public;
revoke all on function tillgraph.user_access(uuid, uuid, text, uuid) from public;
revoke all on function tillgraph.register_access(uuid, uuid, bytea) from public;
