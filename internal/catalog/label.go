package catalog

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/label"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	brandNotFound    = "BRAND_NOT_FOUND"
	supplierNotFound = "SUPPLIER_NOT_FOUND"
	hasProducts      = "HAS_PRODUCTS"
)

// Brand is the name that products are made under.
type Brand struct {
	bun.BaseModel `bun:"table:brands,alias:brand"`
	postgres.TenantOwned
	label.Label

	ID id.Brand `bun:"id,pk"`
}

// IsNode marks Brand as the schema's Node.
func (*Brand) IsNode() {}

// Supplier is who products are mostly bought from.
type Supplier struct {
	bun.BaseModel `bun:"table:suppliers,alias:supplier"`
	postgres.TenantOwned
	label.Label

	ID id.Supplier `bun:"id,pk"`
}

// IsNode marks Supplier as the schema's Node.
func (*Supplier) IsNode() {}

// The pages of these, as the schema names them.
type (
	BrandConnection    = page.Connection[Brand]
	BrandEdge          = page.Edge[Brand]
	SupplierConnection = page.Connection[Supplier]
	SupplierEdge       = page.Edge[Supplier]
)

func brands() label.Kind[Brand] {
	return label.Kind[Brand]{
		Noun: "brand", UsedCode: hasProducts, Users: "products",
		Of: func(b *Brand) (*label.Label, uuid.UUID) { return &b.Label, b.ID.UUID() },
		Used: func(h *postgres.Handle, key uuid.UUID) *bun.SelectQuery {
			return h.Select((*Product)(nil)).Where("?TableAlias.brand_id = ?", key)
		},
	}
}

func suppliers() label.Kind[Supplier] {
	return label.Kind[Supplier]{
		Noun: "supplier", UsedCode: hasProducts, Users: "products",
		Of: func(s *Supplier) (*label.Label, uuid.UUID) { return &s.Label, s.ID.UUID() },
		Used: func(h *postgres.Handle, key uuid.UUID) *bun.SelectQuery {
			return h.Select((*Product)(nil)).Where("?TableAlias.supplier_id = ?", key)
		},
	}
}

// BrandsByID gives those of the brands that are the company's.
func (c *Catalog) BrandsByID(ctx context.Context, ids []id.Brand) ([]*Brand, error) {
	return byID[Brand](ctx, c.db, ids)
}

// Brands lists the company's brands by name.
func (c *Catalog) Brands(ctx context.Context, a page.Args) (*BrandConnection, error) {
	return brands().List(ctx, c.db, a)
}

// CreateBrand adds a brand.
//
// Errors: problems INVALID and TAKEN.
func (c *Catalog) CreateBrand(ctx context.Context, in label.CreateInput) (*Brand, error) {
	return brands().Create(ctx, c.db, &Brand{ID: id.New[id.Brand]()}, in, c.now())
}

// UpdateBrand changes a brand. With a CONFLICT problem it gives the brand as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND and CONFLICT.
func (c *Catalog) UpdateBrand(ctx context.Context, brand id.Brand, in label.UpdateInput) (*Brand, error) {
	return brands().Update(ctx, c.db, brand.UUID(), in, c.now())
}

// DeleteBrand removes a brand that no product has. Reports go on without its name.
//
// Errors: problems NOT_FOUND and HAS_PRODUCTS.
func (c *Catalog) DeleteBrand(ctx context.Context, brand id.Brand) error {
	return brands().Delete(ctx, c.db, brand.UUID())
}

// SuppliersByID gives those of the suppliers that are the company's.
func (c *Catalog) SuppliersByID(ctx context.Context, ids []id.Supplier) ([]*Supplier, error) {
	return byID[Supplier](ctx, c.db, ids)
}

// Suppliers lists the company's suppliers by name.
func (c *Catalog) Suppliers(ctx context.Context, a page.Args) (*SupplierConnection, error) {
	return suppliers().List(ctx, c.db, a)
}

// CreateSupplier adds a supplier.
//
// Errors: problems INVALID and TAKEN.
func (c *Catalog) CreateSupplier(ctx context.Context, in label.CreateInput) (*Supplier, error) {
	return suppliers().Create(ctx, c.db, &Supplier{ID: id.New[id.Supplier]()}, in, c.now())
}

// UpdateSupplier changes a supplier. With a CONFLICT problem it gives the supplier as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND and CONFLICT.
func (c *Catalog) UpdateSupplier(ctx context.Context, supplier id.Supplier, in label.UpdateInput) (*Supplier, error) {
	return suppliers().Update(ctx, c.db, supplier.UUID(), in, c.now())
}

// DeleteSupplier removes a supplier that no product has. Reports go on without its name.
//
// Errors: problems NOT_FOUND and HAS_PRODUCTS.
func (c *Catalog) DeleteSupplier(ctx context.Context, supplier id.Supplier) error {
	return suppliers().Delete(ctx, c.db, supplier.UUID())
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	BrandCreateUserErrorCode    string
	BrandUpdateUserErrorCode    string
	BrandDeleteUserErrorCode    string
	SupplierCreateUserErrorCode string
	SupplierUpdateUserErrorCode string
	SupplierDeleteUserErrorCode string

	BrandCreateUserError    = errs.User[BrandCreateUserErrorCode]
	BrandUpdateUserError    = errs.User[BrandUpdateUserErrorCode]
	BrandDeleteUserError    = errs.User[BrandDeleteUserErrorCode]
	SupplierCreateUserError = errs.User[SupplierCreateUserErrorCode]
	SupplierUpdateUserError = errs.User[SupplierUpdateUserErrorCode]
	SupplierDeleteUserError = errs.User[SupplierDeleteUserErrorCode]
)

// BrandPayload is what a mutation of a brand answers; E is its user error.
type BrandPayload[E any] struct {
	Brand      *Brand
	UserErrors []E
}

// SupplierPayload is what a mutation of a supplier answers; E is its user error.
type SupplierPayload[E any] struct {
	Supplier   *Supplier
	UserErrors []E
}

// The payloads, one type a mutation.
type (
	BrandCreatePayload    = BrandPayload[BrandCreateUserError]
	BrandUpdatePayload    = BrandPayload[BrandUpdateUserError]
	SupplierCreatePayload = SupplierPayload[SupplierCreateUserError]
	SupplierUpdatePayload = SupplierPayload[SupplierUpdateUserError]
)

// BrandDeletePayload is what brandDelete answers.
type BrandDeletePayload struct {
	DeletedID  *id.Brand
	UserErrors []BrandDeleteUserError
}

// SupplierDeletePayload is what supplierDelete answers.
type SupplierDeletePayload struct {
	DeletedID  *id.Supplier
	UserErrors []SupplierDeleteUserError
}

// AnswerBrand makes a mutation's payload: problems become its user errors.
func AnswerBrand[C ~string](b *Brand, err error) (*BrandPayload[errs.User[C]], error) {
	users, err := errs.AsUser[C](err)
	if err != nil {
		return nil, err
	}
	return &BrandPayload[errs.User[C]]{Brand: b, UserErrors: users}, nil
}

// AnswerSupplier makes a mutation's payload: problems become its user errors.
func AnswerSupplier[C ~string](s *Supplier, err error) (*SupplierPayload[errs.User[C]], error) {
	users, err := errs.AsUser[C](err)
	if err != nil {
		return nil, err
	}
	return &SupplierPayload[errs.User[C]]{Supplier: s, UserErrors: users}, nil
}
