-- What a parked sale's cart had beside its goods: who buys, prices that somebody made up, and discounts, which hold what
-- was asked for: [{"kind": "PERCENT", "value": "5", "reason": "..."}], amounts in the store's currency.
alter table parked_sales
    add column discounts jsonb not null default '[]',
    add foreign key (tenant_id, customer_id) references customers (tenant_id, id);
create index parked_sales_by_customer on parked_sales (tenant_id, customer_id) where customer_id is not null;

alter table parked_sale_lines
    add column discounts jsonb not null default '[]',
    -- Null where the product's price counts.
    add column currency_code text check (currency_code ~ '^[A-Z]{3}$'),
    add column unit_price bigint check (unit_price >= 0),
    add column price_reason text check (length(price_reason) between 1 and 200),
    add check (num_nulls(currency_code, unit_price, price_reason) in (0, 3));
