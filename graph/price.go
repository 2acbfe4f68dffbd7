package graph

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	// perRequest is what a request costs, whatever it asks for: who it comes from is looked up.
	perRequest = 10
	// perLookup is what a field costs that looks something up, however many objects have it: loaders ask for all of
	// them at once. What it answers with costs one for each field of each object.
	perLookup = 10
	// changes is how many times that a mutation costs.
	changes = 5
)

// prices tells what an operation may cost at most, from the schema alone, and refuses what costs more than a limit.
type prices struct {
	most    int
	abouts  *abouts
	schema  graphql.ExecutableSchema
	lookups map[*ast.FieldDefinition]int
}

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = (*prices)(nil)

// ExtensionName implements graphql.HandlerExtension.
func (*prices) ExtensionName() string { return "Prices" }

// Validate implements graphql.HandlerExtension.
func (p *prices) Validate(schema graphql.ExecutableSchema) error {
	p.schema, p.lookups = schema, map[*ast.FieldDefinition]int{}
	s := schema.Schema()
	for _, f := range s.Query.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			p.lookups[f] = 1
		}
	}
	for _, f := range s.Mutation.Fields {
		p.lookups[f] = changes
	}
	// What isn't a plain field of its object has a resolver, which mostly looks something up.
	for of := range reflect.TypeFor[generated.ResolverRoot]().Methods() {
		if definition := s.Types[of.Name]; definition != nil && definition != s.Query && definition != s.Mutation {
			for field := range of.Type.Out(0).Methods() {
				if f := fieldOf(definition, field.Name); f != nil {
					p.lookups[f] = 1
				}
			}
		}
	}
	return nil
}

// fieldOf finds the field of which a resolver has the name.
func fieldOf(of *ast.Definition, name string) *ast.FieldDefinition {
	for _, f := range of.Fields {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

// costOf is what an operation costs at most; its context keeps it.
func costOf(op *graphql.OperationContext) int {
	n, _ := op.Stats.GetExtension("Prices").(int)
	return n
}

// MutateOperationContext implements graphql.OperationContextMutator.
func (p *prices) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	calculate := func() int {
		return min(complexity.Calculate(ctx, p.schema, op.Operation, op.Variables), ceiling) +
			perLookup*p.count(op.Operation.SelectionSet, map[string]int{})
	}
	var cost int
	if about := p.abouts.of(op); about.fixed {
		cost = about.cost(calculate)
	} else {
		cost = calculate()
	}
	op.Stats.SetExtension("Prices", cost)
	if cost > p.most {
		return limitError("operation may cost %d, which is more than the limit of %d", cost, p.most)
	}
	return nil
}

// count is how many look-ups a selection takes, each fragment as often as it is spread.
func (p *prices) count(set ast.SelectionSet, fragments map[string]int) int {
	n := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			n += p.lookups[s.Definition] + p.count(s.SelectionSet, fragments)
		case *ast.InlineFragment:
			n += p.count(s.SelectionSet, fragments)
		case *ast.FragmentSpread:
			counted, ok := fragments[s.Name]
			if !ok && s.Definition != nil {
				counted = p.count(s.Definition.SelectionSet, fragments)
				fragments[s.Name] = counted
			}
			n += counted
		}
		n = min(n, ceiling)
	}
	return n
}

// fields counts the fields of an answer: the names in its objects. A quote before a colon ends a name, unless it is one
// within a text, which has a backslash before it.
func fields(data []byte) int {
	n := 0
	for i := 0; ; i++ {
		next := bytes.IndexByte(data[i:], ':')
		if next < 0 {
			return n
		}
		i += next
		if i > 1 && data[i-1] == '"' && data[i-2] != '\\' {
			n++
		}
	}
}

// spent is extensions.cost of an answer.
type spent struct {
	// Requested is what it might have cost, and Actual what it did.
	Requested int `json:"requested"`
	Actual    int `json:"actual"`
	// ThrottleStatus is what who asks can spend; none where there is no limit.
	ThrottleStatus *throttleStatus `json:"throttleStatus,omitempty"`
}

type throttleStatus struct {
	MaximumAvailable   int64 `json:"maximumAvailable"`
	CurrentlyAvailable int64 `json:"currentlyAvailable"`
	RestoreRate        int64 `json:"restoreRate"`
}

// newPoints are the points of companies, which all servers on the database share.
func (c Config) newPoints() *limit.Points {
	return &limit.Points{Take: c.DB.TakePoints, Now: c.Now, Failed: func(err error) {
		c.Logger.Warn("requests are counted by this server alone for a moment", "error", err)
	}}
}

// newAttempts are the counts of attempts that all servers on the database share.
func (c Config) newAttempts() *limit.Shared {
	return &limit.Shared{Claim: c.DB.TakeAttempts, Now: c.Now, Failed: func(err error) {
		c.Logger.Warn("attempts are counted by this server alone for a moment", "error", err)
	}}
}

// purse is who spends points, of which company, and how many there are; none is without limit.
type purse struct {
	company, holder [16]byte
	size            limit.Size
}

// purseOf is that of a request. A login, a person or a register is one who asks, whichever token it has at the time.
func purseOf(scope *tenancy.Scope) *purse {
	quotas := scope.Config().Plan.Quotas()
	if quotas.RequestPoints == nil || quotas.RequestPointsPerSecond == nil {
		return nil
	}
	p := &purse{
		company: scope.Company.UUID(), holder: scope.Session.UUID(),
		size: limit.Size{Most: int64(*quotas.RequestPoints), PerSecond: int64(*quotas.RequestPointsPerSecond)},
	}
	switch {
	case !scope.Session.IsZero():
	case !scope.User.IsZero():
		p.holder = scope.User.UUID()
	default:
		p.holder = scope.Register.UUID()
	}
	return p
}

// spend takes what something costs out of the purse of a request.
//
// Errors: THROTTLED.
func (c Config) spend(ctx context.Context, scope *tenancy.Scope, n int) error {
	p := purseOf(scope)
	if p == nil {
		return nil
	}
	wait := c.points.Spend(ctx, p.company, p.holder, p.size, int64(n))
	if wait == 0 {
		return nil
	}
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	if r := requestOf(ctx); r != nil {
		r.retryAfter = time.Duration(seconds) * time.Second
	}
	return errs.New(errs.Throttled, "This costs %d points, and your company's plan doesn't leave so many right now. Try again in %d s.", n, seconds)
}

// charged takes what an operation may cost before it begins, gives back what it didn't, and says so in the answer.
func (c Config) charged(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	cost := costOf(graphql.GetOperationContext(ctx))
	r := requestOf(ctx)
	scope, err := tenancy.From(ctx)
	if r == nil {
		return next(ctx)
	}
	if err != nil {
		scope = nil // what is public
	} else if err := c.spend(ctx, scope, cost); err != nil {
		r.status = http.StatusTooManyRequests
		return graphql.OneShot(&graphql.Response{
			Errors: gqlerror.List{presented(ctx, err)}, Extensions: map[string]any{"cost": spentBy(c.points, scope, cost, 0)},
		})
	}
	respond, points := next(ctx), c.points // and not all of c with each request
	return func(ctx context.Context) *graphql.Response {
		answer := respond(ctx)
		if answer == nil {
			return nil
		}
		lookedUp := max(r.stats.Statements()-r.stats.RoundTrips(), 0) // the others begin and end
		actual := min(cost, fields(answer.Data)+perLookup*int(lookedUp))
		if answer.Extensions == nil {
			answer.Extensions = map[string]any{}
		}
		if scope != nil {
			if p := purseOf(scope); p != nil && actual < cost {
				points.Give(p.company, p.holder, p.size, int64(cost-actual)) //nolint:contextcheck // a lease outlives the request
			}
		}
		answer.Extensions["cost"] = spentBy(points, scope, cost, actual)
		return answer
	}
}

func spentBy(points *limit.Points, scope *tenancy.Scope, requested, actual int) *spent {
	s := &spent{Requested: perRequest + requested, Actual: perRequest + actual}
	if scope == nil {
		return s
	}
	if p := purseOf(scope); p != nil {
		status := points.Status(p.company, p.holder, p.size)
		s.ThrottleStatus = &throttleStatus{
			MaximumAvailable: status.Most, CurrentlyAvailable: status.Available, RestoreRate: status.PerSecond,
		}
	}
	return s
}

// retryAfter says when to come again, in whole seconds.
func retryAfter(r *request) string {
	if r.retryAfter > 0 {
		return strconv.Itoa(int(r.retryAfter.Seconds()))
	}
	return "60"
}
