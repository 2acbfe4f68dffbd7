package report

import "slices"

// Want says which parts of a report somebody looks at, beside the keys of its rows.
type Want struct {
	Tenders, Totals, Subtotals bool
	// Figures are the names of figures in the schema: what isn't among them may be left out. Nil is all of them.
	Figures []string
}

var (
	// toldOf are the columns that each figure is told of, by its name in the schema.
	toldOf = map[string][]string{
		"gross": {"gross"}, "grossRate": {"gross"}, "discounts": {"discount"}, "returns": {"returned"},
		"net": {"net"}, "netRate": {"net"}, "tax": {"tax"}, "rounding": {"rounding"}, "total": {"net", "tax", "rounding"},
		"tendered": {"amount"}, "saleCount": {"sale_count"}, "saleCountRate": {"sale_count"},
		"returnCount": {"return_count"}, "voidCount": {"void_count"}, "voided": {"voided"},
		"unitsSold": {"sold"}, "unitsReturned": {"back"}, "units": {"sold", "back"},
		"averageBasket": {"net", "sale_count"}, "unitsPerSale": {"sold", "sale_count"},
		"cost": {"cost"}, "margin": {"cost", "net_costed"}, "marginRate": {"cost", "net_costed"},
		"netWithoutCost": {"net", "net_costed"},
	}
	// sortedBy are the columns that an order looks at.
	sortedBy = map[Sort][]string{
		InOrder: nil, ByNet: {"net"}, ByNetUp: {"net"}, ByGross: {"gross"}, BySold: {"sold", "back"}, BySoldUp: {"sold", "back"},
		BySaleCount: {"sale_count"}, ByDiscount: {"discount"}, ByReturned: {"returned"}, ByVoided: {"voided"},
		ByMargin: {"cost", "net_costed"},
	}
)

// wanted are the columns to read of a grain: told are those of the figures that somebody looks at, of the order, and what
// shares and running totals are of; all are these and the counts of receipts, which tell whether a row has any. Nil is all
// that the grain has.
func (f *family) wanted(figures []string, by *Sort) (all, told []string) {
	if figures == nil || !f.additive() {
		return nil, nil // rows of a part of a receipt may have amounts and count none
	}
	read := []string{"net"}
	if by != nil {
		columns, known := sortedBy[*by]
		if !known {
			return nil, nil
		}
		read = append(read, columns...)
	}
	for _, name := range figures {
		columns, known := toldOf[name]
		if !known {
			return nil, nil
		}
		read = append(read, columns...)
	}
	return f.among(append(read, "sale_count", "return_count", "void_count")), f.among(read)
}

// among are those of the columns that the family has, in its order.
func (f *family) among(read []string) []string {
	return slices.DeleteFunc(slices.Clone(f.figures), func(column string) bool { return !slices.Contains(read, column) })
}
