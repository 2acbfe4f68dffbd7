package catalog

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// ProductFilter says which products to list.
type ProductFilter struct {
	Search               *string
	CategoryID           *id.Category
	IncludeSubcategories bool
	BrandID              *id.Brand
	SupplierID           *id.Supplier
	Status               *Status
	Type                 *ProductType
	SoldInStoreID        *id.Store
}

const (
	longestSearch = 200
	// Each word costs a look-up.
	mostWords = 16
)

// searchWords are the words that a product must have, those that are the beginning of another left out, and the
// longest first, which the fewest products have.
func searchWords(search string) ([]string, error) {
	if utf8.RuneCountInString(search) > longestSearch || !utf8.ValidString(search) {
		return nil, errs.New(errs.BadUserInput, "A search has at most %d characters.", longestSearch)
	}
	typed := Words(search, "")
	var words []string
	for _, word := range typed {
		if !slices.ContainsFunc(typed, func(other string) bool { return other != word && strings.HasPrefix(other, word) }) {
			words = append(words, word)
		}
	}
	if len(words) > mostWords {
		return nil, errs.New(errs.BadUserInput, "A search has at most %d words.", mostWords)
	}
	return words, nil
}

func (f *ProductFilter) limit(h *postgres.Handle, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	if f == nil {
		return q, nil
	}
	if f.CategoryID != nil {
		f.inCategory(h, q)
	}
	if f.BrandID != nil {
		q.Where("?TableAlias.brand_id = ?", *f.BrandID)
	}
	if f.SupplierID != nil {
		q.Where("?TableAlias.supplier_id = ?", *f.SupplierID)
	}
	if f.Status != nil {
		q.Where("?TableAlias.status = ?", string(*f.Status))
	}
	if f.Type != nil {
		q.Where("?TableAlias.type = ?", string(*f.Type))
	}
	if f.SoldInStoreID != nil {
		q.Where("EXISTS (?)", h.Select((*company.Store)(nil)).Where("store.id = ?", *f.SoldInStoreID)).
			Where("NOT EXISTS (?)", h.Select((*availability)(nil)).
				Where("availability.store_id = ?", *f.SoldInStoreID).
				Where("availability.product_id = product.id AND NOT availability.sold"))
	}
	if f.Search == nil {
		return q, nil
	}
	return f.find(h, q)
}

func (f *ProductFilter) inCategory(h *postgres.Handle, q *bun.SelectQuery) {
	if !f.IncludeSubcategories {
		q.Where("?TableAlias.category_id = ?", *f.CategoryID)
		return
	}
	top := h.Select((*Category)(nil)).ColumnExpr("category.id").Where("?TableAlias.id = ?", *f.CategoryID)
	below := h.Select((*Category)(nil)).ColumnExpr("category.id").Join("JOIN branch ON category.parent_id = branch.id")
	q.Where("product.category_id IN (?)",
		h.NewSelect().WithRecursive("branch", top.UnionAll(below)).TableExpr("branch").ColumnExpr("branch.id"))
}

// find limits a query to the products that have words which begin with those of the search.
func (f *ProductFilter) find(h *postgres.Handle, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	words, err := searchWords(*f.Search)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 && *f.Search != "" {
		return q.Where("false"), nil
	}
	for _, word := range words {
		// A range of words, because a comparison is leakproof and so may use the index under row-level security.
		q.Where("product.id IN (?)", h.Select((*Word)(nil)).Column("product_id").
			Where("?TableAlias.word >= ? AND ?TableAlias.word < ?", word, word+"\U0010FFFF"))
	}
	return q, nil
}
