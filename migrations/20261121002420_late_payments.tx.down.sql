alter table account_payments drop column till_amendment;
