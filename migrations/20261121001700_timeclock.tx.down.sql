drop trigger "A_clock_out" on users;
drop trigger "A_clock_out" on user_stores;
drop function tillgraph.clock_out();
drop function tillgraph.on_the_clock(uuid, timestamptz, timestamptz);
drop table time_entry_changes, time_breaks, time_entries;
drop function tillgraph.time_entry_access();
