-- A role that a company made itself, of permissions as the schema names them.
create table custom_roles (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    description text not null default '' check (length(description) <= 500),
    permissions text[] not null check (cardinality(permissions) between 1 and 200),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
call tillgraph.protect('custom_roles', 'tenant');
grant select, insert, update, delete on custom_roles to tillgraph_app;
grant select on custom_roles to tillgraph_gate;

-- A person's role holds in all stores, or in those of user_stores, each of which may name another one.
alter table users
    drop constraint users_role_check,
    add column custom_role_id uuid,
    add column all_stores boolean not null default false,
    add constraint users_role_check check (role in ('OWNER', 'AREA_MANAGER', 'MANAGER', 'ASSISTANT_MANAGER',
        'SUPERVISOR', 'CASHIER', 'TRAINEE', 'SALES_ASSISTANT', 'CUSTOMER_SERVICE', 'STOCK_KEEPER', 'BUYER',
        'MERCHANDISER', 'ACCOUNTANT', 'AUDITOR', 'TECHNICIAN', 'CUSTOM')),
    add constraint users_custom_role_check check ((role = 'CUSTOM') = (custom_role_id is not null)),
    add foreign key (tenant_id, custom_role_id) references custom_roles (tenant_id, id);
create index users_by_custom_role on users (tenant_id, custom_role_id) where custom_role_id is not null;
grant update (role, custom_role_id, all_stores, version, updated_at) on users to tillgraph_app;

alter table user_stores
    -- Null: the person's own role.
    add column role text,
    add column custom_role_id uuid,
    add constraint user_stores_role_check check (role in ('AREA_MANAGER', 'MANAGER', 'ASSISTANT_MANAGER',
        'SUPERVISOR', 'CASHIER', 'TRAINEE', 'SALES_ASSISTANT', 'CUSTOMER_SERVICE', 'STOCK_KEEPER', 'BUYER',
        'MERCHANDISER', 'ACCOUNTANT', 'AUDITOR', 'TECHNICIAN', 'CUSTOM')),
    add constraint user_stores_custom_role_check check ((role is not distinct from 'CUSTOM') = (custom_role_id is not null)),
    add foreign key (tenant_id, custom_role_id) references custom_roles (tenant_id, id);
create index user_stores_by_custom_role on user_stores (tenant_id, custom_role_id) where custom_role_id is not null;
grant insert, update, delete on user_stores to tillgraph_app;

-- Whatever a statement says: nobody changes their own roles, and only an owner makes an owner.
create function tillgraph.roles_are_others() returns trigger language plpgsql as $$
declare
    actor constant uuid := nullif(current_setting('app.user_id', true), '')::uuid;
    subject uuid;
begin
    if tg_table_name = 'users' then
        subject := new.id;
        if new.role = 'OWNER' and old.role <> 'OWNER' and not exists (
            select from users where tenant_id = new.tenant_id and id = actor and role = 'OWNER' and status = 'ACTIVE') then
            raise exception 'only an owner makes an owner' using errcode = 'insufficient_privilege';
        end if;
    elsif tg_op = 'DELETE' then
        subject := old.user_id;
    else
        subject := new.user_id;
    end if;
    if subject = actor then
        raise exception 'nobody changes their own roles' using errcode = 'insufficient_privilege';
    end if;
    return coalesce(new, old);
end $$;
create trigger roles_are_others before update of role, custom_role_id, all_stores on users for each row
    when (current_user = 'tillgraph_app' and (old.role <> new.role or old.all_stores <> new.all_stores
        or old.custom_role_id is distinct from new.custom_role_id))
    execute function tillgraph.roles_are_others();
create trigger roles_are_others before insert or update or delete on user_stores for each row
    when (current_user = 'tillgraph_app')
    execute function tillgraph.roles_are_others();

-- user_access now answers the role in each store too: roles and permissions are as long as the stores, with ''
-- where the store has the person's own role; permissions are those of custom roles, joined by commas.
drop function tillgraph.user_access(uuid, uuid, text, uuid);
grant create on schema tillgraph to tillgraph_gate;
create function tillgraph.user_access(p_tenant uuid, p_user uuid, p_subject text, p_session uuid)
    returns table (user_id uuid, role text, permissions text, all_stores boolean, store_ids uuid[],
        store_roles text[], store_permissions text[], company_slug text, company_status text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select u.id, u.role, coalesce(array_to_string(own.permissions, ','), ''), u.role = 'OWNER' or u.all_stores,
            a.stores, a.roles, a.permissions, c.slug, c.status
        from users u
            join companies c on c.tenant_id = u.tenant_id
            left join custom_roles own on own.tenant_id = u.tenant_id and own.id = u.custom_role_id
            cross join lateral (
                select coalesce(array_agg(s.id order by s.id), '{}'),
                    coalesce(array_agg(coalesce(us.role, '') order by s.id), '{}'),
                    coalesce(array_agg(coalesce(array_to_string(r.permissions, ','), '') order by s.id), '{}')
                from stores s
                    left join user_stores us on us.tenant_id = s.tenant_id and us.store_id = s.id and us.user_id = u.id
                    left join custom_roles r on r.tenant_id = us.tenant_id and r.id = us.custom_role_id
                where s.tenant_id = p_tenant and (u.role = 'OWNER' or u.all_stores or us.user_id is not null)
            ) as a (stores, roles, permissions)
        where u.tenant_id = p_tenant and u.status = 'ACTIVE'
            and ((p_user is not null and u.id = p_user) or (p_user is null and u.external_subject = p_subject))
            and (p_session is null or exists (
                select from sessions s where s.tenant_id = p_tenant and s.id = p_session
                    and s.user_id = u.id and s.ended_at is null));
end $$;
alter function tillgraph.user_access(uuid, uuid, text, uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.user_access(uuid, uuid, text, uuid) from public;
