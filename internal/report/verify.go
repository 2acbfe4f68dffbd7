package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Difference is a row of the sums that isn't what the ledger says.
type Difference struct {
	// Sums names the grain.
	Sums string `bun:"-"`
	// Row says what the row is of, Figures by how much each is too large.
	Row     string `bun:"of"`
	Figures string `bun:"figures"`
}

// String says it for a person.
func (d *Difference) String() string { return d.Sums + " " + d.Row + ": " + d.Figures }

// mostDifferences bounds what is told of each grain.
const mostDifferences = 100

// Verify adds all receipts of the scope up anew, from the ledger, and gives the rows in which the sums, with what is
// pending, differ: none, ever.
func (r *Reports) Verify(ctx context.Context) ([]*Difference, error) {
	h, err := r.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Scope().Whole(); err != nil {
		return nil, err
	}
	of := span{
		stores: h.Scope().Stores(),
		from:   civil.Date{Year: 1, Month: 1, Day: 10}, to: civil.Date{Year: 9999, Month: 12, Day: 1},
	}
	all := []*Difference{}
	for _, f := range families() {
		var found []*Difference
		if err := h.Read(ctx, postgres.Rows(&found, f.differences(h, of))); err != nil {
			return nil, fmt.Errorf("verify %s: %w", f.name, err)
		}
		for _, d := range found {
			d.Sums = f.name
		}
		all = append(all, found...)
	}
	return all, nil
}

// keyColumns are the columns that tell the rows of a family apart.
func (f *family) keyColumns() []string {
	columns := []string{"store_id", "business_date", "currency_code"}
	for _, d := range f.by {
		switch d {
		case ByHour:
			columns = append(columns, "hour")
		case ByRegister:
			columns = append(columns, "at_register_id")
		case ByCashier:
			columns = append(columns, "cashier_id")
		case ByProduct:
			columns = append(columns, "product_id")
		case ByCategory:
			columns = append(columns, "category_id")
		case ByBrand:
			columns = append(columns, "brand_id")
		case BySupplier:
			columns = append(columns, "supplier_id")
		case ByCustomerGroup:
			columns = append(columns, "customer_group_id")
		case ByTender:
			columns = append(columns, "method")
		case ByTaxRate:
			columns = append(columns, "tax_name", "tax_code", "tax_rate_ppm")
		case ByDiscountReason:
			columns = append(columns, "reason")
		default: // of no column of its own
		}
	}
	return columns
}

func (f *family) differences(h *postgres.Handle, of span) *bun.SelectQuery {
	columns := f.keyColumns()
	side := func(from *bun.SelectQuery, sign string) *bun.SelectQuery {
		for _, c := range columns {
			from.ColumnExpr("r.?", bun.Ident(c))
		}
		for _, figure := range f.figures {
			from.ColumnExpr("(?)::bigint AS ?", bun.Safe(sign+"r."+figure), bun.Ident(figure))
		}
		return from
	}
	rows := func(receipts *bun.SelectQuery) *bun.SelectQuery {
		return h.NewSelect().TableExpr("(?) AS r", f.source(h, receipts))
	}
	both := side(of.limit(h.Select(f.model), "r"), "").
		UnionAll(side(rows(unfolded(h, of)), "")).
		UnionAll(side(rows(recorded(h, of)), "-"))
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = "x." + c
	}
	sums, wrong := make([]string, len(f.figures)), make([]string, len(f.figures))
	for i, figure := range f.figures {
		sums[i] = "sum(x." + figure + ")"
		wrong[i] = sums[i] + " <> 0"
	}
	return h.NewSelect().TableExpr("(?) AS x", both).
		ColumnExpr("concat_ws(chr(32), ?) AS of", bun.Safe(strings.Join(quoted, ", "))).
		ColumnExpr("concat_ws(chr(32), ?) AS figures", bun.Safe(strings.Join(named(f.figures, sums), ", "))).
		GroupExpr(strings.Join(quoted, ", ")).Having(strings.Join(wrong, " OR ")).OrderExpr("1").Limit(mostDifferences)
}

// named puts the name of each figure before its sum.
func named(figures, sums []string) []string {
	list := slices.Clone(sums)
	for i := range list {
		list[i] = "'" + figures[i] + "'::text, " + sums[i]
	}
	return list
}
