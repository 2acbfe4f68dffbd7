package graph_test

// accessProbes are the places of ids in what roles are about.
func accessProbes(own things) []probe {
	return []probe{
		{"custom-role", "Query.customRole(id)", `query($id: ID!) { customRole(id: $id) { id name permissions } }`, true},
		{"store", "Viewer.permissions(storeId)", `query($id: ID!) { viewer { permissions(storeId: $id) } }`, false},
		{
			"custom-role", "Mutation.customRoleUpdate(id)",
			`mutation($id: ID!) { customRoleUpdate(id: $id, input: {version: 1, name: "x"}) { customRole { name } userErrors { code field message } } }`,
			false,
		},
		{
			"custom-role", "Mutation.customRoleDelete(id)",
			`mutation($id: ID!) { customRoleDelete(id: $id) { deletedId userErrors { code field message } } }`, false,
		},
		{
			"user", "Mutation.userRolesSet(id)", `mutation($id: ID!) { userRolesSet(id: $id, input: {version: 1, role: CASHIER}) {
				user { name version } userErrors { code field message } } }`, false,
		},
		{
			"store", "StoreRoleInput.storeId", `mutation($id: ID!) { userRolesSet(id: "` + own["user"] + `",
				input: {version: 1, role: CASHIER, stores: [{storeId: $id}]}) { user { name } userErrors { code field message } } }`, false,
		},
		{
			"custom-role", "UserRolesSetInput.customRoleId", `mutation($id: ID!) { userRolesSet(id: "` + own["user"] + `",
				input: {version: 1, role: CUSTOM, customRoleId: $id}) { user { name } userErrors { code field message } } }`, false,
		},
		{
			"custom-role", "StoreRoleInput.customRoleId", `mutation($id: ID!) { userRolesSet(id: "` + own["user"] + `",
				input: {version: 1, role: CASHIER, stores: [{storeId: "` + own["store"] + `", role: CUSTOM, customRoleId: $id}]}) {
				user { name } userErrors { code field message } } }`, false,
		},
	}
}
