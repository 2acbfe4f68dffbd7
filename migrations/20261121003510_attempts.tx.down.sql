drop function tillgraph.take_attempts(timestamptz, bytea[], integer[], integer[], boolean[]);
drop table attempts;
