alter table sale_lines drop column gift_card_id;
alter table payments drop column gift_card_id;
alter table sales drop constraint sales_tenant_id_customer_id_fkey;
drop table ledger_idempotency_keys;
drop table account_payments;
drop table ledger_entries;
drop table gift_cards;
drop table customer_words;
drop table customers;
