package graph_test

// batchProbes are the places of ids and lots in what is asked about batches.
func batchProbes() []probe {
	return []probe{
		{kind: "batch", place: "Query.stockBatch(id)", control: true, query: `query($id: ID!) { stockBatch(id: $id) { lotNumber store { name } note } }`},
		{kind: "batch", place: "StockMovementFilter.batchId", control: true, query: `query($id: ID!) {
			stockMovements(filter: {batchId: $id}) { totalCount nodes { note batches { quantity batch { lotNumber } } } } }`},
		{kind: "store", place: "StockBatchFilter.storeId", control: true, query: `query($id: ID!) {
			stockBatches(filter: {storeId: $id}) { totalCount nodes { lotNumber note } pageInfo { endCursor } } }`},
		{kind: "product", place: "StockBatchFilter.productId", control: true, query: `query($id: ID!) {
			stockBatches(filter: {productId: $id}) { totalCount nodes { lotNumber product { name } } } }`},
		{kind: "store", place: "Query.expiringBatches(storeId)", control: true, query: `query($id: ID!) {
			expiringBatches(expiresBefore: "2100-01-01", storeId: $id) { totalCount nodes { lotNumber note } } }`},
		{kind: "product", place: "Query.salesOfLot(productId)", query: `query($id: ID!) {
			salesOfLot(productId: $id, lotNumber: "LOT bistro") { totalCount nodes { note } } }`},
	}
}

// batchMutations are those in what changes batches.
func batchMutations() []probe {
	return []probe{{kind: "batch", place: "Mutation.stockBatchUpdate(id)", query: `mutation($id: ID!) {
		stockBatchUpdate(id: $id, input: {version: 7}) { batch { lotNumber note } userErrors { code field message } } }`}}
}
