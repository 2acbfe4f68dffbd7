package staff

import (
	"context"
	"time"

	"github.com/tillgraph/tillgraph/internal/limit"
)

// limits slow guessing down, for all servers together. What few digits protect, PINs and codes of second factors, is
// counted with what it protects instead, and so is never counted alone.
type limits struct {
	// perAccount are attempts on one person's password, whoever they come from.
	perAccount *limit.Limiter
	// perAddress are attempts of one address, whosever they are about. A shop's people often share one.
	perAddress *limit.Limiter
	// letters bound what mail one person can be sent by others.
	letters *limit.Limiter
}

func newLimits(now func() time.Time, shared *limit.Shared) limits {
	const window = 15 * time.Minute
	return limits{
		perAccount: limit.New("account", 10, window, now, shared),
		perAddress: limit.New("address", 300, window, now, shared),
		letters:    limit.New("letters", 5, window, now, shared),
	}
}

// Client is what a request tells of the program behind it.
type Client struct{ Address, UserAgent string }

type clientKey struct{}

// WithClient puts the client into a request's context.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// ClientOf gives the client of a request; nothing is known of it where there is none.
func ClientOf(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}

// attempt takes an attempt of the client's address and, where a key is given, one on that account. Good ones are
// given back by the function that comes with it.
//
// Errors: RATE_LIMITED.
func (s *Staff) attempt(ctx context.Context, account string) (good func(), err error) {
	address := ClientOf(ctx).Address
	attempts := []limit.Attempt{s.limits.perAddress.Of(address)}
	if account != "" {
		attempts = append(attempts, s.limits.perAccount.Of(account))
	}
	if err := limit.Take(ctx, attempts...); err != nil {
		return nil, err
	}
	return func() {
		s.limits.perAddress.Give(ctx, address)
		if account != "" {
			s.limits.perAccount.Give(ctx, account)
		}
	}, nil
}
