-- A store is one company's. Without knowing that, the database takes all levels of a store for a handful, and reads them
-- all for a sale of three products.
create statistics inventory_levels_tenant_store (dependencies) on tenant_id, store_id from inventory_levels;
