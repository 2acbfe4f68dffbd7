drop trigger config_changed on store_tax_rates;
drop trigger config_changed on tax_rates;
drop trigger config_updated on registers;
create trigger access_changed after update on registers for each row
    when ((old.id, old.store_id, old.status) is distinct from (new.id, new.store_id, new.status))
    execute function tillgraph.config_changed();
drop trigger config_updated on stores;
