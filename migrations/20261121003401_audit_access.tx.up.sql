-- audit_access adds records of accesses to a company's trail. What came already, with an answer that was lost, is left
-- as it is; a company that is gone has none.
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
