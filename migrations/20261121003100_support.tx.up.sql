alter table company_settings add column support_consent_required boolean not null default false;

-- An operator's access to a company: asked for with a reason and a time, and over by itself.
create table support_accesses (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    operator text not null check (length(operator) between 1 and 100),
    reason text not null check (length(reason) between 1 and 500),
    writes boolean not null,
    minutes integer not null check (minutes between 1 and 10080),
    requested_at timestamptz not null,
    -- Null while it waits for the owner's consent.
    opened_at timestamptz,
    -- While it waits, until when it does.
    expires_at timestamptz not null,
    allowed_by_id uuid,
    ended_at timestamptz,
    ended_by_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, allowed_by_id) references users (tenant_id, id) on delete set null (allowed_by_id),
    foreign key (tenant_id, ended_by_id) references users (tenant_id, id) on delete set null (ended_by_id)
);
create index support_accesses_by_time on support_accesses (tenant_id, requested_at, id);
call tillgraph.protect('support_accesses', 'tenant');
grant select, update (opened_at, expires_at, allowed_by_id, ended_at, ended_by_id) on support_accesses to tillgraph_app;

-- What operators did to a company, with such an access or by a command. The server adds to it through
-- tillgraph.support_act, and nobody changes it.
create table support_acts (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    access_id uuid,
    operator text not null check (length(operator) between 1 and 100),
    at timestamptz not null,
    action text not null check (length(action) between 1 and 1000),
    request_id text not null default '' check (length(request_id) <= 100),
    primary key (tenant_id, id),
    foreign key (tenant_id, access_id) references support_accesses (tenant_id, id) on delete cascade
);
create index support_acts_by_time on support_acts (tenant_id, at, id);
create index support_acts_by_access on support_acts (tenant_id, access_id, at, id) where access_id is not null;
call tillgraph.protect('support_acts', 'tenant');
grant select on support_acts to tillgraph_app;

grant select on support_accesses to tillgraph_gate;
grant insert on support_acts to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- support_access answers an access that is open at this moment, with all stores of the company, or no row.
create function tillgraph.support_access(p_tenant uuid, p_access uuid)
    returns table (writes boolean, store_ids uuid[], company_slug text, company_status text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select a.writes, array(select s.id from stores s where s.tenant_id = p_tenant order by s.id), c.slug, c.status
        from support_accesses a join companies c on c.tenant_id = a.tenant_id
        where a.tenant_id = p_tenant and a.id = p_access and a.opened_at is not null and a.ended_at is null
            and a.expires_at > now();
end $$;

-- support_act writes down what is about to be done with an access, and says whether that is open: what can't be
-- written down isn't done.
create function tillgraph.support_act(p_tenant uuid, p_access uuid, p_id uuid, p_action text, p_request text)
    returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    insert into support_acts (tenant_id, id, access_id, operator, at, action, request_id)
        select a.tenant_id, p_id, a.id, a.operator, now(), p_action, p_request
        from support_accesses a
        where a.tenant_id = p_tenant and a.id = p_access and a.opened_at is not null and a.ended_at is null
            and a.expires_at > now();
    return found;
end $$;

alter function tillgraph.support_access(uuid, uuid) owner to tillgraph_gate;
alter function tillgraph.support_act(uuid, uuid, uuid, text, text) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.support_access(uuid, uuid) from public;
revoke all on function tillgraph.support_act(uuid, uuid, uuid, text, text) from public;
