package report

import (
	"slices"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Dimension is what a report is grouped by.
type Dimension string

// The dimensions.
const (
	ByStore          Dimension = "STORE"
	ByRegister       Dimension = "REGISTER"
	ByCashier        Dimension = "CASHIER"
	ByDay            Dimension = "DAY"
	ByWeek           Dimension = "WEEK"
	ByMonth          Dimension = "MONTH"
	ByHour           Dimension = "HOUR"
	ByWeekday        Dimension = "WEEKDAY"
	ByCategory       Dimension = "CATEGORY"
	ByCategoryToday  Dimension = "CATEGORY_TODAY"
	ByBrand          Dimension = "BRAND"
	ByBrandToday     Dimension = "BRAND_TODAY"
	BySupplier       Dimension = "SUPPLIER"
	BySupplierToday  Dimension = "SUPPLIER_TODAY"
	ByProduct        Dimension = "PRODUCT"
	ByCustomerGroup  Dimension = "CUSTOMER_GROUP"
	ByTender         Dimension = "TENDER"
	ByTaxRate        Dimension = "TAX_RATE"
	ByDiscountReason Dimension = "DISCOUNT_REASON"
)

// Compare says what stands beside a period.
type Compare string

// The periods to compare with.
const (
	PreviousPeriod   Compare = "PREVIOUS_PERIOD"
	LastYear         Compare = "LAST_YEAR"
	LastYearWeekdays Compare = "LAST_YEAR_WEEKDAYS"
)

// Sort is the order of a report's rows.
type Sort string

// The orders.
const (
	InOrder     Sort = "GROUP"
	ByNet       Sort = "NET_DESC"
	ByNetUp     Sort = "NET_ASC"
	ByGross     Sort = "GROSS_DESC"
	BySold      Sort = "UNITS_DESC"
	BySoldUp    Sort = "UNITS_ASC"
	BySaleCount Sort = "SALE_COUNT_DESC"
	ByDiscount  Sort = "DISCOUNTS_DESC"
	ByReturned  Sort = "RETURNS_DESC"
	ByVoided    Sort = "VOIDED_DESC"
	ByMargin    Sort = "MARGIN_DESC"
)

// Input says what to report.
type Input struct {
	From, To    civil.Date
	StoreIDs    []id.Store
	GroupBy     []Dimension
	CompareWith *Compare
	Filter      *Filter
	Sort        *Sort
}

// Filter says which sales are looked at; what is empty doesn't limit.
type Filter struct {
	RegisterIDs      []id.Register
	CashierIDs       []id.User
	ProductIDs       []id.Product
	CategoryIDs      []id.Category
	CategoryTodayIDs []id.Category
	BrandIDs         []id.Brand
	BrandTodayIDs    []id.Brand
	SupplierIDs      []id.Supplier
	SupplierTodayIDs []id.Supplier
	CustomerGroupIDs []id.CustomerGroup
	Hours            []int
	Weekdays         []int
	Tenders          []string
	DiscountReasons  []string
}

// The codes of the problems that a report can have, beside form.Invalid.
const (
	storeNotFound = "STORE_NOT_FOUND"
	notPossible   = "COMBINATION_NOT_POSSIBLE"
	rangeTooLong  = "RANGE_TOO_LONG"
	tooManyRows   = "TOO_MANY_ROWS"
)

const (
	// mostDimensions is how many dimensions a report is grouped by.
	mostDimensions = 3
	// mostDays bounds a report: ten years and their leap days.
	mostDays = 3653
	// mostLedgerDays bounds what is added up from the ledger.
	mostLedgerDays = 31
	// mostRows bounds the rows of a report.
	mostRows = 50_000
	// mostChosen bounds each list of a filter.
	mostChosen = 250
	mostReason = 200
)

// validate finds all that is wrong with an input, and gives the stores that it is about.
func (in *Input) validate(p *errs.Problems, scope *tenancy.Scope) []id.Store {
	if days := in.From.Days(in.To); days < 0 {
		p.Add(form.Invalid, []string{"to"}, "A period doesn't end before it begins.")
	} else if days >= mostDays {
		p.Add(rangeTooLong, []string{"to"}, "A report is of at most %d days.", mostDays)
	}
	if len(in.GroupBy) > mostDimensions {
		p.Add(form.Invalid, []string{"groupBy"}, "A report is grouped by at most %d dimensions.", mostDimensions)
	}
	for i, by := range in.GroupBy {
		if slices.Contains(in.GroupBy[:i], by) {
			p.Add(form.Invalid, errs.Path("groupBy", i), "%s stands here twice.", by)
		}
	}
	if in.Filter != nil {
		in.Filter.validate(p)
	}
	stores, unknown := scope.Across(tenancy.ReportRead, in.StoreIDs)
	for _, i := range unknown {
		p.Add(storeNotFound, errs.Path("storeIds", i), "There is no such store.")
	}
	return stores
}

func (f *Filter) validate(p *errs.Problems) {
	for _, list := range []struct {
		name string
		n    int
	}{
		{"registerIds", len(f.RegisterIDs)},
		{"cashierIds", len(f.CashierIDs)},
		{"productIds", len(f.ProductIDs)},
		{"categoryIds", len(f.CategoryIDs)},
		{"categoryTodayIds", len(f.CategoryTodayIDs)},
		{"brandIds", len(f.BrandIDs)},
		{"brandTodayIds", len(f.BrandTodayIDs)},
		{"supplierIds", len(f.SupplierIDs)},
		{"supplierTodayIds", len(f.SupplierTodayIDs)},
		{"customerGroupIds", len(f.CustomerGroupIDs)},
		{"hours", len(f.Hours)},
		{"weekdays", len(f.Weekdays)},
		{"tenders", len(f.Tenders)},
		{"discountReasons", len(f.DiscountReasons)},
	} {
		if list.n > mostChosen {
			p.Add(form.Invalid, []string{"filter", list.name}, "There may be at most %d.", mostChosen)
		}
	}
	between(p, f.Hours, 0, 23, "hours")
	between(p, f.Weekdays, 1, 7, "weekdays")
	for i, reason := range f.DiscountReasons {
		form.Text(p, reason, 1, mostReason, "filter", "discountReasons", i)
	}
}

func between(p *errs.Problems, numbers []int, least, most int, field string) {
	for i, n := range numbers {
		if n < least || n > most {
			p.Add(form.Invalid, errs.Path("filter", field, i), "This must be %d to %d.", least, most)
		}
	}
}

// narrows are the dimensions that a filter limits.
func (f *Filter) narrows() []Dimension {
	if f == nil {
		return nil
	}
	var list []Dimension
	for dimension, n := range map[Dimension]int{
		ByRegister: len(f.RegisterIDs), ByCashier: len(f.CashierIDs), ByProduct: len(f.ProductIDs),
		ByCategory: len(f.CategoryIDs), ByCategoryToday: len(f.CategoryTodayIDs), ByBrand: len(f.BrandIDs),
		ByBrandToday: len(f.BrandTodayIDs), BySupplier: len(f.SupplierIDs), BySupplierToday: len(f.SupplierTodayIDs),
		ByCustomerGroup: len(f.CustomerGroupIDs), ByHour: len(f.Hours),
		ByWeekday: len(f.Weekdays), ByTender: len(f.Tenders), ByDiscountReason: len(f.DiscountReasons),
	} {
		if n > 0 {
			list = append(list, dimension)
		}
	}
	slices.Sort(list)
	return list
}

// picks says that a filter leaves one value of a dimension.
func (f *Filter) picks(d Dimension) bool {
	if f == nil {
		return false
	}
	switch d {
	case ByProduct:
		return len(f.ProductIDs) == 1
	case ByBrand:
		return len(f.BrandIDs) == 1
	case BySupplier:
		return len(f.SupplierIDs) == 1
	case ByTender:
		return len(f.Tenders) == 1
	case ByDiscountReason:
		return len(f.DiscountReasons) == 1
	default:
		return false // of categories, those below count too
	}
}
