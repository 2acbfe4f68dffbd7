alter table sales drop column customer_group_id;
alter table sale_lines drop column brand_id, drop column supplier_id;
alter table customers drop column customer_group_id;
alter table products drop column brand_id, drop column supplier_id;
drop table brands, suppliers, customer_groups;
