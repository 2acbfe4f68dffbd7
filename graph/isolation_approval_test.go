package graph_test

// approvalProbes are the places of what can be named of approvals.
func approvalProbes(own things) []probe {
	const details = `approval { reason status store { name } requestedBy { name } } userErrors { code field message }`
	list := []probe{
		{"approval", "Query.approval(id)", `query($id: ID!) { approval(id: $id) { id reason store { name } } }`, true},
		{"store", "ApprovalFilter.storeId", `query($id: ID!) { approvals(filter: {storeId: $id}) { totalCount nodes { reason } } }`, true},
	}
	for _, place := range []string{"Query.node(id)", "Query.nodes(ids)"} {
		list = append(list, probe{"approval", place, map[string]string{
			"Query.node(id)":   `query($id: ID!) { node(id: $id) { id ` + everyDetail() + ` } }`,
			"Query.nodes(ids)": `query($id: ID!) { nodes(ids: ["` + own["product"] + `", $id]) { id ` + everyDetail() + ` } }`,
		}[place], true})
	}
	for _, p := range []struct{ kind, place, call string }{
		{"approval", "Mutation.approvalApprove(id)", `approvalApprove(id: $id)`},
		{"approval", "Mutation.approvalRefuse(id)", `approvalRefuse(id: $id, reason: "x")`},
		{
			"filter-register", "ApprovalRequestInput.registerId",
			`approvalRequest(input: {kind: DISCOUNT, registerId: $id, amount: "1", reason: "x"})`,
		},
	} {
		list = append(list, probe{p.kind, p.place, `mutation($id: ID!) { ` + p.call + ` { ` + details + ` } }`, false})
	}
	line := `lines: [{productId: "` + own["product"] + `", quantity: "1"}]`
	return append(list,
		probe{"approval", "SaleRecordInput.approvalIds", `mutation($id: ID!) { saleRecord(input: {idempotencyKey: "p", registerId: "` +
			own["register"] + `", approvalIds: [$id], payments: [{method: CASH, amount: "1000"}], ` + line +
			`}) { sale { id } userErrors { code field message } } }`, false},
		probe{"approval", "SaleCalculateInput.approvalIds", `query($id: ID!) { saleCalculate(input: {registerId: "` +
			own["register"] + `", approvalIds: [$id], ` + line + `}) { calculation { total { amount } } userErrors { code field message } } }`, false})
}
