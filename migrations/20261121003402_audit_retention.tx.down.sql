drop function tillgraph.audit_retain(uuid, integer);
revoke delete on audit_events, audit_accesses, audit_seals from tillgraph_gate;
alter table company_settings drop column audit_retention_days;
