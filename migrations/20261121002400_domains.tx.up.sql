-- Hosts of a company's own. One is proved by a TXT record with its token before it names the company.
create table company_domains (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    host text not null check (length(host) between 4 and 253 and host = lower(host)),
    token text not null check (length(token) between 20 and 100),
    created_at timestamptz not null,
    verified_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, host)
);
call tillgraph.protect('company_domains', 'tenant');
grant select, insert, delete on company_domains to tillgraph_app;

-- Which company a host names: unique across companies, as slugs are, and asked through functions alone.
create table domain_directory (
    host text primary key,
    company_id uuid not null,
    domain_id uuid not null,
    foreign key (company_id, domain_id) references company_domains (tenant_id, id) on delete cascade
);
create index domain_directory_by_domain on domain_directory (company_id, domain_id);

grant select, insert, update on domain_directory to tillgraph_gate;
grant select, update (verified_at) on company_domains to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- company_by_host gives the slug of the company that proved a host, or null.
create function tillgraph.company_by_host(p_host text) returns text
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return (select c.slug from domain_directory d join company_directory c on c.company_id = d.company_id
        where d.host = p_host);
end $$;

-- domain_prove makes a domain of the scope's company name it, given all TXT records that were found for it: ours must
-- be among them. Where another company has the host, and its record is still there, it keeps it; where it isn't, the
-- host has changed hands.
create function tillgraph.domain_prove(p_domain uuid, p_records text[], p_now timestamptz) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    ours company_domains;
    holder domain_directory;
    holds boolean;
begin
    select * into ours from company_domains d where d.tenant_id = tenant and d.id = p_domain;
    if not found or not ours.token = any (p_records) then
        return 'NOT_PROVED';
    end if;
    loop
        insert into domain_directory (host, company_id, domain_id) values (ours.host, tenant, ours.id)
            on conflict do nothing;
        select * into holder from domain_directory d where d.host = ours.host for update;
        exit when found;
    end loop;
    if holder.company_id <> tenant then
        -- The other company's row is looked at in its own scope, for as long as that takes.
        execute format('set local app.tenant_id = %L', holder.company_id);
        select token = any (p_records) into holds from company_domains d
            where d.tenant_id = holder.company_id and d.id = holder.domain_id;
        if not coalesce(holds, false) then
            update company_domains d set verified_at = null
                where d.tenant_id = holder.company_id and d.id = holder.domain_id;
        end if;
        execute format('set local app.tenant_id = %L', tenant);
        if holds then
            return 'TAKEN';
        end if;
        update domain_directory d set company_id = tenant, domain_id = ours.id where d.host = ours.host;
    end if;
    update company_domains d set verified_at = coalesce(verified_at, p_now) where d.tenant_id = tenant and d.id = ours.id;
    return 'PROVED';
end $$;

alter function tillgraph.company_by_host(text) owner to tillgraph_gate;
alter function tillgraph.domain_prove(uuid, text[], timestamptz) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.company_by_host(text) from public;
revoke all on function tillgraph.domain_prove(uuid, text[], timestamptz) from public;
grant execute on function tillgraph.domain_prove(uuid, text[], timestamptz) to tillgraph_app;
