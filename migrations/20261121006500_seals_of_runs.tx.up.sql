-- A seal is of a run of records, those that one round added: a row with two indexes for each record was two thirds of what
-- sealing took. The chain is the same, with a hash for each record, and goes on from where it was.
alter table audit_seals rename to audit_seals_each;
alter table audit_seals_each rename constraint audit_seals_pkey to audit_seals_each_pkey;

create table audit_seals (
    tenant_id uuid not null,
    -- Those of the run's first and last record: there is no gap between them.
    first_position bigint not null check (first_position > 0),
    position bigint not null,
    record_ids uuid[] not null,
    -- The hash of each record together with the hash of the one before it, 32 bytes each.
    digests bytea not null check (length(digests) = 32 * cardinality(record_ids)),
    -- The lowest and the highest of the ids, which begin with their time: a record is looked for where it can be.
    oldest_id uuid not null,
    newest_id uuid not null,
    sealed_at timestamptz not null,
    primary key (tenant_id, position),
    check (position >= first_position and cardinality(record_ids) = position - first_position + 1)
);
-- Nothing in them can be compressed.
alter table audit_seals alter record_ids set storage external, alter digests set storage external;
create index audit_seals_by_newest on audit_seals (tenant_id, newest_id);
call tillgraph.protect('audit_seals', 'tenant');
call tillgraph.no_trail('audit_seals', 'trail', 'the chain of records');
grant select on audit_seals to tillgraph_app;
grant select, insert, delete on audit_seals to tillgraph_gate;
create policy gate on audit_seals for all to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
    with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

do $$
declare
    company uuid;
    entered text;
begin
    for company in select company_id from company_directory order by company_id loop
        entered := set_config('app.tenant_id', company::text, true);
        insert into audit_seals (tenant_id, first_position, position, record_ids, digests, oldest_id, newest_id, sealed_at)
        select company, min(r.position), max(r.position), array_agg(r.record_id order by r.position), string_agg(r.digest, ''::bytea order by r.position),
            (array_agg(r.record_id order by r.record_id))[1], (array_agg(r.record_id order by r.record_id desc))[1], r.sealed_at
        from (select s.*, s.position - row_number() over (partition by s.sealed_at order by s.position) as run
            from audit_seals_each s where s.tenant_id = company) r
        group by r.sealed_at, r.run, r.position / 2000;
    end loop;
    entered := set_config('app.tenant_id', '', true);
end $$;
drop table audit_seals_each;

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

create or replace function tillgraph.audit_retain(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    cutoff timestamptz;
    head audit_heads;
    upto bigint;
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    select now() - make_interval(days => s.audit_retention_days) into cutoff
        from company_settings s where s.tenant_id = p_tenant;
    if cutoff is null or not pg_try_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0)) then
        return 0;
    end if;
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return 0;
    end if;
    select * into head from audit_heads where tenant_id = p_tenant;
    -- What was sealed later stands later in the chain.
    select max(s.position) into upto from (
        select position, first_position, sealed_at from audit_seals where tenant_id = p_tenant and position > head.kept_position
        order by position limit p_most) s
        where s.sealed_at < cutoff and s.first_position <= head.kept_position + p_most;
    if upto is null then
        return 0;
    end if;
    update audit_heads set kept_position = upto,
        kept_digest = (select substring(digests from length(digests) - 31) from audit_seals
            where tenant_id = p_tenant and position = upto)
        where tenant_id = p_tenant;
    delete from audit_events e using audit_seals s cross join unnest(s.record_ids) r (id)
        where s.tenant_id = p_tenant and s.position <= upto and e.tenant_id = p_tenant and e.id = r.id;
    delete from audit_accesses a using audit_seals s cross join unnest(s.record_ids) r (id)
        where s.tenant_id = p_tenant and s.position <= upto and a.tenant_id = p_tenant and a.id = r.id;
    delete from audit_seals where tenant_id = p_tenant and position <= upto;
    insert into audit_events (tenant_id, store_id, id, at, operator, address, request_id, operation, object_type, object_id,
        part, verb, was, became, reason)
    values (p_tenant, '00000000-0000-0000-0000-000000000000', tillgraph.record_id(clock_timestamp()), clock_timestamp(), '', '',
        '', '', 'Company', p_tenant, 'trail', 'REMOVED',
        jsonb_build_object('first_position', head.kept_position + 1, 'last_position', upto), null, 'retention');
    return upto - head.kept_position;
end $$;
