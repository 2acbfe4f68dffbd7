drop function tillgraph.works_elsewhere(uuid);
drop function tillgraph.session_register(uuid, uuid, uuid);
drop table device_pairings, login_challenges, user_recovery_codes, user_second_factors, register_pin_attempts,
    user_pins, password_resets, user_invitations;
revoke delete on register_keys from tillgraph_app;
alter table registers drop column last_seen_at;
alter table sessions
    drop column last_used_at, drop column user_agent, drop column address,
    drop column at_store_id, drop column at_register_id,
    drop constraint sessions_end_reason_check;
-- What is put back is every company's: while it is, the owner is not held by the policy.
alter table sessions no force row level security;
update sessions set end_reason = 'LOGOUT' where end_reason not in ('LOGOUT', 'TOKEN_REUSED');
alter table sessions force row level security;
alter table sessions
    add constraint sessions_end_reason_check check (end_reason in ('LOGOUT', 'TOKEN_REUSED'));
revoke insert on user_credentials from tillgraph_app;
revoke insert, update (name, status) on users from tillgraph_app;
alter table users no force row level security;
update users set status = 'DEACTIVATED' where status = 'INVITED';
alter table users force row level security;
alter table users
    drop column staff_number, drop column must_use_second_factor,
    drop constraint users_status_check,
    add constraint users_status_check check (status in ('ACTIVE', 'DEACTIVATED'));
