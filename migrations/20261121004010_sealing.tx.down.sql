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
        select r.id, r.xid, r.content from (
            select e.id, e.xid, tillgraph.audit_content(e) as content
            from audit_events e where e.tenant_id = p_tenant
                and (e.xid >= head.horizon and e.xid < below or restored and (e.xid < below or e.xid > most))
            union all
            select a.id, a.xid, tillgraph.audit_content(a)
            from audit_accesses a where a.tenant_id = p_tenant
                and (a.xid >= head.horizon and a.xid < below or restored and (a.xid < below or a.xid > most))
        ) r
        where not exists (select from audit_seals s where s.tenant_id = p_tenant and s.record_id = r.id)
        order by r.xid, r.id limit p_most
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
