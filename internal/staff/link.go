package staff

import (
	"context"
	"time"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// mailedLink is what is kept of a link that was mailed to somebody.
type mailedLink struct {
	UserID    id.User    `bun:"user_id"`
	TokenHash []byte     `bun:"token_hash"`
	CreatedAt time.Time  `bun:"created_at"`
	ExpiresAt time.Time  `bun:"expires_at"`
	UsedAt    *time.Time `bun:"used_at"`
}

// works says that this is the link that was mailed, and that it still serves.
func (l *mailedLink) works(hash []byte, now time.Time) bool {
	return auth.EqualHash(l.TokenHash, hash) && l.UsedAt == nil && now.Before(l.ExpiresAt)
}

// followed locks who a link was mailed to, and what is kept of the link; nil where there is none. The person comes first,
// as everywhere; then the link, of which one of two at once is the first.
func followed[Link any](ctx context.Context, tx *postgres.Tx, link any) (*User, *Link, error) {
	var u *User
	var l *Link
	ofUser := tx.Select((*Link)(nil)).Where("?TableAlias.id = ?", link).Column("user_id")
	err := tx.Send(ctx,
		postgres.Row(&u, tx.Select((*User)(nil)).Where("person.id = (?)", ofUser).For("UPDATE")),
		postgres.Row(&l, tx.Select((*Link)(nil)).Where("?TableAlias.id = ?", link).For("UPDATE")))
	return u, l, err
}

func deadLink() error {
	return errs.Problems{{
		Code: "INVALID_TOKEN", Field: []string{"token"},
		Message: "This link has expired, was used or was taken back. Ask for a new one.",
	}}
}
