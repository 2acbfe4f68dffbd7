-- Z reports of some days are looked up for files of them.
create index till_z_reports_by_day on till_z_reports (tenant_id, store_id, business_date);
