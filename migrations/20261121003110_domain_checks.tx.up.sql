-- A host that was proved is looked for again: its record may go, and the host with it.
alter table company_domains add column missing_since timestamptz;
alter table domain_directory add column checked_at timestamptz not null default now();
create index domain_directory_by_check on domain_directory (checked_at);

grant delete, update (checked_at) on domain_directory to tillgraph_gate;
grant update (missing_since) on company_domains to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- domains_due answers hosts that were not looked for since an instant, so many at once.
create function tillgraph.domains_due(p_before timestamptz, p_most integer)
    returns table (company uuid, domain uuid, host text)
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query select d.company_id, d.domain_id, d.host from domain_directory d
        where d.checked_at < p_before order by d.checked_at, d.host limit p_most;
end $$;

-- domain_checked takes what was found for a host, null where nobody could be asked. One whose record has been missing
-- since p_grace or before names its company no more.
create function tillgraph.domain_checked(
    p_company uuid, p_domain uuid, p_records text[], p_now timestamptz, p_grace timestamptz) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    missing timestamptz;
    holds boolean;
begin
    update domain_directory set checked_at = p_now where company_id = p_company and domain_id = p_domain;
    if not found then
        return 'GONE';
    end if;
    if p_records is null then
        return 'UNKNOWN';
    end if;
    execute format('set local app.tenant_id = %L', p_company);
    select d.token = any (p_records) into holds from company_domains d where d.tenant_id = p_company and d.id = p_domain;
    update company_domains d set missing_since = case when not holds then coalesce(d.missing_since, p_now) end
        where d.tenant_id = p_company and d.id = p_domain returning d.missing_since into missing;
    if holds then
        return 'PROVED';
    end if;
    if missing > p_grace then
        return 'MISSING';
    end if;
    delete from domain_directory where company_id = p_company and domain_id = p_domain;
    update company_domains d set verified_at = null, missing_since = null where d.tenant_id = p_company and d.id = p_domain;
    return 'LAPSED';
end $$;

alter function tillgraph.domains_due(timestamptz, integer) owner to tillgraph_gate;
alter function tillgraph.domain_checked(uuid, uuid, text[], timestamptz, timestamptz) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.domains_due(timestamptz, integer) from public;
revoke all on function tillgraph.domain_checked(uuid, uuid, text[], timestamptz, timestamptz) from public;
