package audit

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Trail answers for the records of the request's company.
type Trail struct {
	db *postgres.DB
}

// New makes a Trail.
func New(db *postgres.DB) *Trail { return &Trail{db: db} }

// Filter says which records to list. All that is given must hold.
type Filter struct {
	UserID     *id.User
	StoreID    *id.Store
	RegisterID *id.Register
	ObjectType *string
	ObjectID   *id.Any
	Verb       *Verb
	From, To   *time.Time
}

// Events lists changes, the newest first: those in the scope's stores, and with all stores those of the company itself.
func (t *Trail) Events(ctx context.Context, f *Filter, a page.Args) (*EventConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h.Select((*Event)(nil))) }, byID(), a)
}

func (f *Filter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.UserID != nil {
		q.Where("?TableAlias.user_id = ?", *f.UserID)
	}
	if f.StoreID != nil {
		q.Where("?TableAlias.store_id = ?", *f.StoreID)
	}
	if f.RegisterID != nil {
		q.Where("?TableAlias.at_register_id = ?", *f.RegisterID)
	}
	if f.ObjectType != nil {
		q.Where("?TableAlias.object_type = ?", *f.ObjectType)
	}
	if f.ObjectID != nil {
		q.Where("?TableAlias.object_id = ?", f.ObjectID.UUID)
	}
	if f.Verb != nil {
		q.Where("?TableAlias.verb = ?", *f.Verb)
	}
	return within(q, f.From, f.To)
}

// within limits records to a time: an id begins with it, so that the key finds them.
func within(q *bun.SelectQuery, from, to *time.Time) *bun.SelectQuery {
	if from != nil {
		q.Where("?TableAlias.id >= ?", idAt(*from)).Where("?TableAlias.at >= ?", *from)
	}
	if to != nil {
		q.Where("?TableAlias.id < ?", idAt(to.Add(time.Millisecond))).Where("?TableAlias.at < ?", *to)
	}
	return q
}

// idAt is before all ids that were made at an instant or later.
func idAt(at time.Time) uuid.UUID {
	const sixteen = 16
	var v uuid.UUID
	if ms := at.UnixMilli(); ms > 0 {
		binary.BigEndian.PutUint64(v[:], uint64(ms)<<sixteen)
	}
	return v
}

// EventsByID gives those of the records that the caller may see.
func (t *Trail) EventsByID(ctx context.Context, ids []id.AuditEvent) ([]*Event, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Event](ctx, h, "id", ids)
}

// HistoryOf gives a page of the changes of each of many things, whatever these are: an id names one thing alone.
func (t *Trail) HistoryOf(ctx context.Context, things []uuid.UUID, a page.Args) (map[uuid.UUID]*EventConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.PerParent(ctx, h, things,
		page.Parents[Event, uuid.UUID]{Column: "object_id", Of: func(e *Event) uuid.UUID { return e.ObjectKey }},
		func() *bun.SelectQuery { return h.Select((*Event)(nil)) }, byID(), a)
}

// AccessFilter says which accesses to list. All that is given must hold.
type AccessFilter struct {
	UserID    *id.User
	StoreID   *id.Store
	Outcome   *Outcome
	Operation *string
	Type      *string
	From, To  *time.Time
}

// Accesses lists accesses, the newest first: those that could reach one of the scope's stores alone, and with all stores
// all.
func (t *Trail) Accesses(ctx context.Context, f *AccessFilter, a page.Args) (*AccessConnection, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return f.limit(h.Select((*Access)(nil))) }, accessesByID(), a)
}

func (f *AccessFilter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.UserID != nil {
		q.Where("?TableAlias.user_id = ?", *f.UserID)
	}
	if f.StoreID != nil {
		q.Where("(?TableAlias.store_id = ? OR ? = ANY (?TableAlias.store_ids))", *f.StoreID, *f.StoreID)
	}
	if f.Outcome != nil {
		q.Where("?TableAlias.outcome = ?", *f.Outcome)
	}
	if f.Operation != nil {
		q.Where("?TableAlias.operation = ?", *f.Operation)
	}
	if f.Type != nil {
		q.Where("? = ANY (?TableAlias.types)", *f.Type)
	}
	return within(q, f.From, f.To)
}

// AccessesByID gives those of the records that the caller may see.
func (t *Trail) AccessesByID(ctx context.Context, ids []id.AuditAccess) ([]*Access, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Access](ctx, h, "id", ids)
}
