package graph

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/scratch"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// request is what one HTTP request knows of itself, beside its scope.
type request struct {
	id string
	// address is the client's, as far as it is known.
	address string
	// hostSlug is the company that the host names, "" where it names none.
	hostSlug string
	// refused is why a credential that came with the request was not accepted.
	refused error
	// status overrides 200 where the operation could not begin.
	status int
	// retryAfter is when to come again where points were spent.
	retryAfter time.Duration
	// operation is the name that the client gave, for the log.
	operation string
	// kind is query or mutation, about what follows from its document and cost what it could cost at most, once it has
	// begun.
	kind  string
	about *about
	// named is the name that it has in the document.
	named string
	// notes are what was noticed of it, and ids what it names, where somebody wants to know.
	notes *signal.Notes
	ids   []id.Any
	// asked is who asks, also where the request is refused before it begins.
	asked *tenancy.Scope
	// paid says that what any request costs was taken.
	paid  bool
	cost  int
	stats postgres.Stats

	mu sync.Mutex
	// codes are those of the answer's errors, each once.
	codes []string
	// logged writes down what an operator does.
	logged func(ctx context.Context, scope *tenancy.Scope, action, request string) error

	// self is who has just logged in by this very request, which had no scope before.
	self id.User

	once    sync.Once
	loaders *loaderSet

	// answers are what fields were answered with whose memory the response has.
	answers []*scratch.Text
}

// Keep implements reading.Keeper. What fields answer with is put together by one goroutine.
func (r *request) Keep(answer *scratch.Text) { r.answers = append(r.answers, answer) }

// end gives back what the response was made of, once it is sent.
func (r *request) end() {
	for _, answer := range r.answers {
		answer.GiveBack()
	}
	r.answers = nil
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

func (r *request) loadersOnce(build func() *loaders) *loaderSet {
	r.once.Do(func() { r.loaders = newLoaderSet(build) })
	return r.loaders
}

// authenticated lets an operation begin when its caller is known, or when all it asks for is public. A credential
// that was refused doesn't stand in the way of logging in again.
func authenticated(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	r := requestOf(ctx)
	if r != nil {
		r.operation = op.OperationName
	}
	scope, err := tenancy.From(ctx)
	if err == nil && !scope.Support.IsZero() {
		if err := supported(ctx, scope, op, r); err != nil {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{presented(ctx, err)}})
		}
	}
	if err == nil || public(op) {
		return next(ctx)
	}
	if r != nil {
		r.status = http.StatusUnauthorized
		if r.refused != nil {
			err = r.refused
		}
		if errs.CodeOf(err) == errs.Unavailable {
			r.status = http.StatusServiceUnavailable
		}
	}
	shown := presented(ctx, err)
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{shown}})
}

func presented(ctx context.Context, err error) *gqlerror.Error {
	code, message := say(err, nil, false)
	shown := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
	if r := requestOf(ctx); r != nil {
		r.failed(string(code))
		shown.Extensions["requestId"] = r.id
	}
	return shown
}

// roots are what an operation asks for at its root.
func roots(op *graphql.OperationContext) []graphql.CollectedField {
	return reading.Selected(op, op.Operation.SelectionSet, "Query", "Mutation")
}

// public says that an operation asks for public fields and the schema only.
func public(op *graphql.OperationContext) bool {
	for _, field := range roots(op) {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		if field.Definition == nil || field.Definition.Directives.ForName("public") == nil {
			return false
		}
	}
	return true
}

// agreesWithHost refuses to log somebody into another company than the host names.
func agreesWithHost(ctx context.Context, slug string) error {
	r := requestOf(ctx)
	if r == nil || r.hostSlug == "" || strings.EqualFold(strings.TrimSpace(slug), r.hostSlug) {
		return nil
	}
	signal.Note(ctx, signal.Found{Kind: signal.OtherCompany})
	return errs.New(errs.Forbidden, "The address of this server belongs to another company than the one named.")
}
