alter table parked_sale_lines
    drop column discounts, drop column currency_code, drop column unit_price, drop column price_reason;
drop index parked_sales_by_customer;
alter table parked_sales drop column discounts, drop constraint parked_sales_tenant_id_customer_id_fkey;
