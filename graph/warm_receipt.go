package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/receipt"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

func (l *loaders) receipts() loader.Loader[id.Sale, *receipt.Receipt] { return l.receipt }

func (l *loaders) counters() loader.Loader[id.Register, *company.ReceiptCounter] { return l.counter }

func conflictRelations() relations[sale.Conflict] {
	return relations[sale.Conflict]{"ReceiptConflict", map[string]ask[sale.Conflict]{
		"register": to((*loaders).registers, func(c *sale.Conflict) id.Register { return c.RegisterID }),
		"sale": to(func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale },
			func(c *sale.Conflict) id.Sale { return c.SaleID }),
		"cashier": maybe(func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user },
			func(c *sale.Conflict) *id.User { return c.CashierID }),
	}}
}
