-- Whatever a look-up of who somebody is answers counts the company's version up when it changes, as what a server may
-- keep of the company does already: the company itself, its plan and features. Sessions don't: they are asked for.
create trigger config_changed after insert or delete on stores for each row
    execute function tillgraph.config_changed();
create trigger config_changed after delete on users for each row
    execute function tillgraph.config_changed();
create trigger access_changed after update on users for each row
    when ((old.id, old.role, old.status, old.all_stores, old.custom_role_id, old.external_subject)
        is distinct from (new.id, new.role, new.status, new.all_stores, new.custom_role_id, new.external_subject))
    execute function tillgraph.config_changed();
create trigger config_changed after insert or update or delete on user_stores for each row
    execute function tillgraph.config_changed();
create trigger config_changed after update or delete on custom_roles for each row
    execute function tillgraph.config_changed();
create trigger config_changed after delete on registers for each row
    execute function tillgraph.config_changed();
create trigger access_changed after update on registers for each row
    when ((old.id, old.store_id, old.status) is distinct from (new.id, new.store_id, new.status))
    execute function tillgraph.config_changed();
create trigger config_changed after insert or update or delete on register_keys for each row
    execute function tillgraph.config_changed();

grant create on schema tillgraph to tillgraph_gate;

-- hold fails unless the question who somebody is would be answered as it was at a version of the company: nothing was
-- changed since, and the session, where there is one, goes on. It says so of who was looked up at that version, and of
-- nobody else.
create function tillgraph.hold(p_tenant uuid, p_user uuid, p_session uuid, p_register uuid, p_version bigint) returns void
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
alter function tillgraph.hold(uuid, uuid, uuid, uuid, bigint) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;

-- enter_known enters a scope that is known from an earlier request, if it holds: one statement, so that neither can be
-- had without the other.
create function tillgraph.enter_known(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text,
    h_user uuid, h_session uuid, h_register uuid, h_version bigint) returns void language plpgsql as $$
begin
    perform tillgraph.hold(p_tenant, h_user, h_session, h_register, h_version);
    if p_trail is null then
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register);
    else
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register, p_trail);
    end if;
end $$;

revoke all on function tillgraph.hold(uuid, uuid, uuid, uuid, bigint) from public;
revoke all on function tillgraph.enter_known(uuid, uuid[], uuid, uuid, text, uuid, uuid, uuid, bigint) from public;
