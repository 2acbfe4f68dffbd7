package report

import (
	"context"
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ExportKind says which report a file is of.
type ExportKind string

// The kinds.
const (
	OfSales     ExportKind = "SALES"
	OfStock     ExportKind = "STOCK"
	OfVariances ExportKind = "TILL_VARIANCES"
	OfZReports  ExportKind = "Z_REPORTS"
)

// name is what a file of it is called.
func (k ExportKind) name() string {
	return map[ExportKind]string{
		OfSales: "sales", OfStock: "stock", OfVariances: "till-variances", OfZReports: "z-reports",
	}[k]
}

// exportable is a report that there are files of, as it is asked for.
type exportable interface {
	kind() ExportKind
	stored() *stored
	// span has the stores and days that it is of.
	span() span
	// settled is the same of the stores that it is about, each of them told, and whether costs stand in it.
	//
	// Errors: the problems of the report; FORBIDDEN.
	settled(ctx context.Context, h *postgres.Handle) (of exportable, costs bool, err error)
	// needs are the permissions that somebody has in all of its stores, beside that for costs.
	needs() []tenancy.Permission
	// cut cuts it into the parts that it is made in, whose rows, one part after the other, are those of the whole.
	cut() []exportable
	heads(costs bool) []head
	// cells are the rows of a part.
	//
	// Errors: those of the report.
	cells(ctx context.Context, f *Files, h *postgres.Handle, costs bool) ([][]string, error)
}

// Subject is what a file is of. In the database it is JSON.
type Subject struct{ of exportable }

// parts are what of something is made after each other.
func parts[T any, P interface {
	*T
	exportable
}](list []T,
) []exportable {
	of := make([]exportable, len(list))
	for i := range list {
		of[i] = P(&list[i])
	}
	return of
}

func (*Input) kind() ExportKind { return OfSales }

func (in *Input) span() span { return span{in.StoreIDs, in.From, in.To} }

func (*Input) needs() []tenancy.Permission { return []tenancy.Permission{tenancy.ReportRead} }

func (in *Input) settled(_ context.Context, h *postgres.Handle) (exportable, bool, error) {
	run, err := plan(h.Scope(), in, Want{})
	if err != nil {
		return nil, false, err
	}
	asked := *in
	asked.StoreIDs = run.span.stores
	return &asked, run.costs, nil
}

func (in *Input) cut() []exportable { return parts(in.pages(in.StoreIDs)) }

func (in *Input) heads(costs bool) []head { return heads(in.columns(costs)) }

func (in *Input) cells(ctx context.Context, f *Files, h *postgres.Handle, costs bool) ([][]string, error) {
	made, err := f.reports.Sales(ctx, *in, Want{})
	if err != nil {
		return nil, err
	}
	named, err := inGroups(made.rows).names(ctx, h)
	if err != nil {
		return nil, err
	}
	return cellsOf(in.columns(costs), made.rows, named), nil
}

func (*StockInput) kind() ExportKind { return OfStock }

func (in *StockInput) span() span { return span{in.StoreIDs, in.From, in.To} }

func (*StockInput) needs() []tenancy.Permission {
	return []tenancy.Permission{tenancy.ReportRead, tenancy.InventoryRead}
}

func (in *StockInput) settled(ctx context.Context, h *postgres.Handle) (exportable, bool, error) {
	var p errs.Problems
	asked := *in
	asked.StoreIDs = in.validate(&p, h.Scope())
	if err := p.Err(); err != nil {
		return nil, false, err
	}
	costs := h.Scope().CanAtAll(tenancy.CostRead, asked.StoreIDs)
	if err := in.mayBeSorted(costs); err != nil {
		return nil, false, err
	}
	// The report has one currency after the other: so must its parts.
	var ordered []*namedStore
	q := h.Select((*namedStore)(nil)).Column("id").Where("named.id = ANY (?::uuid[])", postgres.UUIDs(asked.StoreIDs)).
		OrderExpr("named.currency_code, named.id")
	if err := h.Read(ctx, postgres.Rows(&ordered, q)); err != nil {
		return nil, false, err
	}
	asked.StoreIDs = make([]id.Store, len(ordered))
	for i, store := range ordered {
		asked.StoreIDs[i] = store.ID
	}
	return &asked, costs, nil
}

func (in *StockInput) cut() []exportable {
	if in.Sort != nil && *in.Sort != StockInOrder || len(in.StoreIDs) == 0 || len(in.StoreIDs) > mostPages {
		return []exportable{in}
	}
	list := make([]StockInput, len(in.StoreIDs))
	for i, store := range in.StoreIDs {
		list[i] = *in
		list[i].StoreIDs = []id.Store{store}
	}
	return parts(list)
}

func (*StockInput) columns(costs bool) []column[*StockRow] {
	list := []column[*StockRow]{
		words("Store code", func(r *StockRow, n *names) string { return n.code(r.StoreID()) }),
		words("Store", func(r *StockRow, n *names) string { return n.name(r.StoreID()) }),
		words("SKU", func(r *StockRow, n *names) string { return n.code(r.ProductID()) }),
		words("Product", func(r *StockRow, n *names) string { return n.name(r.ProductID()) }),
		currencies[*StockRow](),
		numbers("Quantity", func(r *StockRow) string { return r.Quantity().String() }),
		numbers("Units sold", func(r *StockRow) string { return r.UnitsSold().String() }),
		told("Sell-through %", (*StockRow).SellThrough, money.Decimal.String),
	}
	if costs {
		list = append(list, told("Value at cost", (*StockRow).ValueAtCost, plainAmount))
	}
	return append(list, told("Value at price", (*StockRow).ValueAtPrice, plainAmount))
}

func (in *StockInput) heads(costs bool) []head { return heads(in.columns(costs)) }

func (in *StockInput) cells(ctx context.Context, f *Files, h *postgres.Handle, costs bool) ([][]string, error) {
	made, err := f.Stock(ctx, *in, true)
	if err != nil {
		return nil, err
	}
	ids := nameless{}
	for _, row := range made.rows {
		ids.note("store", row.StoreID())
		ids.note("product", row.ProductID())
	}
	named, err := ids.names(ctx, h)
	if err != nil {
		return nil, err
	}
	return cellsOf(in.columns(costs), made.rows, named), nil
}

func (*VarianceInput) kind() ExportKind { return OfVariances }

func (in *VarianceInput) span() span { return span{in.StoreIDs, in.From, in.To} }

func (*VarianceInput) needs() []tenancy.Permission { return []tenancy.Permission{tenancy.ReportRead} }

func (in *VarianceInput) settled(_ context.Context, h *postgres.Handle) (exportable, bool, error) {
	var p errs.Problems
	asked := *in
	asked.StoreIDs = in.validate(&p, h.Scope())
	return &asked, false, p.Err()
}

// cut is one part: the report is ordered by its figures.
func (in *VarianceInput) cut() []exportable { return []exportable{in} }

func (*VarianceInput) columns() []column[*VarianceRow] {
	return []column[*VarianceRow]{
		words("Store code", func(r *VarianceRow, n *names) string { return n.code(&r.StoreID) }),
		words("Store", func(r *VarianceRow, n *names) string { return n.name(&r.StoreID) }),
		words("Person", func(r *VarianceRow, n *names) string { return n.name(r.PersonID) }),
		words("Tender", func(r *VarianceRow, _ *names) string { return r.Method }),
		currencies[*VarianceRow](),
		counts("Counts", func(r *VarianceRow) int64 { return r.Counts }),
		amounts("Over", (*VarianceRow).Over), amounts("Short", (*VarianceRow).Short), amounts("Net", (*VarianceRow).Net),
	}
}

func (in *VarianceInput) heads(bool) []head { return heads(in.columns()) }

func (in *VarianceInput) cells(ctx context.Context, f *Files, h *postgres.Handle, _ bool) ([][]string, error) {
	made, err := f.reports.Variances(ctx, *in)
	if err != nil {
		return nil, err
	}
	ids := nameless{}
	for _, row := range made.rows {
		ids.note("store", &row.StoreID)
		ids.note("person", row.PersonID)
	}
	named, err := ids.names(ctx, h)
	if err != nil {
		return nil, err
	}
	return cellsOf(in.columns(), made.rows, named), nil
}

// permitted says whether somebody has permissions in all of several stores.
func permitted(scope *tenancy.Scope, stores []id.Store, needs []tenancy.Permission) bool {
	return !slices.ContainsFunc(needs, func(p tenancy.Permission) bool { return !scope.CanAtAll(p, stores) })
}
