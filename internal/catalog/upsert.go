package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// ProductUpsertKey says what tells whether a row's product is there already.
type ProductUpsertKey string

// The keys.
const (
	BySKU       ProductUpsertKey = "SKU"
	ByReference ProductUpsertKey = "EXTERNAL_REFERENCE"
)

// ErrorPolicy says what becomes of the good rows where others are bad.
type ErrorPolicy string

// The policies.
const (
	RejectEverything ErrorPolicy = "REJECT_EVERYTHING"
	KeepGoodRows     ErrorPolicy = "KEEP_GOOD_ROWS"
)

// ProductsUpsertInput is many products at once.
type ProductsUpsertInput struct {
	By          ProductUpsertKey
	ErrorPolicy ErrorPolicy
	Rows        []ProductUpsertRow
}

// ProductUpsertRow is one product: what is not set stays, or is as in a new product.
type ProductUpsertRow struct {
	SKU         graphql.Omittable[*string]
	Name        graphql.Omittable[*string]
	Description graphql.Omittable[*string]
	CategoryID  graphql.Omittable[*id.Category]
	// BrandName and SupplierName name what is there.
	BrandName         graphql.Omittable[*string]
	SupplierName      graphql.Omittable[*string]
	Type              graphql.Omittable[*ProductType]
	Unit              graphql.Omittable[*Unit]
	BasePrice         graphql.Omittable[*money.Decimal]
	Taxable           graphql.Omittable[*bool]
	Status            graphql.Omittable[*Status]
	Barcodes          graphql.Omittable[[]string]
	ExternalReference graphql.Omittable[*string]
}

func (r *ProductUpsertRow) change() ProductUpdateInput {
	return ProductUpdateInput{
		SKU: r.SKU, Name: r.Name, Description: r.Description, CategoryID: r.CategoryID, Type: r.Type, Unit: r.Unit,
		BasePrice: r.BasePrice, Taxable: r.Taxable, Status: r.Status, Barcodes: r.Barcodes,
		ExternalReference: r.ExternalReference,
	}
}

// ProductUpsertAction is what became of a row.
type ProductUpsertAction string

// The actions.
const (
	RowCreated   ProductUpsertAction = "CREATED"
	RowUpdated   ProductUpsertAction = "UPDATED"
	RowUnchanged ProductUpsertAction = "UNCHANGED"
)

// ProductUpsertResult is what became of one row.
type ProductUpsertResult struct {
	// Index is the row's place, from 0.
	Index int
	// Action is nil where nothing was done.
	Action  *ProductUpsertAction
	Product *Product
	// UserErrors are what is wrong with the row, each with its path in the input.
	UserErrors []ProductsUpsertUserError
}

// duplicate is the code of rows that want the same thing.
const duplicate = "DUPLICATE"

// UpsertProducts creates and changes many products, in a number of statements that doesn't grow with theirs. Upserts
// of one company wait for one another. The problems of all rows come back beside the results; they are no error.
//
// Errors: problems INVALID where the rows are none or too many.
func (c *Catalog) UpsertProducts(
	ctx context.Context, in ProductsUpsertInput,
) (results []*ProductUpsertResult, problems errs.Problems, err error) {
	if n := len(in.Rows); n < 1 || n > mostRows {
		problems.Add(form.Invalid, []string{"rows"}, "Give 1 to %d rows at once.", mostRows)
		return []*ProductUpsertResult{}, problems, nil
	}
	const tries = 3
	var u *upsert
	for range tries {
		err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			u = newUpsert(in, c.now())
			return u.run(ctx, tx)
		})
		if !postgres.IsUnique(err) {
			break
		}
		// Somebody else made a product in between: the next time it is there.
	}
	if err != nil {
		return nil, nil, err
	}
	return u.answer()
}

// run reads what is there, works the rows out, and writes.
func (u *upsert) run(ctx context.Context, tx *postgres.Tx) error {
	there, err := u.look(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range u.rows {
		r.work(there)
	}
	u.compare(there)
	if u.in.ErrorPolicy != KeepGoodRows && slices.ContainsFunc(u.rows, func(r *row) bool { return len(r.problems) > 0 }) {
		u.refused = true
		return nil // what was read is left as it is
	}
	return u.write(ctx, tx)
}

// answer words what became of the rows.
func (u *upsert) answer() ([]*ProductUpsertResult, errs.Problems, error) {
	results := make([]*ProductUpsertResult, len(u.rows))
	var all errs.Problems
	for i, r := range u.rows {
		for p := range r.problems {
			r.problems[p].Field = append(errs.Path("rows", i), r.problems[p].Field...)
		}
		all = append(all, r.problems...)
		users, err := errs.AsUser[ProductsUpsertUserErrorCode](r.problems.Err())
		if err != nil {
			return nil, nil, fmt.Errorf("word a row's problems: %w", err)
		}
		results[i] = &ProductUpsertResult{Index: i, UserErrors: users}
		if u.refused || len(r.problems) > 0 {
			continue
		}
		action := r.action()
		results[i].Action, results[i].Product = &action, r.product
	}
	return results, all, nil
}

// wordsAtOnce bounds the parameters of one statement.
const wordsAtOnce = 10_000

// write stores the good rows, all in the round trip that commits.
func (u *upsert) write(ctx context.Context, tx *postgres.Tx) error {
	var made []*Product
	var changed []storedProduct
	var reworded, recoded []id.Product
	var words []*Word
	var codes []*Barcode
	for _, r := range u.rows {
		if len(r.problems) > 0 || r.action() == RowUnchanged {
			continue
		}
		if r.before == nil {
			made = append(made, r.product)
		} else {
			r.product.Version++
			r.product.UpdatedAt = u.now
			changed = append(changed, stored(r.product))
			reworded = append(reworded, r.product.ID)
		}
		words = append(words, wordsOf(r.product, r.barcodes)...)
		if r.recoded {
			recoded = append(recoded, r.product.ID)
			codes = append(codes, r.barcodes...)
		}
	}
	var statements []postgres.Statement
	if len(made) > 0 {
		statements = append(statements, tx.Add(&made))
	}
	if len(changed) > 0 {
		update, err := updateAll(tx, changed)
		if err != nil {
			return err
		}
		statements = append(statements, update, postgres.Exec(nil, tx.Delete((*Word)(nil)).
			Where("?TableAlias.product_id = ANY (?::uuid[])", postgres.UUIDs(reworded))))
	}
	if len(recoded) > 0 {
		statements = append(statements, postgres.Exec(nil, tx.Delete((*Barcode)(nil)).
			Where("?TableAlias.product_id = ANY (?::uuid[])", postgres.UUIDs(recoded))))
	}
	for some := range slices.Chunk(words, wordsAtOnce) {
		statements = append(statements, tx.Add(&some))
	}
	for some := range slices.Chunk(codes, wordsAtOnce) {
		statements = append(statements, tx.Add(&some))
	}
	return tx.Finish(ctx, statements...)
}

// storedProduct is what an upsert changes of a product, as the statement takes it.
type storedProduct struct {
	ID          id.Product `json:"-"`
	UUID        string     `json:"id"`
	SKU         string     `json:"sku"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Category    *string    `json:"category_id"`
	Brand       *string    `json:"brand_id"`
	Supplier    *string    `json:"supplier_id"`
	Type        string     `json:"type"`
	Unit        string     `json:"unit"`
	Price       int64      `json:"price"`
	Taxable     bool       `json:"taxable"`
	Status      string     `json:"status"`
	Reference   *string    `json:"external_reference"`
	Version     int        `json:"version"`
	UpdatedAt   string     `json:"updated_at"`
}

func stored(p *Product) storedProduct {
	s := storedProduct{
		ID: p.ID, UUID: p.ID.UUID().String(), SKU: p.SKU, Name: p.Name, Description: p.Description, Type: string(p.Type),
		Unit: string(p.Unit), Price: p.PriceMinor, Taxable: p.Taxable, Status: string(p.Status),
		Reference: p.ExternalReference, Version: p.Version, UpdatedAt: p.UpdatedAt.Format(rfc3339Micro),
	}
	if p.CategoryID != nil {
		text := p.CategoryID.UUID().String()
		s.Category = &text
	}
	if p.BrandID != nil {
		text := p.BrandID.UUID().String()
		s.Brand = &text
	}
	if p.SupplierID != nil {
		text := p.SupplierID.UUID().String()
		s.Supplier = &text
	}
	return s
}

const rfc3339Micro = "2006-01-02T15:04:05.999999Z07:00"

// updateAll changes many products in one statement of one shape.
func updateAll(tx *postgres.Tx, products []storedProduct) (postgres.Statement, error) {
	raw, err := json.Marshal(products)
	if err != nil {
		return postgres.Statement{}, fmt.Errorf("write the products down: %w", err)
	}
	q := tx.Update((*Product)(nil)).
		TableExpr("jsonb_to_recordset(?::jsonb) AS new (id uuid, sku text, name text, description text, category_id uuid,"+
			" brand_id uuid, supplier_id uuid, type text, unit text, price bigint, taxable boolean, status text, external_reference text, version integer,"+
			" updated_at timestamptz)", string(raw))
	for _, column := range []string{
		"sku", "name", "description", "category_id", "brand_id", "supplier_id", "type", "unit", "price", "taxable", "status",
		"external_reference", "version", "updated_at",
	} {
		q.Set(column + " = new." + column)
	}
	return postgres.Exec(nil, q.Where("?TableAlias.id = new.id")), nil
}
