-- Who owns the tables writes many rows at a time, and a function that is called for each of them takes longer than all
-- else of a row. What one statement of theirs adds is written to the trail at once, by the same rules and with it: a
-- record a row.
--
-- A row of theirs makes its record here, one of anybody else in audited: the conditions ask for session_user, which a
-- statement can't change while it runs, so that no row is between the two.
grant create on schema tillgraph to tillgraph_gate;

-- audited_many has audited's arguments, and after them what a row is on the trail for.
create function tillgraph.audited_many() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    scope constant text := current_setting('app.tenant_id', true);
    trail constant jsonb := nullif(current_setting('app.trail', true), '')::jsonb;
    tenant uuid;
begin
    -- Outside of a scope a statement may be about several companies.
    for tenant in select distinct tenant_id from added loop
        if scope is distinct from tenant::text then
            perform set_config('app.tenant_id', tenant::text, true);
        end if;
        execute format($q$
            insert into audit_events (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id,
                operation, object_type, object_id, part, verb, was, became, reason)
            select $1, coalesce(r.whole ->> $2, '00000000-0000-0000-0000-000000000000')::uuid,
                overlay(gen_random_uuid()::text placing
                    substr(r.hex, 1, 8) || '-' || substr(r.hex, 9, 4) || '-7' || lpad(to_hex(r.micros %% 1000 * 4), 3, '0')
                    from 1 for 18)::uuid, r.at,
                nullif(current_setting('app.user_id', true), '')::uuid,
                nullif(current_setting('app.register_id', true), '')::uuid,
                $3, $4, $5, $6, $7, (r.whole ->> $8)::uuid, $9, 'CREATED', null, r.became,
                coalesce(r.became ->> 'void_reason', r.became ->> 'decision_reason', r.became ->> 'approval_reason',
                    r.became ->> 'reason', '')
            from (
                select m.whole, m.at, m.micros, lpad(to_hex(m.micros / 1000), 12, '0') as hex,
                    case when cardinality($10) = 0 then m.became else (
                        select jsonb_object_agg(f.key, case when f.key = any ($10) and f.value not in ('null', '""')
                            then '"***"' else f.value end) from jsonb_each(m.became) f) end as became
                from (
                    select t.whole, t.at, (extract(epoch from t.at) * 1000000)::bigint as micros,
                        jsonb_strip_nulls(t.whole - $11) as became
                    -- So that each is made once.
                    from (select to_jsonb(a) as whole, clock_timestamp() as at from added a
                        where a.tenant_id = $1 and (%s) offset 0) t
                    offset 0
                ) m
                offset 0
            ) r$q$, tg_argv[5])
        using tenant, case tg_argv[0] when 'Store' then tg_argv[1] else 'store_id' end,
            coalesce(trail ->> 'operator', case when coalesce(scope, '') = '' then session_user::text else '' end),
            coalesce(trail ->> 'address', ''), coalesce(trail ->> 'request', ''), coalesce(trail ->> 'operation', ''),
            tg_argv[0], tg_argv[1], tg_argv[2], tg_argv[3]::text[], tg_argv[4]::text[];
    end loop;
    if scope is distinct from tenant::text then
        perform set_config('app.tenant_id', coalesce(scope, ''), true);
    end if;
    return null;
end $$;
alter function tillgraph.audited_many() owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.audited_many() from public;

do $$
declare
    one record;
    arguments text;
begin
    for one in select * from (values
        ('sales', 'audited', 'true'), ('products', 'audited', 'true'), ('product_barcodes', 'audited', 'true'),
        ('store_prices', 'audited', 'true'), ('stock_movements', 'audited', 'sale_id is null'),
        ('inventory_levels', 'audited_new', 'low_stock_threshold is not null')
    ) listed (name, trigger, condition) loop
        select substring(pg_get_triggerdef(oid) from 'audited\((.*)\)$') into strict arguments
            from pg_trigger where tgrelid = one.name::regclass and tgname = one.trigger;
        execute format('drop trigger %I on %I', one.trigger, one.name);
        if one.condition = 'true' then
            execute format('create trigger audited after update or delete on %I for each row
                execute function tillgraph.audited(%s)', one.name, arguments);
        end if;
        execute format('create trigger audited_new after insert on %I for each row when (session_user <> %L %s)
            execute function tillgraph.audited(%s)', one.name, current_user,
            case one.condition when 'true' then '' else 'and new.' || one.condition end, arguments);
        execute format('create trigger audited_many after insert on %I referencing new table as added
            for each statement when (session_user = %L) execute function tillgraph.audited_many(%s, %L)',
            one.name, current_user, arguments, one.condition);
        -- Also where triggers are off because rows come from elsewhere, as they are for who fills a database.
        execute format('alter table %I enable always trigger audited_many', one.name);
    end loop;
end $$;
