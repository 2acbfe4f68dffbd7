package report

import (
	"encoding/json"
	"fmt"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
)

// stored is what a file is of in the database: ids and days as texts. Without a kind it is of a sales report.
type stored struct {
	Kind        ExportKind    `json:"kind,omitempty"`
	From        string        `json:"from"`
	To          string        `json:"to"`
	Stores      []string      `json:"stores,omitempty"`
	GroupBy     []Dimension   `json:"groupBy,omitempty"`
	CompareWith *Compare      `json:"compareWith,omitempty"`
	Sort        *Sort         `json:"sort,omitempty"`
	StockSort   *StockSort    `json:"stockSort,omitempty"`
	Filter      *storedFilter `json:"filter,omitempty"`
}

type storedFilter struct {
	Registers       []string `json:"registers,omitempty"`
	Cashiers        []string `json:"cashiers,omitempty"`
	Products        []string `json:"products,omitempty"`
	Categories      []string `json:"categories,omitempty"`
	CategoriesToday []string `json:"categoriesToday,omitempty"`
	Brands          []string `json:"brands,omitempty"`
	BrandsToday     []string `json:"brandsToday,omitempty"`
	Suppliers       []string `json:"suppliers,omitempty"`
	SuppliersToday  []string `json:"suppliersToday,omitempty"`
	CustomerGroups  []string `json:"customerGroups,omitempty"`
	Hours           []int    `json:"hours,omitempty"`
	Weekdays        []int    `json:"weekdays,omitempty"`
	Tenders         []string `json:"tenders,omitempty"`
	DiscountReasons []string `json:"discountReasons,omitempty"`
}

func (in *Input) stored() *stored {
	s := &stored{
		From: in.From.String(), To: in.To.String(), Stores: written(in.StoreIDs), GroupBy: in.GroupBy,
		CompareWith: in.CompareWith, Sort: in.Sort,
	}
	if f := in.Filter; f != nil {
		s.Filter = &storedFilter{
			Registers: written(f.RegisterIDs), Cashiers: written(f.CashierIDs), Products: written(f.ProductIDs),
			Categories: written(f.CategoryIDs), CategoriesToday: written(f.CategoryTodayIDs),
			Brands: written(f.BrandIDs), BrandsToday: written(f.BrandTodayIDs), Suppliers: written(f.SupplierIDs),
			SuppliersToday: written(f.SupplierTodayIDs), CustomerGroups: written(f.CustomerGroupIDs),
			Hours: f.Hours, Weekdays: f.Weekdays, Tenders: f.Tenders, DiscountReasons: f.DiscountReasons,
		}
	}
	return s
}

// MarshalJSON implements json.Marshaler.
func (s Subject) MarshalJSON() ([]byte, error) {
	kept := s.of.stored()
	if kind := s.of.kind(); kind != OfSales {
		kept.Kind = kind
	}
	return json.Marshal(kept) //nolint:wrapcheck // it can't fail
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Subject) UnmarshalJSON(text []byte) error {
	var kept stored
	if err := json.Unmarshal(text, &kept); err != nil {
		return fmt.Errorf("read what a file is of: %w", err)
	}
	in := new(Input)
	if err := in.read(&kept); err != nil {
		return err
	}
	filter := in.Filter
	if filter == nil {
		filter = &Filter{}
	}
	switch kept.Kind {
	case "", OfSales:
		s.of = in
	case OfStock:
		s.of = &StockInput{
			From: in.From, To: in.To, StoreIDs: in.StoreIDs, CategoryIDs: filter.CategoryTodayIDs, Sort: kept.StockSort,
		}
	case OfVariances:
		s.of = &VarianceInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs}
	case OfZReports:
		s.of = &ZReportsInput{From: in.From, To: in.To, StoreIDs: in.StoreIDs, RegisterIDs: filter.RegisterIDs}
	default:
		return fmt.Errorf("there are no files of %q", kept.Kind)
	}
	return nil
}

func (in *StockInput) stored() *stored {
	kept := in.sales().stored()
	kept.StockSort = in.Sort
	return kept
}

func (in *VarianceInput) stored() *stored {
	return (&Input{From: in.From, To: in.To, StoreIDs: in.StoreIDs}).stored()
}

func (in *ZReportsInput) stored() *stored { return in.sales().stored() }

func (in *Input) read(s *stored) error {
	*in = Input{GroupBy: s.GroupBy, CompareWith: s.CompareWith, Sort: s.Sort}
	var err error
	if in.From, err = civil.Parse(s.From); err != nil {
		return fmt.Errorf("read a report's input: %w", err)
	}
	if in.To, err = civil.Parse(s.To); err != nil {
		return fmt.Errorf("read a report's input: %w", err)
	}
	in.StoreIDs, err = readAgain[id.Store](s.Stores, err)
	if f := s.Filter; f != nil {
		in.Filter = &Filter{Hours: f.Hours, Weekdays: f.Weekdays, Tenders: f.Tenders, DiscountReasons: f.DiscountReasons}
		in.Filter.RegisterIDs, err = readAgain[id.Register](f.Registers, err)
		in.Filter.CashierIDs, err = readAgain[id.User](f.Cashiers, err)
		in.Filter.ProductIDs, err = readAgain[id.Product](f.Products, err)
		in.Filter.CategoryIDs, err = readAgain[id.Category](f.Categories, err)
		in.Filter.CategoryTodayIDs, err = readAgain[id.Category](f.CategoriesToday, err)
		in.Filter.BrandIDs, err = readAgain[id.Brand](f.Brands, err)
		in.Filter.BrandTodayIDs, err = readAgain[id.Brand](f.BrandsToday, err)
		in.Filter.SupplierIDs, err = readAgain[id.Supplier](f.Suppliers, err)
		in.Filter.SupplierTodayIDs, err = readAgain[id.Supplier](f.SuppliersToday, err)
		in.Filter.CustomerGroupIDs, err = readAgain[id.CustomerGroup](f.CustomerGroups, err)
	}
	return err
}

func written[T fmt.Stringer](ids []T) []string {
	texts := make([]string, len(ids))
	for i, v := range ids {
		texts[i] = v.String()
	}
	return texts
}

// readAgain reads ids, unless something was wrong before.
func readAgain[T ~[16]byte](texts []string, before error) ([]T, error) {
	if before != nil {
		return nil, before
	}
	var ids []T
	for _, text := range texts {
		ref, err := id.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read a report's input: %w", err)
		}
		ids = append(ids, T(ref.UUID))
	}
	return ids, nil
}
