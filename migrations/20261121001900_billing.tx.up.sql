-- What whoever sends the bills has told of a company. An event is applied once, and not after a later one of its kind.
create table billing_events (
    tenant_id uuid not null references companies on delete cascade,
    event text not null check (length(event) between 1 and 200),
    kind text not null check (kind in ('SIGN_UP', 'PLAN', 'SUSPEND', 'REINSTATE')),
    plan text,
    occurred_at timestamptz not null,
    -- False where a later one had come before.
    applied boolean not null,
    body_hash bytea not null check (length(body_hash) = 32),
    received_at timestamptz not null default now(),
    primary key (tenant_id, event)
);
create index billing_events_by_time on billing_events (tenant_id, occurred_at);
call tillgraph.protect('billing_events', 'tenant');
grant select, insert on billing_events to tillgraph_app; -- the first one comes with the company

-- Who was there before plans were keeps everything.
alter table company_directory add column if not exists plan text not null default 'ENTERPRISE';

grant select, insert on billing_events to tillgraph_gate;
grant update (plan) on company_directory to tillgraph_gate;
grant update (status, version, updated_at) on companies to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- company_create takes the plan that the company begins with, where that isn't the usual one.
drop function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz);
create function tillgraph.company_create(p_company uuid, p_slug text, p_name text, p_country text, p_currency text,
        p_business_type text, p_at timestamptz, p_plan text) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into company_directory (slug, company_id, created_at) values (p_slug, p_company, p_at);
    if p_plan is not null then
        update company_directory set plan = p_plan where company_id = p_company;
    end if;
    execute format('set local app.tenant_id = %L', p_company);
    insert into companies (tenant_id, slug, name, country_code, currency_code, business_type, created_at, updated_at)
        values (p_company, p_slug, p_name, p_country, p_currency, p_business_type, p_at, p_at);
end $$;

-- company_bill applies an event to the company of a slug, and says what came of it. Those of one company wait for each
-- other.
create function tillgraph.company_bill(p_slug text, p_event text, p_kind text, p_plan text, p_occurred timestamptz,
        p_hash bytea) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    tenant uuid;
    known bytea;
    outdated boolean;
begin
    select company_id into tenant from company_directory where slug = p_slug for update;
    if tenant is null then
        return 'UNKNOWN';
    end if;
    execute format('set local app.tenant_id = %L', tenant);
    select body_hash into known from billing_events where tenant_id = tenant and event = p_event;
    if known is not null then
        return case when known = p_hash then 'REPEATED' else 'REUSED' end;
    end if;
    if p_kind = 'SIGN_UP' then
        return 'TAKEN'; -- by somebody else, or by another event
    end if;
    outdated := exists (select from billing_events e where e.tenant_id = tenant and e.applied
        and e.occurred_at > p_occurred and (e.kind in ('SIGN_UP', 'PLAN')) = (p_kind = 'PLAN'));
    insert into billing_events (tenant_id, event, kind, plan, occurred_at, applied, body_hash)
        values (tenant, p_event, p_kind, p_plan, p_occurred, not outdated, p_hash);
    if outdated then
        return 'OUTDATED';
    end if;
    if p_kind = 'PLAN' then
        update company_directory set plan = p_plan where company_id = tenant;
    else
        update companies set status = case p_kind when 'SUSPEND' then 'SUSPENDED' else 'ACTIVE' end,
                version = version + 1, updated_at = now()
            where tenant_id = tenant and status <> case p_kind when 'SUSPEND' then 'SUSPENDED' else 'ACTIVE' end;
    end if;
    return 'APPLIED';
end $$;
alter function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz, text) owner to tillgraph_gate;
alter function tillgraph.company_bill(text, text, text, text, timestamptz, bytea) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz, text) from public;
revoke all on function tillgraph.company_bill(text, text, text, text, timestamptz, bytea) from public;

-- Whatever a statement says: who is suspended opens no till and sells, voids and parks nothing. Tills are closed and all
-- is read as before.
create function tillgraph.company_sells() returns trigger language plpgsql as $$
begin
    if exists (select from companies c where c.tenant_id = new.tenant_id and c.status <> 'ACTIVE') then
        raise exception 'the company is suspended' using errcode = 'TG001';
    end if;
    return new;
end $$;
create trigger company_sells before insert or update of status on sales for each row
    when (current_user = 'tillgraph_app') execute function tillgraph.company_sells();
create trigger company_sells before insert on parked_sales for each row
    when (current_user = 'tillgraph_app') execute function tillgraph.company_sells();
create trigger company_sells before insert on till_sessions for each row
    when (current_user = 'tillgraph_app') execute function tillgraph.company_sells();
