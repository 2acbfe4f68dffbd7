drop table sale_idempotency_keys, payments, sale_lines, sales;
