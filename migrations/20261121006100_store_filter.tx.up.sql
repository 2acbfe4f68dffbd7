-- The terms of a policy that say the store and the register look at each row, instead of looking in an index. PostgreSQL
-- takes "any of an array that is not known yet" for ten values, whatever the table; and a look for each of them gives up the
-- index's order, so that a page of a store's sales read and sorted all that the store has sold. What a statement asks for by
-- store, and the scope that stands in its text, still look in the index; this holds for whatever they find.
--
-- They are numbers that are not 0, because PostgreSQL takes that to hold for nearly all rows, as it does for rows that were
-- found by the scope in the text; a condition alone it takes to hold for one in two, and what several tables are joined from
-- for so little that it reads all of it.
create or replace procedure tillgraph.protect(p_table regclass, p_kind text)
    language plpgsql as $$
declare
    tenant constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
    store constant text := $q$(%I = any ((select nullif(current_setting('app.store_ids', true), '')::uuid[])::uuid[]))::integer <> 0$q$;
    register constant text := $q$coalesce(
        register_id = (select nullif(current_setting('app.register_id', true), '')::uuid), true)::integer <> 0$q$;
    rule text;
begin
    rule := case p_kind
        when 'tenant' then tenant
        when 'store' then tenant || ' and ' || format(store, 'store_id')
        when 'stores' then tenant || ' and ' || format(store, 'id')
        when 'register' then tenant || ' and ' || format(store, 'store_id') || ' and ' || register
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
