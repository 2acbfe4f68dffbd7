-- The ground of the isolation: roles, the way into a scope, and the one routine that protects a table.
create schema tillgraph;
revoke all on schema tillgraph from public;

-- Roles belong to the whole cluster, so that another database may have made them already, even at this moment.
do $$
begin
    -- Every statement of the server runs as this role, entered for one transaction.
    begin
        create role tillgraph_app nologin noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object or unique_violation then null;
    end;
    -- Owns the few functions that must look before a scope is known; nobody logs in as it.
    begin
        create role tillgraph_gate nologin noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object or unique_violation then null;
    end;
    -- To give functions to the gate, the owner of the schema must be able to become it. Since 16 who made a role
    -- is a member of it without being able to.
    if not (select rolsuper from pg_roles where rolname = current_user)
       and not pg_has_role(current_user, 'tillgraph_gate',
           case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
        execute format('grant tillgraph_gate to %I', current_user);
    end if;
end $$;

grant usage on schema tillgraph to tillgraph_app;
grant usage, create on schema tillgraph to tillgraph_gate;

-- enter opens a company's scope until the end of the transaction: the settings that the policies read, then
-- the restricted role. It is plpgsql with SET LOCAL, not set_config, because only SET LOCAL reaches the
-- workers of a cluster. Null becomes '', which the policies read as nothing.
create function tillgraph.enter(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid) returns void
    language plpgsql as $$
begin
    if p_tenant is null then
        raise exception 'a scope needs a company' using errcode = 'insufficient_privilege';
    end if;
    execute format(
        'set local app.tenant_id = %L; set local app.store_ids = %L; set local app.user_id = %L; set local app.register_id = %L',
        p_tenant, coalesce(p_stores, '{}'), coalesce(p_user::text, ''), coalesce(p_register::text, ''));
    set local role tillgraph_app;
end $$;
revoke all on function tillgraph.enter(uuid, uuid[], uuid, uuid) from public;

-- protect puts row-level security on a table; its kind says how far a row's scope is narrowed:
--   tenant    the row's company
--   store     and its store_id is one of the scope's stores
--   register  and, when a register asks, its register_id is that register
--   stores    the table of stores itself, whose id is the store
-- Sub-selects, because a bare current_setting is called once per row; nullif, because a setting that was local
-- to an earlier transaction reads '' and not null.
create procedure tillgraph.protect(p_table regclass, p_kind text)
    language plpgsql as $$
declare
    tenant constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
    store constant text := $q$ = any ((select nullif(current_setting('app.store_ids', true), '')::uuid[])::uuid[])$q$;
    -- Not "is null or": the planner takes that for one row in two hundred, and then sorts a whole company.
    register constant text := $q$coalesce(
        register_id = (select nullif(current_setting('app.register_id', true), '')::uuid), true)$q$;
    rule text;
begin
    rule := case p_kind
        when 'tenant' then tenant
        when 'store' then tenant || ' and store_id' || store
        when 'stores' then tenant || ' and id' || store
        when 'register' then tenant || ' and store_id' || store || ' and ' || register
    end;
    if rule is null then
        raise exception 'unknown kind of scope: %', p_kind;
    end if;
    execute format('alter table %s enable row level security', p_table);
    execute format('alter table %s force row level security', p_table);
    execute format('create policy scope on %s for all using (%s) with check (%s)', p_table, rule, rule);
end $$;
revoke all on procedure tillgraph.protect(regclass, text) from public;
