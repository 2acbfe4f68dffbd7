package sale

import (
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/report"
)

// report makes the sale stand in reports from its commit on.
func (d *draft) report() effect {
	return effect{last: func(tx *postgres.Tx) []postgres.Statement {
		return []postgres.Statement{report.Note(tx.Handle, d.sale.StoreID, d.sale.ID, report.Sold)}
	}}
}

// report takes the sale out of reports, where it stands among the voids from then on.
func (v *voiding) report() effect {
	return effect{last: func(tx *postgres.Tx) []postgres.Statement {
		return []postgres.Statement{report.Note(tx.Handle, v.sale.StoreID, v.sale.ID, report.Voided)}
	}}
}
