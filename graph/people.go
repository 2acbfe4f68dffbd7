package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// itself lets who has just logged in by this very request, which had no scope before, see what is their own.
func itself(ctx context.Context, user *staff.User) {
	if r := requestOf(ctx); user != nil && r != nil {
		r.self = user.ID
	}
}

func sessionRelations() relations[staff.Session] {
	return relations[staff.Session]{"Session", map[string]ask[staff.Session]{
		"register": maybe((*loaders).registers, func(s *staff.Session) *id.Register { return s.AtRegisterID }),
	}}
}

func invitationRelations() relations[staff.Invitation] {
	return relations[staff.Invitation]{"UserInvitation", map[string]ask[staff.Invitation]{
		"user":      to((*loaders).users, func(i *staff.Invitation) id.User { return i.UserID }),
		"invitedBy": maybe((*loaders).users, func(i *staff.Invitation) *id.User { return i.InvitedByID }),
	}}
}
