drop function tillgraph.returnable_lines(uuid, uuid[], uuid, uuid[]);
drop function tillgraph.returnable_sale(uuid, uuid[], uuid, text, text, bigint);
drop policy gate on sales;
drop policy gate on sale_lines;
revoke select (tenant_id, store_id, register_id, id, receipt_number) on sales from tillgraph_gate;
revoke select (tenant_id, store_id, id) on sale_lines from tillgraph_gate;
revoke select (tenant_id, returns_across_stores) on company_settings from tillgraph_gate;
drop table parked_sale_lines, parked_sales, returned_quantities;
