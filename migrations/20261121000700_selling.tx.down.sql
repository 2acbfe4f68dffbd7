-- What the schema before can't hold goes: returns, voids, rounding, other ways to pay and prices of other sources.
alter table stock_movements no force row level security;
alter table sales no force row level security;
alter table sale_lines no force row level security;
alter table payments no force row level security;
delete from stock_movements where reason not in ('OPENING', 'SALE');
delete from sales s where status <> 'COMPLETED' or refunded <> 0 or rounding <> 0
    or exists (select from sale_lines l where l.tenant_id = s.tenant_id and l.sale_id = s.id
        and (l.kind = 'RETURN' or l.price_source not in ('BASE', 'STORE')))
    or exists (select from payments p where p.tenant_id = s.tenant_id and p.sale_id = s.id
        and (p.method not in ('CASH', 'CARD', 'MOBILE_MONEY') or p.tendered <= 0));
alter table stock_movements force row level security;
alter table sales force row level security;
alter table sale_lines force row level security;
alter table payments force row level security;
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
