package graph

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// feature is @feature: the field belongs to a module, which the company has or hasn't.
func feature(ctx context.Context, _ any, next graphql.Resolver, name tenancy.Feature) (any, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	off := scope.HasFeature(name)
	if off == nil {
		return next(ctx)
	}
	if within := graphql.GetFieldContext(ctx).Object; within == "Query" || within == "Mutation" {
		return nil, off
	}
	// A receipt that nobody paid with a gift card is whole without them: something must be there to be withheld.
	if value, err := next(ctx); err != nil || nothing(value) {
		return value, err
	}
	return nil, off
}

func nothing(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

func settingsChangeRelations() relations[company.SettingsChange] {
	return relations[company.SettingsChange]{"SettingsChange", map[string]ask[company.SettingsChange]{
		"changedBy": maybe((*loaders).users, func(c *company.SettingsChange) *id.User { return c.ChangedByID }),
	}}
}

// pace holds companies to the requests that their plans allow, in this process alone.
type pace struct {
	now func() time.Time

	mu sync.Mutex
	// by has the counts of companies by what they are allowed: one whose plan changes starts anew.
	by map[int]*limit.Limiter
}

func newPace(now func() time.Time) *pace { return &pace{now: now, by: map[int]*limit.Limiter{}} }

func (p *pace) limiter(allowed int) *limit.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.by[allowed]
	if !ok {
		l = limit.New(allowed, time.Minute, p.now)
		p.by[allowed] = l
	}
	return l
}

// take counts a request.
//
// Errors: RATE_LIMITED.
func (p *pace) take(scope *tenancy.Scope) error {
	allowed := scope.Config().Plan.Quotas().RequestsPerMinute
	if allowed == nil || p.limiter(*allowed).Take(scope.Company.String()) == nil {
		return nil
	}
	return errs.New(errs.RateLimited, "Your company's plan allows %d requests a minute. Try again in a minute.", *allowed)
}
