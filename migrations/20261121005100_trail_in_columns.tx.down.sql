drop function tillgraph.audit_access(uuid, boolean, uuid[], uuid[], timestamptz[], uuid[], uuid[], text[], text[], text[], text[],
    text[], text[], text[], text[], integer[], bigint[], text[], text[], bigint[]);
grant create on schema tillgraph to tillgraph_gate;
create function tillgraph.audit_access(p_tenant uuid, p_records jsonb) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return;
    end if;
    insert into audit_accesses (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id, operation,
        kind, document, types, store_ids, rows_answered, micros, outcome, codes, lost)
    select p_tenant, r.store_id, r.id, r.at, r.user_id, r.at_register_id, r.operator, r.address, r.request_id, r.operation,
        r.kind, r.document, r.types, r.store_ids, r.rows_answered, r.micros, r.outcome, r.codes, r.lost
    from jsonb_to_recordset(p_records) r (store_id uuid, id uuid, at timestamptz, user_id uuid, at_register_id uuid,
        operator text, address text, request_id text, operation text, kind text, document text, types text[],
        store_ids uuid[], rows_answered integer, micros bigint, outcome text, codes text[], lost bigint)
    on conflict (tenant_id, id) do nothing;
end $$;
alter function tillgraph.audit_access(uuid, jsonb) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.audit_access(uuid, jsonb) from public;
create or replace function tillgraph.audit_seal(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    genesis constant bytea := sha256(convert_to('tillgraph ' || p_tenant, 'UTF8'));
    head audit_heads;
    below xid8;
    most xid8;
    restored boolean;
    last xid8;
    chained bytea;
    one record;
    positions bigint[] := '{}';
    ids uuid[] := '{}';
    hashes bytea[] := '{}';
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    if not pg_try_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0)) then
        return 0;
    end if;
    -- A company that is being deleted has no more records.
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return 0;
    end if;
    insert into audit_heads values (p_tenant, 0, genesis, '0', 0, genesis, now()) on conflict do nothing;
    select * into head from audit_heads where tenant_id = p_tenant;
    below := pg_snapshot_xmin(pg_current_snapshot());
    most := pg_snapshot_xmax(pg_current_snapshot());
    -- A dump that was restored into another cluster, where transactions are counted anew: all in it is committed.
    restored := head.horizon > most;
    chained := head.digest;
    for one in
        with next as materialized (
            select n.id, n.xid, n.event from (
                (select e.id, e.xid, true as event from audit_events e where e.tenant_id = p_tenant
                    and (e.xid >= head.horizon and e.xid < below or restored and (e.xid < below or e.xid > most))
                    and not exists (select from audit_seals s where s.tenant_id = p_tenant and s.record_id = e.id)
                    order by e.xid, e.id limit p_most)
                union all
                (select a.id, a.xid, false from audit_accesses a where a.tenant_id = p_tenant
                    and (a.xid >= head.horizon and a.xid < below or restored and (a.xid < below or a.xid > most))
                    and not exists (select from audit_seals s where s.tenant_id = p_tenant and s.record_id = a.id)
                    order by a.xid, a.id limit p_most)
            ) n
            order by n.xid, n.id limit p_most
        )
        select n.id, n.xid, case when n.event
            then (select tillgraph.audit_content(e) from audit_events e where e.tenant_id = p_tenant and e.id = n.id)
            else (select tillgraph.audit_content(a) from audit_accesses a where a.tenant_id = p_tenant and a.id = n.id)
            end as content
        from next n order by n.xid, n.id
    loop
        chained := sha256(chained || convert_to(one.content, 'UTF8'));
        ids := ids || one.id;
        positions := positions || head.position + cardinality(ids);
        hashes := hashes || chained;
        last := one.xid;
    end loop;
    insert into audit_seals (tenant_id, position, record_id, digest, sealed_at)
        select p_tenant, u.position, u.record_id, u.digest, now()
        from unnest(positions, ids, hashes) u (position, record_id, digest);
    update audit_heads set position = head.position + cardinality(ids), digest = chained, sealed_at = now(),
        horizon = case when cardinality(ids) < p_most then below when restored then head.horizon else last end
        where tenant_id = p_tenant and (cardinality(ids) > 0 or horizon <> below);
    return cardinality(ids);
end $$;
alter function tillgraph.signal_add(uuid, jsonb, jsonb) reset plan_cache_mode;
