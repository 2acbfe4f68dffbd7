package report

import (
	"strings"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// source builds rows from receipts, one for each that the grain tells apart on a receipt, with the columns of the sums.
type source func(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery

// span is what a report looks at.
type span struct {
	stores   []id.Store
	from, to civil.Date
}

func (s span) limit(q *bun.SelectQuery, alias string) *bun.SelectQuery {
	return q.Where(alias+".store_id ?", postgres.Among(s.stores)).
		Where(alias+".business_date >= ?", s.from).Where(alias+".business_date <= ?", s.to)
}

// nobody stands in the sums for no person and for no category.
const nobody = "00000000-0000-0000-0000-000000000000"

// receiptColumns are what a row knows of its receipt.
const receiptColumns = `s.store_id, s.id, s.business_date, s.local_hour AS hour, s.register_id AS at_register_id,
	s.currency_code, s.rounding, s.total, coalesce(s.customer_group_id, '` + nobody + `') AS customer_group_id`

// unfolded are the receipts that the sums don't have yet, and those that are to be taken out of them.
func unfolded(h *postgres.Handle, of span) *bun.SelectQuery {
	waiting := h.Select((*pending)(nil)).Column("sale_id", "kind").
		Where("pending.store_id ?", postgres.Among(of.stores))
	return of.limit(h.Select((*soldSale)(nil)), "s").ColumnExpr(receiptColumns).
		ColumnExpr("coalesce(s.cashier_id, ?) AS cashier_id", nobody).
		ColumnExpr("CASE w.kind WHEN ? THEN 1 ELSE -1 END AS sign", Sold).
		ColumnExpr("CASE w.kind WHEN ? THEN 1 ELSE 0 END AS void", Voided).
		Join("JOIN (?) AS w ON w.sale_id = s.id", waiting)
}

// recorded are the receipts of the ledger.
func recorded(h *postgres.Handle, of span) *bun.SelectQuery {
	// A day is never further from that of Greenwich than this; the indexes know instants.
	const slack = 2
	return of.limit(h.Select((*soldSale)(nil)), "s").ColumnExpr(receiptColumns).
		ColumnExpr("coalesce(s.cashier_id, ?) AS cashier_id", nobody).
		ColumnExpr("CASE s.status WHEN ? THEN 1 ELSE 0 END AS sign", "COMPLETED").
		ColumnExpr("CASE s.status WHEN ? THEN 1 ELSE 0 END AS void", "VOIDED").
		Where("s.occurred_at >= ?", of.from.Add(-slack).String()).Where("s.occurred_at < ?", of.to.Add(slack+1).String())
}

// lineSums are the figures that the lines of a receipt add up to.
func lineSums(q *bun.SelectQuery) *bun.SelectQuery {
	const sold, back = "SALE", "RETURN"
	return q.
		ColumnExpr("d.sign * bool_or(l.kind = ?)::int AS sale_count", sold).
		ColumnExpr("d.sign * bool_or(l.kind = ?)::int AS return_count", back).
		ColumnExpr("d.sign * coalesce(sum(l.gross) FILTER (WHERE l.kind = ?), 0) AS gross", sold).
		ColumnExpr("d.sign * coalesce(sum(l.discount + l.order_discount) FILTER (WHERE l.kind = ?), 0) AS discount", sold).
		ColumnExpr("d.sign * coalesce(sum(l.discount + l.order_discount - l.gross) FILTER (WHERE l.kind = ?), 0) AS returned", back).
		ColumnExpr("d.sign * sum(l.subtotal) AS net, d.sign * sum(l.tax) AS tax").
		ColumnExpr("d.sign * coalesce(sum(l.quantity) FILTER (WHERE l.kind = ?), 0) AS sold", sold).
		ColumnExpr("d.sign * coalesce(-sum(l.quantity) FILTER (WHERE l.kind = ?), 0) AS back", back).
		ColumnExpr("d.sign * coalesce(sum(l.cost), 0) AS cost").
		ColumnExpr("d.sign * coalesce(sum(l.subtotal) FILTER (WHERE l.cost IS NOT NULL), 0) AS net_costed").
		ColumnExpr("d.void AS void_count")
}

// perReceipt begins a query of rows that know their receipt.
func perReceipt(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return h.NewSelect().TableExpr("(?) AS d", receipts).
		ColumnExpr("d.store_id, d.business_date, d.hour, d.at_register_id, d.cashier_id, d.customer_group_id, d.currency_code")
}

// groupedByReceipt are the columns that follow from the receipt.
const groupedByReceipt = `d.store_id, d.business_date, d.hour, d.at_register_id, d.cashier_id, d.customer_group_id, d.currency_code, d.id, d.sign,
	d.void, d.rounding, d.total`

// labelsAsSold are what a line's product was of.
const labelsAsSold = "coalesce(l.category_id, '" + nobody + "') AS category, coalesce(l.brand_id, '" + nobody +
	"') AS brand, coalesce(l.supplier_id, '" + nobody + "') AS supplier"

// The same as the columns of sums that rows are added up by.
const (
	labelColumns   = "l.category AS category_id, l.brand AS brand_id, l.supplier AS supplier_id"
	groupedByLabel = "l.category, l.brand, l.supplier"
)

func lines(h *postgres.Handle) *bun.SelectQuery {
	return h.Select((*soldLine)(nil)).ColumnExpr("l.*").ColumnExpr(labelsAsSold)
}

func fromReceipts(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return lineSums(perReceipt(h, receipts)).
		ColumnExpr("d.void * d.total AS voided, d.sign * d.rounding AS rounding").
		Join("JOIN (?) AS l ON l.sale_id = d.id", lines(h)).GroupExpr(groupedByReceipt)
}

func fromCategories(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return fromLines(h, receipts, "l.category AS category_id", "l.category")
}

func fromBrands(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return fromLines(h, receipts, "l.brand AS brand_id", "l.brand")
}

func fromSuppliers(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return fromLines(h, receipts, "l.supplier AS supplier_id", "l.supplier")
}

// fromLines adds the lines of a receipt up by some of their columns.
func fromLines(h *postgres.Handle, receipts *bun.SelectQuery, columns, grouped string) *bun.SelectQuery {
	return lineSums(perReceipt(h, receipts).ColumnExpr(columns)).
		ColumnExpr("d.void * sum(l.total) AS voided").
		Join("JOIN (?) AS l ON l.sale_id = d.id", lines(h)).GroupExpr(groupedByReceipt + ", " + grouped)
}

func fromProducts(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	rows := fromLines(h, receipts, "d.id AS receipt, d.sign, l.product_id, "+labelColumns, "l.product_id, "+groupedByLabel)
	return countedOnce(h, rows, "f.product_id", lineFigures)
}

// countedOnce has rows of receipts count each receipt once for what it has of some columns: where a product stands on it as
// several things, in the first of them.
func countedOnce(h *postgres.Handle, rows *bun.SelectQuery, columns string, figures []string) *bun.SelectQuery {
	const (
		counted = `CASE row_number() OVER (PARTITION BY f.receipt, f.sign, ? ORDER BY f.category_id, f.brand_id, f.supplier_id)
			WHEN 1 THEN coalesce(nullif(max(f.?) OVER (PARTITION BY f.receipt, f.sign, ?), 0), min(f.?) OVER (PARTITION BY f.receipt, f.sign, ?))
			ELSE 0 END AS ?`
		kept = "f.store_id, f.business_date, f.hour, f.at_register_id, f.cashier_id, f.customer_group_id, f.currency_code, " +
			"f.category_id, f.brand_id, f.supplier_id, "
	)
	of := bun.Safe(columns)
	q := h.NewSelect().TableExpr("(?) AS f", rows).ColumnExpr(kept + columns)
	for _, figure := range figures {
		if name := bun.Ident(figure); strings.HasSuffix(figure, "_count") {
			q.ColumnExpr(counted, of, name, of, name, of, name)
		} else {
			q.ColumnExpr("f.?", name)
		}
	}
	return q
}

func fromTenders(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return perReceipt(h, receipts).ColumnExpr("p.method").
		ColumnExpr("d.sign AS sale_count, d.sign * sum(p.amount) AS amount").
		Join("JOIN (?) AS p ON p.sale_id = d.id", h.Select((*soldPayment)(nil)).ColumnExpr("p.sale_id, p.method, p.amount")).
		GroupExpr(groupedByReceipt + ", p.method")
}

// taxed are lines with their taxes; what bears none has one without a name.
func taxed(h *postgres.Handle) *bun.SelectQuery {
	return h.Select((*soldLine)(nil)).ColumnExpr("l.sale_id, l.product_id").
		ColumnExpr(labelsAsSold).
		ColumnExpr("coalesce(t.name, '') AS tax_name, coalesce(t.code, '') AS tax_code, coalesce(t.rate_ppm, 0) AS tax_rate_ppm").
		ColumnExpr("coalesce(t.base, l.subtotal) AS base, coalesce(t.amount, 0) AS amount").
		Join("LEFT JOIN (?) AS t ON t.sale_line_id = l.id", h.Select((*soldTax)(nil)).ColumnExpr("t.sale_line_id, t.name, t.code, t.rate_ppm, t.base, t.amount"))
}

const taxColumns = "l.tax_name, l.tax_code, l.tax_rate_ppm"

func fromTaxes(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return perReceipt(h, receipts).ColumnExpr(taxColumns).
		ColumnExpr("d.sign AS sale_count, d.sign * sum(l.base) AS net, d.sign * sum(l.amount) AS tax").
		Join("JOIN (?) AS l ON l.sale_id = d.id", taxed(h)).GroupExpr(groupedByReceipt + ", " + taxColumns)
}

func fromTaxedProducts(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	rows := perReceipt(h, receipts).ColumnExpr("d.id AS receipt, d.sign, "+taxColumns+", l.product_id, "+labelColumns).
		ColumnExpr("d.sign AS sale_count, d.sign * sum(l.base) AS net, d.sign * sum(l.amount) AS tax").
		Join("JOIN (?) AS l ON l.sale_id = d.id", taxed(h)).
		GroupExpr(groupedByReceipt + ", " + taxColumns + ", l.product_id, " + groupedByLabel)
	return countedOnce(h, rows, "f.product_id, f.tax_name, f.tax_code, f.tax_rate_ppm", taxFigures)
}

func fromReasons(h *postgres.Handle, receipts *bun.SelectQuery) *bun.SelectQuery {
	return perReceipt(h, receipts).ColumnExpr("o.reason").
		ColumnExpr("d.sign AS sale_count, d.sign * sum(o.amount) AS discount").
		Join("JOIN (?) AS o ON o.sale_id = d.id", h.Select((*soldDiscount)(nil)).ColumnExpr("o.sale_id, o.reason, o.amount")).
		GroupExpr(groupedByReceipt + ", o.reason")
}
