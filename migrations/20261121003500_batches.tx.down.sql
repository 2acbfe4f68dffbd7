drop table stock_batch_parts;
drop table stock_batches;
alter table sale_lines drop column batches;
alter table products drop column batch_tracked;
alter table company_settings drop column batch_tracking_enabled;
