package access

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const mostStores = 1000

// UserRolesSetInput says which roles a person is to hold.
type UserRolesSetInput struct {
	Version      int
	Role         tenancy.Role
	CustomRoleID *id.CustomRole
	AllStores    bool
	Stores       []StoreRoleInput
}

// StoreRoleInput is the role in one store; the person's own where none is named.
type StoreRoleInput struct {
	StoreID      id.Store
	Role         *tenancy.Role
	CustomRoleID *id.CustomRole
}

// SetRoles says anew which roles a person holds: all of them, where the caller's own role is for all stores; else
// those in the caller's stores, and the rest stays. Nobody changes their own roles, gives what they don't have, or
// takes from somebody who has more. With a CONFLICT problem it gives the person as they are.
//
// Errors: problems INVALID, NOT_FOUND, CONFLICT, OWN_ROLE, ROLE_TOO_HIGH, LAST_OWNER, ROLE_NOT_FOUND and
// STORE_NOT_FOUND.
func (a *Access) SetRoles(ctx context.Context, user id.User, in UserRolesSetInput) (*staff.User, error) {
	c := &assignment{user: user, in: in}
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := c.read(ctx, tx); err != nil {
			return err
		}
		if err := c.check(tx.Scope()); err != nil {
			return err
		}
		c.person.Version++
		c.person.UpdatedAt = a.now()
		rows := c.rows(tx.Scope(), a.now())
		statements := []postgres.Statement{
			postgres.Exec(nil, tx.Update(c.person).
				Column("role", "custom_role_id", "all_stores", "version", "updated_at").
				Where("?TableAlias.id = ?", c.person.ID)),
			postgres.Exec(nil, tx.Delete((*staff.StoreAccess)(nil)).Where("?TableAlias.user_id = ?", user)),
		}
		if len(rows) > 0 {
			statements = append(statements, tx.Add(&rows))
		}
		return tx.Finish(ctx, statements...)
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return c.person, err
	}
	if err != nil {
		return nil, err
	}
	return c.person, nil
}

// assignment is a change of somebody's roles, and what it meets.
type assignment struct {
	user id.User
	in   UserRolesSetInput

	person *staff.User
	// owners are locked in the order of their ids, so that two who demote each other come one after the other.
	owners []*staff.User
	// had are the stores that the person has now, of those in the caller's reach.
	had   []*staff.StoreAccess
	roles []*CustomRole
}

func (c *assignment) read(ctx context.Context, tx *postgres.Tx) error {
	return tx.Send(ctx,
		postgres.Rows(&c.owners, tx.Select((*staff.User)(nil)).Where("?TableAlias.role = ?", string(tenancy.Owner)).
			Where("?TableAlias.status = ?", string(staff.Active)).OrderExpr("?TableAlias.id").For("UPDATE")),
		postgres.Row(&c.person, tx.Select((*staff.User)(nil)).Where("?TableAlias.id = ?", c.user).For("UPDATE")),
		postgres.Rows(&c.had, tx.Select((*staff.StoreAccess)(nil)).Where("?TableAlias.user_id = ?", c.user)),
		postgres.Rows(&c.roles, tx.Select((*CustomRole)(nil)).For("KEY SHARE")),
	)
}

func (c *assignment) check(scope *tenancy.Scope) error {
	if c.person == nil || !scope.AllStores() && !c.person.AllStores && c.person.Role != tenancy.Owner && len(c.had) == 0 {
		return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such person."}}
	}
	if c.person.Version != c.in.Version {
		return errs.Problems{{
			Code: form.Conflict, Field: []string{"input", "version"}, Message: "Somebody else changed the person in the meantime.",
		}}
	}
	var p errs.Problems
	if c.user == scope.User {
		p.Add(ownRole, []string{"id"}, "Nobody changes their own roles.")
	}
	c.checkHad(&p, scope)
	c.checkGiven(&p, scope)
	if c.person.Role == tenancy.Owner && c.in.Role != tenancy.Owner && c.person.Status == staff.Active && len(c.owners) < 2 {
		p.Add(lastOwner, []string{"input", "role"}, "A company has at least one owner.")
	}
	return p.Err()
}

// checkHad refuses to change somebody who has more than the caller.
func (c *assignment) checkHad(p *errs.Problems, scope *tenancy.Scope) {
	const message = "This person has more permissions than you."
	own, _ := c.grant(c.person.Role, c.person.CustomRoleID)
	if c.person.AllStores || c.person.Role == tenancy.Owner {
		if !scope.Covers(own, nil) {
			p.Add(roleTooHigh, []string{"id"}, message)
		}
		return
	}
	for _, had := range c.had {
		grant := own
		if had.Role != nil {
			grant, _ = c.grant(*had.Role, had.CustomRoleID)
		}
		if !scope.Covers(grant, &had.StoreID) {
			p.Add(roleTooHigh, []string{"id"}, message)
			return
		}
	}
}

// checkGiven refuses roles that there aren't, and those that bring more than the caller has.
func (c *assignment) checkGiven(p *errs.Problems, scope *tenancy.Scope) {
	const message = "This role brings permissions that you do not have."
	if len(c.in.Stores) > mostStores {
		p.Add(form.Invalid, []string{"input", "stores"}, "At most %d stores at once.", mostStores)
		return
	}
	own, ok := c.given(p, c.in.Role, c.in.CustomRoleID, "input")
	everywhere := c.in.AllStores || c.in.Role == tenancy.Owner
	if ok && everywhere && !scope.Covers(own, nil) {
		p.Add(roleTooHigh, []string{"input", "role"}, message)
	}
	seen := map[id.Store]bool{}
	for i, s := range c.in.Stores {
		if seen[s.StoreID] {
			p.Add(form.Invalid, errs.Path("input", "stores", i, "storeId"), "This store stands here twice.")
		}
		seen[s.StoreID] = true
		if !scope.HasStore(s.StoreID) {
			p.Add(noSuchStore, errs.Path("input", "stores", i, "storeId"), "There is no such store.")
			continue
		}
		grant, ok := own, ok
		if s.Role != nil {
			grant, ok = c.given(p, *s.Role, s.CustomRoleID, "input", "stores", i)
		} else if s.CustomRoleID != nil {
			p.Add(form.Invalid, errs.Path("input", "stores", i, "customRoleId"), "Give the role CUSTOM with it.")
		}
		if ok && !scope.Covers(grant, &s.StoreID) {
			p.Add(roleTooHigh, errs.Path("input", "stores", i), message)
		}
		if s.Role != nil && *s.Role == tenancy.Owner {
			p.Add(form.Invalid, errs.Path("input", "stores", i, "role"), "An owner owns all stores.")
		}
	}
}

// given is the grant that a role of the input brings; false where there is no such role.
func (c *assignment) given(
	p *errs.Problems, role tenancy.Role, custom *id.CustomRole, at ...any,
) (grant tenancy.Grant, ok bool) {
	field := func(name string) []string { return errs.Path(append(slices.Clone(at), name)...) }
	switch {
	case role == tenancy.Register:
		p.Add(form.Invalid, field("role"), "This is no person's role.")
		return grant, false
	case (role == tenancy.Custom) != (custom != nil):
		p.Add(form.Invalid, field("customRoleId"), "The role CUSTOM, and no other, names a role of the company.")
		return grant, false
	}
	grant, ok = c.grant(role, custom)
	if !ok {
		p.Add(roleNotFound, field("customRoleId"), "There is no such role.")
	}
	return grant, ok
}

func (c *assignment) grant(role tenancy.Role, custom *id.CustomRole) (tenancy.Grant, bool) {
	if role != tenancy.Custom || custom == nil {
		return tenancy.Grant{Role: role}, true
	}
	i := slices.IndexFunc(c.roles, func(r *CustomRole) bool { return r.ID == *custom })
	if i < 0 {
		return tenancy.Grant{}, false
	}
	return tenancy.Grant{Role: role, Permissions: c.roles[i].Permissions}, true
}

// rows are the stores that the person is to have, and sets what the person is in all of them. A caller whose role is
// for some stores leaves that as it is, and writes the roles down store by store.
func (c *assignment) rows(scope *tenancy.Scope, now time.Time) []*staff.StoreAccess {
	everywhere := scope.CompanyWide()
	if everywhere {
		c.person.Role, c.person.CustomRoleID = c.in.Role, c.in.CustomRoleID
		c.person.AllStores = c.in.AllStores || c.in.Role == tenancy.Owner
	}
	rows := make([]*staff.StoreAccess, 0, len(c.in.Stores))
	for _, s := range c.in.Stores {
		row := &staff.StoreAccess{UserID: c.user, Role: s.Role, CustomRoleID: s.CustomRoleID, CreatedAt: now}
		row.StoreID = s.StoreID
		if s.Role == nil && !everywhere {
			row.Role, row.CustomRoleID = &c.in.Role, c.in.CustomRoleID
		}
		rows = append(rows, row)
	}
	return rows
}
