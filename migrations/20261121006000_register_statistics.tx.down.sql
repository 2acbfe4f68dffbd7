drop statistics registers_tenant_store;
drop statistics stock_batches_tenant_store;
drop statistics parked_sales_tenant_store;
drop statistics till_sessions_tenant_store_register;
create statistics till_sessions_tenant_store (dependencies) on tenant_id, store_id from till_sessions;
drop statistics sales_tenant_store_register;
create statistics sales_tenant_store (dependencies) on tenant_id, store_id from sales;
