-- What a company may use: its plan, what its trade needs, and what was decided for it alone. Who was there before
-- plans were keeps everything.
alter table company_directory
    add column if not exists plan text not null default 'ENTERPRISE',
    add column config_version bigint not null default 1,
    add constraint company_directory_plan_known check (plan in ('STARTER', 'STANDARD', 'ENTERPRISE'));
alter table company_directory alter column plan set default 'STARTER';

alter table companies
    add column if not exists business_type text not null default 'RETAIL',
    add column config_version bigint not null default 1,
    add constraint companies_business_type_known
        check (business_type in ('RETAIL', 'RESTAURANT', 'SUPERMARKET', 'AUTO_SERVICE', 'DEALERSHIP'));
grant update (config_version) on companies to tillgraph_app; -- for the trigger below
grant update (config_version) on companies to tillgraph_gate; -- for a lock

-- A feature that was switched on or off for one company, whatever its plan and its trade. Operators write it.
create table company_features (
    tenant_id uuid not null references companies on delete cascade,
    feature text not null check (length(feature) between 1 and 50),
    enabled boolean not null,
    reason text not null default '' check (length(reason) <= 500),
    changed_at timestamptz not null default now(),
    primary key (tenant_id, feature)
);
call tillgraph.protect('company_features', 'tenant');
grant select on company_features to tillgraph_app;

alter table company_settings
    add column simple_mode boolean not null default false,
    add column logo_url text not null default '' check (length(logo_url) <= 500),
    add column primary_color text not null default '' check (primary_color ~ '^(#[0-9a-f]{6})?$'),
    add column accent_color text not null default '' check (accent_color ~ '^(#[0-9a-f]{6})?$');

-- Who changed which setting: one row a version, never changed.
create table company_settings_changes (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    version integer not null check (version > 0),
    changed_at timestamptz not null,
    changed_by_id uuid,
    changes jsonb not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, changed_by_id) references users (tenant_id, id) on delete set null (changed_by_id)
);
create index company_settings_changes_by_time on company_settings_changes (tenant_id, changed_at, id);
call tillgraph.protect('company_settings_changes', 'tenant');
grant select, insert on company_settings_changes to tillgraph_app;

-- The version of all that a server may keep of a company between two requests: whatever changes it counts it up, by
-- whichever way, so that a server which compares it is never behind.
create function tillgraph.config_counted() returns trigger language plpgsql as $$
begin
    new.config_version := old.config_version + 1;
    return new;
end $$;
create trigger config_counted before update on companies for each row
    execute function tillgraph.config_counted();
create trigger config_counted before update on company_directory for each row
    execute function tillgraph.config_counted();
create function tillgraph.config_changed() returns trigger language plpgsql as $$
begin
    update companies set config_version = config_version where tenant_id = coalesce(new.tenant_id, old.tenant_id);
    return null;
end $$;
create trigger config_changed after insert or update or delete on company_settings for each row
    execute function tillgraph.config_changed();
create trigger config_changed after insert or update or delete on company_features for each row
    execute function tillgraph.config_changed();

grant select (plan, config_version) on company_directory to tillgraph_gate;
grant select on company_features to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- company_config answers what a company may use, and the version of what may be kept of it. It goes with the
-- question who somebody is, which has entered the company.
create function tillgraph.company_config(p_tenant uuid)
    returns table (version bigint, plan text, business_type text, switched text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select c.config_version + d.config_version, d.plan, c.business_type,
            coalesce((select string_agg(case when f.enabled then '+' else '-' end || f.feature, ',')
                from company_features f where f.tenant_id = p_tenant), '')
        from companies c join company_directory d on d.company_id = c.tenant_id
        where c.tenant_id = p_tenant;
end $$;

-- company_usage locks the scope's company and counts what it has of what its plan limits, in all of its stores.
create function tillgraph.company_usage() returns table (open_stores bigint, open_registers bigint, people bigint)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
begin
    -- Whoever else counts waits here, and then counts what this one made.
    perform from companies c where c.tenant_id = tenant for no key update;
    return query select
        (select count(*) from stores s where s.tenant_id = tenant and s.status = 'OPEN'),
        (select count(*) from registers r where r.tenant_id = tenant and r.status = 'OPEN'),
        (select count(*) from users u where u.tenant_id = tenant and u.status <> 'DEACTIVATED');
end $$;

alter function tillgraph.company_config(uuid) owner to tillgraph_gate;
alter function tillgraph.company_usage() owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.company_config(uuid) from public;
revoke all on function tillgraph.company_usage() from public;
revoke all on function tillgraph.config_counted() from public;
revoke all on function tillgraph.config_changed() from public;
grant execute on function tillgraph.company_usage() to tillgraph_app;
