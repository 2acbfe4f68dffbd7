package report

import (
	"strconv"

	"github.com/tillgraph/tillgraph/internal/money"
)

// column is one of a file's: what a row has there, as a number in plain notation or as text.
type column struct {
	title  string
	number bool
	cell   func(*Row, *names) string
}

// columns are those of a report's file: its groups, and the figures that can be told of them.
func (in *Input) columns(costs bool) []column {
	var list []column
	for _, d := range in.GroupBy {
		list = append(list, dimensionColumns(d)...)
	}
	list = append(list, column{title: "Currency", cell: func(r *Row, _ *names) string { return string(r.CurrencyCode()) }})
	f := choose(needed(in.GroupBy, in.Filter))
	// Of an example with one of everything, what is nil can't be told.
	example := &Figures{
		sums: &sums{Currency: "KES", Sales: 1, NetCosted: 1}, family: f, counts: f.counts(in.GroupBy, in.Filter), costs: costs,
	}
	for _, figure := range figureColumns() {
		if figure.of(example) == "" {
			continue
		}
		list = append(list, column{title: figure.title, number: true, cell: func(r *Row, _ *names) string {
			return figure.of(r.Figures)
		}})
		if in.CompareWith != nil {
			list = append(list, column{title: figure.title + " before", number: true, cell: func(r *Row, _ *names) string {
				return figure.of(r.Previous)
			}})
		}
	}
	return list
}

type figureColumn struct {
	title string
	of    func(*Figures) string
}

func figureColumns() []figureColumn {
	sum := func(title string, of func(*Figures) *money.Money) figureColumn {
		return figureColumn{title, func(f *Figures) string {
			if m := of(f); m != nil {
				return m.Amount().String()
			}
			return ""
		}}
	}
	decimal := func(title string, of func(*Figures) *money.Decimal) figureColumn {
		return figureColumn{title, func(f *Figures) string {
			if d := of(f); d != nil {
				return d.String()
			}
			return ""
		}}
	}
	count := func(title string, of func(*Figures) *int) figureColumn {
		return figureColumn{title, func(f *Figures) string {
			if n := of(f); n != nil {
				return strconv.Itoa(*n)
			}
			return ""
		}}
	}
	return []figureColumn{
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

func dimensionColumns(d Dimension) []column {
	text := func(title string, of func(*Group, *names) string) column {
		return column{title: title, cell: func(r *Row, n *names) string { return of(r.Group(), n) }}
	}
	number := func(title string, of func(*Group) string) column {
		return column{title: title, number: true, cell: func(r *Row, _ *names) string { return of(r.Group()) }}
	}
	switch d {
	case ByStore:
		return []column{
			text("Store code", func(g *Group, n *names) string { return n.code(g.StoreID()) }),
			text("Store", func(g *Group, n *names) string { return n.name(g.StoreID()) }),
		}
	case ByRegister:
		return []column{
			text("Register code", func(g *Group, n *names) string { return n.code(g.RegisterID()) }),
			text("Register", func(g *Group, n *names) string { return n.name(g.RegisterID()) }),
		}
	case ByCashier:
		return []column{text("Cashier", func(g *Group, n *names) string { return n.name(g.CashierID()) })}
	case ByProduct:
		return []column{
			text("SKU", func(g *Group, n *names) string { return n.code(g.ProductID()) }),
			text("Product", func(g *Group, n *names) string { return n.name(g.ProductID()) }),
		}
	case ByCategory, ByCategoryToday, ByBrand, ByBrandToday, BySupplier, BySupplierToday, ByCustomerGroup:
		return []column{labelColumn(d)}
	case ByDay:
		return []column{text("Day", func(g *Group, _ *names) string { return g.Day().String() })}
	case ByWeek:
		return []column{text("Week from", func(g *Group, _ *names) string { return g.Week().String() })}
	case ByMonth:
		return []column{text("Month", func(g *Group, _ *names) string { return g.Month().String() })}
	case ByHour:
		return []column{number("Hour", func(g *Group) string { return strconv.Itoa(*g.Hour()) })}
	case ByWeekday:
		return []column{number("Weekday", func(g *Group) string { return strconv.Itoa(*g.Weekday()) })}
	case ByTender:
		return []column{text("Tender", func(g *Group, _ *names) string { return *g.Tender() })}
	case ByTaxRate:
		return []column{
			text("Tax name", func(g *Group, _ *names) string { return g.TaxRate().Name }),
			text("Tax code", func(g *Group, _ *names) string { return g.TaxRate().Code }),
			number("Tax %", func(g *Group) string { return g.TaxRate().Rate().String() }),
		}
	case ByDiscountReason:
		return []column{text("Discount reason", func(g *Group, _ *names) string { return *g.DiscountReason() })}
	}
	return nil
}

// labelColumn is the column of a dimension that has a name alone.
func labelColumn(d Dimension) column {
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
	return column{title: of.title, cell: func(r *Row, n *names) string { return n.name(of.key(r.Group())) }}
}
