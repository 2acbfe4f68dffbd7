package graph_test

// supportProbes are the places of what can be named of operators' accesses.
func supportProbes(own things) []probe {
	list := []probe{
		{"support", "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true},
		{"support", "Query.nodes(ids)", `query($id: ID!) { nodes(ids: ["` + own["product"] + `", $id]) { id ` + everyDetail() + ` } }`, true},
	}
	for _, call := range []string{"Allow", "End"} {
		list = append(list, probe{"support", "Mutation.supportAccess" + call + "(id)", `mutation($id: ID!) { supportAccess` + call + `(id: $id) {
			supportAccess { reason } userErrors { code field message } } }`, false})
	}
	return list
}
