drop function tillgraph.register_access(uuid, uuid, bytea);
drop function tillgraph.user_access(uuid, uuid, text, uuid);
drop function tillgraph.company_by_slug(text);
drop policy gate on register_keys;
drop policy gate on registers;
drop policy gate on stores;
revoke all on companies, stores, registers, register_keys, company_directory from tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;
drop table refresh_tokens, sessions, user_credentials, user_stores, users;
