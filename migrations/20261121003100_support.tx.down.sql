drop function tillgraph.support_access(uuid, uuid);
drop function tillgraph.support_act(uuid, uuid, uuid, text, text);
drop table support_acts, support_accesses;
alter table company_settings drop column support_consent_required;
