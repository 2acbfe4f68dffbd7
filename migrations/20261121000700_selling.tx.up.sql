-- What a company decided about its shops; without a row the defaults count.
create table company_settings (
    tenant_id uuid primary key references companies on delete cascade,
    -- Whether a register sells only while a till session is open.
    till_session_required boolean not null default false,
    -- How far a count may be off before a second person approves, in minor units of the store's currency; null
    -- is any distance.
    till_variance_limit bigint check (till_variance_limit between 0 and 1000000000000),
    -- Whether more may be sold than is known to be there; a product may say otherwise.
    negative_stock_allowed boolean not null default true,
    parked_sale_hours integer not null default 24 check (parked_sale_hours between 1 and 8760),
    parked_sale_reserves boolean not null default false,
    returns_across_stores boolean not null default false,
    -- How long after a sale its goods are taken back; null is for ever.
    return_days integer check (return_days between 0 and 36500),
    payment_methods text[] not null
        default '{CASH,CARD,MOBILE_MONEY,GIFT_CARD,STORE_CREDIT,ACCOUNT,LOYALTY_POINTS}'
        check (payment_methods <@ '{CASH,CARD,MOBILE_MONEY,GIFT_CARD,STORE_CREDIT,ACCOUNT,LOYALTY_POINTS}'::text[]),
    refund_methods text[] not null default '{CASH,CARD,MOBILE_MONEY,GIFT_CARD,STORE_CREDIT,ACCOUNT}'
        check (refund_methods <@ '{CASH,CARD,MOBILE_MONEY,GIFT_CARD,STORE_CREDIT,ACCOUNT}'::text[]),
    -- The largest share of what it is taken off that a discount may be without DISCOUNT_LARGE.
    discount_limit_ppm integer not null default 100000 check (discount_limit_ppm between 0 and 1000000),
    -- Minor units of the company's currency: what is spent for one point, and what a point pays. Null: no points.
    loyalty_spend_per_point bigint check (loyalty_spend_per_point > 0),
    loyalty_point_value bigint check (loyalty_point_value > 0),
    tax_number text not null default '' check (length(tax_number) <= 50),
    receipt_header text not null default '' check (length(receipt_header) <= 1000),
    receipt_footer text not null default '' check (length(receipt_footer) <= 1000),
    version integer not null default 1,
    updated_at timestamptz not null default now()
);
call tillgraph.protect('company_settings', 'tenant');
grant select, insert, update on company_settings to tillgraph_app;

-- The smallest cash that is given out, in minor units; 0 does not round.
alter table stores add column cash_rounding bigint not null default 0 check (cash_rounding between 0 and 1000000);

-- Sales grow discounts, rounding, returns (lines of a negative quantity, a total below zero is refunded) and voids.
-- subtotal is after discounts and before tax.
alter table sales
    add column discount_total bigint not null default 0,
    add column rounding bigint not null default 0,
    add column refunded bigint not null default 0 check (refunded >= 0),
    add column customer_id uuid,
    add column till_session_id uuid,
    add column voided_at timestamptz,
    add column voided_by_id uuid,
    add column void_reason text check (length(void_reason) between 1 and 500),
    add column void_till_session_id uuid,
    drop constraint sales_status_check,
    drop constraint sales_check,
    drop constraint sales_check1,
    add constraint sales_status_check check (status in ('COMPLETED', 'VOIDED')),
    add constraint sales_total_check check (total = subtotal + tax_total + rounding),
    add constraint sales_paid_check check (change >= 0 and tendered >= 0 and tendered - change - refunded = total),
    add constraint sales_void_check check ((status = 'VOIDED') = (voided_at is not null)
        and (status = 'VOIDED') = (void_reason is not null)),
    add foreign key (tenant_id, voided_by_id) references users (tenant_id, id);
create index sales_by_customer on sales (tenant_id, customer_id, occurred_at, id) where customer_id is not null;
create index sales_by_till_session on sales (tenant_id, till_session_id) where till_session_id is not null;
create index sales_by_void_till_session on sales (tenant_id, void_till_session_id)
    where void_till_session_id is not null;

-- A completed sale is never edited; it can be voided, once, and nothing else about it changes.
grant update (status, voided_at, voided_by_id, void_reason, void_till_session_id) on sales to tillgraph_app;
create function tillgraph.sale_void_only() returns trigger language plpgsql as $$
begin
    raise exception 'a sale is voided once and not changed otherwise' using errcode = 'restrict_violation';
end $$;
create trigger sale_void_only before update on sales for each row
    when (current_user = 'tillgraph_app' and (old.status <> 'COMPLETED' or new.status <> 'VOIDED'))
    execute function tillgraph.sale_void_only();

-- The backfill is for every company: while it runs the owner is not held by the policy.
alter table sale_lines no force row level security;
alter table sales no force row level security;
alter table sale_lines
    add column kind text not null default 'SALE' check (kind in ('SALE', 'RETURN')),
    -- The line that a return takes back; null where goods come back without a receipt.
    add column original_line_id uuid,
    add column restocked boolean,
    add column return_reason text check (length(return_reason) between 1 and 200),
    -- Quantity times price before any discount, the line's own discounts, and its share of the order's.
    add column gross bigint,
    add column discount bigint not null default 0,
    add column order_discount bigint not null default 0,
    -- What the goods cost the shop, for the whole line; null where it isn't known.
    add column cost bigint,
    drop constraint sale_lines_quantity_check,
    drop constraint sale_lines_price_source_check,
    add constraint sale_lines_price_source_check
        check (price_source in ('BASE', 'STORE', 'PRICE_LIST', 'BARCODE', 'MANUAL', 'ORIGINAL')),
    add constraint sale_lines_kind_check1 check ((kind = 'SALE' and quantity > 0 and restocked is null
            and original_line_id is null and return_reason is null)
        or (kind = 'RETURN' and quantity < 0 and restocked is not null)),
    add foreign key (tenant_id, original_line_id) references sale_lines (tenant_id, id);
update sale_lines l set gross = case when s.prices_include_tax then l.total else l.subtotal end
    from sales s where s.tenant_id = l.tenant_id and s.id = l.sale_id;
alter table sale_lines alter column gross set not null;
alter table sale_lines force row level security;
alter table sales force row level security;
create index sale_lines_by_original on sale_lines (tenant_id, original_line_id) where original_line_id is not null;

-- A refund is a payment below zero.
alter table payments
    drop constraint payments_method_check,
    drop constraint payments_tendered_check,
    drop constraint payments_check,
    add constraint payments_method_check check (method in
        ('CASH', 'CARD', 'MOBILE_MONEY', 'GIFT_CARD', 'STORE_CREDIT', 'ACCOUNT', 'LOYALTY_POINTS')),
    add constraint payments_amount_check check (tendered > 0 and amount between 0 and tendered
        or tendered < 0 and amount = tendered);

alter table stock_movements
    drop constraint stock_movements_reason_check,
    drop constraint stock_movements_check,
    add constraint stock_movements_reason_check
        check (reason in ('OPENING', 'SALE', 'RETURN', 'VOID', 'ADJUSTMENT', 'RECEIPT')),
    add constraint stock_movements_sale_check
        check ((reason in ('SALE', 'RETURN', 'VOID')) = (sale_id is not null));
