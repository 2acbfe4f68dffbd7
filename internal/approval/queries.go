package approval

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Approvals answers for what waits for a second person.
type Approvals struct {
	db       *postgres.DB
	now      func() time.Time
	carryOut CarryOut
}

// CarryOut moves the stock of an approval, together with the decision: both happen or neither.
type CarryOut func(ctx context.Context, a *Approval, d *Decision) error

// New makes Approvals.
func New(db *postgres.DB, now func() time.Time, carryOut CarryOut) *Approvals {
	return &Approvals{db: db, now: now, carryOut: carryOut}
}

// Filter says which approvals to list.
type Filter struct {
	StoreID *id.Store
	Kind    *Kind
	Status  *Status
}

// List lists approvals, the latest first: those of the stores where the caller decides, and their own.
func (s *Approvals) List(ctx context.Context, f *Filter, a page.Args) (*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	base := func() *bun.SelectQuery { return f.apply(visible(h), now) }
	list, err := page.List(ctx, h, base, byTime(), a)
	if err == nil {
		for _, row := range list.Nodes() {
			row.At(now)
		}
	}
	return list, err
}

func (f *Filter) apply(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.StoreID != nil {
		q.Where("?TableAlias.store_id = ?", *f.StoreID)
	}
	if f.Kind != nil {
		q.Where("?TableAlias.kind = ?", string(*f.Kind))
	}
	switch {
	case f.Status == nil:
	case *f.Status == Expired:
		q.Where("?TableAlias.status IN ('PENDING', 'APPROVED')").Where("?TableAlias.expires_at <= ?", now)
	case *f.Status == Pending || *f.Status == Approved:
		q.Where("?TableAlias.status = ?", string(*f.Status)).Where("?TableAlias.expires_at > ?", now)
	default:
		q.Where("?TableAlias.status = ?", string(*f.Status))
	}
	return q
}

// visible are the approvals of the stores where the caller decides, and their own.
func visible(h *postgres.Handle) *bun.SelectQuery {
	q := h.Select((*Approval)(nil))
	scope := h.Scope()
	decides := slices.DeleteFunc(scope.Stores(), func(store id.Store) bool { return !scope.CanAt(tenancy.ApprovalDecide, store) })
	if len(decides) == len(scope.Stores()) {
		return q
	}
	return q.Where("(?TableAlias.store_id = ANY (?::uuid[]) OR ?TableAlias.requested_by_id = ?)", postgres.UUIDs(decides), scope.User)
}

// ByID gives those of the approvals that the request may see.
func (s *Approvals) ByID(ctx context.Context, ids []id.Approval) ([]*Approval, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var rows []*Approval
	if err := h.Read(ctx, postgres.Rows(&rows, visible(h).Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids)))); err != nil {
		return nil, err
	}
	for _, row := range rows {
		row.At(s.now())
	}
	return rows, nil
}

// Cited builds the statement that reads the approvals that a sale names, whoever asked for them: the till knows.
func Cited(h *postgres.Handle, ids []id.Approval, rows *[]*Approval) postgres.Statement {
	return postgres.Rows(rows, h.Select((*Approval)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids)))
}

// Use builds the statement that uses approvals up for a sale; those that could be are in used.
func Use(h *postgres.Handle, ids []id.Approval, sale id.Sale, now time.Time, used *[]*Approval) postgres.Statement {
	return postgres.Rows(used, h.Update((*Approval)(nil)).
		Set("status = ?", string(Used)).Set("used_at = ?", now).Set("sale_id = ?", sale).
		Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids)).
		Where("?TableAlias.status = ?", string(Approved)).Where("?TableAlias.expires_at > ?", now).
		Returning("?TableAlias.*"))
}
