drop index stock_movements_by_operation, stock_movements_by_product, stock_movements_by_store, stock_movements_by_time;
alter table stock_movements
    drop constraint stock_movements_tenant_id_store_id_product_id_level_id_fkey,
    add constraint stock_movements_tenant_id_store_id_product_id_fkey foreign key (tenant_id, store_id, product_id)
        references inventory_levels (tenant_id, store_id, product_id) on delete cascade,
    drop constraint stock_movements_adjustment_check,
    drop constraint stock_movements_operation_check,
    drop column operation_id,
    drop column unit_cost,
    drop column user_id,
    drop column supplier_reference,
    drop column note,
    drop column reason,
    drop column sequence,
    drop column level_id;
alter table stock_movements rename constraint stock_movements_kind_check to stock_movements_reason_check;
alter table stock_movements rename column kind to reason;
create index stock_movements_by_product on stock_movements (tenant_id, store_id, product_id, id);
drop table stock_idempotency_keys;
alter table inventory_levels
    drop column low_stock,
    drop column low_stock_threshold,
    drop column movement_count,
    drop column average_cost,
    drop column reserved,
    drop constraint inventory_levels_tenant_id_store_id_product_id_id_key;
alter table products drop column cost, drop column negative_stock_allowed;
