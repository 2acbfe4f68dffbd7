-- A payment towards an account that came when its till session was closed: it is not in the Z report.
alter table account_payments
    add column till_amendment boolean not null default false,
    add check (till_session_id is not null or not till_amendment);
