package graph_test

// domainProbes are the places of what can be named of companies' own hosts.
func domainProbes(own things) []probe {
	list := []probe{
		{"domain", "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true},
		{"domain", "Query.nodes(ids)", `query($id: ID!) { nodes(ids: ["` + own["product"] + `", $id]) { id ` + everyDetail() + ` } }`, true},
	}
	for place, call := range map[string]string{
		"Mutation.companyDomainVerify(id)": `companyDomainVerify(id: $id) { domain { host recordValue }`,
		"Mutation.companyDomainRemove(id)": `companyDomainRemove(id: $id) { removedId`,
	} {
		list = append(list, probe{"domain", place, `mutation($id: ID!) { ` + call + ` userErrors { code field message } } }`, false})
	}
	list = append(list,
		probe{"app", "Query.node(id)", `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`, true},
		probe{"app", "Mutation.appUpdate(id)", `mutation($id: ID!) { appUpdate(id: $id, documentRule: ANY) { app { name } userErrors { code field message } } }`, false},
		probe{"app", "Mutation.appRemove(id)", `mutation($id: ID!) { appRemove(id: $id) { removedId userErrors { code field message } } }`, false})
	return list
}
