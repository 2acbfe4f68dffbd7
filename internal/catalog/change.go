package catalog

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// ProductCreateInput is a new product.
type ProductCreateInput struct {
	SKU               string
	Name              string
	Description       *string
	CategoryID        *id.Category
	BrandID           *id.Brand
	SupplierID        *id.Supplier
	Type              ProductType
	Unit              Unit
	BasePrice         money.Decimal
	Taxable           bool
	TaxCategoryID     *id.TaxCategory
	Barcodes          []string
	ExternalReference *string
	OptionNames       []string
	ParentID          *id.Product
	OptionValues      []string
	// Cost is what one unit costs where no delivery says so.
	Cost                 *money.Decimal
	NegativeStockAllowed *bool
	BatchTracked         bool
}

// CreateProduct adds a product to the company's catalogue.
//
// Errors: problems INVALID, TAKEN, CATEGORY_NOT_FOUND, BRAND_NOT_FOUND, SUPPLIER_NOT_FOUND, TAX_CATEGORY_NOT_FOUND and
// PARENT_NOT_FOUND.
func (c *Catalog) CreateProduct(ctx context.Context, in ProductCreateInput) (*Product, error) {
	var problems errs.Problems
	now := c.now()
	if in.Type == "" {
		in.Type = Goods
	}
	p := &Product{
		ID:          id.New[id.Product](),
		SKU:         form.Text(&problems, in.SKU, 1, 64, "sku"),
		Name:        form.Text(&problems, in.Name, 1, 200, "name"),
		Description: form.OptionalText(&problems, in.Description, 5000, "description"),
		CategoryID:  in.CategoryID, BrandID: in.BrandID, SupplierID: in.SupplierID, Type: in.Type, Unit: in.Unit, Taxable: in.Taxable, Status: Active,
		TaxCategoryID:     in.TaxCategoryID,
		ExternalReference: form.Reference(&problems, in.ExternalReference, "externalReference"),
		Version:           1, CreatedAt: now, UpdatedAt: now, NegativeStockAllowed: in.NegativeStockAllowed, BatchTracked: in.BatchTracked,
		ParentID: in.ParentID, OptionNames: checkOptions(&problems, in.OptionNames, longestOption, "optionNames"),
	}
	p.vary(checkOptions(&problems, in.OptionValues, longestValue, "optionValues"))
	p.checkKind(&problems)
	barcodes := checkBarcodes(&problems, in.Barcodes, "barcodes")
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := slices.Clone(problems)
		found, err := look(ctx, tx, p, barcodes)
		if err != nil {
			return err
		}
		p.CurrencyCode = found.currency
		p.PriceMinor = form.Price(&problems, in.BasePrice, p.CurrencyCode, "basePrice")
		p.setCost(&problems, in.Cost)
		found.check(&problems, p, in.Barcodes)
		found.checkVariant(&problems, p)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, append(
			[]postgres.Statement{tx.Add(p)}, indexing(tx, p, barcodes)...)...)
	})
	if err := taken(err); err != nil {
		return nil, err
	}
	return p, nil
}

// ProductUpdateInput is what to change of a product; what is not set stays.
type ProductUpdateInput struct {
	Version           int
	SKU               graphql.Omittable[*string]
	Name              graphql.Omittable[*string]
	Description       graphql.Omittable[*string]
	CategoryID        graphql.Omittable[*id.Category]
	BrandID           graphql.Omittable[*id.Brand]
	SupplierID        graphql.Omittable[*id.Supplier]
	BasePrice         graphql.Omittable[*money.Decimal]
	Taxable           graphql.Omittable[*bool]
	TaxCategoryID     graphql.Omittable[*id.TaxCategory]
	Type              graphql.Omittable[*ProductType]
	Unit              graphql.Omittable[*Unit]
	Status            graphql.Omittable[*Status]
	Barcodes          graphql.Omittable[[]string]
	ExternalReference graphql.Omittable[*string]
	OptionNames       graphql.Omittable[[]string]
	OptionValues      graphql.Omittable[[]string]

	Cost                 graphql.Omittable[*money.Decimal]
	NegativeStockAllowed graphql.Omittable[*bool]
	BatchTracked         graphql.Omittable[*bool]
}

func (in ProductUpdateInput) apply(problems *errs.Problems, p *Product) {
	if v, ok := form.Required(problems, in.SKU, "sku"); ok {
		p.SKU = form.Text(problems, v, 1, 64, "sku")
	}
	if v, ok := form.Required(problems, in.Name, "name"); ok {
		p.Name = form.Text(problems, v, 1, 200, "name")
	}
	if v, ok := form.Required(problems, in.BasePrice, "basePrice"); ok {
		p.PriceMinor = form.Price(problems, v, p.CurrencyCode, "basePrice")
	}
	if v, ok := form.Required(problems, in.Taxable, "taxable"); ok {
		p.Taxable = v
	}
	if v, ok := form.Required(problems, in.Status, "status"); ok {
		p.Status = v
	}
	if v, ok := form.Required(problems, in.Type, "type"); ok {
		p.Type = v
	}
	if v, ok := form.Required(problems, in.Unit, "unit"); ok {
		p.Unit = v
	}
	if v, ok := in.OptionNames.ValueOK(); ok {
		p.OptionNames = checkOptions(problems, v, longestOption, "optionNames")
	}
	if v, ok := in.OptionValues.ValueOK(); ok {
		p.vary(checkOptions(problems, v, longestValue, "optionValues"))
	}
	if v, ok := in.Cost.ValueOK(); ok {
		p.setCost(problems, v)
	}
	if v, ok := in.NegativeStockAllowed.ValueOK(); ok {
		p.NegativeStockAllowed = v
	}
	if v, ok := form.Required(problems, in.BatchTracked, "batchTracked"); ok {
		p.BatchTracked = v
	}
	in.applyTexts(problems, p)
	p.checkKind(problems)
}

func (in ProductUpdateInput) applyTexts(problems *errs.Problems, p *Product) {
	if v, ok := in.Description.ValueOK(); ok {
		p.Description = form.OptionalText(problems, v, 5000, "description")
	}
	if v, ok := in.CategoryID.ValueOK(); ok {
		p.CategoryID = v
	}
	if v, ok := in.BrandID.ValueOK(); ok {
		p.BrandID = v
	}
	if v, ok := in.SupplierID.ValueOK(); ok {
		p.SupplierID = v
	}
	if v, ok := in.TaxCategoryID.ValueOK(); ok {
		p.TaxCategoryID = v
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		p.ExternalReference = form.Reference(problems, v, "externalReference")
	}
}

// UpdateProduct changes a product. With a CONFLICT problem it gives the product as it is.
//
// Errors: problems INVALID, TAKEN, CATEGORY_NOT_FOUND, BRAND_NOT_FOUND, SUPPLIER_NOT_FOUND, TAX_CATEGORY_NOT_FOUND,
// HAS_VARIANTS, NOT_FOUND and CONFLICT.
func (c *Catalog) UpdateProduct(ctx context.Context, product id.Product, in ProductUpdateInput) (*Product, error) {
	var p *Product
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", product).For("UPDATE")
		if err := tx.Send(ctx, postgres.Row(&p, q)); err != nil {
			return err
		}
		if p == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such product."}}
		}
		if p.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the product in the meantime.",
			}}
		}
		return c.update(ctx, tx, p, in)
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return p, err
	}
	if err := taken(err); err != nil {
		return nil, err
	}
	return p, nil
}

func (c *Catalog) update(ctx context.Context, tx *postgres.Tx, p *Product, in ProductUpdateInput) error {
	var problems errs.Problems
	options := len(p.OptionNames)
	in.apply(&problems, p)
	codes, changeCodes := in.Barcodes.ValueOK()
	barcodes := checkBarcodes(&problems, codes, "barcodes")
	found, err := look(ctx, tx, p, barcodes)
	if err != nil {
		return err
	}
	found.check(&problems, p, codes)
	found.checkVariant(&problems, p)
	if len(p.OptionNames) != options && found.variant != nil {
		problems.Add("HAS_VARIANTS", []string{"optionNames"}, "The product has variants with %d options.", options)
	}
	if err := problems.Err(); err != nil {
		return err
	}
	p.Version++
	p.UpdatedAt = c.now()
	statements := []postgres.Statement{
		postgres.Exec(nil, tx.Update(p).Where("?TableAlias.id = ?", p.ID)),
		postgres.Exec(nil, tx.Delete((*Word)(nil)).Where("?TableAlias.product_id = ?", p.ID)),
	}
	if changeCodes {
		statements = append(statements,
			postgres.Exec(nil, tx.Delete((*Barcode)(nil)).Where("?TableAlias.product_id = ?", p.ID)))
		return tx.Finish(ctx, append(statements, indexing(tx, p, barcodes)...)...)
	}
	return tx.Finish(ctx, append(statements, wording(tx, p, found.own)...)...)
}

// indexing writes the words and barcodes that a product is found by.
func indexing(tx *postgres.Tx, p *Product, barcodes []*Barcode) []postgres.Statement {
	statements := wording(tx, p, barcodes)
	for _, code := range barcodes {
		code.ProductID = p.ID
	}
	if len(barcodes) > 0 {
		statements = append(statements, tx.Add(&barcodes))
	}
	return statements
}

// wording writes the words alone.
func wording(tx *postgres.Tx, p *Product, barcodes []*Barcode) []postgres.Statement {
	words := wordsOf(p, barcodes)
	if len(words) == 0 {
		return nil
	}
	return []postgres.Statement{tx.Add(&words)}
}

func wordsOf(p *Product, barcodes []*Barcode) []*Word {
	codes := make([]string, len(barcodes))
	for i, code := range barcodes {
		codes[i] = code.Barcode
	}
	texts := Words(p.Name, p.SKU, codes...)
	words := make([]*Word, len(texts))
	for i, text := range texts {
		words[i] = &Word{Word: text, ProductID: p.ID}
	}
	return words
}

// found is what a product about to be written meets in the database.
type found struct {
	currency money.Currency
	others   []*Product
	barcodes []*Barcode
	own      []*Barcode
	category *Category
	brand    *Brand
	supplier *Supplier
	taxes    *tax.Category
	parent   *Product
	sibling  *Product
	variant  *Product
}

// look reads, in one round trip, all that a product is checked against. The parent of a variant is kept from being
// changed meanwhile.
func look(ctx context.Context, tx *postgres.Tx, p *Product, barcodes []*Barcode) (*found, error) {
	f := &found{}
	var own *company.Company
	others := tx.Select((*Product)(nil)).Where("?TableAlias.sku = ?", p.SKU)
	if p.ExternalReference != nil {
		others.WhereOr("?TableAlias.external_reference = ?", *p.ExternalReference)
	}
	statements := []postgres.Statement{
		postgres.Row(&own, tx.Select((*company.Company)(nil))),
		postgres.Rows(&f.others, others),
		postgres.Rows(&f.barcodes, tx.Select((*Barcode)(nil)).
			Where("?TableAlias.code = ANY (?::text[])", postgres.Texts(keysOf(barcodes)))),
		postgres.Rows(&f.own, tx.Select((*Barcode)(nil)).Where("?TableAlias.product_id = ?", p.ID)),
		postgres.Row(&f.variant, tx.Select((*Product)(nil)).Where("?TableAlias.parent_id = ?", p.ID).Limit(1)),
	}
	if p.CategoryID != nil {
		statements = append(statements,
			postgres.Row(&f.category, tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", *p.CategoryID)))
	}
	if p.BrandID != nil {
		statements = append(statements,
			postgres.Row(&f.brand, tx.Select((*Brand)(nil)).Where("?TableAlias.id = ?", *p.BrandID)))
	}
	if p.SupplierID != nil {
		statements = append(statements,
			postgres.Row(&f.supplier, tx.Select((*Supplier)(nil)).Where("?TableAlias.id = ?", *p.SupplierID)))
	}
	if p.TaxCategoryID != nil {
		statements = append(statements,
			postgres.Row(&f.taxes, tx.Select((*tax.Category)(nil)).Where("?TableAlias.id = ?", *p.TaxCategoryID)))
	}
	if p.ParentID != nil {
		statements = append(statements,
			postgres.Row(&f.parent, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", *p.ParentID).For("SHARE")),
			postgres.Row(&f.sibling, tx.Select((*Product)(nil)).Where("?TableAlias.parent_id = ?", *p.ParentID).
				Where("?TableAlias.variant_key = ?", variantKey(p.OptionValues)).Where("?TableAlias.id <> ?", p.ID)))
	}
	if err := tx.Send(ctx, statements...); err != nil {
		return nil, err
	}
	if own == nil {
		return nil, errs.New(errs.NotFound, "There is no such company.")
	}
	f.currency = own.CurrencyCode
	return f, nil
}

func keysOf(barcodes []*Barcode) []string {
	codes := make([]string, len(barcodes))
	for i, code := range barcodes {
		codes[i] = code.Code
	}
	return codes
}

// check compares a product with those that are there; given are its barcodes as they came.
func (f *found) check(problems *errs.Problems, p *Product, given []string) {
	for _, other := range f.others {
		if other.ID == p.ID {
			continue
		}
		if other.SKU == p.SKU {
			problems.Add(form.Taken, []string{"sku"}, "Another product has this SKU already.")
		}
		if p.ExternalReference != nil && other.ExternalReference != nil && *other.ExternalReference == *p.ExternalReference {
			problems.Add(form.Taken, []string{"externalReference"}, "Another product has this reference already.")
		}
	}
	for _, code := range f.barcodes {
		if code.ProductID == p.ID {
			continue
		}
		i := slices.IndexFunc(given, func(text string) bool { return ScanKey(strings.TrimSpace(text)) == code.Code })
		problems.Add(form.Taken, errs.Path("barcodes", i), "Another product has this barcode already.")
	}
	if p.CategoryID != nil && f.category == nil {
		problems.Add(categoryNotFound, []string{"categoryId"}, "There is no such category.")
	}
	if p.BrandID != nil && f.brand == nil {
		problems.Add(brandNotFound, []string{"brandId"}, "There is no such brand.")
	}
	if p.SupplierID != nil && f.supplier == nil {
		problems.Add(supplierNotFound, []string{"supplierId"}, "There is no such supplier.")
	}
	if p.TaxCategoryID != nil && f.taxes == nil {
		problems.Add("TAX_CATEGORY_NOT_FOUND", []string{"taxCategoryId"}, "There is no such tax category.")
	}
}

// taken words the rare case that somebody else took a SKU, reference or barcode between the check and the write.
func taken(err error) error {
	if postgres.IsUnique(err) {
		return errs.Problems{{Code: form.Taken, Field: []string{"sku"}, Message: "Another product has this value already."}}
	}
	return err
}
