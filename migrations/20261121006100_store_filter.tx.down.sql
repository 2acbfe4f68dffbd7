create or replace procedure tillgraph.protect(p_table regclass, p_kind text)
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

do $$
declare
    old record;
begin
    for old in
        select p.polrelid::regclass as protected, case
            when c.relname = 'stores' then 'stores'
            when pg_get_expr(p.polqual, p.polrelid) like '%app.register_id%' then 'register'
            else 'store' end as kind
        from pg_policy p join pg_class c on c.oid = p.polrelid
        where p.polname = 'scope' and c.relnamespace = 'public'::regnamespace
            and pg_get_expr(p.polqual, p.polrelid) like '%app.store_ids%'
    loop
        execute format('drop policy scope on %s', old.protected);
        call tillgraph.protect(old.protected, old.kind);
    end loop;
end $$;
