package catalog

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// deepest is how many levels the tree of categories may have.
const deepest = 10

// CategoryCreateInput is a new category.
type CategoryCreateInput struct {
	Name              string
	ParentID          *id.Category
	ExternalReference *string
}

// CreateCategory adds a category to the company's tree.
//
// Errors: problems INVALID, TAKEN, PARENT_NOT_FOUND and TOO_DEEP.
func (c *Catalog) CreateCategory(ctx context.Context, in CategoryCreateInput) (*Category, error) {
	var problems errs.Problems
	now := c.now()
	made := &Category{
		ID: id.New[id.Category](), Name: form.Text(&problems, in.Name, 1, 200, "name"), ParentID: in.ParentID,
		ExternalReference: form.Reference(&problems, in.ExternalReference, "externalReference"),
		Version:           1, CreatedAt: now, UpdatedAt: now,
	}
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := append(errs.Problems{}, problems...)
		t, err := c.tree(ctx, tx, made)
		if err != nil {
			return err
		}
		t.check(&problems, made)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(made))
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// CategoryUpdateInput is what to change of a category; what is not set stays.
type CategoryUpdateInput struct {
	Version           int
	Name              graphql.Omittable[*string]
	ParentID          graphql.Omittable[*id.Category]
	ExternalReference graphql.Omittable[*string]
}

func (in CategoryUpdateInput) apply(problems *errs.Problems, c *Category) {
	if v, ok := form.Required(problems, in.Name, "name"); ok {
		c.Name = form.Text(problems, v, 1, 200, "name")
	}
	if v, ok := in.ParentID.ValueOK(); ok {
		c.ParentID = v
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		c.ExternalReference = form.Reference(problems, v, "externalReference")
	}
}

// UpdateCategory changes a category, or moves it with all that is in it. With a CONFLICT problem it gives the category
// as it is.
//
// Errors: problems INVALID, TAKEN, PARENT_NOT_FOUND, CYCLE, TOO_DEEP, NOT_FOUND and CONFLICT.
func (c *Catalog) UpdateCategory(ctx context.Context, category id.Category, in CategoryUpdateInput) (*Category, error) {
	var changed *Category
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", category)
		if err := tx.Send(ctx, c.lockTree(tx), postgres.Row(&changed, q)); err != nil {
			return err
		}
		if changed == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such category."}}
		}
		if changed.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the category in the meantime.",
			}}
		}
		var problems errs.Problems
		in.apply(&problems, changed)
		t, err := c.tree(ctx, tx, changed)
		if err != nil {
			return err
		}
		t.check(&problems, changed)
		if err := problems.Err(); err != nil {
			return err
		}
		changed.Version++
		changed.UpdatedAt = c.now()
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(changed).Where("?TableAlias.id = ?", changed.ID)))
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return changed, err
	}
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// DeleteCategory removes a category that nothing is in.
//
// Errors: problems NOT_FOUND, HAS_CHILDREN and HAS_PRODUCTS.
func (c *Catalog) DeleteCategory(ctx context.Context, category id.Category) error {
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var it, child *Category
		var product *Product
		if err := tx.Send(ctx,
			c.lockTree(tx),
			postgres.Row(&it, tx.Select((*Category)(nil)).Where("?TableAlias.id = ?", category)),
			postgres.Row(&child, tx.Select((*Category)(nil)).Where("?TableAlias.parent_id = ?", category).Limit(1)),
			postgres.Row(&product, tx.Select((*Product)(nil)).Where("?TableAlias.category_id = ?", category).Limit(1)),
		); err != nil {
			return err
		}
		if it == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such category."}}
		}
		var problems errs.Problems
		if child != nil {
			problems.Add("HAS_CHILDREN", []string{"id"}, "There are categories in this category.")
		}
		if product != nil {
			problems.Add(hasProducts, []string{"id"}, "There are products in this category.")
		}
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*Category)(nil)).Where("?TableAlias.id = ?", category)))
	})
	if postgres.IsForeignKey(err) { // a product came in between
		return errs.Problems{{Code: hasProducts, Field: []string{"id"}, Message: "There are products in this category."}}
	}
	return err
}

// tree is the company's tree of categories, as one that is about to be written meets it.
type tree struct {
	parents map[id.Category]*id.Category
	other   *Category
}

// lockTree makes changes of the tree wait for one another: two moves, each of which is right, could make a cycle.
func (*Catalog) lockTree(tx *postgres.Tx) postgres.Statement {
	return exclusively(tx, "categories")
}

// exclusively makes transactions of one company that do the same wait for one another.
func exclusively(tx *postgres.Tx, what string) postgres.Statement {
	return postgres.Exec(nil, tx.NewSelect().ColumnExpr("pg_advisory_xact_lock(hashtextextended(?, 0))",
		what+" of "+tx.Scope().Company.String()))
}

func (c *Catalog) tree(ctx context.Context, tx *postgres.Tx, about *Category) (*tree, error) {
	var rows []*Category
	t := &tree{parents: map[id.Category]*id.Category{}}
	statements := []postgres.Statement{
		c.lockTree(tx), postgres.Rows(&rows, tx.Select((*Category)(nil)).Column("id", "parent_id")),
	}
	if about.ExternalReference != nil {
		statements = append(statements, postgres.Row(&t.other, tx.Select((*Category)(nil)).
			Where("?TableAlias.external_reference = ?", *about.ExternalReference).Where("?TableAlias.id <> ?", about.ID)))
	}
	if err := tx.Send(ctx, statements...); err != nil {
		return nil, err
	}
	for _, row := range rows {
		t.parents[row.ID] = row.ParentID
	}
	return t, nil
}

// check finds what is wrong with a category's place and reference.
func (t *tree) check(problems *errs.Problems, c *Category) {
	if t.other != nil {
		problems.Add(form.Taken, []string{"externalReference"}, "Another category has this reference already.")
	}
	if c.ParentID == nil {
		return
	}
	if _, ok := t.parents[*c.ParentID]; !ok {
		problems.Add("PARENT_NOT_FOUND", []string{"parentId"}, "There is no such category.")
		return
	}
	above := 0
	for at := c.ParentID; at != nil; at = t.parents[*at] {
		if *at == c.ID {
			problems.Add("CYCLE", []string{"parentId"}, "A category can't be part of itself.")
			return
		}
		above++
	}
	if above+t.height(c.ID) > deepest {
		problems.Add("TOO_DEEP", []string{"parentId"}, "Categories have at most %d levels.", deepest)
	}
}

// height is how many levels a category makes: itself, and those below it.
func (t *tree) height(of id.Category) int {
	most := 0
	for start := range t.parents {
		levels := 0
		for at := &start; at != nil && levels <= deepest; at = t.parents[*at] {
			if *at == of {
				most = max(most, levels)
				break
			}
			levels++
		}
	}
	return most + 1
}
