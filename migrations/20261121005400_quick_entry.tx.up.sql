-- One function enters a scope, whatever is said with it: who asks, what the trail says, what is known from an earlier request.
--
-- Each SET LOCAL is a text that the database reads anew, every time, and most of an entry went into that: set_config does the
-- same on one server, six times as quickly. It doesn't reach the workers of a cluster: there, where
-- citus.propagate_set_commands is 'local', the settings go by SET LOCAL as before. The stores are text, as the setting is:
-- as an array they would be read and written once more for each request. A text that isn't a list of ids shows nothing: the
-- policies read it, and fail.
drop function tillgraph.enter_known(uuid, uuid[], uuid, uuid, text, uuid, uuid, uuid, bigint);
drop function tillgraph.enter(uuid, uuid[], uuid, uuid, text);
drop function tillgraph.enter(uuid, uuid[], uuid, uuid);

-- The version of what a server keeps of a company stands in one place: the plan, which is in the directory, counts as what is
-- kept beside the company does.
drop trigger config_counted on company_directory;
alter table company_directory drop column config_version;
create function tillgraph.plan_changed() returns trigger language plpgsql as $$
declare
    entered constant text := current_setting('app.tenant_id', true);
    said text;
begin
    said := set_config('app.tenant_id', new.company_id::text, true);
    update companies set config_version = config_version where tenant_id = new.company_id;
    said := set_config('app.tenant_id', coalesce(entered, ''), true);
    return null;
end $$;
create trigger plan_changed after update of plan on company_directory for each row
    when (old.plan is distinct from new.plan) execute function tillgraph.plan_changed();
revoke all on function tillgraph.plan_changed() from public;

create or replace function tillgraph.company_config(p_tenant uuid)
    returns table (version bigint, plan text, business_type text, switched text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select c.config_version, d.plan, c.business_type,
            coalesce((select string_agg(case when f.enabled then '+' else '-' end || f.feature, ',')
                from company_features f where f.tenant_id = p_tenant), '')
        from companies c join company_directory d on d.company_id = c.tenant_id
        where c.tenant_id = p_tenant;
end $$;

-- enter opens a company's scope until the end of the transaction: the settings that the policies read, then the restricted
-- role. Null becomes '', which the policies read as nothing. With a version it fails unless what is known of who asks still
-- holds, as tillgraph.hold does; it asks as the restricted role, which sees that of its company and needs no other's rights.
create function tillgraph.enter(p_tenant uuid, p_stores text, p_user uuid, p_register uuid, p_trail text default null,
        h_user uuid default null, h_session uuid default null, h_register uuid default null, h_version bigint default null)
    returns void language plpgsql as $$
declare
    said text;
begin
    if p_tenant is null then
        raise exception 'a scope needs a company' using errcode = 'insufficient_privilege';
    end if;
    if current_setting('citus.propagate_set_commands', true) = 'local' then
        execute format(
            'set local app.tenant_id = %L; set local app.store_ids = %L; set local app.user_id = %L; set local app.register_id = %L',
            p_tenant, coalesce(p_stores, '{}'), coalesce(p_user::text, ''), coalesce(p_register::text, ''));
        if p_trail is not null then
            execute format('set local app.trail = %L', p_trail);
        end if;
    else
        -- An assignment each: PERFORM would run them as a query.
        said := set_config('app.tenant_id', p_tenant::text, true);
        said := set_config('app.store_ids', coalesce(p_stores, '{}'), true);
        said := set_config('app.user_id', coalesce(p_user::text, ''), true);
        said := set_config('app.register_id', coalesce(p_register::text, ''), true);
        if p_trail is not null then
            said := set_config('app.trail', p_trail, true);
        end if;
    end if;
    set local role tillgraph_app;
    if h_version is null then
        return;
    end if;
    if h_session is null then
        perform from public.companies c where c.tenant_id = p_tenant and c.config_version = h_version;
    else
        perform from public.companies c join public.sessions s on s.tenant_id = c.tenant_id
            where c.tenant_id = p_tenant and c.config_version = h_version and s.id = h_session and s.ended_at is null
                and (h_user is null or s.user_id = h_user) and (h_register is null or s.at_register_id = h_register);
    end if;
    if not found then
        raise exception 'who asks may do something else by now, or has logged out' using errcode = 'TG002';
    end if;
end $$;
revoke all on function tillgraph.enter(uuid, text, uuid, uuid, text, uuid, uuid, uuid, bigint) from public;

-- hold asks the same before anything is entered, for what the gate answers.
create or replace function tillgraph.hold(p_tenant uuid, p_user uuid, p_session uuid, p_register uuid, p_version bigint) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    perform from companies c where c.tenant_id = p_tenant and c.config_version = p_version
        and (p_session is null or exists (select from sessions s where s.tenant_id = p_tenant and s.id = p_session
            and s.ended_at is null and (p_user is null or s.user_id = p_user)
            and (p_register is null or s.at_register_id = p_register)));
    if not found then
        raise exception 'who asks may do something else by now, or has logged out' using errcode = 'TG002';
    end if;
end $$;
