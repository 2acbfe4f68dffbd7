package staff

import (
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Working builds the statement that finds a person, if they work in a store today.
func Working(h *postgres.Handle, store id.Store, user id.User) *bun.SelectQuery {
	return h.Select((*User)(nil)).
		Where("?TableAlias.id = ?", user).Where("?TableAlias.status = ?", Active).
		Where("?TableAlias.all_stores OR ?TableAlias.role = ? OR EXISTS (?)", tenancy.Owner, h.Select((*StoreAccess)(nil)).
			Where("access.store_id = ?", store).Where("access.user_id = ?", user))
}
