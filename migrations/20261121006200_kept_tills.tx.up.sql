-- A server may keep stores, registers and what is taxed how, as it keeps a company's settings: whatever changes of them
-- counts the company's version up. When a register was last seen is written every minute and is nothing to be kept.
create trigger config_updated after update on stores for each row
    when (old.* is distinct from new.*) execute function tillgraph.config_changed();
drop trigger access_changed on registers;
create trigger config_updated after update on registers for each row
    when (to_jsonb(old) - 'last_seen_at' is distinct from to_jsonb(new) - 'last_seen_at')
    execute function tillgraph.config_changed();
create trigger config_changed after insert or update or delete on tax_rates for each row
    execute function tillgraph.config_changed();
create trigger config_changed after insert or update or delete on store_tax_rates for each row
    execute function tillgraph.config_changed();
