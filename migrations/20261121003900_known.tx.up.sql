-- hold fails unless the questions who somebody is and what their company may use are answered as they were when a server
-- asked them last: it kept the answer, and p_state is its hash. Who fails is asked about anew; nothing else has happened.
create function tillgraph.hold(p_tenant uuid, p_user uuid, p_subject text, p_session uuid, p_register uuid, p_key bytea,
    p_state bytea) returns void language plpgsql as $$
begin
    if p_key is not null then
        perform from tillgraph.register_access(p_tenant, p_register, p_key) a, tillgraph.company_config(p_tenant) c
            where sha256(convert_to(row(a, c)::text, 'UTF8')) = p_state;
    elsif p_register is not null then
        perform from tillgraph.user_access(p_tenant, p_user, p_subject, p_session) a, tillgraph.company_config(p_tenant) c,
            tillgraph.session_register(p_tenant, p_session, p_register) r
            where sha256(convert_to(row(a, c, r)::text, 'UTF8')) = p_state;
    else
        perform from tillgraph.user_access(p_tenant, p_user, p_subject, p_session) a, tillgraph.company_config(p_tenant) c
            where sha256(convert_to(row(a, c)::text, 'UTF8')) = p_state;
    end if;
    if not found then
        raise exception 'who asks may do something else by now' using errcode = 'TG002';
    end if;
end $$;

-- enter_known enters a scope that is known from an earlier request, if it holds: one statement, so that neither can be
-- had without the other.
create function tillgraph.enter_known(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text,
    h_user uuid, h_subject text, h_session uuid, h_register uuid, h_key bytea, h_state bytea) returns void
    language plpgsql as $$
begin
    perform tillgraph.hold(p_tenant, h_user, h_subject, h_session, h_register, h_key, h_state);
    if p_trail is null then
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register);
    else
        perform tillgraph.enter(p_tenant, p_stores, p_user, p_register, p_trail);
    end if;
end $$;

revoke all on function tillgraph.hold(uuid, uuid, text, uuid, uuid, bytea, bytea) from public;
revoke all on function tillgraph.enter_known(uuid, uuid[], uuid, uuid, text, uuid, text, uuid, uuid, bytea, bytea) from public;
