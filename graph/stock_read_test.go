package graph_test

import (
	"maps"
	"testing"
)

func (b *bundle) readStock(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	b.db.Exec(t, "update inventory_levels set reserved = 250, average_cost = 60000001 where id = $1", s.Levels[0].UUID())
	b.db.Exec(t, "update sale_lines set cost = 6000 where sale_id = $1", r.Sale.UUID())
	b.db.Exec(t, "update products set cost = 12345, negative_stock_allowed = false where id = $1", b.A.Products[0].UUID())
	b.db.Exec(t, "update stores set currency_code = 'KES'")
	b.db.Exec(t, "update stock_movements set kind = 'ADJUSTMENT', reason = 'FOUND' where level_id = $1", s.Levels[1].UUID())
	a := ask(t, b.owner(t), `{ level: node(id: "`+s.Levels[0].String()+`") { ... on InventoryLevel {
			quantity reserved available averageCost { amount currencyCode } lowStockThreshold movements `+pages+` } }
		node(id: "`+s.Receipt.String()+`") { ... on StockMovement { id level { id } store { id } product { id } sequence kind reason note
			quantity quantityAfter unitCost { amount currencyCode } supplierReference user { id } register { id } sale { id }
			occurredAt recordedAt } }
		stockMovements(filter: {storeId: "`+s.ID.String()+`", productId: "`+b.A.Products[0].String()+`", kind: SALE,
			from: "2026-01-01T00:00:00Z", until: "2099-01-01T00:00:00Z"}) `+pages+`
		all: stockMovements { nodes { sale { id } register { id } } totalCount }
		none: stockMovements(filter: {reason: DAMAGE}) { totalCount }
		late: stockMovements(filter: {until: "2026-01-01T00:00:00Z"}) { totalCount }
		early: stockMovements(filter: {from: "2099-01-01T00:00:00Z"}) { totalCount }
		lowStock(storeId: "`+s.ID.String()+`") `+pages+`
		everywhere: lowStock { nodes { id } totalCount }
		product(id: "`+b.A.Products[0].String()+`") { cost { amount currencyCode } negativeStockAllowed }
		sale(id: "`+r.Sale.String()+`") { cost { amount currencyCode } margin { amount currencyCode }
			lines { cost { amount currencyCode } margin { amount currencyCode } } } }`)
	level, _ := a.at("level").(map[string]any)
	same(t, level["movements"].(map[string]any)["totalCount"], 4)
	same(t, a.at("level", "movements", "nodes", 0, "id"), s.Receipt)
	same(t, a.at("level", "movements", "nodes", 1, "id"), s.Registers[1].Movement)
	same(t, a.at("level", "movements", "nodes", 2, "id"), r.Movement)
	maps.DeleteFunc(level, func(name string, _ any) bool { return name == "movements" })
	same(t, level, vars{
		"quantity": "50", "reserved": "0.25", "available": "49.75", "lowStockThreshold": "50",
		"averageCost": vars{"amount": "60.000001", "currencyCode": "KES"},
	})
	same(t, a.at("node"), vars{
		"id": s.Receipt, "level": vars{"id": s.Levels[0]}, "store": vars{"id": s.ID}, "product": vars{"id": b.A.Products[0]},
		"sequence": 4, "kind": "RECEIPT", "reason": nil, "note": "received by acme", "quantity": "2", "quantityAfter": "50",
		"unitCost": vars{"amount": "60.00", "currencyCode": "KES"}, "supplierReference": "delivery to acme",
		"user": vars{"id": b.A.Owner}, "register": nil, "sale": nil,
		"occurredAt": b.when(t, "occurred_at", "stock_movements", s.Receipt),
		"recordedAt": b.when(t, "recorded_at", "stock_movements", s.Receipt),
	})
	found := ask(t, b.owner(t), `{ stockMovements(filter: {reason: FOUND, kind: ADJUSTMENT}) { nodes { reason quantity } } }`)
	same(t, found.at("stockMovements", "nodes"), []vars{{"reason": "FOUND", "quantity": "50"}})
	same(t, a.at("stockMovements", "totalCount"), 2)
	same(t, a.at("all", "totalCount"), 10)
	for _, list := range []string{"none", "late", "early"} {
		same(t, a.at(list, "totalCount"), 0)
	}
	same(t, a.at("lowStock", "nodes"), []vars{{"id": s.Levels[0]}})
	same(t, a.at("everywhere", "nodes"), []vars{{"id": s.Levels[0]}, {"id": b.A.Stores[1].Levels[0]}})
	same(t, a.at("product"), vars{"cost": kes("123.45"), "negativeStockAllowed": false})
	same(t, a.at("sale"), vars{
		"cost": kes("120.00"), "margin": kes("52.42"),
		"lines": []vars{
			{"cost": kes("60.00"), "margin": kes("26.21")}, {"cost": kes("60.00"), "margin": kes("26.21")},
		},
	})
	// Costs are not for everybody.
	for _, field := range []string{"cost { amount }", "margin { amount }", "lines { cost { amount } }", "lines { margin { amount } }"} {
		a := b.post(t, b.cashier(t, 0), `{ sale(id: "`+r.Sale.String()+`") { `+field+` } }`, nil)
		if a.code() != "FORBIDDEN" {
			t.Errorf("a cashier's %s: %s", field, a.Raw)
		}
	}
	for _, query := range []string{
		`{ product(id: "` + b.A.Products[0].String() + `") { cost { amount } } }`,
		`{ stockMovements { nodes { unitCost { amount } } } }`, `{ lowStock { nodes { averageCost { amount } } } }`,
	} {
		if a := b.post(t, b.cashier(t, 0), query, nil); a.code() != "FORBIDDEN" {
			t.Errorf("a cashier's %s: %s", query, a.Raw)
		}
	}
}
