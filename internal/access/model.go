// Package access says who may do what: the roles that a company makes itself, and the roles that its people hold, in
// all stores or in some. Nobody gives, takes or changes what they don't have themselves.
package access

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any { return []any{(*CustomRole)(nil)} }

// CustomRole is a role that a company made itself.
type CustomRole struct {
	bun.BaseModel `bun:"table:custom_roles,alias:custom_role"`
	postgres.TenantOwned

	ID          id.CustomRole        `bun:"id,pk"`
	Name        string               `bun:"name"`
	Description string               `bun:"description"`
	Permissions []tenancy.Permission `bun:"permissions,array"`
	Version     int                  `bun:"version"`
	CreatedAt   time.Time            `bun:"created_at"`
	UpdatedAt   time.Time            `bun:"updated_at"`
}

// IsNode marks CustomRole as the schema's Node.
func (*CustomRole) IsNode() {}

// RolePreset is a role that every company has.
type RolePreset struct {
	Role        tenancy.Role
	Permissions []tenancy.Permission
}

// The pages of this package's lists, as the schema names them.
type (
	CustomRoleConnection = page.Connection[CustomRole]
	CustomRoleEdge       = page.Edge[CustomRole]
)

func byName() page.Order[CustomRole] {
	return page.Order[CustomRole]{Name: "role-name", Columns: []page.Column[CustomRole]{
		{Name: "name", Type: page.Text, Value: func(r *CustomRole) string { return r.Name }},
		{Name: "id", Type: page.UUID, Value: func(r *CustomRole) string { return r.ID.UUID().String() }},
	}}
}
