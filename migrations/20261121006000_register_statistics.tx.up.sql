-- A register is one store's, and that one company's. Without knowing that, the database takes all that a register sold for
-- one row; any index that begins with the three then looks as good as that of their key, and each foreign key to a sale
-- reads all receipts of its register. The same holds of what a store has, and keeps by an id and by something else.
drop statistics sales_tenant_store;
create statistics sales_tenant_store_register (dependencies) on tenant_id, store_id, register_id from sales;
drop statistics till_sessions_tenant_store;
create statistics till_sessions_tenant_store_register (dependencies) on tenant_id, store_id, register_id from till_sessions;
create statistics parked_sales_tenant_store (dependencies) on tenant_id, store_id from parked_sales;
create statistics stock_batches_tenant_store (dependencies) on tenant_id, store_id from stock_batches;
create statistics registers_tenant_store (dependencies) on tenant_id, store_id from registers;
analyze sales, till_sessions, parked_sales, stock_batches, registers;
