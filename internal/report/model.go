package report

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables, and the columns of the sales' tables that reports are made of.
func Models() []any {
	return []any{
		(*pending)(nil), (*days)(nil), (*hours)(nil), (*products)(nil), (*categories)(nil), (*brands)(nil), (*suppliers)(nil),
		(*customers)(nil), (*tenders)(nil), (*tenderHours)(nil), (*tenderCustomers)(nil),
		(*taxes)(nil), (*reasons)(nil),
		(*soldSale)(nil), (*soldLine)(nil), (*soldPayment)(nil), (*soldTax)(nil), (*soldDiscount)(nil),
		(*product)(nil), (*category)(nil),
		(*namedStore)(nil), (*namedRegister)(nil), (*namedPerson)(nil), (*namedProduct)(nil), (*namedCategory)(nil),
		(*namedBrand)(nil), (*namedSupplier)(nil), (*namedGroup)(nil),
		(*Export)(nil), (*exportPage)(nil), (*Schedule)(nil), (*delivery)(nil), (*addressee)(nil),
		(*Alert)(nil), (*Notice)(nil),
	}
}

// pending is a sale, or a void, that isn't in the sums yet.
type pending struct {
	bun.BaseModel `bun:"table:report_pending,alias:pending"`
	postgres.StoreOwned

	SaleID id.Sale `bun:"sale_id"`
	Kind   Event   `bun:"kind"`
}

// The tables of sums. Their columns are named where they are read: see families.
type (
	days struct {
		bun.BaseModel `bun:"table:report_days,alias:r"`
		postgres.StoreOwned
	}
	hours struct {
		bun.BaseModel `bun:"table:report_hours,alias:r"`
		postgres.StoreOwned
	}
	products struct {
		bun.BaseModel `bun:"table:report_products,alias:r"`
		postgres.StoreOwned
	}
	categories struct {
		bun.BaseModel `bun:"table:report_categories,alias:r"`
		postgres.StoreOwned
	}
	brands struct {
		bun.BaseModel `bun:"table:report_brands,alias:r"`
		postgres.StoreOwned
	}
	suppliers struct {
		bun.BaseModel `bun:"table:report_suppliers,alias:r"`
		postgres.StoreOwned
	}
	customers struct {
		bun.BaseModel `bun:"table:report_customers,alias:r"`
		postgres.StoreOwned
	}
	tenders struct {
		bun.BaseModel `bun:"table:report_tenders,alias:r"`
		postgres.StoreOwned
	}
	tenderHours struct {
		bun.BaseModel `bun:"table:report_tender_hours,alias:r"`
		postgres.StoreOwned
	}
	tenderCustomers struct {
		bun.BaseModel `bun:"table:report_tender_customers,alias:r"`
		postgres.StoreOwned
	}
	taxes struct {
		bun.BaseModel `bun:"table:report_taxes,alias:r"`
		postgres.StoreOwned
	}
	reasons struct {
		bun.BaseModel `bun:"table:report_reasons,alias:r"`
		postgres.StoreOwned
	}
)

// The ledger: what the sums are the sums of.
type (
	soldSale struct {
		bun.BaseModel `bun:"table:sales,alias:s"`
		postgres.RegisterOwned

		ID           id.Sale    `bun:"id,pk"`
		BusinessDate civil.Date `bun:"business_date"`
		OccurredAt   time.Time  `bun:"occurred_at"`
	}
	soldLine struct {
		bun.BaseModel `bun:"table:sale_lines,alias:l"`
		postgres.RegisterOwned
	}
	soldPayment struct {
		bun.BaseModel `bun:"table:payments,alias:p"`
		postgres.RegisterOwned
	}
	soldTax struct {
		bun.BaseModel `bun:"table:sale_line_taxes,alias:t"`
		postgres.RegisterOwned
	}
	soldDiscount struct {
		bun.BaseModel `bun:"table:sale_discounts,alias:o"`
		postgres.RegisterOwned
	}
	product struct {
		bun.BaseModel `bun:"table:products,alias:today"`
		postgres.TenantOwned

		ID         id.Product   `bun:"id,pk"`
		CategoryID *id.Category `bun:"category_id"`
		BrandID    *id.Brand    `bun:"brand_id"`
		SupplierID *id.Supplier `bun:"supplier_id"`
	}
	category struct {
		bun.BaseModel `bun:"table:categories,alias:category"`
		postgres.TenantOwned

		ID       id.Category  `bun:"id,pk"`
		ParentID *id.Category `bun:"parent_id"`
	}
)

// keys are as many columns as a report groups by, and one more for tenders within them.
const mostKeys = mostDimensions + 1

// sums are a row that the database added up. Amounts are minor units, quantities thousandths of a unit.
type sums struct {
	key key
	// sure says that the row isn't empty, though not all that tells it may have been read.
	sure bool

	Sales     int64
	Returns   int64
	Gross     int64
	Discount  int64
	Returned  int64
	Net       int64
	Tax       int64
	Rounding  int64
	Sold      int64
	Back      int64
	Cost      int64
	NetCosted int64
	Voids     int64
	Voided    int64
	Amount    int64
}

// columns are where the figures' columns are read into.
var columns = map[string]func(*sums) *int64{
	"sale_count":   func(s *sums) *int64 { return &s.Sales },
	"return_count": func(s *sums) *int64 { return &s.Returns },
	"gross":        func(s *sums) *int64 { return &s.Gross },
	"discount":     func(s *sums) *int64 { return &s.Discount },
	"returned":     func(s *sums) *int64 { return &s.Returned },
	"net":          func(s *sums) *int64 { return &s.Net },
	"tax":          func(s *sums) *int64 { return &s.Tax },
	"rounding":     func(s *sums) *int64 { return &s.Rounding },
	"sold":         func(s *sums) *int64 { return &s.Sold },
	"back":         func(s *sums) *int64 { return &s.Back },
	"cost":         func(s *sums) *int64 { return &s.Cost },
	"net_costed":   func(s *sums) *int64 { return &s.NetCosted },
	"void_count":   func(s *sums) *int64 { return &s.Voids },
	"voided":       func(s *sums) *int64 { return &s.Voided },
	"amount":       func(s *sums) *int64 { return &s.Amount },
}

func (s *sums) add(o *sums) {
	s.Sales += o.Sales
	s.Returns += o.Returns
	s.Gross += o.Gross
	s.Discount += o.Discount
	s.Returned += o.Returned
	s.Net += o.Net
	s.Tax += o.Tax
	s.Rounding += o.Rounding
	s.Sold += o.Sold
	s.Back += o.Back
	s.Cost += o.Cost
	s.NetCosted += o.NetCosted
	s.Voids += o.Voids
	s.Voided += o.Voided
	s.Amount += o.Amount
}

// empty says that what was there was taken back, to the last cent.
func (s *sums) empty() bool {
	return !s.sure && s.Sales|s.Returns|s.Gross|s.Discount|s.Returned|s.Net|s.Tax|s.Rounding|s.Sold|s.Back|s.Cost|s.NetCosted|
		s.Voids|s.Voided|s.Amount == 0
}

// key says what a row is of.
type key struct {
	currency money.Currency
	of       [mostKeys]string
}
