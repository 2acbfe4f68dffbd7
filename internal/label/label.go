// Package label has what is little more than a name that other things are sorted by: who makes products, who delivers
// them, sorts of customers. A kind of labels is a table of its own; two of one kind never have the same name or the same
// reference, and one that something still has isn't deleted.
package label

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Label is what all labels have.
type Label struct {
	Name              string    `bun:"name"`
	ExternalReference *string   `bun:"external_reference"`
	Version           int       `bun:"version"`
	CreatedAt         time.Time `bun:"created_at"`
	UpdatedAt         time.Time `bun:"updated_at"`
}

// longestName is that of a label.
const longestName = 200

// Kind is a sort of labels; T is their row.
type Kind[T any] struct {
	// Noun is what a person calls one.
	Noun string
	// Of gives what a row has of a label, and its id.
	Of func(*T) (*Label, uuid.UUID)
	// Used builds the query of what has a label, which is why it isn't deleted; UsedCode is that problem's code, and
	// Users what people call those.
	Used            func(h *postgres.Handle, key uuid.UUID) *bun.SelectQuery
	UsedCode, Users string
}

// CreateInput is a new label.
type CreateInput struct {
	Name              string
	ExternalReference *string
}

// UpdateInput is what to change of a label; what is not set stays.
type UpdateInput struct {
	Version           int
	Name              graphql.Omittable[*string]
	ExternalReference graphql.Omittable[*string]
}

// Create adds a label, whose row has its id.
//
// Errors: problems INVALID and TAKEN.
func (k Kind[T]) Create(ctx context.Context, db *postgres.DB, row *T, in CreateInput, now time.Time) (*T, error) {
	var problems errs.Problems
	l, _ := k.Of(row)
	*l = Label{
		Name:              form.Text(&problems, in.Name, 1, longestName, "name"),
		ExternalReference: form.Reference(&problems, in.ExternalReference, "externalReference"),
		Version:           1, CreatedAt: now, UpdatedAt: now,
	}
	err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := slices.Clone(problems)
		if err := k.taken(ctx, tx, &problems, row); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(row))
	})
	if err := k.raced(err); err != nil {
		return nil, err
	}
	return row, nil
}

// Update changes a label. With a CONFLICT problem it gives the label as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND and CONFLICT.
func (k Kind[T]) Update(ctx context.Context, db *postgres.DB, key uuid.UUID, in UpdateInput, now time.Time) (*T, error) {
	var row *T
	err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		row = nil
		if err := tx.Send(ctx, postgres.Row(&row, k.one(tx, key).For("UPDATE"))); err != nil {
			return err
		}
		if row == nil {
			return k.notFound()
		}
		l, _ := k.Of(row)
		if l.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the " + k.Noun + " in the meantime.",
			}}
		}
		var problems errs.Problems
		in.apply(&problems, l)
		if err := k.taken(ctx, tx, &problems, row); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		l.Version++
		l.UpdatedAt = now
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(row).Where("?TableAlias.id = ?", key)))
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return row, err
	}
	if err := k.raced(err); err != nil {
		return nil, err
	}
	return row, nil
}

func (in UpdateInput) apply(problems *errs.Problems, l *Label) {
	if v, ok := form.Required(problems, in.Name, "name"); ok {
		l.Name = form.Text(problems, v, 1, longestName, "name")
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		l.ExternalReference = form.Reference(problems, v, "externalReference")
	}
}

// Delete removes a label that nothing has.
//
// Errors: problems NOT_FOUND and UsedCode.
func (k Kind[T]) Delete(ctx context.Context, db *postgres.DB, key uuid.UUID) error {
	used := errs.Problems{{
		Code: k.UsedCode, Field: []string{"id"}, Message: "There are " + k.Users + " of this " + k.Noun + ".",
	}}
	err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var row *T
		var n int
		if err := tx.Send(ctx, postgres.Row(&row, k.one(tx, key).For("UPDATE")),
			postgres.Value(&n, tx.NewSelect().TableExpr("(?) AS used", k.Used(tx.Handle, key).Column("id").Limit(1)).
				ColumnExpr("count(*)"))); err != nil {
			return err
		}
		if row == nil {
			return k.notFound()
		}
		if n > 0 {
			return used
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*T)(nil)).Where("?TableAlias.id = ?", key)))
	})
	if postgres.IsForeignKey(err) { // one came in between
		return used
	}
	return err
}

// List lists the company's labels by name.
func (k Kind[T]) List(ctx context.Context, db *postgres.DB, a page.Args) (*page.Connection[T], error) {
	h, err := db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	order := page.Order[T]{Name: k.Noun + "-name", Columns: []page.Column[T]{
		{Name: "name", Type: page.Text, Value: func(row *T) string { l, _ := k.Of(row); return l.Name }},
		{Name: "id", Type: page.UUID, Value: func(row *T) string { _, key := k.Of(row); return key.String() }},
	}}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*T)(nil)) }, order, a)
}

func (Kind[T]) one(tx *postgres.Tx, key uuid.UUID) *bun.SelectQuery {
	return tx.Select((*T)(nil)).Where("?TableAlias.id = ?", key)
}

func (k Kind[T]) notFound() errs.Problems {
	return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such " + k.Noun + "."}}
}

// taken looks for others that have the name or the reference of a row.
func (k Kind[T]) taken(ctx context.Context, tx *postgres.Tx, problems *errs.Problems, row *T) error {
	l, key := k.Of(row)
	reference := "" // which none has
	if l.ExternalReference != nil {
		reference = *l.ExternalReference
	}
	var others []*T
	if err := tx.Send(ctx, postgres.Rows(&others, tx.Select((*T)(nil)).
		Where("(?TableAlias.name = ? OR ?TableAlias.external_reference = ?)", l.Name, reference).
		Where("?TableAlias.id <> ?", key))); err != nil {
		return err
	}
	for _, other := range others {
		o, _ := k.Of(other)
		if o.Name == l.Name {
			problems.Add(form.Taken, []string{"name"}, "Another %s has this name already.", k.Noun)
		}
		if o.ExternalReference != nil && *o.ExternalReference == reference {
			problems.Add(form.Taken, []string{"externalReference"}, "Another %s has this reference already.", k.Noun)
		}
	}
	return nil
}

// raced words the rare case that somebody else took a name or a reference between the check and the write.
func (k Kind[T]) raced(err error) error {
	if postgres.IsUnique(err) {
		return errs.Problems{{Code: form.Taken, Field: []string{"name"}, Message: "Another " + k.Noun + " has this value already."}}
	}
	return err
}
