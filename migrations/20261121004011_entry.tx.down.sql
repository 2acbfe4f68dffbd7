create or replace function tillgraph.hold(p_tenant uuid, p_user uuid, p_session uuid, p_register uuid, p_version bigint) returns void
    language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
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

create or replace function tillgraph.enter_known(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text,
    h_user uuid, h_session uuid, h_register uuid, h_version bigint) returns void language plpgsql as $$
begin
    perform tillgraph.hold(p_tenant, h_user, h_session, h_register, h_version);
    if p_trail is null then
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register);
    else
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register, p_trail);
    end if;
end $$;
