package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/access"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/staff"
)

func (l *loaders) customRoles() loader.Loader[id.CustomRole, *access.CustomRole] { return l.customRole }

func userRelations() relations[staff.User] {
	return relations[staff.User]{"User", map[string]ask[staff.User]{
		"history":    historyAsk(func(u *staff.User) id.User { return u.ID }),
		"customRole": maybe((*loaders).customRoles, func(u *staff.User) *id.CustomRole { return u.CustomRoleID }),
		"storeRoles": to(func(l *loaders) loader.Loader[id.User, []*staff.StoreAccess] { return l.storesOfUser },
			func(u *staff.User) id.User { return u.ID }),
		"security": to(func(l *loaders) loader.Loader[id.User, *staff.Security] { return l.security },
			func(u *staff.User) id.User { return u.ID }),
	}}
}

func storeRoleRelations() relations[staff.StoreAccess] {
	return relations[staff.StoreAccess]{"StoreRole", map[string]ask[staff.StoreAccess]{
		"store":      to((*loaders).stores, func(a *staff.StoreAccess) id.Store { return a.StoreID }),
		"customRole": maybe((*loaders).customRoles, func(a *staff.StoreAccess) *id.CustomRole { return a.CustomRoleID }),
	}}
}
