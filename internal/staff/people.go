package staff

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/quota"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	notAllowed = "NOT_ALLOWED"
	ownAccount = "OWN_ACCOUNT"
	lastOwner  = "LAST_OWNER"
)

var staffNumberForm = regexp.MustCompile(`^[0-9]{1,6}$`)

// managed is somebody whom the caller may manage, locked together with all who decide about it.
type managed struct {
	person *User
	// caller is who acts.
	caller *User
	// owners are the active ones.
	owners int
	// had are the person's stores, of those in the caller's reach.
	had   []*StoreAccess
	roles []*ownRole
	// elsewhere says that they have stores beyond the caller's reach.
	elsewhere bool
}

// ownRole is what a role of the company's own brings.
type ownRole struct {
	bun.BaseModel `bun:"table:custom_roles,alias:own_role"`
	postgres.TenantOwned

	ID          id.CustomRole        `bun:"id,pk"`
	Permissions []tenancy.Permission `bun:"permissions,array"`
}

// manage locks a person and says whether the caller may act on them: they share a store, and the person has neither
// more power nor other stores than the caller. The rows of the caller and of all owners are locked with it, in the
// order of their ids, so that two who act on each other come one after the other, the second as who they are then.
//
// Errors: problems NOT_FOUND and NOT_ALLOWED, FORBIDDEN.
func manage(ctx context.Context, tx *postgres.Tx, user id.User, also ...postgres.Statement) (*managed, error) {
	scope := tx.Scope()
	m := &managed{}
	var people []*User
	statements := append([]postgres.Statement{
		postgres.Rows(&people, tx.Select((*User)(nil)).
			Where("(?TableAlias.id = ? OR ?TableAlias.id = ? OR ?TableAlias.role = ? AND ?TableAlias.status = ?)",
				user, scope.User, string(tenancy.Owner), string(Active)).
			OrderExpr("?TableAlias.id").For("UPDATE")),
		postgres.Rows(&m.had, tx.Select((*StoreAccess)(nil)).Where("?TableAlias.user_id = ?", user)),
		postgres.Rows(&m.roles, tx.Select((*ownRole)(nil))),
		postgres.Value(&m.elsewhere, tx.NewSelect().ColumnExpr("tillgraph.works_elsewhere(?)", user)),
	}, also...)
	if err := tx.Send(ctx, statements...); err != nil {
		return nil, err
	}
	var caller *User
	for _, u := range people {
		if u.ID == user {
			m.person = u
		}
		if u.ID == scope.User {
			caller, m.caller = u, u
		}
		if u.Role == tenancy.Owner && u.Status == Active {
			m.owners++
		}
	}
	if caller == nil || caller.Status != Active || caller.Role != scope.Role {
		return nil, errs.New(errs.Forbidden, "Your own role was changed in the meantime.")
	}
	switch {
	case m.person == nil, user != scope.User && !m.visible(scope):
		return nil, errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such person."}}
	case user != scope.User && !m.within(scope):
		return nil, errs.Problems{{
			Code: notAllowed, Field: []string{"id"}, Message: "This person has more permissions or other stores than you.",
		}}
	}
	return m, nil
}

// visible says whether the person has a store of the caller's.
func (m *managed) visible(scope *tenancy.Scope) bool {
	return scope.AllStores() || len(m.had) > 0 || m.person.EveryStore()
}

// within says whether the caller may do all that the person may, wherever they may do it.
func (m *managed) within(scope *tenancy.Scope) bool {
	if scope.Role == tenancy.Owner {
		return true
	}
	own := m.grant(m.person.Role, m.person.CustomRoleID)
	if m.person.EveryStore() {
		return scope.Covers(own, nil)
	}
	for _, had := range m.had {
		grant := own
		if had.Role != nil {
			grant = m.grant(*had.Role, had.CustomRoleID)
		}
		if !scope.Covers(grant, &had.StoreID) {
			return false
		}
	}
	return scope.AllStores() || !m.elsewhere
}

func (m *managed) grant(role tenancy.Role, custom *id.CustomRole) tenancy.Grant {
	grant := tenancy.Grant{Role: role}
	for _, own := range m.roles {
		if custom != nil && own.ID == *custom {
			grant.Permissions = own.Permissions
		}
	}
	return grant
}

// UserUpdateInput says what to change of a person.
type UserUpdateInput struct {
	Version             int
	Name                graphql.Omittable[*string]
	StaffNumber         graphql.Omittable[*string]
	MustUseSecondFactor graphql.Omittable[*bool]
}

func (in UserUpdateInput) apply(scope *tenancy.Scope, u *User) error {
	var p errs.Problems
	if v, ok := form.Required(&p, in.Name, "name"); ok {
		u.Name = form.Text(&p, v, 1, 200, "name")
	}
	if v, ok := in.StaffNumber.ValueOK(); ok {
		u.StaffNumber = v
		if v != nil && !staffNumberForm.MatchString(*v) {
			p.Add(form.Invalid, []string{"staffNumber"}, "This must be 1 to 6 digits.")
		}
	}
	if v, ok := form.Required(&p, in.MustUseSecondFactor, "mustUseSecondFactor"); ok {
		if scope.Role != tenancy.Owner {
			p.Add(notAllowed, []string{"mustUseSecondFactor"}, "Only owners decide this.")
		}
		u.MustUseSecondFactor = v
	}
	return p.Err()
}

// UpdateUser changes a person. With a CONFLICT problem it gives the person as they are. Who must use a second factor
// from now on and has none is logged out.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND, NOT_ALLOWED and CONFLICT, FORBIDDEN.
func (s *Staff) UpdateUser(ctx context.Context, user id.User, in UserUpdateInput) (*User, error) {
	var u *User
	err := s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		u = nil
		var factor *secondFactor
		m, err := manage(ctx, tx, user,
			postgres.Row(&factor, tx.Select((*secondFactor)(nil)).Where("?TableAlias.user_id = ?", user)))
		if err != nil {
			return err
		}
		u = m.person
		if u.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the person in the meantime.",
			}}
		}
		must := u.MustUseSecondFactor
		if err := in.apply(tx.Scope(), u); err != nil {
			return err
		}
		statements := []postgres.Statement{s.save(tx, u, "name", "staff_number", "must_use_second_factor")}
		if u.MustUseSecondFactor && !must && !factor.confirmed() {
			statements = append(statements, endAll(tx, user, id.Session{}, s.Now(), factorDue))
		}
		return tx.Finish(ctx, statements...)
	})
	if postgres.IsUnique(err) {
		return nil, errs.Problems{{
			Code: form.Taken, Field: []string{"staffNumber"}, Message: "Somebody else has this number already.",
		}}
	}
	var p errs.Problems
	if errors.As(err, &p) && p[0].Code == form.Conflict {
		return u, err
	}
	if err != nil {
		return nil, err
	}
	return u, nil
}

// save writes some columns of a locked person, as a new version.
func (s *Staff) save(tx *postgres.Tx, u *User, columns ...string) postgres.Statement {
	u.Version++
	u.UpdatedAt = s.Now()
	return postgres.Exec(nil, tx.Update(u).Column(append(columns, "version", "updated_at")...).
		Where("?TableAlias.id = ?", u.ID))
}

// Deactivate lets a person in no more, from this moment on, whatever tokens they have.
//
// Errors: problems NOT_FOUND, NOT_ALLOWED, OWN_ACCOUNT and LAST_OWNER, FORBIDDEN.
func (s *Staff) Deactivate(ctx context.Context, user id.User) (*User, error) {
	return s.change(ctx, user, func(tx *postgres.Tx, m *managed) ([]postgres.Statement, error) {
		if user == tx.Scope().User {
			return nil, errs.Problems{{
				Code: ownAccount, Field: []string{"id"}, Message: "Nobody deactivates themselves: ask another owner or manager.",
			}}
		}
		if m.person.Role == tenancy.Owner && m.person.Status == Active && m.owners < 2 {
			return nil, errs.Problems{{Code: lastOwner, Field: []string{"id"}, Message: "A company has at least one owner."}}
		}
		now := s.Now()
		statements := []postgres.Statement{
			endAll(tx, user, id.Session{}, now, endedWithAccess), revoke(tx, user, now), useUpResets(tx, user, now),
		}
		if m.person.Status != Deactivated {
			m.person.Status = Deactivated
			statements = append(statements, s.save(tx, m.person, "status"))
		}
		return statements, nil
	})
}

// Reactivate lets a person in again who was deactivated. Their old tokens stay dead.
//
// Errors: problems NOT_FOUND, NOT_ALLOWED, NEVER_JOINED and QUOTA_EXCEEDED, FORBIDDEN.
func (s *Staff) Reactivate(ctx context.Context, user id.User) (*User, error) {
	return s.change(ctx, user, func(tx *postgres.Tx, m *managed) ([]postgres.Statement, error) {
		var joined *credential
		err := tx.Send(ctx, postgres.Row(&joined, tx.Select((*credential)(nil)).Where("?TableAlias.user_id = ?", user)))
		switch {
		case err != nil:
			return nil, err
		case joined == nil && m.person.ExternalSubject == nil:
			return nil, errs.Problems{{
				Code: "NEVER_JOINED", Field: []string{"id"}, Message: "This person never accepted an invitation. Invite them again.",
			}}
		case m.person.Status == Active:
			return nil, nil
		}
		if err := quota.ForUser(ctx, tx); err != nil {
			return nil, err
		}
		m.person.Status = Active
		return []postgres.Statement{s.save(tx, m.person, "status")}, nil
	})
}

// EndUserSessions ends all logins of a person.
//
// Errors: problems NOT_FOUND and NOT_ALLOWED, FORBIDDEN.
func (s *Staff) EndUserSessions(ctx context.Context, user id.User) (*User, error) {
	return s.change(ctx, user, func(tx *postgres.Tx, _ *managed) ([]postgres.Statement, error) {
		return []postgres.Statement{endAll(tx, user, id.Session{}, s.Now(), endedByManager)}, nil
	})
}

// UnlockPIN lets a person try their PIN again after too many wrong ones.
//
// Errors: problems NOT_FOUND and NOT_ALLOWED, FORBIDDEN.
func (s *Staff) UnlockPIN(ctx context.Context, user id.User) (*User, error) {
	return s.change(ctx, user, func(tx *postgres.Tx, _ *managed) ([]postgres.Statement, error) {
		return []postgres.Statement{postgres.Exec(nil, tx.Update((*pin)(nil)).Set("failures = 0").
			Where("?TableAlias.user_id = ?", user))}, nil
	})
}

// ResetSecondFactor takes the second factor off somebody who lost it, and ends their logins.
//
// Errors: problems NOT_FOUND, NOT_ALLOWED and OWN_ACCOUNT, FORBIDDEN.
func (s *Staff) ResetSecondFactor(ctx context.Context, user id.User) (*User, error) {
	return s.change(ctx, user, func(tx *postgres.Tx, _ *managed) ([]postgres.Statement, error) {
		if user == tx.Scope().User {
			return nil, errs.Problems{{
				Code: ownAccount, Field: []string{"id"}, Message: "To remove your own, use totpRemove.",
			}}
		}
		return append(dropFactor(tx, user), endAll(tx, user, id.Session{}, s.Now(), factorDue)), nil
	})
}

// change does something to a person whom the caller may manage.
func (s *Staff) change(
	ctx context.Context, user id.User, do func(*postgres.Tx, *managed) ([]postgres.Statement, error),
) (*User, error) {
	var u *User
	err := s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		m, err := manage(ctx, tx, user)
		if err != nil {
			return err
		}
		statements, err := do(tx, m)
		if err != nil {
			return err
		}
		u = m.person
		return tx.Finish(ctx, statements...)
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// reachable are the people whom the caller manages or works with: all for who has all stores, else those who share a
// store with them.
func reachable(h *postgres.Handle, column string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if h.Scope().AllStores() {
			return q
		}
		return q.Where(column+" IN (?)", h.Select((*StoreAccess)(nil)).Column("user_id"))
	}
}

// Security is what protects a person's account.
type Security struct {
	UserID id.User
	// PINSet says that there is a PIN, PINLocked that it is tried no more.
	PINSet, PINLocked bool
	SecondFactor      bool
	// RecoveryCodesLeft are those that were not used yet.
	RecoveryCodesLeft int
}

type codesLeft struct {
	UserID [16]byte `bun:"user_id"`
	Total  int      `bun:"total"`
}

// SecurityOf gives what protects each of several people's accounts.
func (s *Staff) SecurityOf(ctx context.Context, users []id.User) ([]*Security, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var pins []*pin
	var factors []*secondFactor
	var left []*codesLeft
	among := "?TableAlias.user_id = ANY (?::uuid[])"
	err = h.Read(ctx,
		postgres.Rows(&pins, h.Select((*pin)(nil)).Where(among, postgres.UUIDs(users))),
		postgres.Rows(&factors, h.Select((*secondFactor)(nil)).Where(among, postgres.UUIDs(users))),
		postgres.Rows(&left, h.Select((*recoveryCode)(nil)).ColumnExpr("?TableAlias.user_id, count(*) AS total").
			Where(among, postgres.UUIDs(users)).Where("?TableAlias.used_at IS NULL").GroupExpr("1")))
	if err != nil {
		return nil, err
	}
	all := make([]*Security, len(users))
	for i, user := range users {
		all[i] = &Security{UserID: user}
		if j := slices.IndexFunc(pins, func(p *pin) bool { return p.UserID == user }); j >= 0 {
			all[i].PINSet, all[i].PINLocked = true, pins[j].Failures >= pinFailures
		}
		all[i].SecondFactor = slices.ContainsFunc(factors, func(f *secondFactor) bool { return f.UserID == user && f.confirmed() })
		if j := slices.IndexFunc(left, func(c *codesLeft) bool { return id.User(c.UserID) == user }); j >= 0 {
			all[i].RecoveryCodesLeft = left[j].Total
		}
	}
	return all, nil
}
