package graph_test

import (
	"fmt"
)

// stockProbes are the places of ids in what is asked about stock.
func stockProbes() []probe {
	return append([]probe{
		{kind: "store", place: "StockMovementFilter.storeId", control: true, query: `query($id: ID!) {
			stockMovements(filter: {storeId: $id}) { totalCount nodes { note } pageInfo { endCursor } } }`},
		{kind: "product", place: "StockMovementFilter.productId", control: true, query: `query($id: ID!) {
			stockMovements(filter: {productId: $id}) { totalCount nodes { note product { name } } } }`},
		{kind: "store", place: "Query.lowStock(storeId)", control: true, query: `query($id: ID!) {
			lowStock(storeId: $id) { totalCount nodes { quantity store { name } } pageInfo { endCursor } } }`},
	}, batchProbes()...)
}

// stockMutations are the places of ids in what changes stock.
func stockMutations(own things) []probe {
	var list []probe
	for typ, m := range map[string]struct{ field, line, more string }{
		"StockAdjust":          {"stockAdjust", `change: "-1"`, `idempotencyKey: "p", reason: DAMAGE, `},
		"StockReceive":         {"stockReceive", `quantity: "1", unitCost: "1"`, `idempotencyKey: "p", `},
		"StockOpening":         {"stockOpening", `quantity: "1"`, `idempotencyKey: "p", `},
		"LowStockThresholdSet": {"lowStockThresholdSet", `threshold: "1"`, ""},
	} {
		const text = `mutation($id: ID!) { %s(input: {%s storeId: %s, lines: [{productId: %s, %s}]}) {
			levels { quantity store { name } product { name } } userErrors { code field message } } }`
		line := typ + "LineInput.productId"
		if typ == "LowStockThresholdSet" {
			line = "LowStockThresholdLineInput.productId"
		}
		list = append(list,
			probe{kind: "store", place: typ + "Input.storeId", query: fmt.Sprintf(text, m.field, m.more, "$id", `"`+own["product"]+`"`, m.line)},
			probe{kind: "product", place: line, query: fmt.Sprintf(text, m.field, m.more, `"`+own["store"]+`"`, "$id", m.line)})
	}
	return append(list, batchMutations()...)
}
