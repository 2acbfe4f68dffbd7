-- The roles stay: other databases of the cluster may use them.
drop schema tillgraph cascade;
