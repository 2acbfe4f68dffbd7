alter table audit_heads drop column newest_event;
create index audit_accesses_by_xid on audit_accesses (tenant_id, xid);

create or replace function tillgraph.audit_access(p_tenant uuid, p_again boolean, p_stores uuid[], p_ids uuid[], p_at timestamptz[], p_users uuid[],
        p_registers uuid[], p_operators text[], p_addresses text[], p_requests text[], p_operations text[], p_kinds text[],
        p_documents text[], p_types text[], p_touched text[], p_rows integer[], p_micros bigint[], p_outcomes text[],
        p_codes text[], p_lost bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    there uuid[];
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return;
    end if;
    if p_again then
        there := array(select a.id from audit_accesses a where a.tenant_id = p_tenant and a.id = any (p_ids));
    end if;
    insert into audit_accesses (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id, operation,
        kind, document, types, store_ids, rows_answered, micros, outcome, codes, lost)
    select p_tenant, r.store_id, r.id, r.at, r.user_id, r.at_register_id, r.operator, r.address, r.request_id, r.operation,
        r.kind, r.document, string_to_array(r.types, ','), string_to_array(r.touched, ',')::uuid[], r.rows_answered, r.micros,
        r.outcome, string_to_array(r.codes, ','), r.lost
    from unnest(p_stores, p_ids, p_at, p_users, p_registers, p_operators, p_addresses, p_requests, p_operations, p_kinds,
        p_documents, p_types, p_touched, p_rows, p_micros, p_outcomes, p_codes, p_lost) r (store_id, id, at, user_id,
        at_register_id, operator, address, request_id, operation, kind, document, types, touched, rows_answered, micros, outcome,
        codes, lost)
    where there is null or r.id <> all (there);
end $$;
create or replace function tillgraph.audit_seal(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan
    set enable_sort = off as $$
declare
    head audit_heads;
    genesis bytea;
    sealed timestamptz;
    below xid8;
    most xid8;
    restored boolean;
    lower xid8;
    upper xid8;
    oldest uuid;
    newest uuid;
    chained bytea;
    ids uuid[] := '{}';
    xids xid8[];
    contents text[];
    hashes bytea[] := '{}';
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    if not pg_try_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0)) then
        return 0;
    end if;
    -- Not now(): who began earlier may come later.
    sealed := clock_timestamp();
    -- A company that is being deleted has no more records.
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return 0;
    end if;
    select * into head from audit_heads where tenant_id = p_tenant;
    if not found then
        genesis := sha256(convert_to('tillgraph ' || p_tenant, 'UTF8'));
        insert into audit_heads values (p_tenant, 0, genesis, '0', 0, genesis, sealed) on conflict do nothing;
        select * into head from audit_heads where tenant_id = p_tenant;
    end if;
    below := pg_snapshot_xmin(pg_current_snapshot());
    most := pg_snapshot_xmax(pg_current_snapshot());
    -- A dump that was restored into another cluster, where transactions are counted anew: all in it is committed, and comes
    -- before what was written since.
    restored := head.horizon > most;
    lower := case when restored then most else head.horizon end;
    upper := case when restored then '18446744073709551615' else below end;
    -- Ids begin with their time, so that most of what waits is newer than all that is sealed, and isn't looked for there.
    select s.newest_id into newest from audit_seals s where s.tenant_id = p_tenant order by s.newest_id desc limit 1;
    newest := coalesce(newest, '00000000-0000-0000-0000-000000000000');
    loop
        select array_agg(n.id), array_agg(n.xid), array_agg(n.content) into ids, xids, contents from (
            select m.id, m.xid, m.content from (
                (select e.id, e.xid, json_build_array('EVENT'::text, e.tenant_id, e.store_id, e.id,
                    (extract(epoch from e.at) * 1000000)::bigint, e.xid::text, e.user_id, e.at_register_id, e.operator, e.address,
                    e.request_id, e.operation, e.object_type, e.object_id, e.part, e.verb, e.was, e.became, e.reason)::text as content
                from (select * from audit_events w where w.tenant_id = p_tenant and w.xid >= lower and w.xid < upper
                    and (w.id > newest or (select true from audit_seals s where s.tenant_id = p_tenant and s.newest_id >= w.id
                        and s.oldest_id <= w.id and w.id = any (s.record_ids) limit 1) is null)
                    order by w.xid, w.id limit p_most) e
                order by e.xid, e.id)
                union all
                (select a.id, a.xid, json_build_array('ACCESS'::text, a.tenant_id, a.store_id, a.id,
                    (extract(epoch from a.at) * 1000000)::bigint, a.xid::text, a.user_id, a.at_register_id, a.operator, a.address,
                    a.request_id, a.operation, a.kind, a.document, to_jsonb(a.types), to_jsonb(a.store_ids), a.rows_answered,
                    a.micros, a.outcome, to_jsonb(a.codes), a.lost)::text
                from (select * from audit_accesses w where w.tenant_id = p_tenant and w.xid >= lower and w.xid < upper
                    and (w.id > newest or (select true from audit_seals s where s.tenant_id = p_tenant and s.newest_id >= w.id
                        and s.oldest_id <= w.id and w.id = any (s.record_ids) limit 1) is null)
                    order by w.xid, w.id limit p_most) a
                order by a.xid, a.id)
            ) m
            order by m.xid, m.id limit p_most
        ) n;
        exit when ids is not null or not restored or lower = '0';
        lower := '0';
        upper := below;
    end loop;
    ids := coalesce(ids, '{}');
    chained := head.digest;
    oldest := ids[1];
    newest := ids[1];
    for n in 1 .. cardinality(ids) loop
        chained := sha256(chained || convert_to(contents[n], 'UTF8'));
        hashes := hashes || chained;
        oldest := least(oldest, ids[n]);
        newest := greatest(newest, ids[n]);
    end loop;
    if cardinality(ids) > 0 then
        insert into audit_seals (tenant_id, first_position, position, record_ids, digests, oldest_id, newest_id, sealed_at)
            select p_tenant, head.position + 1, head.position + cardinality(ids), ids, string_agg(h.digest, ''::bytea order by h.n),
                oldest, newest, sealed
            from unnest(hashes) with ordinality h (digest, n);
    end if;
    update audit_heads set position = head.position + cardinality(ids), digest = chained, sealed_at = sealed,
        horizon = case when restored and lower > '0' then head.horizon when cardinality(ids) < p_most then below
            else xids[cardinality(xids)] end
        where tenant_id = p_tenant and (cardinality(ids) > 0 or horizon <> below);
    return cardinality(ids);
end $$;

create or replace function tillgraph.audit_companies(p_after uuid, p_most integer) returns table (company uuid, waiting boolean)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    sealed xid8;
begin
    for company in
        select d.company_id from company_directory d where p_after is null or d.company_id > p_after
        order by d.company_id limit p_most
    loop
        execute format('set local app.tenant_id = %L', company);
        select coalesce((select h.horizon from audit_heads h where h.tenant_id = company), '0') into sealed;
        waiting := sealed > pg_snapshot_xmax(pg_current_snapshot())
            or exists (select from audit_events e where e.tenant_id = company and e.xid >= sealed)
            or exists (select from audit_accesses a where a.tenant_id = company and a.xid >= sealed);
        return next;
    end loop;
end $$;

drop function tillgraph.audit_chain(audit_heads, uuid[], text[], xid8);
drop function tillgraph.audit_head(uuid);
