drop table price_list_items, price_list_stores, price_lists, product_availability, barcode_rules;
alter table store_prices no force row level security;
delete from store_prices where valid_from is not null;
alter table store_prices force row level security;
alter table store_prices
    drop constraint store_prices_period_key,
    drop constraint store_prices_standing_check,
    drop constraint store_prices_valid_check,
    drop column valid_from,
    drop column valid_until,
    add constraint store_prices_tenant_id_store_id_product_id_key unique (tenant_id, store_id, product_id);
alter table product_barcodes drop column code;
revoke insert, update, delete on categories from tillgraph_app;
alter table products drop column type, drop column parent_id, drop column option_names, drop column option_values,
    drop column variant_key;
