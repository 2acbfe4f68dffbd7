alter table stock_movements
    drop constraint stock_movements_reason_check,
    drop constraint stock_movements_sale_check,
    add constraint stock_movements_reason_check check (reason in ('OPENING', 'SALE')),
    add constraint stock_movements_check check ((reason = 'SALE') = (sale_id is not null));
alter table payments
    drop constraint payments_method_check,
    drop constraint payments_amount_check,
    add constraint payments_method_check check (method in ('CASH', 'CARD', 'MOBILE_MONEY')),
    add constraint payments_tendered_check check (tendered > 0),
    add constraint payments_check check (amount between 0 and tendered);
alter table sale_lines
    drop column kind, drop column original_line_id, drop column restocked, drop column return_reason,
    drop column gross, drop column discount, drop column order_discount, drop column cost,
    drop constraint sale_lines_price_source_check,
    add constraint sale_lines_price_source_check check (price_source in ('BASE', 'STORE')),
    add constraint sale_lines_quantity_check check (quantity > 0);
drop trigger sale_void_only on sales;
drop function tillgraph.sale_void_only();
revoke update (status, voided_at, voided_by_id, void_reason, void_till_session_id) on sales from tillgraph_app;
alter table sales
    drop column discount_total, drop column rounding, drop column refunded, drop column customer_id,
    drop column till_session_id, drop column voided_at, drop column voided_by_id, drop column void_reason,
    drop column void_till_session_id,
    drop constraint sales_status_check,
    add constraint sales_status_check check (status in ('COMPLETED')),
    add constraint sales_check check (total = subtotal + tax_total),
    add constraint sales_check1 check (change >= 0 and tendered - change = total);
alter table stores drop column cash_rounding;
drop table company_settings;
