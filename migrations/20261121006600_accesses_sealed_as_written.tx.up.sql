-- A record of an access is sealed as it is written: there is no record that isn't sealed, nothing to look for afterwards, and
-- no index to look with. Who writes waits for who else adds to the same chain; who seals changes doesn't, and comes again.
--
-- newest_event is the highest id of the changes that are sealed, null until some are: what is newer isn't looked for in seals. For
-- what was sealed before it is that of all records, which is as safe.
-- All who add to a chain read its head first: while this is done, nobody adds to any.
alter table audit_heads add column newest_event uuid;
drop index audit_accesses_by_xid;

grant create on schema tillgraph to tillgraph_gate;

-- audit_head gives the end of a company's chain, to who holds its lock; null where the company is gone.
create function tillgraph.audit_head(p_tenant uuid) returns audit_heads
    language plpgsql set search_path = public, pg_temp as $$
declare
    head audit_heads;
    genesis bytea;
begin
    -- A company that is being deleted has no more records.
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return null;
    end if;
    select * into head from audit_heads where tenant_id = p_tenant;
    if not found then
        genesis := sha256(convert_to('tillgraph ' || p_tenant, 'UTF8'));
        insert into audit_heads (tenant_id, position, digest, horizon, kept_position, kept_digest, sealed_at)
            values (p_tenant, 0, genesis, '0', 0, genesis, clock_timestamp()) on conflict do nothing;
        select * into head from audit_heads where tenant_id = p_tenant;
    end if;
    return head;
end $$;

-- audit_chain adds records to the chain after its end, in their order. With changes comes up to where all of them are sealed.
create function tillgraph.audit_chain(p_head audit_heads, p_ids uuid[], p_contents text[], p_horizon xid8) returns void
    language plpgsql set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    many constant integer := coalesce(cardinality(p_ids), 0);
    -- Not now(): who began earlier may come later.
    sealed constant timestamptz := clock_timestamp();
    chained bytea := p_head.digest;
    hashes bytea[] := '{}';
    oldest uuid := p_ids[1];
    newest uuid := p_ids[1];
begin
    for n in 1 .. many loop
        chained := sha256(chained || convert_to(p_contents[n], 'UTF8'));
        hashes := hashes || chained;
        oldest := least(oldest, p_ids[n]);
        newest := greatest(newest, p_ids[n]);
    end loop;
    if many > 0 then
        insert into audit_seals (tenant_id, first_position, position, record_ids, digests, oldest_id, newest_id, sealed_at)
            select p_head.tenant_id, p_head.position + 1, p_head.position + many, p_ids,
                string_agg(h.digest, ''::bytea order by h.n), oldest, newest, sealed
            from unnest(hashes) with ordinality h (digest, n);
    end if;
    update audit_heads set position = p_head.position + many, digest = chained, sealed_at = sealed,
        horizon = coalesce(p_horizon, horizon),
        newest_event = case when p_horizon is null then newest_event else greatest(newest_event, newest) end
        where tenant_id = p_head.tenant_id and (many > 0 or horizon <> p_horizon);
end $$;

-- audit_rest seals the accesses that nobody would seal later, and says what is sealed.
create function tillgraph.audit_rest(p_tenant uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_heads;
    waiting uuid[];
    ids uuid[];
    contents text[];
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    update audit_heads set newest_event = (select s.newest_id from audit_seals s where s.tenant_id = p_tenant
        order by s.newest_id desc limit 1) where tenant_id = p_tenant;
    waiting := array(select a.id from audit_accesses a where a.tenant_id = p_tenant and a.id in (
        select w.id from audit_accesses w where w.tenant_id = p_tenant
        except select unnest(s.record_ids) from audit_seals s where s.tenant_id = p_tenant)
        order by a.xid, a.id);
    for n in 1 .. cardinality(waiting) by 2000 loop
        head := tillgraph.audit_head(p_tenant);
        select array_agg(a.id order by w.n), array_agg(tillgraph.audit_content(a) order by w.n) into ids, contents
            from unnest(waiting[n:n + 1999]) with ordinality w (id, n)
            join audit_accesses a on a.tenant_id = p_tenant and a.id = w.id;
        perform tillgraph.audit_chain(head, ids, contents, null);
    end loop;
end $$;
alter function tillgraph.audit_head(uuid) owner to tillgraph_gate;
alter function tillgraph.audit_chain(audit_heads, uuid[], text[], xid8) owner to tillgraph_gate;
alter function tillgraph.audit_rest(uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.audit_head(uuid) from public;
revoke all on function tillgraph.audit_chain(audit_heads, uuid[], text[], xid8) from public;

do $$
declare
    company uuid;
begin
    for company in select company_id from company_directory order by company_id loop
        perform tillgraph.audit_rest(company);
    end loop;
end $$;
drop function tillgraph.audit_rest(uuid);

create or replace function tillgraph.audit_access(p_tenant uuid, p_again boolean, p_stores uuid[], p_ids uuid[], p_at timestamptz[],
        p_users uuid[], p_registers uuid[], p_operators text[], p_addresses text[], p_requests text[], p_operations text[],
        p_kinds text[], p_documents text[], p_types text[], p_touched text[], p_rows integer[], p_micros bigint[],
        p_outcomes text[], p_codes text[], p_lost bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    head audit_heads;
    there uuid[];
    ids uuid[];
    contents text[];
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    perform pg_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0));
    head := tillgraph.audit_head(p_tenant);
    if head is null then
        return;
    end if;
    if p_again then
        there := array(select a.id from audit_accesses a where a.tenant_id = p_tenant and a.id = any (p_ids));
    end if;
    with written as (
        insert into audit_accesses (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id, operation,
            kind, document, types, store_ids, rows_answered, micros, outcome, codes, lost)
        select p_tenant, r.store_id, r.id, r.at, r.user_id, r.at_register_id, r.operator, r.address, r.request_id, r.operation,
            r.kind, r.document, string_to_array(r.types, ','), string_to_array(r.touched, ',')::uuid[], r.rows_answered, r.micros,
            r.outcome, string_to_array(r.codes, ','), r.lost
        from unnest(p_stores, p_ids, p_at, p_users, p_registers, p_operators, p_addresses, p_requests, p_operations, p_kinds,
            p_documents, p_types, p_touched, p_rows, p_micros, p_outcomes, p_codes, p_lost) r (store_id, id, at, user_id,
            at_register_id, operator, address, request_id, operation, kind, document, types, touched, rows_answered, micros, outcome,
            codes, lost)
        where there is null or r.id <> all (there)
        returning *
    )
    select array_agg(a.id), array_agg(json_build_array('ACCESS'::text, a.tenant_id, a.store_id, a.id,
        (extract(epoch from a.at) * 1000000)::bigint, a.xid::text, a.user_id, a.at_register_id, a.operator, a.address,
        a.request_id, a.operation, a.kind, a.document, to_jsonb(a.types), to_jsonb(a.store_ids), a.rows_answered,
        a.micros, a.outcome, to_jsonb(a.codes), a.lost)::text) into ids, contents
    from written a;
    if ids is not null then
        perform tillgraph.audit_chain(head, ids, contents, null);
    end if;
end $$;

-- What is left to seal is changes. Where somebody else adds to the chain, who asks is told to come again.
create or replace function tillgraph.audit_seal(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan
    set enable_sort = off as $$
declare
    head audit_heads;
    below xid8;
    most xid8;
    restored boolean;
    lower xid8;
    upper xid8;
    newest uuid;
    ids uuid[];
    xids xid8[];
    contents text[];
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    if not pg_try_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0)) then
        return -1;
    end if;
    head := tillgraph.audit_head(p_tenant);
    if head is null then
        return 0;
    end if;
    below := pg_snapshot_xmin(pg_current_snapshot());
    most := pg_snapshot_xmax(pg_current_snapshot());
    -- A dump that was restored into another cluster, where transactions are counted anew: all in it is committed, and comes
    -- before what was written since.
    restored := head.horizon > most;
    lower := case when restored then most else head.horizon end;
    upper := case when restored then '18446744073709551615' else below end;
    -- Ids begin with their time, so that most of what waits is newer than all changes that are sealed, and isn't looked for there.
    newest := coalesce(head.newest_event, '00000000-0000-0000-0000-000000000000');
    loop
        select array_agg(n.id), array_agg(n.xid), array_agg(n.content) into ids, xids, contents from (
            select e.id, e.xid, json_build_array('EVENT'::text, e.tenant_id, e.store_id, e.id,
                (extract(epoch from e.at) * 1000000)::bigint, e.xid::text, e.user_id, e.at_register_id, e.operator, e.address,
                e.request_id, e.operation, e.object_type, e.object_id, e.part, e.verb, e.was, e.became, e.reason)::text as content
            from audit_events e where e.tenant_id = p_tenant and e.xid >= lower and e.xid < upper
                and (e.id > newest or (select true from audit_seals s where s.tenant_id = p_tenant and s.newest_id >= e.id
                    and s.oldest_id <= e.id and e.id = any (s.record_ids) limit 1) is null)
            order by e.xid, e.id limit p_most
        ) n;
        exit when ids is not null or not restored or lower = '0';
        lower := '0';
        upper := below;
    end loop;
    perform tillgraph.audit_chain(head, ids, contents, case
        when restored and lower > '0' then head.horizon
        when coalesce(cardinality(ids), 0) < p_most then below
        else xids[p_most] end);
    return coalesce(cardinality(ids), 0);
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
            or exists (select from audit_events e where e.tenant_id = company and e.xid >= sealed);
        return next;
    end loop;
end $$;
