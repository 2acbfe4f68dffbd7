package tax

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// The codes of problems, beside those of package form.
const (
	categoryNotFound = "TAX_CATEGORY_NOT_FOUND"
	storeNotFound    = "STORE_NOT_FOUND"
	inThePast        = "IN_THE_PAST"
	tooMany          = "TOO_MANY"
)

// mostCategories is how many categories a company has: every sale reads what they come to.
const mostCategories = 200

// RateInput is one tax of a category.
type RateInput struct {
	Name     string
	Code     *string
	Rate     money.Decimal
	Compound bool
}

// readRates checks the taxes of a category, in the order they are laid on.
func readRates(p *errs.Problems, in []RateInput) []Levy {
	if n := len(in); n < 1 || n > MaxLevies {
		p.Add(form.Invalid, []string{"rates"}, "A category has 1 to %d rates.", MaxLevies)
		return nil
	}
	before := len(*p)
	levies := make([]Levy, len(in))
	for i, r := range in {
		levies[i] = Levy{
			Name: form.Text(p, r.Name, 1, 50, "rates", i, "name"), Rate: form.Percent(p, r.Rate, "rates", i, "rate"),
			Code: form.OptionalText(p, r.Code, 16, "rates", i, "code"), Compound: r.Compound,
		}
	}
	if len(*p) > before {
		return nil
	}
	if _, err := Combined(levies); err != nil {
		p.Add(form.Invalid, []string{"rates"}, "All rates together must not be more than 100 percent.")
	}
	return levies
}

func rows(category id.TaxCategory, levies []Levy, from, now time.Time) []*Rate {
	list := make([]*Rate, len(levies))
	for i, l := range levies {
		list[i] = &Rate{
			ID: id.New[id.TaxRate](), CategoryID: category, ValidFrom: from, Position: i + 1,
			Name: l.Name, Code: l.Code, RatePPM: l.Rate, Compound: l.Compound, CreatedAt: now,
		}
	}
	return list
}

// CategoryCreateInput is a new category with its taxes.
type CategoryCreateInput struct {
	Name              string
	ExternalReference *string
	Rates             []RateInput
}

// Ever is before every sale.
func Ever() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// CreateCategory makes a category. Its rates count for all sales, those that happened before it was made among them.
//
// Errors: problems INVALID, TAKEN and TOO_MANY.
func (t *Taxes) CreateCategory(ctx context.Context, in CategoryCreateInput) (*Category, error) {
	var p errs.Problems
	now := t.now()
	c := &Category{
		ID: id.New[id.TaxCategory](), Name: form.Text(&p, in.Name, 1, 200, "name"),
		ExternalReference: form.Reference(&p, in.ExternalReference, "externalReference"),
		Version:           1, CreatedAt: now, UpdatedAt: now,
	}
	rates := rows(c.ID, readRates(&p, in.Rates), Ever(), now)
	err := t.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		p := slices.Clone(p)
		var others []*Category
		if err := tx.Send(ctx, postgres.Rows(&others, tx.Select((*Category)(nil)))); err != nil {
			return err
		}
		if len(others) >= mostCategories {
			p.Add(tooMany, []string{}, "A company has at most %d tax categories.", mostCategories)
		}
		c.taken(&p, others)
		if err := p.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(c), tx.Add(&rates))
	})
	if err := raced(err); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Category) taken(p *errs.Problems, others []*Category) {
	for _, other := range others {
		if other.ID == c.ID {
			continue
		}
		if other.Name == c.Name {
			p.Add(form.Taken, []string{"name"}, "Another tax category has this name already.")
		}
		if a, b := other.ExternalReference, c.ExternalReference; a != nil && b != nil && *a == *b {
			p.Add(form.Taken, []string{"externalReference"}, "Another tax category has this reference already.")
		}
	}
}

// raced tells of somebody who was faster by a moment.
func raced(err error) error {
	if postgres.IsUnique(err) {
		return errs.Problems{{
			Code: form.Taken, Field: []string{"name"}, Message: "Another tax category has this value already.",
		}}
	}
	return err
}

// CategoryUpdateInput is what to change of a category; what is not set stays.
type CategoryUpdateInput struct {
	Version           int
	Name              graphql.Omittable[*string]
	ExternalReference graphql.Omittable[*string]
}

// UpdateCategory changes a category. With a CONFLICT problem it gives the category as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND and CONFLICT.
func (t *Taxes) UpdateCategory(ctx context.Context, category id.TaxCategory, in CategoryUpdateInput) (*Category, error) {
	var c *Category
	err := t.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var others []*Category
		if err := tx.Send(ctx,
			postgres.Row(&c, tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", category).For("UPDATE")),
			postgres.Rows(&others, tx.Select((*Category)(nil)))); err != nil {
			return err
		}
		if c == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such tax category."}}
		}
		if c.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the tax category in the meantime.",
			}}
		}
		var p errs.Problems
		if v, ok := form.Required(&p, in.Name, "name"); ok {
			c.Name = form.Text(&p, v, 1, 200, "name")
		}
		if v, ok := in.ExternalReference.ValueOK(); ok {
			c.ExternalReference = form.Reference(&p, v, "externalReference")
		}
		c.taken(&p, others)
		if err := p.Err(); err != nil {
			return err
		}
		c.Version++
		c.UpdatedAt = t.now()
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(c).Where("?TableAlias.id = ?", c.ID)))
	})
	var p errs.Problems
	if errors.As(err, &p) && p[0].Code == form.Conflict {
		return c, err
	}
	if err := raced(err); err != nil {
		return nil, err
	}
	return c, nil
}

// RatesSetInput says which taxes count from when on.
type RatesSetInput struct {
	TaxCategoryID id.TaxCategory
	Rates         []RateInput
	// ValidFrom is now unless given.
	ValidFrom *time.Time
}

// StoreRatesSetInput says which taxes count in one store, in place of the company's.
type StoreRatesSetInput struct {
	StoreID       id.Store
	TaxCategoryID id.TaxCategory
	Rates         []RateInput
	ValidFrom     *time.Time
}

// from is when rates begin: what has been sold keeps its taxes.
func (t *Taxes) from(p *errs.Problems, given *time.Time) time.Time {
	now := t.now().UTC().Truncate(time.Microsecond)
	if given == nil {
		return now
	}
	if given.Before(now) {
		p.Add(inThePast, []string{"validFrom"}, "Rates can't begin in the past.")
	}
	if given.Year() > 2999 { //nolint:mnd // far enough
		p.Add(form.Invalid, []string{"validFrom"}, "This is too far away.")
	}
	return given.UTC().Truncate(time.Microsecond)
}

// SetRates sets the taxes of a category in all stores that have none of their own. What was set for later is dropped.
//
// Errors: problems INVALID, IN_THE_PAST and TAX_CATEGORY_NOT_FOUND.
func (t *Taxes) SetRates(ctx context.Context, in RatesSetInput) (*Category, error) {
	var p errs.Problems
	from := t.from(&p, in.ValidFrom)
	rates := rows(in.TaxCategoryID, readRates(&p, in.Rates), from, t.now())
	return t.change(ctx, in.TaxCategoryID, p, func(tx *postgres.Tx) []postgres.Statement {
		return []postgres.Statement{
			postgres.Exec(nil, tx.Delete((*Rate)(nil)).Where("?TableAlias.tax_category_id = ?", in.TaxCategoryID).
				Where("?TableAlias.valid_from >= ?", from)),
			tx.Add(&rates),
		}
	})
}

// SetStoreRates sets the taxes of a category in one store. What was set there for later is dropped.
//
// Errors: problems INVALID, IN_THE_PAST, STORE_NOT_FOUND and TAX_CATEGORY_NOT_FOUND.
func (t *Taxes) SetStoreRates(ctx context.Context, in StoreRatesSetInput) (*Category, error) {
	p, err := inScope(ctx, in.StoreID)
	if err != nil {
		return nil, err
	}
	from := t.from(&p, in.ValidFrom)
	var rates []*StoreRate
	for i, l := range readRates(&p, in.Rates) {
		r := &StoreRate{
			ID: id.New[id.StoreTaxRate](), CategoryID: in.TaxCategoryID, ValidFrom: from, Position: i + 1,
			Name: l.Name, Code: l.Code, RatePPM: l.Rate, Compound: l.Compound, CreatedAt: t.now(),
		}
		r.StoreID = in.StoreID
		rates = append(rates, r)
	}
	return t.change(ctx, in.TaxCategoryID, p, func(tx *postgres.Tx) []postgres.Statement {
		return append(dropStoreRates(tx, in.StoreID, in.TaxCategoryID, from), tx.Add(&rates))
	})
}

// EndStoreRates makes the company's taxes count again in a store, from now on.
//
// Errors: problems STORE_NOT_FOUND and TAX_CATEGORY_NOT_FOUND.
func (t *Taxes) EndStoreRates(ctx context.Context, store id.Store, category id.TaxCategory) (*Category, error) {
	p, err := inScope(ctx, store)
	if err != nil {
		return nil, err
	}
	now := t.from(&p, nil)
	return t.change(ctx, category, p, func(tx *postgres.Tx) []postgres.Statement {
		return append(dropStoreRates(tx, store, category, now),
			postgres.Exec(nil, tx.Update((*StoreRate)(nil)).Set("valid_until = ?", now).
				Where("?TableAlias.store_id = ?", store).Where("?TableAlias.tax_category_id = ?", category).
				Where("?TableAlias.valid_until IS NULL")))
	})
}

func dropStoreRates(tx *postgres.Tx, store id.Store, category id.TaxCategory, from time.Time) []postgres.Statement {
	return []postgres.Statement{postgres.Exec(nil, tx.Delete((*StoreRate)(nil)).
		Where("?TableAlias.store_id = ?", store).Where("?TableAlias.tax_category_id = ?", category).
		Where("?TableAlias.valid_from >= ?", from))}
}

func inScope(ctx context.Context, store id.Store) (errs.Problems, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	if !scope.HasStore(store) {
		p.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
	}
	return p, nil
}

// change changes the rates of a category whose row it holds, so that two changes don't cross.
func (t *Taxes) change(
	ctx context.Context, category id.TaxCategory, p errs.Problems, do func(tx *postgres.Tx) []postgres.Statement,
) (*Category, error) {
	var c *Category
	err := t.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		p := slices.Clone(p)
		q := tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", category).For("UPDATE")
		if err := tx.Send(ctx, postgres.Row(&c, q)); err != nil {
			return err
		}
		if c == nil {
			p.Add(categoryNotFound, []string{"taxCategoryId"}, "There is no such tax category.")
		}
		if err := p.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, do(tx)...)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}
