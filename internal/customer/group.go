package customer

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
	groupNotFound = "CUSTOMER_GROUP_NOT_FOUND"
	hasCustomers  = "HAS_CUSTOMERS"
)

// Group is a sort of customers: members, wholesale.
type Group struct {
	bun.BaseModel `bun:"table:customer_groups,alias:customer_group"`
	postgres.TenantOwned
	label.Label

	ID id.CustomerGroup `bun:"id,pk"`
}

// IsNode marks Group as the schema's Node.
func (*Group) IsNode() {}

func groups() label.Kind[Group] {
	return label.Kind[Group]{
		Noun: "customer group", UsedCode: hasCustomers, Users: "customers",
		Of: func(g *Group) (*label.Label, uuid.UUID) { return &g.Label, g.ID.UUID() },
		Used: func(h *postgres.Handle, key uuid.UUID) *bun.SelectQuery {
			return h.Select((*Customer)(nil)).Where("?TableAlias.customer_group_id = ?", key)
		},
	}
}

// GroupsByID gives those of the groups that are the company's.
func (c *Customers) GroupsByID(ctx context.Context, ids []id.CustomerGroup) ([]*Group, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Group](ctx, h, "id", ids)
}

// Groups lists the company's groups of customers by name.
func (c *Customers) Groups(ctx context.Context, a page.Args) (*CustomerGroupConnection, error) {
	return groups().List(ctx, c.db, a)
}

// CreateGroup adds a group.
//
// Errors: problems INVALID and TAKEN.
func (c *Customers) CreateGroup(ctx context.Context, in label.CreateInput) (*Group, error) {
	return groups().Create(ctx, c.db, &Group{ID: id.New[id.CustomerGroup]()}, in, c.instant())
}

// UpdateGroup changes a group. With a CONFLICT problem it gives the group as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND and CONFLICT.
func (c *Customers) UpdateGroup(ctx context.Context, group id.CustomerGroup, in label.UpdateInput) (*Group, error) {
	return groups().Update(ctx, c.db, group.UUID(), in, c.instant())
}

// DeleteGroup removes a group that no customer is in. Reports go on without its name.
//
// Errors: problems NOT_FOUND and HAS_CUSTOMERS.
func (c *Customers) DeleteGroup(ctx context.Context, group id.CustomerGroup) error {
	return groups().Delete(ctx, c.db, group.UUID())
}

// sameGroup builds the statement that finds the group that a customer is to be in.
func (c *Customer) sameGroup(h *postgres.Handle, group **Group) postgres.Statement {
	var key uuid.UUID // which none has
	if c.CustomerGroupID != nil {
		key = c.CustomerGroupID.UUID()
	}
	return postgres.Row(group, h.Select((*Group)(nil)).Where("?TableAlias.id = ?", key))
}

func (c *Customer) grouped(p *errs.Problems, group *Group) {
	if c.CustomerGroupID != nil && group == nil {
		p.Add(groupNotFound, []string{"customerGroupId"}, "There is no such customer group.")
	}
}

// The names of the schema.
type (
	CustomerGroupConnection = page.Connection[Group] //nolint:revive // the schema's name
	CustomerGroupEdge       = page.Edge[Group]       //nolint:revive // the schema's name

	CustomerGroupCreateUserErrorCode string //nolint:revive // the schema's name
	CustomerGroupUpdateUserErrorCode string //nolint:revive // the schema's name
	CustomerGroupDeleteUserErrorCode string //nolint:revive // the schema's name

	CustomerGroupCreateUserError = errs.User[CustomerGroupCreateUserErrorCode] //nolint:revive // the schema's name
	CustomerGroupUpdateUserError = errs.User[CustomerGroupUpdateUserErrorCode] //nolint:revive // the schema's name
	CustomerGroupDeleteUserError = errs.User[CustomerGroupDeleteUserErrorCode] //nolint:revive // the schema's name

	CustomerGroupCreatePayload = GroupPayload[CustomerGroupCreateUserError] //nolint:revive // the schema's name
	CustomerGroupUpdatePayload = GroupPayload[CustomerGroupUpdateUserError] //nolint:revive // the schema's name
)

// GroupPayload is what a mutation of a group answers; E is its user error.
type GroupPayload[E any] struct {
	CustomerGroup *Group
	UserErrors    []E
}

// CustomerGroupDeletePayload is what customerGroupDelete answers.
type CustomerGroupDeletePayload struct { //nolint:revive // the schema's name
	DeletedID  *id.CustomerGroup
	UserErrors []CustomerGroupDeleteUserError
}

// AnswerGroup makes a mutation's payload: problems become its user errors.
func AnswerGroup[C ~string](g *Group, err error) (*GroupPayload[errs.User[C]], error) {
	users, err := errs.AsUser[C](err)
	if err != nil {
		return nil, err
	}
	return &GroupPayload[errs.User[C]]{CustomerGroup: g, UserErrors: users}, nil
}
