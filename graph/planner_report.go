package graph

import (
	"slices"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/report"
)

// madeTypes are the types of reports, whose rows are written as they were added up. The stores of a report are those of
// the request.
func madeTypes() []*reading.Type {
	return slices.Concat(salesReportTypes(), stockReportTypes(), varianceReportTypes())
}

// addresses are those of the elements of a list.
func addresses[T any](of []T) []*T {
	list := make([]*T, len(of))
	for i := range of {
		list[i] = &of[i]
	}
	return list
}

func salesReportTypes() []*reading.Type {
	return []*reading.Type{
		reading.Made[report.Payload]("SalesReportPayload",
			reading.Has("report", func(p *report.Payload) *report.Report { return p.Report }),
			reading.Each("userErrors", func(p *report.Payload) []*report.UserError { return addresses(p.UserErrors) })),
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

func stockReportTypes() []*reading.Type {
	return []*reading.Type{
		reading.Made[report.StockPayload]("StockReportPayload",
			reading.Has("report", func(p *report.StockPayload) *report.StockReport { return p.Report }),
			reading.Each("userErrors", func(p *report.StockPayload) []*report.StockUserError { return addresses(p.UserErrors) })),
		reading.Made[report.StockUserError]("StockReportUserError"),
		reading.Made[report.StockReport]("StockReport",
			reading.First("rows", (*report.StockReport).Rows),
			reading.Each("totals", func(r *report.StockReport) []*report.StockTotal { return r.Totals })),
		reading.Made[report.StockRow]("StockReportRow",
			reading.Points("store", (*report.StockRow).StoreID, true),
			reading.Points("product", (*report.StockRow).ProductID, false)),
		reading.Made[report.StockTotal]("StockReportTotal"),
	}
}

func varianceReportTypes() []*reading.Type {
	return []*reading.Type{
		reading.Made[report.VariancePayload]("TillVarianceReportPayload",
			reading.Has("report", func(p *report.VariancePayload) *report.Variances { return p.Report }),
			reading.Each("userErrors", func(p *report.VariancePayload) []*report.VarianceUserError { return addresses(p.UserErrors) })),
		reading.Made[report.VarianceUserError]("TillVarianceReportUserError"),
		reading.Made[report.Variances]("TillVarianceReport", reading.First("rows", (*report.Variances).Rows)),
		reading.Made[report.VarianceRow]("TillVarianceReportRow",
			reading.Points("store", func(r *report.VarianceRow) *id.Store { return &r.StoreID }, true),
			reading.Points("person", func(r *report.VarianceRow) *id.User { return r.PersonID }, false)),
	}
}
