package staff

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ownSessions are those of the caller that are not over; a register by itself has none.
func ownSessions(h *postgres.Handle, now bun.Safe) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.user_id = ?", h.Scope().User).Where("?TableAlias.ended_at IS NULL").
			Where("?TableAlias.expires_at > ?", now)
	}
}

// Sessions lists the caller's logins that are not over, the newest first.
func (s *Staff) Sessions(ctx context.Context, a page.Args) (*SessionConnection, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery {
		return ownSessions(h, "now()")(h.Select((*Session)(nil)))
	}, sessionsByTime(), a)
}

// SessionsByID gives those of the logins that are the caller's and not over.
func (s *Staff) SessionsByID(ctx context.Context, ids []id.Session) ([]*Session, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Session](ctx, h, "id", ids, ownSessions(h, "now()"))
}

// EndSession ends one of the caller's logins.
//
// Errors: the problem NOT_FOUND, FORBIDDEN.
func (s *Staff) EndSession(ctx context.Context, of id.Session) error {
	scope, err := withPassword(ctx)
	if err != nil {
		return err
	}
	var ended int64
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(&ended,
			end(tx, of, s.Now(), endedBySelf).Where("?TableAlias.user_id = ?", scope.User)))
	})
	if err == nil && ended == 0 {
		err = errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such login."}}
	}
	return err
}

// EndSessions ends the caller's logins, but the one that asks where it is to stay. It gives how many that were.
//
// Errors: FORBIDDEN.
func (s *Staff) EndSessions(ctx context.Context, keepThis bool) (int64, error) {
	scope, err := withPassword(ctx)
	if err != nil {
		return 0, err
	}
	var ended int64
	err = s.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Update((*Session)(nil)).Set("ended_at = ?", s.Now()).Set("end_reason = ?", endedBySelf).
			Where("?TableAlias.user_id = ?", scope.User).Where("?TableAlias.ended_at IS NULL")
		if keepThis && !scope.Session.IsZero() {
			q.Where("?TableAlias.id <> ?", scope.Session)
		}
		return tx.Finish(ctx, postgres.Exec(&ended, q))
	})
	return ended, err
}

// Current says whether a login is the one that asks.
func (s *Session) Current(ctx context.Context) bool {
	scope, err := tenancy.From(ctx)
	return err == nil && scope.Session == s.ID
}
