drop function tillgraph.take_points(uuid, uuid[], bigint[], bigint[], bigint[], bigint[], bigint[]);
drop table company_points;
