package report

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
)

// ZReportsInput says which Z reports: of which business days, and of which registers where any are named.
type ZReportsInput struct {
	From, To    civil.Date
	StoreIDs    []id.Store
	RegisterIDs []id.Register
}

func (in *ZReportsInput) sales() *Input {
	return &Input{From: in.From, To: in.To, StoreIDs: in.StoreIDs, Filter: &Filter{RegisterIDs: in.RegisterIDs}}
}

func (*ZReportsInput) kind() ExportKind { return OfZReports }

func (in *ZReportsInput) span() span { return span{in.StoreIDs, in.From, in.To} }

func (*ZReportsInput) needs() []tenancy.Permission {
	return []tenancy.Permission{tenancy.ReportRead, tenancy.TillUse}
}

func (in *ZReportsInput) settled(_ context.Context, h *postgres.Handle) (exportable, bool, error) {
	var p errs.Problems
	asked := *in
	asked.StoreIDs = in.sales().narrower(&p, h.Scope(), tenancy.TillUse, "registerIds")
	return &asked, false, p.Err()
}

// cut cuts by days: the rows are in their order.
func (in *ZReportsInput) cut() []exportable {
	var list []ZReportsInput
	for _, days := range in.sales().periods(ByDay) {
		part := *in
		part.From, part.To = days.From, days.To
		list = append(list, part)
	}
	return parts(list)
}

// zReports are those of some days, in their order.
func (in *ZReportsInput) zReports(h *postgres.Handle) *bun.SelectQuery {
	q := in.span().limit(h.Select((*till.ZReport)(nil)), "z_report")
	among(q, "z_report.register_id = ANY (?::uuid[])", in.RegisterIDs)
	return q.OrderExpr("z_report.business_date, z_report.store_id, z_report.register_id, z_report.number").Limit(mostRows + 1)
}

func (in *ZReportsInput) cells(ctx context.Context, _ *Files, h *postgres.Handle, _ bool) ([][]string, error) {
	var rows []*till.ZReport
	if err := h.Read(ctx, postgres.Rows(&rows, in.zReports(h))); err != nil {
		return nil, err
	}
	if len(rows) > mostRows {
		return nil, errTooLarge
	}
	ids := nameless{}
	for _, z := range rows {
		ids.note("store", &z.StoreID)
		ids.note("register", &z.RegisterID)
		ids.note("person", z.ClosedByID)
		ids.note("person", &z.CountedByID)
		ids.note("person", z.ApprovedByID)
	}
	named, err := ids.names(ctx, h)
	if err != nil {
		return nil, err
	}
	return cellsOf(in.columns(), rows, named), nil
}

func (in *ZReportsInput) heads(bool) []head { return heads(in.columns()) }

func (*ZReportsInput) columns() []column[*till.ZReport] {
	type row = *till.ZReport
	at := func(title string, of func(row) time.Time) column[row] {
		return words(title, func(z row, _ *names) string { return of(z).UTC().Format(time.RFC3339Nano) })
	}
	count := func(title string, of func(*till.Report) int64) column[row] {
		return counts(title, func(z row) int64 { return of(z.Figures) })
	}
	sum := func(title string, of func(*till.Report) *money.Money) column[row] {
		return amounts(title, func(z row) *money.Money { return of(z.Figures) })
	}
	list := []column[row]{
		words("Store code", func(z row, n *names) string { return n.code(&z.StoreID) }),
		words("Store", func(z row, n *names) string { return n.name(&z.StoreID) }),
		words("Register code", func(z row, n *names) string { return n.code(&z.RegisterID) }),
		words("Register", func(z row, n *names) string { return n.name(&z.RegisterID) }),
		counts("Number", func(z row) int64 { return z.Number }),
		words("Day", func(z row, _ *names) string { return z.BusinessDate.String() }),
		at("Opened at", func(z row) time.Time { return z.OpenedAt }),
		at("Closed at", func(z row) time.Time { return z.ClosedAt }),
		words("Closed by", func(z row, n *names) string { return n.name(z.ClosedByID) }),
		words("Counted by", func(z row, n *names) string { return n.name(&z.CountedByID) }),
		words("Approved by", func(z row, n *names) string { return n.name(z.ApprovedByID) }),
		words("Approval reason", func(z row, _ *names) string {
			if z.ApprovalReason == nil {
				return ""
			}
			return *z.ApprovalReason
		}),
		words("Currency", func(z row, _ *names) string { return string(z.Figures.Currency) }),
		count("Sales", func(r *till.Report) int64 { return r.SaleCount }),
		count("Receipts with returns", func(r *till.Report) int64 { return r.ReturnCount }),
		count("Voids", func(r *till.Report) int64 { return r.VoidCount }), sum("Voided", (*till.Report).Voided),
		sum("Gross", (*till.Report).Gross), sum("Discounts", (*till.Report).Discounts), sum("Returns", (*till.Report).Returns),
		sum("Net", (*till.Report).Net), sum("Tax", (*till.Report).Tax), sum("Rounding", (*till.Report).Rounding),
		sum("Total", (*till.Report).Total), sum("Opening float", (*till.Report).OpeningFloat),
		sum("Paid in", (*till.Report).PaidIn), sum("Paid out", (*till.Report).PaidOut),
		sum("Cash drops", (*till.Report).CashDrops),
		count("Drawer openings", func(r *till.Report) int64 { return r.NoSaleCount }),
	}
	for _, method := range till.Methods() {
		list = append(list, tenderColumns(method)...)
	}
	return list
}

// tenderColumns are what a Z report has of a way of paying: empty cells, where nothing was paid so.
func tenderColumns(method till.Method) []column[*till.ZReport] {
	tender := func(title string, of func(*till.TenderSum) *money.Money) column[*till.ZReport] {
		return amounts(string(method)+title, func(z *till.ZReport) *money.Money {
			for _, t := range z.Figures.Tenders {
				if t.Method == method {
					return of(t)
				}
			}
			return nil
		})
	}
	return []column[*till.ZReport]{
		tender("", (*till.TenderSum).Amount), tender(" expected", (*till.TenderSum).Expected),
		tender(" counted", (*till.TenderSum).Counted), tender(" variance", (*till.TenderSum).Variance),
	}
}
