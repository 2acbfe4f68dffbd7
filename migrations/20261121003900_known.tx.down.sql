drop function tillgraph.enter_known(uuid, uuid[], uuid, uuid, text, uuid, text, uuid, uuid, bytea, bytea);
drop function tillgraph.hold(uuid, uuid, text, uuid, uuid, bytea, bytea);
