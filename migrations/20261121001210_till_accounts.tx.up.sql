-- What a customer pays towards an account is in the drawer of the session that it was taken in.
alter table account_payments
    add constraint account_payments_till_session_fkey foreign key (tenant_id, store_id, register_id, till_session_id)
        references till_sessions (tenant_id, store_id, register_id, id);
