package report

import (
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Event is what happened to a sale.
type Event string

// What happens to sales.
const (
	Sold   Event = "SALE"
	Voided Event = "VOID"
)

// Note builds the statement that a sale or a void carries in its own transaction, so that reports have it from the
// moment that it is there: one row, whatever the number of lines.
func Note(h *postgres.Handle, store id.Store, sale id.Sale, event Event) postgres.Statement {
	row := &pending{SaleID: sale, Kind: event}
	row.StoreID = store
	return h.Add(row)
}
