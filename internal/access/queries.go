package access

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Access answers for the roles of the request's company.
type Access struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes an Access.
func New(db *postgres.DB, now func() time.Time) *Access { return &Access{db: db, now: now} }

// Presets are the roles that every company has, the most powerful first.
func Presets() []*RolePreset {
	presets := make([]*RolePreset, 0, len(tenancy.Presets()))
	for _, role := range tenancy.Presets() {
		presets = append(presets, &RolePreset{Role: role, Permissions: tenancy.PermissionsOf(role)})
	}
	return presets
}

// RolesByID gives those of the roles that are the company's.
func (a *Access) RolesByID(ctx context.Context, ids []id.CustomRole) ([]*CustomRole, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[CustomRole](ctx, h, "id", ids)
}

// Roles lists the roles that the company made itself, by name.
func (a *Access) Roles(ctx context.Context, args page.Args) (*CustomRoleConnection, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*CustomRole)(nil)) }, byName(), args)
}

// StoresOf gives the stores that people have by name, of those that the request may see.
func (a *Access) StoresOf(ctx context.Context, people []id.User) ([]*staff.StoreAccess, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[staff.StoreAccess](ctx, h, "user_id", people, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("?TableAlias.user_id, ?TableAlias.store_id")
	})
}

// Named gives the stores of a person with what they are in each, where that is what they are anyway, too.
func Named(u *staff.User, stores []*staff.StoreAccess) []*staff.StoreAccess {
	named := make([]*staff.StoreAccess, len(stores))
	for i, store := range stores {
		one := *store
		if one.Role == nil {
			one.Role, one.CustomRoleID = &u.Role, u.CustomRoleID
		}
		named[i] = &one
	}
	return named
}
