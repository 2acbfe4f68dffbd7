package report

import (
	"strconv"

	"github.com/tillgraph/tillgraph/internal/money"
)

// head is the top of a file's column: what is below it are numbers in plain notation, or texts.
type head struct {
	title  string
	number bool
}

// column is one of a file's: what a row of a kind has there.
type column[R any] struct {
	head

	cell func(R, *names) string
}

// words and those below are columns of rows; a cell of what is nil is empty.
func words[R any](title string, of func(R, *names) string) column[R] {
	return column[R]{head{title: title}, of}
}

func numbers[R any](title string, of func(R) string) column[R] {
	return column[R]{head{title, true}, func(row R, _ *names) string { return of(row) }}
}

func amounts[R any](title string, of func(R) *money.Money) column[R] {
	return numbers(title, func(row R) string {
		if m := of(row); m != nil {
			return plainAmount(*m)
		}
		return ""
	})
}

// told is a column whose cells are empty where it can't be told.
func told[R, V any](title string, of func(R) (V, bool), text func(V) string) column[R] {
	return numbers(title, func(row R) string {
		if v, is := of(row); is {
			return text(v)
		}
		return ""
	})
}

func plainAmount(m money.Money) string { return m.Amount().String() }

func counts[R any, N int | int64](title string, of func(R) N) column[R] {
	return numbers(title, func(row R) string { return strconv.FormatInt(int64(of(row)), 10) })
}

func currencies[R interface{ CurrencyCode() money.Currency }]() column[R] {
	return words("Currency", func(row R, _ *names) string { return string(row.CurrencyCode()) })
}

func heads[R any](columns []column[R]) []head {
	list := make([]head, len(columns))
	for i, c := range columns {
		list[i] = c.head
	}
	return list
}

// cellsOf are what rows have in columns.
func cellsOf[R any](columns []column[R], rows []R, named *names) [][]string {
	cells := make([][]string, len(rows))
	for i, row := range rows {
		cells[i] = make([]string, len(columns))
		for j, c := range columns {
			cells[i][j] = c.cell(row, named)
		}
	}
	return cells
}

// columns are those of a report's file: its groups, and the figures that can be told of them.
func (in *Input) columns(costs bool) []column[*Row] {
	var list []column[*Row]
	for _, d := range in.GroupBy {
		list = append(list, dimensionColumns(d)...)
	}
	list = append(list, currencies[*Row]())
	f := choose(needed(in.GroupBy, in.Filter))
	// Of an example with one of everything, what is empty can't be told.
	example := &Figures{
		sums: &sums{key: key{currency: "KES"}, Sales: 1, NetCosted: 1}, family: f, counts: f.counts(in.GroupBy, in.Filter), costs: costs,
	}
	for _, figure := range figureColumns() {
		if figure.cell(example, nil) == "" {
			continue
		}
		list = append(list, numbers(figure.title, func(r *Row) string { return figure.cell(r.Figures, nil) }))
		if in.CompareWith != nil {
			list = append(list, numbers(figure.title+" before", func(r *Row) string { return figure.cell(r.Previous, nil) }))
		}
	}
	return list
}

func figureColumns() []column[*Figures] {
	sum := func(title string, of func(*Figures) (money.Money, bool)) column[*Figures] {
		return told(title, of, plainAmount)
	}
	decimal := func(title string, of func(*Figures) (money.Decimal, bool)) column[*Figures] {
		return told(title, of, money.Decimal.String)
	}
	count := func(title string, of func(*Figures) (int, bool)) column[*Figures] {
		return told(title, of, strconv.Itoa)
	}
	return []column[*Figures]{
		sum("Gross", (*Figures).Gross), sum("Discounts", (*Figures).Discounts), sum("Returns", (*Figures).Returns),
		sum("Net", (*Figures).Net), sum("Tax", (*Figures).Tax), sum("Rounding", (*Figures).Rounding),
		sum("Total", (*Figures).Total), sum("Tendered", (*Figures).Tendered),
		count("Sales", (*Figures).SaleCount), count("Receipts with returns", (*Figures).ReturnCount),
		count("Voids", (*Figures).VoidCount), sum("Voided", (*Figures).Voided),
		decimal("Units sold", (*Figures).UnitsSold), decimal("Units returned", (*Figures).UnitsReturned),
		decimal("Units", (*Figures).Units),
		sum("Average basket", (*Figures).AverageBasket), decimal("Units per sale", (*Figures).UnitsPerSale),
		sum("Cost", (*Figures).Cost), sum("Margin", (*Figures).Margin), decimal("Margin %", (*Figures).MarginRate),
		sum("Net without cost", (*Figures).NetWithoutCost),
	}
}

func dimensionColumns(d Dimension) []column[*Row] {
	text := func(title string, of func(*Group, *names) string) column[*Row] {
		return words(title, func(r *Row, n *names) string { return of(r.Group(), n) })
	}
	number := func(title string, of func(*Group) string) column[*Row] {
		return numbers(title, func(r *Row) string { return of(r.Group()) })
	}
	key := func(g *Group) string {
		of, _ := g.text(d)
		return of
	}
	switch d {
	case ByStore:
		return []column[*Row]{
			text("Store code", func(g *Group, n *names) string { return n.code(g.StoreID()) }),
			text("Store", func(g *Group, n *names) string { return n.name(g.StoreID()) }),
		}
	case ByRegister:
		return []column[*Row]{
			text("Register code", func(g *Group, n *names) string { return n.code(g.RegisterID()) }),
			text("Register", func(g *Group, n *names) string { return n.name(g.RegisterID()) }),
		}
	case ByCashier:
		return []column[*Row]{text("Cashier", func(g *Group, n *names) string { return n.name(g.CashierID()) })}
	case ByProduct:
		return []column[*Row]{
			text("SKU", func(g *Group, n *names) string { return n.code(g.ProductID()) }),
			text("Product", func(g *Group, n *names) string { return n.name(g.ProductID()) }),
		}
	case ByCategory, ByCategoryToday, ByBrand, ByBrandToday, BySupplier, BySupplierToday, ByCustomerGroup:
		return []column[*Row]{labelColumn(d)}
	case ByDay:
		return []column[*Row]{text("Day", func(g *Group, _ *names) string { return key(g) })}
	case ByWeek:
		return []column[*Row]{text("Week from", func(g *Group, _ *names) string { return key(g) })}
	case ByMonth:
		return []column[*Row]{text("Month", func(g *Group, _ *names) string { return key(g) })}
	case ByHour:
		return []column[*Row]{number("Hour", key)}
	case ByWeekday:
		return []column[*Row]{number("Weekday", key)}
	case ByTender:
		return []column[*Row]{text("Tender", func(g *Group, _ *names) string { return key(g) })}
	case ByTaxRate:
		return []column[*Row]{
			text("Tax name", func(g *Group, _ *names) string { return g.TaxRate().Name }),
			text("Tax code", func(g *Group, _ *names) string { return g.TaxRate().Code }),
			number("Tax %", func(g *Group) string { return g.TaxRate().Rate().String() }),
		}
	case ByDiscountReason:
		return []column[*Row]{text("Discount reason", func(g *Group, _ *names) string { return key(g) })}
	}
	return nil
}

// labelColumn is the column of a dimension that has a name alone.
func labelColumn(d Dimension) column[*Row] {
	of := map[Dimension]struct {
		title string
		key   func(*Group) any
	}{
		ByCategory:      {"Category", func(g *Group) any { return g.CategoryID() }},
		ByCategoryToday: {"Category today", func(g *Group) any { return g.CategoryTodayID() }},
		ByBrand:         {"Brand", func(g *Group) any { return g.BrandID() }},
		ByBrandToday:    {"Brand today", func(g *Group) any { return g.BrandTodayID() }},
		BySupplier:      {"Supplier", func(g *Group) any { return g.SupplierID() }},
		BySupplierToday: {"Supplier today", func(g *Group) any { return g.SupplierTodayID() }},
		ByCustomerGroup: {"Customer group", func(g *Group) any { return g.CustomerGroupID() }},
	}[d]
	return words(of.title, func(r *Row, n *names) string { return n.name(of.key(r.Group())) })
}
