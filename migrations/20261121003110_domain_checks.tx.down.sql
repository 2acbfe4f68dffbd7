drop function tillgraph.domain_checked(uuid, uuid, text[], timestamptz, timestamptz);
drop function tillgraph.domains_due(timestamptz, integer);
revoke delete on domain_directory from tillgraph_gate;
drop index domain_directory_by_check;
alter table domain_directory drop column checked_at;
alter table company_domains drop column missing_since;
