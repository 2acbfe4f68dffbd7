package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/quota"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	invitationTTL = 7 * 24 * time.Hour
	notOpen       = "NOT_OPEN"
)

// UserInviteInput says whom to invite, as what.
type UserInviteInput struct {
	Email     string
	Name      string
	Role      tenancy.Role
	AllStores bool
	StoreIDs  []id.Store
}

func (in UserInviteInput) validate(scope *tenancy.Scope, now time.Time) (*User, []*StoreAccess, error) {
	var p errs.Problems
	u := &User{
		ID: id.New[id.User](), Name: form.Text(&p, in.Name, 1, 200, "name"), Role: in.Role, Status: Invited, Version: 1,
		CreatedAt: now, UpdatedAt: now,
	}
	var ok bool
	if u.Email, ok = mail.Address(in.Email); !ok {
		p.Add(form.Invalid, []string{"email"}, "This is no e-mail address.")
	}
	grant := tenancy.Grant{Role: in.Role}
	everywhere := in.AllStores || in.Role == tenancy.Owner
	u.AllStores = everywhere
	switch {
	case in.Role == tenancy.Register || in.Role == tenancy.Custom:
		p.Add(form.Invalid, []string{"role"}, "Invite people as one of the roles that every company has.")
	case everywhere && !scope.Covers(grant, nil):
		p.Add(notAllowed, []string{"role"}, "This role may do more than you.")
	case !everywhere && len(in.StoreIDs) == 0:
		p.Add(form.Invalid, []string{"storeIds"}, "Name at least one store, or all of them.")
	}
	const most = 1000
	if len(in.StoreIDs) > most {
		p.Add(form.Invalid, []string{"storeIds"}, "At most %d stores at once.", most)
		return nil, nil, p.Err()
	}
	seen := map[id.Store]bool{}
	var rows []*StoreAccess
	for i, store := range in.StoreIDs {
		switch {
		case !scope.HasStore(store):
			p.Add("STORE_NOT_FOUND", errs.Path("storeIds", i), "There is no such store.")
		case !everywhere && !scope.Covers(grant, &store):
			p.Add(notAllowed, errs.Path("storeIds", i), "This role may do more than you there.")
		}
		if !seen[store] {
			row := &StoreAccess{UserID: u.ID, CreatedAt: now}
			row.StoreID = store
			rows = append(rows, row)
		}
		seen[store] = true
	}
	return u, rows, p.Err()
}

// Invite makes a person who is still to accept, and sends them a link after that.
//
// Errors: problems INVALID, TAKEN, NOT_ALLOWED, STORE_NOT_FOUND and QUOTA_EXCEEDED, FORBIDDEN.
func (s *Staff) Invite(ctx context.Context, in UserInviteInput) (*Invitation, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var invitation *Invitation
	var letter *letter
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		u, access, err := in.validate(scope, s.Now())
		if err != nil {
			return err
		}
		var old *User
		if err := tx.Send(ctx, postgres.Row(&old, tx.Select((*User)(nil)).
			Where("?TableAlias.email = ?", u.Email).For("UPDATE"))); err != nil {
			return err
		}
		var statements []postgres.Statement
		if old == nil {
			// The lock of the caller's own row: whoever takes their role away comes before or after this.
			m, err := manage(ctx, tx, scope.User)
			if err != nil {
				return err
			}
			if !m.caller.EmailVerified {
				return unverified()
			}
			statements = append(statements, tx.Add(u))
		} else {
			if statements, err = s.again(ctx, tx, old, u); err != nil {
				return err
			}
			for _, row := range access {
				row.UserID = old.ID
			}
			u = old
		}
		if len(access) > 0 {
			statements = append(statements, tx.Add(&access))
		}
		if err := quota.ForUser(ctx, tx); err != nil {
			return err
		}
		invitation, letter, err = s.invitation(scope, u)
		if err != nil {
			return err
		}
		var employer *employer
		statements = append(statements, tx.Add(invitation), readEmployer(tx.Handle, &employer))
		if err := tx.Finish(ctx, statements...); err != nil {
			return err
		}
		letter.from(employer)
		return nil
	})
	if postgres.IsUnique(err) {
		return nil, taken()
	}
	if err != nil {
		return nil, err
	}
	s.send(ctx, letter)
	return invitation, nil
}

func taken() error {
	return errs.Problems{{
		Code: form.Taken, Field: []string{"email"}, Message: "There is a person with this address in the company already.",
	}}
}

// again invites somebody anew whose invitation was revoked; whoever has joined, or is invited, is there already.
func (s *Staff) again(ctx context.Context, tx *postgres.Tx, old, as *User) ([]postgres.Statement, error) {
	var joined *credential
	m, err := manage(ctx, tx, old.ID,
		postgres.Row(&joined, tx.Select((*credential)(nil)).Where("?TableAlias.user_id = ?", old.ID)))
	var refused errs.Problems
	switch {
	case errors.As(err, &refused):
		return nil, taken()
	case err != nil:
		return nil, err
	case !m.caller.EmailVerified:
		return nil, unverified()
	case joined != nil || m.person.ExternalSubject != nil || m.person.Status != Deactivated:
		return nil, taken()
	}
	*old = *m.person
	old.Name, old.Role, old.CustomRoleID, old.AllStores, old.Status = as.Name, as.Role, nil, as.AllStores, Invited
	return []postgres.Statement{
		s.save(tx, old, "name", "role", "custom_role_id", "all_stores", "status"),
		postgres.Exec(nil, tx.Delete((*StoreAccess)(nil)).Where("?TableAlias.user_id = ?", old.ID)),
	}, nil
}

// invitation makes an invitation and its letter, still to be written and sent.
func (s *Staff) invitation(scope *tenancy.Scope, u *User) (*Invitation, *letter, error) {
	now := s.Now()
	i := &Invitation{
		ID: id.New[id.UserInvitation](), UserID: u.ID, CreatedAt: now, SentAt: now, ExpiresAt: now.Add(invitationTTL),
	}
	if !scope.User.IsZero() {
		i.InvitedByID = &scope.User
	}
	text, err := s.token(scope, i)
	return i, invitationLetter(s.PublicURL, u, text, i.ExpiresAt), err
}

func (s *Staff) token(scope *tenancy.Scope, i *Invitation) (string, error) {
	text, hash, err := auth.NewSecret(auth.KindInvitation, scope.Company.UUID(), i.ID.UUID(), s.Rand)
	if err != nil {
		return "", fmt.Errorf("make an invitation: %w", err)
	}
	i.TokenHash = hash
	return text, nil
}

// ResendInvitation sends a new link; the one before works no more.
//
// Errors: problems NOT_FOUND, NOT_ALLOWED and NOT_OPEN, FORBIDDEN, RATE_LIMITED.
func (s *Staff) ResendInvitation(ctx context.Context, invitation id.UserInvitation) (*Invitation, error) {
	var letter *letter
	i, err := s.changeInvitation(ctx, invitation, func(tx *postgres.Tx, m *managed, i *Invitation) (postgres.Statement, error) {
		if !m.caller.EmailVerified {
			return postgres.Statement{}, unverified()
		}
		if err := s.limits.letters.Take(ctx, m.person.ID.String()); err != nil {
			return postgres.Statement{}, err
		}
		text, err := s.token(tx.Scope(), i)
		if err != nil {
			return postgres.Statement{}, err
		}
		i.SentAt, i.ExpiresAt = s.Now(), s.Now().Add(invitationTTL)
		letter = invitationLetter(s.PublicURL, m.person, text, i.ExpiresAt)
		return postgres.Exec(nil, tx.Update(i).Column("token_hash", "sent_at", "expires_at").
			Where("?TableAlias.id = ?", i.ID)), nil
	})
	if err != nil {
		return nil, err
	}
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var employer *employer
	if err := h.Read(ctx, readEmployer(h, &employer)); err != nil {
		return nil, err
	}
	letter.from(employer)
	s.send(ctx, letter)
	return i, nil
}

// RevokeInvitation takes an invitation back; its link works no more.
//
// Errors: problems NOT_FOUND, NOT_ALLOWED and NOT_OPEN, FORBIDDEN.
func (s *Staff) RevokeInvitation(ctx context.Context, invitation id.UserInvitation) (*Invitation, error) {
	return s.changeInvitation(ctx, invitation, func(tx *postgres.Tx, m *managed, i *Invitation) (postgres.Statement, error) {
		now := s.Now()
		i.RevokedAt = &now
		m.person.Status = Deactivated
		if err := tx.Send(ctx, s.save(tx, m.person, "status")); err != nil {
			return postgres.Statement{}, err
		}
		return postgres.Exec(nil, tx.Update(i).Column("revoked_at").Where("?TableAlias.id = ?", i.ID)), nil
	})
}

// changeInvitation does something to an open invitation of somebody whom the caller may manage.
func (s *Staff) changeInvitation(
	ctx context.Context, invitation id.UserInvitation,
	do func(*postgres.Tx, *managed, *Invitation) (postgres.Statement, error),
) (*Invitation, error) {
	var i *Invitation
	none := errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such invitation."}}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		i = nil
		if err := tx.Send(ctx, postgres.Row(&i, tx.Select((*Invitation)(nil)).
			Where("?TableAlias.id = ?", invitation).For("UPDATE"))); err != nil {
			return err
		}
		if i == nil {
			return none
		}
		m, err := manage(ctx, tx, i.UserID)
		var p errs.Problems
		if errors.As(err, &p) && p[0].Code == form.NotFound {
			return none
		}
		if err != nil {
			return err
		}
		// An expired one can be sent again.
		if i.AcceptedAt != nil || i.RevokedAt != nil || m.person.Status != Invited {
			return errs.Problems{{
				Code: notOpen, Field: []string{"id"}, Message: "This invitation was accepted or revoked.",
			}}
		}
		statement, err := do(tx, m, i)
		if err != nil {
			return err
		}
		return tx.Finish(ctx, statement)
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// revoke takes back what invitations of a person are open.
func revoke(tx *postgres.Tx, user id.User, now time.Time) postgres.Statement {
	return postgres.Exec(nil, tx.Update((*Invitation)(nil)).Set("revoked_at = ?", now).
		Where("?TableAlias.user_id = ?", user).Where("?TableAlias.accepted_at IS NULL").
		Where("?TableAlias.revoked_at IS NULL"))
}

// InvitationAcceptInput is what an invited person answers.
type InvitationAcceptInput struct {
	Token    string
	Password string
	Name     *string
}

// AcceptInvitation lets an invited person in: they choose their password, and can log in from then on.
//
// Errors: problems INVALID and INVALID_TOKEN, RATE_LIMITED.
func (s *Staff) AcceptInvitation(ctx context.Context, in InvitationAcceptInput) (*User, error) {
	good, err := s.attempt(ctx, "")
	if err != nil {
		return nil, err
	}
	tenant, object, hash, err := auth.ParseSecret(auth.KindInvitation, in.Token)
	if err != nil {
		return nil, deadLink()
	}
	var p errs.Problems
	checkPassword(&p, in.Password, "password")
	name := ""
	if in.Name != nil {
		name = form.Text(&p, *in.Name, 1, 200, "name")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	hashed, err := s.Passwords.Hash(ctx, in.Password)
	if err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	ctx = asCompany(ctx, id.Company(tenant), id.User{})
	var u *User
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		invited, i, err := followed[Invitation](ctx, tx, id.UserInvitation(object))
		if err != nil {
			return err
		}
		u = invited
		if u == nil || i == nil || !auth.EqualHash(i.TokenHash, hash) || u.Status != Invited ||
			i.StatusAt(s.Now()) != InvitationOpen {
			return deadLink()
		}
		if sameText(in.Password, u.Email) {
			return passwordIsAddress("password")
		}
		now := s.Now()
		u.Status, u.EmailVerified, i.AcceptedAt = Active, true, &now
		if name != "" {
			u.Name = name
		}
		return tx.Finish(ctx, s.save(tx, u, "name", "status", "email_verified"),
			postgres.Exec(nil, tx.Update(i).Column("accepted_at").Where("?TableAlias.id = ?", i.ID)),
			putPassword(tx, u.ID, hashed, now))
	})
	if err != nil {
		return nil, err
	}
	good()
	return u, nil
}

// Invitations lists the invitations of people within the caller's reach, the newest first.
func (s *Staff) Invitations(ctx context.Context, a page.Args) (*UserInvitationConnection, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery {
		return reachable(h, "invitation.user_id")(h.Select((*Invitation)(nil)))
	}, invitationsByTime(), a)
}

// InvitationsByID gives those of the invitations that the caller may see.
func (s *Staff) InvitationsByID(ctx context.Context, ids []id.UserInvitation) ([]*Invitation, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Invitation](ctx, h, "id", ids, reachable(h, "invitation.user_id"))
}
