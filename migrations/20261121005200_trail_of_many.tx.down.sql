do $$
declare
    one record;
    arguments text;
begin
    for one in select * from (values
        ('sales', 'audited', ''), ('products', 'audited', ''), ('product_barcodes', 'audited', ''),
        ('store_prices', 'audited', ''), ('stock_movements', 'audited', 'when (new.sale_id is null)'),
        ('inventory_levels', 'audited_new', 'when (new.low_stock_threshold is not null)')
    ) listed (name, trigger, condition) loop
        select substring(pg_get_triggerdef(oid) from 'audited\((.*)\)$') into strict arguments
            from pg_trigger where tgrelid = one.name::regclass and tgname = 'audited_new';
        execute format('drop trigger audited_many on %I', one.name);
        execute format('drop trigger audited_new on %I', one.name);
        if one.condition = '' then
            execute format('drop trigger audited on %I', one.name);
        end if;
        execute format('create trigger %I after insert %s on %I for each row %s execute function tillgraph.audited(%s)',
            one.trigger, case one.condition when '' then 'or update or delete' else '' end, one.name, one.condition, arguments);
    end loop;
end $$;
drop function tillgraph.audited_many();
