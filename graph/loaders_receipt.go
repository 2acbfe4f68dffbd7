package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/receipt"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// receiptLoaders are the look-ups of receipts, their numbers, and the settings that they are printed by.
type receiptLoaders struct {
	settings loader.Loader[id.Company, *company.Settings]
	domain   loader.Loader[id.CompanyDomain, *company.Domain]
	counter  loader.Loader[id.Register, *company.ReceiptCounter]
	conflict loader.Loader[id.ReceiptConflict, *sale.Conflict]
	receipt  loader.Loader[id.Sale, *receipt.Receipt]

	gapsOf      *loader.Pages[id.Register, sale.Gap]
	conflictsOf *loader.Pages[id.Register, sale.Conflict]
}

func (r *Resolver) newReceiptLoaders() receiptLoaders {
	return receiptLoaders{
		settings: loader.Of(r.companies.SettingsOf),
		domain:   loader.ByKey(r.domains.ByID, func(d *company.Domain) id.CompanyDomain { return d.ID }),
		counter:  loader.ByKey(r.companies.CountersOf, func(c *company.ReceiptCounter) id.Register { return c.RegisterID }),
		conflict: loader.ByKey(warmRows(r.sales.ConflictsByID, conflictRelations()),
			func(c *sale.Conflict) id.ReceiptConflict { return c.ID }),
		receipt: loader.Of(r.receipts.Of),

		gapsOf:      loader.PagesOf(r.sales.GapsOf),
		conflictsOf: warmed(r.sales.ConflictsOf, conflictRelations()),
	}
}
