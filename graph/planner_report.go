package graph

import (
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/report"
)

// madeTypes are the types of reports, whose rows are written as they were added up. The stores of a report are those of
// the request.
func madeTypes() []*reading.Type {
	return []*reading.Type{
		reading.Made[report.Payload]("SalesReportPayload",
			reading.Has("report", func(p *report.Payload) *report.Report { return p.Report }),
			reading.Each("userErrors", func(p *report.Payload) []*report.UserError {
				list := make([]*report.UserError, len(p.UserErrors))
				for i := range list {
					list[i] = &p.UserErrors[i]
				}
				return list
			})),
		reading.Made[report.UserError]("SalesReportUserError"),
		reading.Made[report.Report]("SalesReport",
			reading.First("rows", (*report.Report).Rows),
			reading.Each("totals", func(r *report.Report) []*report.Row { return r.Totals }),
			reading.Each("subtotals", func(r *report.Report) []*report.Row { return r.Subtotals })),
		reading.Made[report.Row]("SalesReportRow",
			reading.Has("group", (*report.Row).Group), reading.Has("change", (*report.Row).Change),
			reading.Has("figures", func(r *report.Row) *report.Figures { return r.Figures }),
			reading.Has("previous", func(r *report.Row) *report.Figures { return r.Previous })),
		reading.Made[report.Group]("SalesReportGroup",
			reading.Has("taxRate", (*report.Group).TaxRate), reading.Points("store", (*report.Group).StoreID, true),
			reading.Points("register", (*report.Group).RegisterID, false),
			reading.Points("cashier", (*report.Group).CashierID, false),
			reading.Points("product", (*report.Group).ProductID, false),
			reading.Points("category", (*report.Group).CategoryID, false),
			reading.Points("categoryToday", (*report.Group).CategoryTodayID, false),
			reading.Points("brand", (*report.Group).BrandID, false),
			reading.Points("brandToday", (*report.Group).BrandTodayID, false),
			reading.Points("supplier", (*report.Group).SupplierID, false),
			reading.Points("supplierToday", (*report.Group).SupplierTodayID, false),
			reading.Points("customerGroup", (*report.Group).CustomerGroupID, false)),
		reading.Made[report.TaxKey]("SalesReportTax"),
		reading.Made[report.Figures]("SalesReportFigures",
			reading.Each("tenders", func(f *report.Figures) []*report.TenderSum { return f.Tenders })),
		reading.Made[report.TenderSum]("SalesReportTender"),
		reading.Made[report.Change]("SalesReportChange"),
	}
}
