package sale

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/till"
)

// The codes of problems with the register's till.
const (
	tillSessionRequired = "TILL_SESSION_REQUIRED"
	tillSessionCounted  = "TILL_SESSION_COUNTED"
)

// tillSession is what attaches the sale to the session of its register that it happened in. The session is looked for after
// the receipt number was taken: a close, which locks the number as well, has then come before or comes after.
type tillSession struct {
	sale     *Sale
	required bool
	session  *till.Session
}

// find builds the statement that reads the session.
func (t *tillSession) find(h *postgres.Handle) []postgres.Statement {
	return []postgres.Statement{till.At(h, t.sale.RegisterID, t.sale.OccurredAt, &t.session)}
}

func (t *tillSession) check(p *errs.Problems) {
	t.sale.TillSessionID, t.sale.TillAmendment = nil, false
	switch {
	case t.session == nil && t.required:
		p.Add(tillSessionRequired, []string{"registerId"}, "Open the register's till first.")
	case t.session == nil:
	case t.session.Status == till.Counted && !t.sale.OccurredAt.Before(*t.session.CountedAt):
		p.Add(tillSessionCounted, []string{"registerId"}, "The register's till was counted: close it, and open it again.")
	default:
		t.sale.TillSessionID, t.sale.TillAmendment = &t.session.ID, t.session.Status == till.Closed
	}
}

func (t *tillSession) effect() effect { return effect{check: t.check} }

// tillSession makes the money go back from the session of the register that is open, whichever the sale was made in.
// The void itself names that session; here it is told, and refused where there is none and must be one.
func (v *voiding) tillSession() effect {
	var session *till.Session
	return effect{
		first: func(tx *postgres.Tx) []postgres.Statement {
			return []postgres.Statement{till.Unclosed(tx.Handle, v.sale.RegisterID, &session)}
		},
		check: func(p *errs.Problems) {
			v.sale.VoidTillSessionID = nil
			switch {
			case session == nil && v.settings.TillSessionRequired:
				p.Add(tillSessionRequired, []string{"id"}, "Open the register's till first.")
			case session == nil:
			case session.Status == till.Counted:
				p.Add(tillSessionCounted, []string{"id"}, "The register's till was counted: close it, and open it again.")
			default:
				v.sale.VoidTillSessionID = &session.ID
			}
		},
	}
}

// OfTillSessions lists the sales of each of several till sessions, the newest first; of amendments those alone that
// came after the close.
func (s *Sales) OfTillSessions(amendments bool) func(
	ctx context.Context, sessions []id.TillSession, a page.Args,
) (map[id.TillSession]*Connection, error) {
	return func(ctx context.Context, sessions []id.TillSession, a page.Args) (map[id.TillSession]*Connection, error) {
		h, err := s.db.Bind(ctx)
		if err != nil {
			return nil, err
		}
		parents := page.Parents[Sale, id.TillSession]{
			Column: "till_session_id", Of: func(s *Sale) id.TillSession { return *s.TillSessionID },
		}
		return page.PerParent(ctx, h, sessions, parents, func() *bun.SelectQuery {
			q := h.Select((*Sale)(nil))
			if amendments {
				q.Where("?TableAlias.till_amendment")
			}
			return q
		}, NewestFirst.order(), a)
	}
}
