package graph_test

import (
	"fmt"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// readBatches reads what there is to know of batches. The fixture has one of each store, of which two were received.
func (b *bundle) readBatches(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	product := b.tracked(t)
	b.receiveLots(t, s.ID, lot(product, "R1", "quantity", "3", 50), lot(product, "R2", "quantity", "2"))
	sold := b.sell(t, b.manager(t), order(s.Registers[0].ID, "a lot", "1000", item(product, "4")))
	b.db.Exec(t, "update stock_batches set manufactured_on = '2026-01-01' where id = $1", s.Batch.UUID())
	b.db.Exec(t, `update approvals set lines = jsonb_build_array(jsonb_build_object('product', $2::uuid, 'change', -1000, 'lot', 'R1'))
		where id = $1`, s.Approval.UUID(), product.UUID())
	defer b.db.Exec(t, "update company_settings set batch_tracking_enabled = false")
	a := ask(t, b.owner(t), `{
		stockBatch(id: "`+s.Batch.String()+`") { id store { id } product { id batchTracked } lotNumber expiresOn manufacturedOn quantity
			quarantined note version createdAt updatedAt }
		level: node(id: "`+s.Levels[0].String()+`") { ... on InventoryLevel { quantity unbatched
			batches { totalCount pageInfo { hasNextPage } nodes { id } edges { cursor node { id } } } } }
		moved: node(id: "`+s.Receipt.String()+`") { ... on StockMovement { batches { quantity batch { id } } } }
		line: node(id: "`+fmt.Sprint(sold.at("saleRecord", "sale", "id"))+`") { ... on Sale { lines { batches { lotNumber expiresOn quantity } } } }
		of: stockBatches(filter: {productId: "`+product.String()+`", inStock: true, quarantined: false}) { totalCount nodes { lotNumber quantity } edges { cursor node { id } } pageInfo { hasNextPage } }
		approval(id: "`+s.Approval.String()+`") { lines { lotNumber } }
		expiringBatches(expiresBefore: "2100-01-01", storeId: "`+s.ID.String()+`", first: 5) { nodes { lotNumber } }
		salesOfLot(productId: "`+product.String()+`", lotNumber: "R1") { nodes { id } }
		stockMovements(filter: {batchId: "`+s.Batch.String()+`"}) { nodes { id } } }`)
	same(t, a.at("stockBatch"), vars{
		"id": s.Batch, "store": vars{"id": s.ID}, "product": vars{"id": b.A.Products[0], "batchTracked": false}, "lotNumber": "LOT " + b.A.Slug,
		"expiresOn": "2099-01-01", "manufacturedOn": "2026-01-01", "quantity": "2", "quarantined": false, "version": 1,
		"note": a.at("stockBatch", "note"), "createdAt": b.when(t, "created_at", "stock_batches", s.Batch), "updatedAt": b.when(t, "updated_at", "stock_batches", s.Batch),
	})
	left := pgtest.Value[string](t, b.db, "select ((quantity - 2000) / 1000)::text from inventory_levels where id = $1", s.Levels[0].UUID())
	same(t, a.at("level", "unbatched"), left)
	same(t, a.at("level", "batches", "nodes"), []vars{{"id": s.Batch}})
	same(t, a.at("moved", "batches"), []vars{{"quantity": "2", "batch": vars{"id": s.Batch}}})
	same(t, a.at("line", "lines", 0, "batches"), []vars{
		{"lotNumber": "R1", "expiresOn": inDays(50), "quantity": "3"}, {"lotNumber": "R2", "expiresOn": nil, "quantity": "1"},
	})
	same(t, a.at("of", "nodes"), []vars{{"lotNumber": "R2", "quantity": "1"}})
	same(t, a.at("expiringBatches", "nodes"), []vars{{"lotNumber": "LOT " + b.A.Slug}})
	same(t, a.at("salesOfLot", "nodes"), []vars{{"id": sold.at("saleRecord", "sale", "id")}})
	same(t, a.at("stockMovements", "nodes"), []vars{{"id": s.Receipt}})
}
