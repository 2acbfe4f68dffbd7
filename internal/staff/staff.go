package staff

import (
	"context"
	"io"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Config is what Staff needs.
type Config struct {
	DB        *postgres.DB
	Issuer    *auth.Issuer
	Passwords *auth.Passwords
	Now       func() time.Time
	Rand      io.Reader
	// AccessTTL is how long an access token works, RefreshTTL how long a login can be renewed.
	AccessTTL, RefreshTTL time.Duration
	// PINTTL is how long a login by PIN lasts.
	PINTTL time.Duration
	// Sealer keeps the secrets of second factors.
	Sealer *auth.Sealer
	Mail   mail.Sender
	Later  *later.Queue
	// PublicURL is where the front end's pages are that links in mails lead to.
	PublicURL string
	// Attempts counts them for all servers; nil counts on this one alone.
	Attempts *limit.Shared
}

// Staff answers for the people of the request's company.
type Staff struct {
	Config

	limits limits
}

// New makes Staff.
func New(c Config) *Staff { return &Staff{Config: c, limits: newLimits(c.Now, c.Attempts)} }

// UsersByID gives those of the people that are the company's.
func (s *Staff) UsersByID(ctx context.Context, ids []id.User) ([]*User, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[User](ctx, h, "id", ids)
}

// Users lists the people of the company: all for who has all stores, else those who share a store with the
// request.
func (s *Staff) Users(ctx context.Context, a page.Args) (*UserConnection, error) {
	h, err := s.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q := h.Select((*User)(nil))
		if !h.Scope().AllStores() {
			q.Where("person.id IN (?)", h.Select((*StoreAccess)(nil)).Column("user_id"))
		}
		return q
	}
	return page.List(ctx, h, base, byName(), a)
}
