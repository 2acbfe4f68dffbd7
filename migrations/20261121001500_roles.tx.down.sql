drop function tillgraph.user_access(uuid, uuid, text, uuid);
grant create on schema tillgraph to tillgraph_gate;
create function tillgraph.user_access(p_tenant uuid, p_user uuid, p_subject text, p_session uuid)
    returns table (user_id uuid, role text, store_ids uuid[], company_slug text, company_status text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    return query
        select u.id, u.role,
            case when u.role = 'OWNER'
                then array(select s.id from stores s where s.tenant_id = p_tenant order by s.id)
                else array(select a.store_id from user_stores a
                           where a.tenant_id = p_tenant and a.user_id = u.id order by a.store_id) end,
            c.slug, c.status
        from users u join companies c on c.tenant_id = u.tenant_id
        where u.tenant_id = p_tenant and u.status = 'ACTIVE'
            and ((p_user is not null and u.id = p_user) or (p_user is null and u.external_subject = p_subject))
            and (p_session is null or exists (
                select from sessions s where s.tenant_id = p_tenant and s.id = p_session
                    and s.user_id = u.id and s.ended_at is null));
end $$;
alter function tillgraph.user_access(uuid, uuid, text, uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.user_access(uuid, uuid, text, uuid) from public;
drop trigger roles_are_others on users;
drop trigger roles_are_others on user_stores;
drop function tillgraph.roles_are_others();
revoke insert, update, delete on user_stores from tillgraph_app;
alter table user_stores drop column role, drop column custom_role_id;
revoke update (role, custom_role_id, all_stores, version, updated_at) on users from tillgraph_app;
alter table users
    drop column custom_role_id, drop column all_stores,
    drop constraint users_role_check,
    add constraint users_role_check check (role in ('OWNER', 'MANAGER', 'CASHIER'));
drop table custom_roles;
