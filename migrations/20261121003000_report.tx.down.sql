drop function tillgraph.report_companies(uuid, integer);
drop function tillgraph.fold_reports(uuid, integer);
drop table report_pending, report_days, report_hours, report_products, report_categories, report_tenders, report_taxes,
    report_reasons;
drop policy gate on payments;
drop policy gate on sale_line_taxes;
drop policy gate on sale_discounts;
revoke select on sales, sale_lines, payments, sale_line_taxes, sale_discounts from tillgraph_gate;
-- A grant on a table takes those on its columns with it when it goes.
grant select (tenant_id, store_id, register_id, id, receipt_number) on sales to tillgraph_gate;
grant select (tenant_id, store_id, id) on sale_lines to tillgraph_gate;
alter table sale_lines drop column category_id;
alter table sales drop column local_hour;
alter table company_settings drop column business_day_start;
