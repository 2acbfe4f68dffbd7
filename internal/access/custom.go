package access

import (
	"context"
	"errors"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// The codes of problems, beside those of package form.
const (
	notHeld      = "PERMISSION_NOT_HELD"
	inUse        = "IN_USE"
	ownRole      = "OWN_ROLE"
	roleTooHigh  = "ROLE_TOO_HIGH"
	lastOwner    = "LAST_OWNER"
	roleNotFound = "ROLE_NOT_FOUND"
	noSuchStore  = "STORE_NOT_FOUND"
)

// CustomRoleCreateInput is a new role.
type CustomRoleCreateInput struct {
	Name        string
	Description *string
	Permissions []tenancy.Permission
}

// CreateRole makes a role out of permissions that the caller has in all stores.
//
// Errors: problems INVALID, TAKEN and PERMISSION_NOT_HELD.
func (a *Access) CreateRole(ctx context.Context, in CustomRoleCreateInput) (*CustomRole, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	now := a.now()
	role := &CustomRole{
		ID: id.New[id.CustomRole](), Name: form.Text(&p, in.Name, 1, 100, "name"),
		Description: form.OptionalText(&p, in.Description, 500, "description"),
		Permissions: checkPermissions(&p, scope, in.Permissions), Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	err = a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, tx.Add(role))
	})
	if err := nameTaken(err); err != nil {
		return nil, err
	}
	return role, nil
}

// checkPermissions sorts permissions, and says which of them the caller hasn't in all stores.
func checkPermissions(p *errs.Problems, scope *tenancy.Scope, list []tenancy.Permission) []tenancy.Permission {
	if len(list) == 0 || len(list) > len(tenancy.Permissions()) {
		p.Add(form.Invalid, []string{"permissions"}, "A role has 1 to %d permissions.", len(tenancy.Permissions()))
		return nil
	}
	for i, permission := range list {
		if !scope.CanEverywhere(permission) {
			p.Add(notHeld, errs.Path("permissions", i), "You do not have the permission %s in all stores.", permission)
		}
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func nameTaken(err error) error {
	if postgres.IsUnique(err) {
		return errs.Problems{{Code: form.Taken, Field: []string{"name"}, Message: "Another role has this name already."}}
	}
	return err
}

// CustomRoleUpdateInput is what to change of a role; what is not set stays.
type CustomRoleUpdateInput struct {
	Version     int
	Name        graphql.Omittable[*string]
	Description graphql.Omittable[*string]
	Permissions graphql.Omittable[[]tenancy.Permission]
}

// UpdateRole changes a role, for all who hold it from their next request on. The caller needs all of its
// permissions, those that it had and those that it gets. With a CONFLICT problem it gives the role as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND, CONFLICT and PERMISSION_NOT_HELD.
func (a *Access) UpdateRole(ctx context.Context, role id.CustomRole, in CustomRoleUpdateInput) (*CustomRole, error) {
	var r *CustomRole
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Select((*CustomRole)(nil)).Where("?TableAlias.id = ?", role).For("UPDATE")
		if err := tx.Send(ctx, postgres.Row(&r, q)); err != nil {
			return err
		}
		if r == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such role."}}
		}
		if r.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the role in the meantime.",
			}}
		}
		if err := in.apply(tx.Scope(), r); err != nil {
			return err
		}
		r.Version++
		r.UpdatedAt = a.now()
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(r).Where("?TableAlias.id = ?", r.ID)))
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return r, err
	}
	if err := nameTaken(err); err != nil {
		return nil, err
	}
	return r, nil
}

func (in CustomRoleUpdateInput) apply(scope *tenancy.Scope, r *CustomRole) error {
	var p errs.Problems
	for _, permission := range r.Permissions {
		if !scope.CanEverywhere(permission) {
			p.Add(notHeld, []string{"id"}, "The role has the permission %s, which you do not have in all stores.", permission)
		}
	}
	if v, ok := form.Required(&p, in.Name, "name"); ok {
		r.Name = form.Text(&p, v, 1, 100, "name")
	}
	if v, ok := in.Description.ValueOK(); ok {
		r.Description = form.OptionalText(&p, v, 500, "description")
	}
	if v, ok := in.Permissions.ValueOK(); ok {
		r.Permissions = checkPermissions(&p, scope, v)
	}
	return p.Err()
}

// DeleteRole removes a role that nobody holds; it gives its id.
//
// Errors: problems NOT_FOUND, IN_USE and PERMISSION_NOT_HELD.
func (a *Access) DeleteRole(ctx context.Context, role id.CustomRole) (*id.CustomRole, error) {
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var r *CustomRole
		var held []*staff.User
		if err := tx.Send(ctx,
			postgres.Row(&r, tx.Select((*CustomRole)(nil)).Where("?TableAlias.id = ?", role).For("UPDATE")),
			postgres.Rows(&held, tx.Select((*staff.User)(nil)).Where("?TableAlias.custom_role_id = ?", role).Limit(1)),
		); err != nil {
			return err
		}
		var p errs.Problems
		if r == nil {
			p.Add(form.NotFound, []string{"id"}, "There is no such role.")
			return p
		}
		for _, permission := range r.Permissions {
			if !tx.Scope().CanEverywhere(permission) {
				p.Add(notHeld, []string{"id"}, "The role has the permission %s, which you do not have in all stores.", permission)
			}
		}
		if len(held) > 0 {
			p.Add(inUse, []string{"id"}, "Somebody holds the role.")
		}
		if err := p.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*CustomRole)(nil)).Where("?TableAlias.id = ?", role)))
	})
	if postgres.IsForeignKey(err) {
		return nil, errs.Problems{{Code: inUse, Field: []string{"id"}, Message: "Somebody holds the role."}}
	}
	if err != nil {
		return nil, err
	}
	return &role, nil
}
