package staff

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Prove makes sure that the caller knows their password: a token that was left lying about is not enough.
//
// Errors: the problem INVALID_PASSWORD, FORBIDDEN, RATE_LIMITED.
func (s *Staff) Prove(ctx context.Context, password string) error {
	_, _, err := s.proved(ctx, password, "password")
	return err
}

// Owners builds the statement that finds the owners who may log in.
func Owners(h *postgres.Handle) *bun.SelectQuery {
	return h.Select((*User)(nil)).Where("?TableAlias.role = ?", string(tenancy.Owner)).
		Where("?TableAlias.status = ?", string(Active)).OrderExpr("?TableAlias.id")
}

// TellOfDeletion mails a company's owners when it will be deleted.
func (s *Staff) TellOfDeletion(ctx context.Context, owners []*User, company string, due time.Time) {
	for _, owner := range owners {
		l := &letter{to: owner.Email, subject: "%s will be deleted", text: func(company, _ string) string {
			return fmt.Sprintf("Hello %s,\n\nan owner has asked for %s to be deleted, with all that belongs to it. It will be gone "+
				"for ever on %s. Until then everything works as before, every owner can take this back, and take its data "+
				"along.\n", owner.Name, company, due.UTC().Format(letterTime))
		}}
		l.from(&employer{Name: company})
		s.send(ctx, l)
	}
}
