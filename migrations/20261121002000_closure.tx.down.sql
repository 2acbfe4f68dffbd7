drop function tillgraph.company_purge(uuid);
drop function tillgraph.stores_of(uuid);
drop function tillgraph.companies_due();
drop trigger deletion_listed on companies;
drop function tillgraph.deletion_listed();
drop trigger deletion_by_owners on companies;
drop function tillgraph.deletion_by_owners();
alter table company_directory drop column deletion_due_at;
revoke update (deletion_asked_at, deletion_asked_by_id, deletion_due_at, version, updated_at) on companies from tillgraph_app;
alter table companies
    drop constraint companies_deletion_check,
    drop column deletion_asked_at,
    drop column deletion_asked_by_id,
    drop column deletion_due_at;
