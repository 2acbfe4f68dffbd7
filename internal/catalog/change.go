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
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const mostBarcodes = 50

// ProductCreateInput is a new product.
type ProductCreateInput struct {
	SKU               string
	Name              string
	Description       *string
	CategoryID        *id.Category
	Unit              Unit
	BasePrice         money.Decimal
	Taxable           bool
	Barcodes          []string
	ExternalReference *string
}

// CreateProduct adds a product to the company's catalogue.
//
// Errors: problems INVALID, TAKEN and CATEGORY_NOT_FOUND.
func (c *Catalog) CreateProduct(ctx context.Context, in ProductCreateInput) (*Product, error) {
	var problems errs.Problems
	now := c.now()
	p := &Product{
		ID:          id.New[id.Product](),
		SKU:         form.Text(&problems, in.SKU, 1, 64, "sku"),
		Name:        form.Text(&problems, in.Name, 1, 200, "name"),
		Description: form.OptionalText(&problems, in.Description, 5000, "description"),
		CategoryID:  in.CategoryID, Unit: in.Unit, Taxable: in.Taxable, Status: Active,
		ExternalReference: form.Reference(&problems, in.ExternalReference, "externalReference"),
		Version:           1, CreatedAt: now, UpdatedAt: now,
	}
	barcodes := checkBarcodes(&problems, in.Barcodes)
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := slices.Clone(problems)
		found, err := look(ctx, tx, p, barcodes)
		if err != nil {
			return err
		}
		p.CurrencyCode = found.currency
		p.PriceMinor = form.Price(&problems, in.BasePrice, p.CurrencyCode, "basePrice")
		found.check(&problems, p, in.Barcodes)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, append(
			[]postgres.Statement{postgres.Exec(nil, tx.Insert(p))}, indexing(tx, p, barcodes)...)...)
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
	BasePrice         graphql.Omittable[*money.Decimal]
	Taxable           graphql.Omittable[*bool]
	Status            graphql.Omittable[*Status]
	Barcodes          graphql.Omittable[[]string]
	ExternalReference graphql.Omittable[*string]
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
	if v, ok := in.Description.ValueOK(); ok {
		p.Description = form.OptionalText(problems, v, 5000, "description")
	}
	if v, ok := in.CategoryID.ValueOK(); ok {
		p.CategoryID = v
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		p.ExternalReference = form.Reference(problems, v, "externalReference")
	}
}

// UpdateProduct changes a product. With a CONFLICT problem it gives the product as it is.
//
// Errors: problems INVALID, TAKEN, CATEGORY_NOT_FOUND, NOT_FOUND and CONFLICT.
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
	in.apply(&problems, p)
	codes, changeCodes := in.Barcodes.ValueOK()
	barcodes := checkBarcodes(&problems, codes)
	found, err := look(ctx, tx, p, barcodes)
	if err != nil {
		return err
	}
	found.check(&problems, p, codes)
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
	}
	return tx.Finish(ctx, append(statements, indexing(tx, p, barcodes)...)...)
}

// indexing writes the words and barcodes that a product is found by.
func indexing(tx *postgres.Tx, p *Product, barcodes []string) []postgres.Statement {
	words := make([]*Word, 0, 8)
	for _, word := range Words(p.Name, p.SKU) {
		words = append(words, &Word{Word: word, ProductID: p.ID})
	}
	var statements []postgres.Statement
	if len(words) > 0 {
		statements = append(statements, postgres.Exec(nil, tx.Insert(&words)))
	}
	codes := make([]*Barcode, len(barcodes))
	for i, code := range barcodes {
		codes[i] = &Barcode{Barcode: code, ProductID: p.ID}
	}
	if len(codes) > 0 {
		statements = append(statements, postgres.Exec(nil, tx.Insert(&codes)))
	}
	return statements
}

func checkBarcodes(problems *errs.Problems, barcodes []string) []string {
	if len(barcodes) > mostBarcodes {
		problems.Add(form.Invalid, []string{"barcodes"}, "A product has at most %d barcodes.", mostBarcodes)
		return nil
	}
	checked := make([]string, 0, len(barcodes))
	for i, code := range barcodes {
		code = form.Text(problems, code, 1, 64, "barcodes", i)
		if code == "" {
			continue // said already
		}
		if slices.Contains(checked, code) {
			problems.Add(form.Invalid, errs.Path("barcodes", i), "This barcode stands here twice.")
			continue
		}
		checked = append(checked, code)
	}
	return checked
}

// found is what a product about to be written meets in the database.
type found struct {
	currency money.Currency
	others   []*Product
	barcodes []*Barcode
	category *Category
}

// look reads, in one round trip, all that a product is checked against.
func look(ctx context.Context, tx *postgres.Tx, p *Product, barcodes []string) (*found, error) {
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
			Where("?TableAlias.barcode = ANY (?::text[])", postgres.Texts(barcodes))),
	}
	if p.CategoryID != nil {
		statements = append(statements,
			postgres.Row(&f.category, tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", *p.CategoryID)))
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
		i := slices.IndexFunc(given, func(text string) bool { return strings.TrimSpace(text) == code.Barcode })
		problems.Add(form.Taken, errs.Path("barcodes", i), "Another product has this barcode already.")
	}
	if p.CategoryID != nil && f.category == nil {
		problems.Add("CATEGORY_NOT_FOUND", []string{"categoryId"}, "There is no such category.")
	}
}

// taken words the rare case that somebody else took a SKU, reference or barcode between the check and the write.
func taken(err error) error {
	if postgres.IsUnique(err) {
		return errs.Problems{{Code: form.Taken, Field: []string{"sku"}, Message: "Another product has this value already."}}
	}
	return err
}

// StorePriceSetInput is a store's own price for a product.
type StorePriceSetInput struct {
	StoreID   id.Store
	ProductID id.Product
	Price     money.Decimal
}

// SetStorePrice gives a product a price of its own in a store of the request, or changes it.
//
// Errors: problems INVALID, STORE_NOT_FOUND and PRODUCT_NOT_FOUND.
func (c *Catalog) SetStorePrice(ctx context.Context, in StorePriceSetInput) (*StorePrice, error) {
	now := c.now()
	var set *StorePrice
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		store, err := place(ctx, tx, in.StoreID, in.ProductID)
		if err != nil {
			return err
		}
		var problems errs.Problems
		price := &StorePrice{
			ID: id.New[id.StorePrice](), ProductID: in.ProductID, CurrencyCode: store.CurrencyCode,
			PriceMinor: form.Price(&problems, in.Price, store.CurrencyCode, "price"),
			Version:    1, CreatedAt: now, UpdatedAt: now,
		}
		price.StoreID = in.StoreID
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, postgres.Row(&set, tx.Insert(price).
			On("CONFLICT (tenant_id, store_id, product_id) DO UPDATE").
			Set("price = EXCLUDED.price").Set("currency_code = EXCLUDED.currency_code").
			Set("updated_at = EXCLUDED.updated_at").Set("version = ?TableAlias.version + 1").
			Returning("?TableAlias.*")))
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// place finds the store and the product of a price.
func place(ctx context.Context, tx *postgres.Tx, store id.Store, product id.Product) (*company.Store, error) {
	var s *company.Store
	var p *Product
	if err := tx.Send(ctx,
		postgres.Row(&s, tx.Select((*company.Store)(nil)).Where("?TableAlias.id = ?", store)),
		postgres.Row(&p, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", product)),
	); err != nil {
		return nil, err
	}
	var problems errs.Problems
	if s == nil {
		problems.Add("STORE_NOT_FOUND", []string{"storeId"}, "There is no such store.")
	}
	if p == nil {
		problems.Add("PRODUCT_NOT_FOUND", []string{"productId"}, "There is no such product.")
	}
	return s, problems.Err()
}

// RemoveStorePrice takes a store's own price away; it gives the product, whose base price counts again.
//
// Errors: problems STORE_NOT_FOUND, PRODUCT_NOT_FOUND and NOT_FOUND.
func (c *Catalog) RemoveStorePrice(ctx context.Context, store id.Store, product id.Product) (*Product, error) {
	if _, err := tenancy.From(ctx); err != nil {
		return nil, err
	}
	var p *Product
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := place(ctx, tx, store, product); err != nil {
			return err
		}
		var removed int64
		if err := tx.Send(ctx,
			postgres.Exec(&removed, tx.Delete((*StorePrice)(nil)).
				Where("?TableAlias.store_id = ?", store).Where("?TableAlias.product_id = ?", product)),
			postgres.Row(&p, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", product)),
		); err != nil {
			return err
		}
		if removed == 0 {
			return errs.Problems{{
				Code: form.NotFound, Field: []string{"productId"},
				Message: "The store has no price of its own for the product.",
			}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}
