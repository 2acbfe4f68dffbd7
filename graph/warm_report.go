package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/sale"
)

func groupRelations() relations[report.Group] {
	return relations[report.Group]{"SalesReportGroup", map[string]ask[report.Group]{
		"store":         maybe((*loaders).stores, (*report.Group).StoreID),
		"register":      maybe((*loaders).registers, (*report.Group).RegisterID),
		"cashier":       maybe((*loaders).users, (*report.Group).CashierID),
		"product":       maybe((*loaders).products, (*report.Group).ProductID),
		"category":      maybe((*loaders).categories, (*report.Group).CategoryID),
		"categoryToday": maybe((*loaders).categories, (*report.Group).CategoryTodayID),
		"brand":         maybe((*loaders).brands, (*report.Group).BrandID),
		"brandToday":    maybe((*loaders).brands, (*report.Group).BrandTodayID),
		"supplier":      maybe((*loaders).suppliers, (*report.Group).SupplierID),
		"supplierToday": maybe((*loaders).suppliers, (*report.Group).SupplierTodayID),
		"customerGroup": maybe(func(l *loaders) loader.Loader[id.CustomerGroup, *customer.Group] { return l.group },
			(*report.Group).CustomerGroupID),
	}}
}

func stockRowRelations() relations[report.StockRow] {
	return relations[report.StockRow]{"StockReportRow", map[string]ask[report.StockRow]{
		"store":   maybe((*loaders).stores, (*report.StockRow).StoreID),
		"product": maybe((*loaders).products, (*report.StockRow).ProductID),
	}}
}

func varianceRelations() relations[report.VarianceRow] {
	return relations[report.VarianceRow]{"TillVarianceReportRow", map[string]ask[report.VarianceRow]{
		"store":  to((*loaders).stores, func(r *report.VarianceRow) id.Store { return r.StoreID }),
		"person": maybe((*loaders).users, func(r *report.VarianceRow) *id.User { return r.PersonID }),
	}}
}

func alertRelations() relations[report.Alert] {
	return relations[report.Alert]{"ReportAlert", map[string]ask[report.Alert]{
		"store": maybe((*loaders).stores, func(a *report.Alert) *id.Store { return a.StoreID }),
	}}
}

func noticeRelations() relations[report.Notice] {
	return relations[report.Notice]{"ReportNotice", map[string]ask[report.Notice]{
		"store": to((*loaders).stores, func(n *report.Notice) id.Store { return n.StoreID }),
	}}
}

func scheduleRelations() relations[report.Schedule] {
	return relations[report.Schedule]{"ReportSchedule", map[string]ask[report.Schedule]{
		"store": maybe((*loaders).stores, func(s *report.Schedule) *id.Store { return s.StoreID }),
	}}
}

func calculatedRelations() relations[sale.CalculatedLine] {
	return relations[sale.CalculatedLine]{"SaleCalculationLine", map[string]ask[sale.CalculatedLine]{
		"product": to((*loaders).products, func(l *sale.CalculatedLine) id.Product { return l.ProductID }),
	}}
}

// warmGroups does so for rows of the sales report, whose groups name what they are of.
func warmGroups(ctx context.Context, rows []*report.Row, err error) ([]*report.Row, error) {
	if err != nil {
		return nil, err
	}
	groups := make([]*report.Group, len(rows))
	for i, row := range rows {
		groups[i] = row.Group()
	}
	warm(ctx, groups, groupRelations(), fieldsAt(ctx, "group"))
	return rows, nil
}

// warmCalculation does so for the lines of a calculation.
func warmCalculation(ctx context.Context, p *sale.CalculatePayload, err error) (*sale.CalculatePayload, error) {
	if err == nil && p.Calculation != nil {
		warm(ctx, p.Calculation.Lines, calculatedRelations(), fieldsAt(ctx, "calculation", "lines"))
	}
	return p, err
}
