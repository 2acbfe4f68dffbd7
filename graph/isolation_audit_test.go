package graph_test

// auditProbes are the places of ids in what is asked of the trail.
func auditProbes() []probe {
	const events = `totalCount nodes { operator objectType objectId user { name } store { name } register { name } reason
		changes { field before after } } pageInfo { endCursor }`
	list := []probe{
		{"audit-event", "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true},
	}
	const accesses = `totalCount nodes { operation user { name } stores { name } register { name } } pageInfo { endCursor }`
	list = append(list,
		probe{"audit-access", "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true},
		probe{"filter-user", "AuditAccessFilter.userId", `query($id: ID!) { accessEvents(filter: {userId: $id}) { ` + accesses + ` } }`, true},
		probe{"store", "AuditAccessFilter.storeId", `query($id: ID!) { accessEvents(filter: {storeId: $id}) { ` + accesses + ` } }`, true})
	for _, p := range []struct{ kind, field string }{
		{"filter-user", "userId"},
		{"store", "storeId"},
		{"filter-register", "registerId"},
		{"sale", "objectId"},
		{"store", "objectId"},
		{"register", "objectId"},
	} {
		list = append(list, probe{
			p.kind, "AuditEventFilter." + p.field, `query($id: ID!) { auditEvents(filter: {` + p.field + `: $id}) { ` + events + ` } }`, true,
		})
	}
	return list
}
