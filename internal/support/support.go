// Package support has what operators do to a company, where its owner sees it: the accesses that they ask for, and
// everything done with them or by a command.
package support

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any { return []any{(*Access)(nil), (*Act)(nil)} }

// Status says what became of an access.
type Status string

// The statuses.
const (
	Waiting Status = "WAITING"
	Open    Status = "OPEN"
	Ended   Status = "ENDED"
	Expired Status = "EXPIRED"
)

// Access is an operator's access to the company.
type Access struct {
	bun.BaseModel `bun:"table:support_accesses,alias:access"`
	postgres.TenantOwned

	ID          id.SupportAccess `bun:"id,pk"`
	Operator    string           `bun:"operator"`
	Reason      string           `bun:"reason"`
	Writes      bool             `bun:"writes"`
	Minutes     int              `bun:"minutes"`
	RequestedAt time.Time        `bun:"requested_at"`
	// OpenedAt is nil while it waits for the owner's consent.
	OpenedAt *time.Time `bun:"opened_at"`
	// ExpiresAt is when it ends by itself, or while it waits, until when it does.
	ExpiresAt   time.Time  `bun:"expires_at"`
	AllowedByID *id.User   `bun:"allowed_by_id"`
	EndedAt     *time.Time `bun:"ended_at"`
	EndedByID   *id.User   `bun:"ended_by_id"`

	Status Status `bun:"-"`
}

// IsNode marks Access as the schema's Node.
func (*Access) IsNode() {}

func (a *Access) at(now time.Time) *Access {
	switch {
	case a.EndedAt != nil:
		a.Status = Ended
	case !a.ExpiresAt.After(now):
		a.Status = Expired
	case a.OpenedAt == nil:
		a.Status = Waiting
	default:
		a.Status = Open
	}
	return a
}

// Act is something that an operator did.
type Act struct {
	bun.BaseModel `bun:"table:support_acts,alias:act"`
	postgres.TenantOwned

	ID        id.SupportAct     `bun:"id,pk"`
	AccessID  *id.SupportAccess `bun:"access_id"`
	Operator  string            `bun:"operator"`
	At        time.Time         `bun:"at"`
	Action    string            `bun:"action"`
	RequestID string            `bun:"request_id"`
}

// The pages of this package's lists, as the schema names them.
type (
	AccessConnection = page.Connection[Access]
	AccessEdge       = page.Edge[Access]
	ActConnection    = page.Connection[Act]
	ActEdge          = page.Edge[Act]
)

func accessesByTime() page.Order[Access] {
	return page.Order[Access]{Name: "support-access", Desc: true, Columns: []page.Column[Access]{
		{Name: "requested_at", Type: page.Instant, Value: func(a *Access) string { return page.InstantText(a.RequestedAt) }},
		{Name: "id", Type: page.UUID, Value: func(a *Access) string { return a.ID.UUID().String() }},
	}}
}

func actsByTime() page.Order[Act] {
	return page.Order[Act]{Name: "support-act", Desc: true, Columns: []page.Column[Act]{
		{Name: "at", Type: page.Instant, Value: func(a *Act) string { return page.InstantText(a.At) }},
		{Name: "id", Type: page.UUID, Value: func(a *Act) string { return a.ID.UUID().String() }},
	}}
}

// Support answers for what operators do to the request's company.
type Support struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes Support.
func New(db *postgres.DB, now func() time.Time) *Support { return &Support{db: db, now: now} }

// Accesses lists the accesses, the latest first.
func (s *Support) Accesses(ctx context.Context, a page.Args) (*AccessConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	list, err := page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*Access)(nil)) }, accessesByTime(), a)
	if err == nil {
		for _, row := range list.Nodes() {
			row.at(s.now())
		}
	}
	return list, err
}

// ByID gives those of the accesses that are the company's.
func (s *Support) ByID(ctx context.Context, ids []id.SupportAccess) ([]*Access, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := page.ByKey[Access](ctx, h, "id", ids)
	for _, row := range rows {
		row.at(s.now())
	}
	return rows, err
}

// Acts lists all that operators did, the latest first.
func (s *Support) Acts(ctx context.Context, a page.Args) (*ActConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*Act)(nil)) }, actsByTime(), a)
}

// ActsOf lists what was done with each of several accesses.
func (s *Support) ActsOf(ctx context.Context, accesses []id.SupportAccess, a page.Args) (map[id.SupportAccess]*ActConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Act, id.SupportAccess]{
		Column: "access_id", Of: func(a *Act) id.SupportAccess { return *a.AccessID },
	}
	return page.PerParent(ctx, h, accesses, parents, func() *bun.SelectQuery { return h.Select((*Act)(nil)) }, actsByTime(), a)
}

// Allow opens an access that waits for the owner's consent: its time begins now.
//
// Errors: problems NOT_FOUND and NOT_WAITING.
func (s *Support) Allow(ctx context.Context, access id.SupportAccess) (*Access, error) {
	return s.change(ctx, access, func(scope *tenancy.Scope, a *Access, now time.Time) error {
		if a.Status != Waiting {
			return errs.Problems{{Code: "NOT_WAITING", Field: []string{"id"}, Message: "This does not wait for anybody's consent."}}
		}
		a.OpenedAt, a.AllowedByID = &now, person(scope)
		a.ExpiresAt = now.Add(time.Duration(a.Minutes) * time.Minute)
		return nil
	})
}

// End ends an access, or says no to one that waits. One that is over stays as it is.
//
// Errors: problem NOT_FOUND.
func (s *Support) End(ctx context.Context, access id.SupportAccess) (*Access, error) {
	return s.change(ctx, access, func(scope *tenancy.Scope, a *Access, now time.Time) error {
		if a.Status == Waiting || a.Status == Open {
			a.EndedAt, a.EndedByID = &now, person(scope)
		}
		return nil
	})
}

func person(scope *tenancy.Scope) *id.User {
	if scope.User.IsZero() {
		return nil
	}
	return &scope.User
}

func (s *Support) change(
	ctx context.Context, access id.SupportAccess, do func(*tenancy.Scope, *Access, time.Time) error,
) (*Access, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if !scope.Support.IsZero() {
		return nil, errs.New(errs.Forbidden, "The company decides about operators' accesses.")
	}
	var a *Access
	err = s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Row(&a, tx.Select((*Access)(nil)).Where("?TableAlias.id = ?", access).For("UPDATE"))); err != nil {
			return err
		}
		if a == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such access."}}
		}
		now := s.now()
		if err := do(tx.Scope(), a.at(now), now); err != nil {
			return err
		}
		a.at(now)
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(a).
			Column("opened_at", "expires_at", "allowed_by_id", "ended_at", "ended_by_id").Where("?TableAlias.id = ?", a.ID)))
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	AllowUserErrorCode string
	EndUserErrorCode   string

	AllowUserError = errs.User[AllowUserErrorCode]
	EndUserError   = errs.User[EndUserErrorCode]
)

// AllowPayload is what supportAccessAllow answers.
type AllowPayload struct {
	SupportAccess *Access
	UserErrors    []AllowUserError
}

// EndPayload is what supportAccessEnd answers.
type EndPayload struct {
	SupportAccess *Access
	UserErrors    []EndUserError
}
