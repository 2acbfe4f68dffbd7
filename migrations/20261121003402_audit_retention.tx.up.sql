-- How long a company keeps its trail; null is for ever.
alter table company_settings add column audit_retention_days integer check (audit_retention_days between 90 and 36500);
grant select (audit_retention_days) on company_settings to tillgraph_gate;
grant delete on audit_events, audit_accesses, audit_seals to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- audit_retain removes the oldest records of a company that its settings don't keep any longer, at most so many, and says
-- how many that were. They are the beginning of its chain, whose hash stays, so that the rest is verified from there; that
-- they were removed is a record.
create function tillgraph.audit_retain(p_tenant uuid, p_most integer) returns integer
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
        select position, sealed_at from audit_seals where tenant_id = p_tenant and position > head.kept_position
        order by position limit p_most) s
        where s.sealed_at < cutoff;
    if upto is null then
        return 0;
    end if;
    update audit_heads set kept_position = upto,
        kept_digest = (select digest from audit_seals where tenant_id = p_tenant and position = upto)
        where tenant_id = p_tenant;
    delete from audit_events e using audit_seals s
        where s.tenant_id = p_tenant and s.position <= upto and e.tenant_id = p_tenant and e.id = s.record_id;
    delete from audit_accesses a using audit_seals s
        where s.tenant_id = p_tenant and s.position <= upto and a.tenant_id = p_tenant and a.id = s.record_id;
    delete from audit_seals where tenant_id = p_tenant and position <= upto;
    insert into audit_events (tenant_id, store_id, id, at, operator, address, request_id, operation, object_type, object_id,
        part, verb, was, became, reason)
    values (p_tenant, '00000000-0000-0000-0000-000000000000', tillgraph.record_id(clock_timestamp()), clock_timestamp(), '', '',
        '', '', 'Company', p_tenant, 'trail', 'REMOVED',
        jsonb_build_object('first_position', head.kept_position + 1, 'last_position', upto), null, 'retention');
    return upto - head.kept_position;
end $$;
alter function tillgraph.audit_retain(uuid, integer) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.audit_retain(uuid, integer) from public;
