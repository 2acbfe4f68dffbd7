drop function tillgraph.audit_access(uuid, jsonb);
