do $$
declare
    one record;
begin
    for one in select g.tgrelid::regclass as name, g.tgname from pg_trigger g join pg_proc p on p.oid = g.tgfoid
        where p.proname = 'audited' and p.pronamespace = 'tillgraph'::regnamespace
    loop
        execute format('drop trigger %I on %s', one.tgname, one.name);
    end loop;
    for one in select c.oid::regclass as name from pg_class c
        where c.relnamespace = 'public'::regnamespace and obj_description(c.oid, 'pg_class') like 'no trail, %'
    loop
        execute format('comment on table %s is null', one.name);
    end loop;
end $$;
create or replace function tillgraph.company_purge(p_company uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    remaining oid[];
    ready oid[];
    one oid;
begin
    perform from company_directory where company_id = p_company and deletion_due_at <= now() for update skip locked;
    if not found then
        return false;
    end if;
    execute format('set local app.store_ids = %L', tillgraph.stores_of(p_company));
    execute format('set local app.tenant_id = %L; set local app.user_id = %L; set local app.register_id = %L', p_company, '', '');
    remaining := array(select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.attname = 'tenant_id' and not a.attisdropped);
    while cardinality(remaining) > 0 loop
        ready := array(select r from unnest(remaining) r where not exists (select from pg_constraint k
            where k.contype = 'f' and k.confrelid = r and k.conrelid <> r and k.conrelid = any (remaining)));
        if cardinality(ready) = 0 then
            raise exception 'these tables refer to each other in a ring: %', remaining::regclass[];
        end if;
        foreach one in array ready loop
            execute format('delete from %s where tenant_id = $1', one::regclass) using p_company;
        end loop;
        remaining := array(select r from unnest(remaining) r where not r = any (ready));
    end loop;
    delete from company_directory where company_id = p_company;
    return true;
end $$;
drop function tillgraph.audit_companies(uuid, integer);
drop function tillgraph.audit_seal(uuid, integer);
drop function tillgraph.audit_content(audit_events);
drop function tillgraph.audit_content(audit_accesses);
drop procedure tillgraph.no_trail(regclass, text, text);
drop procedure tillgraph.trail(regclass, text, text, text, text[], text[]);
drop function tillgraph.audited();
drop function tillgraph.record_id(timestamptz);
drop function tillgraph.enter(uuid, uuid[], uuid, uuid, text);
drop table audit_events, audit_accesses, audit_seals, audit_heads;
