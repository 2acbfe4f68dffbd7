drop function tillgraph.reports_rest(uuid);
drop function tillgraph.reports_due(timestamptz, integer);
drop table report_export_pages, report_exports;
drop function tillgraph.report_listed();
alter table company_directory drop column report_due_at;
