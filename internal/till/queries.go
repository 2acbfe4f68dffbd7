package till

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Tills runs and reads the till sessions of registers.
type Tills struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes Tills.
func New(db *postgres.DB, now func() time.Time) *Tills { return &Tills{db: db, now: now} }

// ByID gives those of the sessions that the request may see.
func (t *Tills) ByID(ctx context.Context, ids []id.TillSession) ([]*Session, error) {
	return byKey[Session](ctx, t.db, "id", ids, "")
}

// MovementsByID gives those of the drawers' movements that the request may see.
func (t *Tills) MovementsByID(ctx context.Context, ids []id.DrawerMovement) ([]*Movement, error) {
	return byKey[Movement](ctx, t.db, "id", ids, "")
}

// ZReportsByID gives those of the Z reports that the request may see.
func (t *Tills) ZReportsByID(ctx context.Context, ids []id.ZReport) ([]*ZReport, error) {
	return byKey[ZReport](ctx, t.db, "id", ids, "")
}

// ZReportsOf gives the Z reports of those sessions that have one.
func (t *Tills) ZReportsOf(ctx context.Context, sessions []id.TillSession) ([]*ZReport, error) {
	return byKey[ZReport](ctx, t.db, "session_id", sessions, "")
}

// HoldersOf gives who had the drawers in several sessions, one after another.
func (t *Tills) HoldersOf(ctx context.Context, sessions []id.TillSession) ([]*Holder, error) {
	return byKey[Holder](ctx, t.db, "session_id", sessions, "?TableAlias.session_id, ?TableAlias.position")
}

// CountsOf gives the counts of several sessions, one after another.
func (t *Tills) CountsOf(ctx context.Context, sessions []id.TillSession) ([]*Count, error) {
	return byKey[Count](ctx, t.db, "session_id", sessions, "?TableAlias.session_id, ?TableAlias.number")
}

func byKey[T any, K ~[16]byte](ctx context.Context, db *postgres.DB, column string, keys []K, order string) ([]*T, error) {
	h, err := db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[T](ctx, h, column, keys, func(q *bun.SelectQuery) *bun.SelectQuery {
		if order == "" {
			return q
		}
		return q.OrderExpr(order)
	})
}

// UnclosedOf gives the sessions of several registers that aren't closed: at most one each.
func (t *Tills) UnclosedOf(ctx context.Context, registers []id.Register) ([]*Session, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Session](ctx, h, "register_id", registers, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.status <> 'CLOSED'")
	})
}

// Unclosed builds the statement that reads a register's session that isn't closed; dst stays nil where there is
// none. Within a transaction that has locked the register's receipt counter it stays what it is: a sale or a void may
// then be of it, if its status is Open.
func Unclosed(h *postgres.Handle, register id.Register, dst **Session) postgres.Statement {
	return postgres.Row(dst, h.Select((*Session)(nil)).
		Where("?TableAlias.register_id = ?", register).Where("?TableAlias.status <> 'CLOSED'"))
}

// OpenID builds the query of the id of a register's open session.
func OpenID(h *postgres.Handle, register id.Register) *bun.SelectQuery {
	return h.Select((*Session)(nil)).Column("id").
		Where("?TableAlias.register_id = ?", register).Where("?TableAlias.status = ?", Open)
}

// At builds the statement that reads a register's session that a moment belongs to: the one that it lies in, from the
// opening to before the close, or else the one that isn't closed.
func At(h *postgres.Handle, register id.Register, moment time.Time, dst **Session) postgres.Statement {
	return postgres.Row(dst, h.Select((*Session)(nil)).
		Where("?TableAlias.register_id = ?", register).
		Where("?TableAlias.closed_at > ? AND ?TableAlias.opened_at <= ? OR ?TableAlias.closed_at IS NULL", moment, moment).
		OrderExpr("?TableAlias.closed_at").Limit(1))
}

// Reports calculates the figures of several sessions as they are now, in one round trip. Those of the sessions that
// the request may see are in the answer.
func (t *Tills) Reports(ctx context.Context, sessions []id.TillSession) (map[id.TillSession]*Report, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var s sums
	if err := h.Read(ctx, s.statements(h, sessions)...); err != nil {
		return nil, err
	}
	return s.reports(), nil
}

// Filter says which sessions to list.
type Filter struct {
	StoreID          *id.Store
	RegisterID       *id.Register
	Status           *Status
	BusinessDateFrom *civil.Date
	BusinessDateTo   *civil.Date
}

// List lists the sessions that the request may see, the newest first.
func (t *Tills) List(ctx context.Context, f *Filter, a page.Args) (*Connection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q := h.Select((*Session)(nil))
		if f != nil {
			limit(q, f.StoreID, f.RegisterID, f.BusinessDateFrom, f.BusinessDateTo)
			if f.Status != nil {
				q.Where("?TableAlias.status = ?", *f.Status)
			}
		}
		return q
	}
	return page.List(ctx, h, base, newestSessions(), a)
}

func limit(q *bun.SelectQuery, store *id.Store, register *id.Register, from, to *civil.Date) {
	if store != nil {
		q.Where("?TableAlias.store_id = ?", *store)
	}
	if register != nil {
		q.Where("?TableAlias.register_id = ?", *register)
	}
	if from != nil {
		q.Where("?TableAlias.business_date >= ?", *from)
	}
	if to != nil {
		q.Where("?TableAlias.business_date <= ?", *to)
	}
}

// ZReportFilter says which Z reports to list.
type ZReportFilter struct {
	StoreID          *id.Store
	RegisterID       *id.Register
	BusinessDateFrom *civil.Date
	BusinessDateTo   *civil.Date
}

// ZReports lists the Z reports that the request may see, the newest first.
func (t *Tills) ZReports(ctx context.Context, f *ZReportFilter, a page.Args) (*ZReportConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q := h.Select((*ZReport)(nil))
		if f != nil {
			limit(q, f.StoreID, f.RegisterID, f.BusinessDateFrom, f.BusinessDateTo)
		}
		return q
	}
	return page.List(ctx, h, base, newestReports(), a)
}

// MovementsOf lists the drawers' movements of each of several sessions, the oldest first.
func (t *Tills) MovementsOf(
	ctx context.Context, sessions []id.TillSession, a page.Args,
) (map[id.TillSession]*MovementConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Movement, id.TillSession]{
		Column: "session_id", Of: func(m *Movement) id.TillSession { return m.SessionID },
	}
	return page.PerParent(ctx, h, sessions, parents,
		func() *bun.SelectQuery { return h.Select((*Movement)(nil)) }, oldestMovements(), a)
}
