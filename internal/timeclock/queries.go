package timeclock

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// openEntry is the caller's own entry that is not closed.
func openEntry(tx *postgres.Tx, scope *tenancy.Scope) *bun.SelectQuery {
	return tx.Select((*Entry)(nil)).Where("?TableAlias.user_id = ?", scope.User).Where("?TableAlias.clocked_out_at IS NULL")
}

// allowed limits entries to the caller's own, and those of the stores where they may see and correct the hours.
func allowed(h *postgres.Handle) func(*bun.SelectQuery) *bun.SelectQuery {
	scope := h.Scope()
	var managed []id.Store
	for _, store := range scope.Stores() {
		if scope.CanAt(tenancy.TimeWrite, store) {
			managed = append(managed, store)
		}
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if scope.AllStores() && scope.CanEverywhere(tenancy.TimeWrite) {
			return q
		}
		return q.Where("(?TableAlias.user_id = ? OR ?TableAlias.store_id = ANY (?::uuid[]))", scope.User, postgres.UUIDs(managed))
	}
}

// Filter says which entries to list.
type Filter struct {
	UserID  *id.User
	StoreID *id.Store
	Open    *bool
}

// Entries lists the entries that the caller may see, the newest first.
func (c *Clock) Entries(ctx context.Context, f *Filter, a page.Args) (*TimeEntryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery {
		q := allowed(h)(h.Select((*Entry)(nil)))
		if f == nil {
			return q
		}
		if f.UserID != nil {
			q.Where("?TableAlias.user_id = ?", *f.UserID)
		}
		if f.StoreID != nil {
			q.Where("?TableAlias.store_id = ?", *f.StoreID)
		}
		if f.Open != nil {
			q.Where("(?TableAlias.clocked_out_at IS NULL) = ?", *f.Open)
		}
		return q
	}, byTime(), a)
}

// EntriesByID gives those of the entries that the caller may see.
func (c *Clock) EntriesByID(ctx context.Context, ids []id.TimeEntry) ([]*Entry, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Entry](ctx, h, "id", ids, allowed(h))
}

// BreaksOf gives the breaks of entries that the caller sees, in order.
func (c *Clock) BreaksOf(ctx context.Context, entries []id.TimeEntry) ([]*Break, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Break](ctx, h, "entry_id", entries, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("?TableAlias.started_at, ?TableAlias.id")
	})
}

// ChangesOf gives the corrections of entries that the caller sees, the latest first.
func (c *Clock) ChangesOf(ctx context.Context, entries []id.TimeEntry) ([]*Change, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Change](ctx, h, "entry_id", entries, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("?TableAlias.created_at DESC, ?TableAlias.id DESC")
	})
}
