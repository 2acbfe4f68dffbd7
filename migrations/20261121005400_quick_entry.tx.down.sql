drop function tillgraph.enter(uuid, text, uuid, uuid, text, uuid, uuid, uuid, bigint);

drop trigger plan_changed on company_directory;
drop function tillgraph.plan_changed();
alter table company_directory add column config_version bigint not null default 1;
grant select (config_version) on company_directory to tillgraph_gate;
create trigger config_counted before update on company_directory for each row
    when (old.report_due_at is not distinct from new.report_due_at)
    execute function tillgraph.config_counted();

create or replace function tillgraph.company_config(p_tenant uuid)
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

create function tillgraph.enter(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid) returns void
    language plpgsql as $$
begin
    if p_tenant is null then
        raise exception 'a scope needs a company' using errcode = 'insufficient_privilege';
    end if;
    execute format(
        'set local app.tenant_id = %L; set local app.store_ids = %L; set local app.user_id = %L; set local app.register_id = %L',
        p_tenant, coalesce(p_stores, '{}'), coalesce(p_user::text, ''), coalesce(p_register::text, ''));
    set local role tillgraph_app;
end $$;
revoke all on function tillgraph.enter(uuid, uuid[], uuid, uuid) from public;

create function tillgraph.enter(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text) returns void
    language plpgsql as $$
begin
    execute format('set local app.trail = %L', coalesce(p_trail, ''));
    perform tillgraph.enter(p_tenant, p_stores, p_user, p_register);
end $$;
revoke all on function tillgraph.enter(uuid, uuid[], uuid, uuid, text) from public;

create or replace function tillgraph.hold(p_tenant uuid, p_user uuid, p_session uuid, p_register uuid, p_version bigint) returns void
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    if current_setting('app.tenant_id', true) is distinct from p_tenant::text then
        execute format('set local app.tenant_id = %L', p_tenant);
    end if;
    if p_session is not null then
        perform from sessions s where s.tenant_id = p_tenant and s.id = p_session and s.ended_at is null
            and (p_user is null or s.user_id = p_user) and (p_register is null or s.at_register_id = p_register);
        if not found then
            raise exception 'the session is over' using errcode = 'TG002';
        end if;
    end if;
    perform from companies c join company_directory d on d.company_id = c.tenant_id
        where c.tenant_id = p_tenant and c.config_version + d.config_version = p_version;
    if not found then
        raise exception 'who asks may do something else by now' using errcode = 'TG002';
    end if;
end $$;

create function tillgraph.enter_known(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text,
    h_user uuid, h_session uuid, h_register uuid, h_version bigint) returns void language plpgsql as $$
begin
    if p_tenant is null then
        raise exception 'a scope needs a company' using errcode = 'insufficient_privilege';
    end if;
    execute format(
        'set local app.tenant_id = %L; set local app.store_ids = %L; set local app.user_id = %L; set local app.register_id = %L',
        p_tenant, coalesce(p_stores, '{}'), coalesce(p_user::text, ''), coalesce(p_register::text, ''));
    if p_trail is not null then
        execute format('set local app.trail = %L', p_trail);
    end if;
    perform tillgraph.hold(p_tenant, h_user, h_session, h_register, h_version);
    set local role tillgraph_app;
end $$;
revoke all on function tillgraph.enter_known(uuid, uuid[], uuid, uuid, text, uuid, uuid, uuid, bigint) from public;
