package report

import (
	"maps"
	"slices"
	"sync"
)

// family is a grain of sums: a table of them, and the same from the ledger.
type family struct {
	name string
	// model is the table; nil for what is added up from the ledger alone.
	model any
	// by are the dimensions that it has beside the store and the days.
	by []Dimension
	// grain are those of them that a receipt has several of: counts of receipts hold only where all are told apart.
	grain []Dimension
	// figures are the columns that it has.
	figures []string
	// worth is the figure that shares and running totals are of: the net, unless told.
	worth string
	// source builds the same rows from receipts.
	source source
}

// The columns of figures. What is of a receipt as a whole can't be told of its parts.
var (
	lineFigures = []string{
		"sale_count", "return_count", "gross", "discount", "returned", "net", "tax", "sold", "back", "cost", "net_costed",
		"void_count", "voided",
	}
	receiptFigures = append(slices.Clone(lineFigures), "rounding")
	tenderFigures  = []string{"sale_count", "amount"}
	taxFigures     = []string{"sale_count", "net", "tax"}
	reasonFigures  = []string{"sale_count", "discount"}
)

// ofProducts are the dimensions that products tell.
func ofProducts() []Dimension {
	return []Dimension{
		ByProduct, ByCategory, ByCategoryToday, ByBrand, ByBrandToday, BySupplier, BySupplierToday,
	}
}

// ofReceipts are those that receipts tell, beside the store and the days.
func ofReceipts() []Dimension { return []Dimension{ByHour, ByRegister, ByCashier, ByCustomerGroup} }

// families are all grains that there are sums of, the smallest tables first.
var families = sync.OnceValue(func() []*family {
	return []*family{
		{name: "days", model: (*days)(nil), figures: receiptFigures, source: fromReceipts},
		{
			name: "hours", model: (*hours)(nil), by: []Dimension{ByHour, ByRegister, ByCashier},
			figures: receiptFigures, source: fromReceipts,
		},
		{
			name: "customers", model: (*customers)(nil), by: []Dimension{ByCustomerGroup}, figures: receiptFigures,
			source: fromReceipts,
		},
		{
			name: "categories", model: (*categories)(nil), by: []Dimension{ByCategory}, grain: []Dimension{ByCategory},
			figures: lineFigures, source: fromCategories,
		},
		{
			name: "brands", model: (*brands)(nil), by: []Dimension{ByBrand}, grain: []Dimension{ByBrand},
			figures: lineFigures, source: fromBrands,
		},
		{
			name: "suppliers", model: (*suppliers)(nil), by: []Dimension{BySupplier}, grain: []Dimension{BySupplier},
			figures: lineFigures, source: fromSuppliers,
		},
		{
			name: "products", model: (*products)(nil), by: ofProducts(),
			grain: []Dimension{ByProduct}, figures: lineFigures, source: fromProducts,
		},
		{
			name: "tenders", model: (*tenders)(nil), by: []Dimension{ByTender, ByRegister, ByCashier},
			grain: []Dimension{ByTender}, figures: tenderFigures, worth: "amount", source: fromTenders,
		},
		{
			name: "tender customers", model: (*tenderCustomers)(nil), by: []Dimension{ByTender, ByCustomerGroup},
			grain: []Dimension{ByTender}, figures: tenderFigures, worth: "amount", source: fromTenders,
		},
		{
			name: "tender hours", model: (*tenderHours)(nil), by: []Dimension{ByTender, ByHour, ByRegister, ByCashier},
			grain: []Dimension{ByTender}, figures: tenderFigures, worth: "amount", source: fromTenders,
		},
		{
			name: "taxes", model: (*taxes)(nil), by: []Dimension{ByTaxRate}, grain: []Dimension{ByTaxRate},
			figures: taxFigures, source: fromTaxes,
		},
		{
			name: "reasons", model: (*reasons)(nil), by: []Dimension{ByDiscountReason, ByCashier},
			grain: []Dimension{ByDiscountReason}, figures: reasonFigures, worth: "discount", source: fromReasons,
		},
	}
})

// fromLedger are the grains of what there are no sums of.
func fromLedger() []*family {
	of := func(f *family) *family {
		wide := *f
		wide.model = nil
		wide.by = append(slices.Clone(f.by), ofReceipts()...)
		return &wide
	}
	list := []*family{{name: "receipts", by: ofReceipts(), figures: receiptFigures, source: fromReceipts}}
	for _, f := range families() {
		if len(f.grain) > 0 {
			list = append(list, of(f))
		}
	}
	return append(list, &family{
		name: "taxed products", by: slices.Concat([]Dimension{ByTaxRate}, ofProducts(), ofReceipts()),
		grain: []Dimension{ByTaxRate, ByProduct}, figures: taxFigures, source: fromTaxedProducts,
	})
}

// grains are all that a report may be made of, the cheapest first.
var grains = sync.OnceValue(func() []*family { return slices.Concat(families(), fromLedger()) })

// choose finds the sums that tell all of these dimensions apart, or else what to add up from the ledger; nil where
// nothing does, because a receipt doesn't say it.
func choose(dimensions []Dimension) *family {
	for _, f := range grains() {
		if f.tells(dimensions) {
			return f
		}
	}
	return nil
}

func (f *family) tells(dimensions []Dimension) bool {
	always := []Dimension{ByStore, ByDay, ByWeek, ByMonth, ByWeekday}
	return !slices.ContainsFunc(dimensions, func(d Dimension) bool {
		return !slices.Contains(always, d) && !slices.Contains(f.by, d)
	})
}

// counts says whether a receipt is counted in at most one row of each group, so that rows' counts of receipts add up. A
// product stands on a receipt as several things where some of it comes back: one of them counts, whichever it is.
func (f *family) counts(groupBy []Dimension, filter *Filter) bool {
	asSold := []Dimension{ByCategory, ByBrand, BySupplier}
	if slices.Contains(f.grain, ByProduct) &&
		slices.ContainsFunc(needed(groupBy, filter), func(d Dimension) bool { return slices.Contains(asSold, d) }) {
		return false
	}
	return !slices.ContainsFunc(f.grain, func(d Dimension) bool {
		return !slices.Contains(groupBy, d) && !filter.picks(d)
	})
}

func (f *family) has(figure string) bool { return slices.Contains(f.figures, figure) }

// additive says that rows of a group add up to the row of a coarser one, counts of receipts included.
func (f *family) additive() bool { return len(f.grain) == 0 }

// needed are the dimensions that grouping and filter use.
func needed(groupBy []Dimension, filter *Filter) []Dimension {
	set := map[Dimension]bool{}
	for _, d := range slices.Concat(groupBy, filter.narrows()) {
		set[d] = true
	}
	return slices.Sorted(maps.Keys(set))
}
