create index sales_by_till_session on sales (tenant_id, till_session_id) where till_session_id is not null;
drop index sales_by_till_session_time;
alter table sales
    drop constraint sales_void_till_session_fkey,
    drop constraint sales_till_session_fkey,
    drop column till_amendment;
drop table till_idempotency_keys;
drop table till_z_reports;
drop table drawer_movements;
drop table till_counts;
drop table till_holders;
drop table till_sessions;
drop function tillgraph.till_session_closed();
