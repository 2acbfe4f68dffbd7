drop function tillgraph.signal_keep(uuid);
drop function tillgraph.signal_operators(jsonb);
drop function tillgraph.signal_add(uuid, jsonb, jsonb);
drop table operator_signals;
drop table server_activity;
drop table company_activity;
drop table signals;
