drop table sale_discounts;
drop table sale_line_taxes;
alter table sale_lines drop constraint sale_lines_price_by_hand_check, drop column price_reason;
alter table products drop column tax_category_id;
drop table store_tax_rates;
drop table tax_rates;
drop table tax_categories;
