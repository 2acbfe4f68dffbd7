package graph

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/trace"
)

// traceHeader asks for extensions.trace, as does the request's own extension of this name.
const (
	traceHeader    = "X-Trace"
	traceExtension = "trace"
)

// traced says whether an answer is to say what each of its fields took: somebody asks for it who may. Who may not gets the
// answer that they would get without asking.
func traced(ctx context.Context, params *graphql.RawParams) bool {
	header := params.Headers.Get(traceHeader)
	wanted, _ := params.Extensions[traceExtension].(bool)
	if header != "1" && header != "true" && !wanted {
		return false
	}
	scope, err := tenancy.From(ctx)
	return err == nil && scope.Can(tenancy.TraceRead)
}

// operationTrace is extensions.trace: what an operation took, and each of its fields that looked something up.
type operationTrace struct {
	Milliseconds float64 `json:"milliseconds"`
	Statements   int64   `json:"statements"`
	RoundTrips   int64   `json:"roundTrips"`
	Rows         int64   `json:"rows"`
	// Fields are in the order in which they began.
	Fields []*fieldTrace `json:"fields"`

	now     func() time.Time
	started time.Time
	stats   *postgres.Stats
	mu      sync.Mutex
	byPath  map[string]*fieldTrace
}

// fieldTrace is a field, of all objects of a list together.
type fieldTrace struct {
	// Path are the names in the answer, without places in lists.
	Path string `json:"path"`
	// Calls is how often it was resolved. Statements and rows are those of its own look-ups and of what they asked for
	// ahead; a look-up that several fields share stands with the one that asked first.
	Calls      int64 `json:"calls"`
	Statements int64 `json:"statements"`
	RoundTrips int64 `json:"roundTrips"`
	Rows       int64 `json:"rows"`
	// Start is when the first of them began, Milliseconds how long until the last was there.
	Start        float64 `json:"start"`
	Milliseconds float64 `json:"milliseconds"`
	// Way is how a root field was answered, and Because why not otherwise.
	Way     string `json:"way,omitempty"`
	Because string `json:"because,omitempty"`

	stats *postgres.Stats
	end   float64
	root  *trace.Root
}

type traceKey struct{}

// traceOperation puts the trace into the answer.
func (c Config) traceOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	t := &operationTrace{now: c.Now, started: c.Now(), stats: postgres.StatsOf(ctx), byPath: map[string]*fieldTrace{}, Fields: []*fieldTrace{}}
	respond := next(context.WithValue(ctx, traceKey{}, t))
	return func(ctx context.Context) *graphql.Response {
		answer := respond(ctx)
		if answer == nil {
			return nil
		}
		if answer.Extensions == nil {
			answer.Extensions = map[string]any{}
		}
		answer.Extensions[traceExtension] = t.finish()
		return answer
	}
}

// traceRoot remembers how a root field is answered.
func traceRoot(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if t, ok := ctx.Value(traceKey{}).(*operationTrace); ok {
		if field := graphql.GetRootFieldContext(ctx); field != nil {
			t.at(field.Field.Alias).root = trace.Field(ctx)
		}
	}
	return next(ctx)
}

// traceField counts what a field that looks something up takes.
func traceField(ctx context.Context, next graphql.Resolver) (any, error) {
	t, ok := ctx.Value(traceKey{}).(*operationTrace)
	field := graphql.GetFieldContext(ctx)
	if !ok || field == nil || !field.IsResolver {
		return next(ctx)
	}
	one := t.at(pathOf(field))
	began := t.since()
	value, err := next(postgres.WithStats(ctx, one.stats))
	ended := t.since()
	t.mu.Lock()
	defer t.mu.Unlock()
	if one.Calls == 0 || began < one.Start {
		one.Start = began
	}
	one.Calls++
	one.end = max(one.end, ended)
	return value, err
}

func (t *operationTrace) since() float64 {
	return float64(t.now().Sub(t.started).Microseconds()) / 1000
}

func (t *operationTrace) at(path string) *fieldTrace {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.byPath[path]
	if one == nil {
		one = &fieldTrace{Path: path, stats: t.stats.Part()}
		t.byPath[path] = one
		t.Fields = append(t.Fields, one)
	}
	return one
}

func (t *operationTrace) finish() *operationTrace {
	t.mu.Lock()
	defer t.mu.Unlock()
	done := &operationTrace{Milliseconds: t.since(), Fields: []*fieldTrace{}}
	done.Statements, done.RoundTrips, done.Rows = t.stats.Statements(), t.stats.RoundTrips(), t.stats.Rows()
	for _, one := range t.Fields {
		field := *one
		field.Statements, field.RoundTrips, field.Rows = one.stats.Statements(), one.stats.RoundTrips(), one.stats.Rows()
		field.Milliseconds = max(one.end-one.Start, 0)
		if one.root != nil {
			field.Way, field.Because = one.root.Taken()
		}
		done.Fields = append(done.Fields, &field)
	}
	slices.SortStableFunc(done.Fields, func(a, b *fieldTrace) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		default:
			return 0
		}
	})
	return done
}

// pathOf are the names down to a field, without places in lists.
func pathOf(field *graphql.FieldContext) string {
	var names []string
	for f := field; f != nil; f = f.Parent {
		if f.Index == nil && f.Field.Field != nil {
			names = append(names, f.Field.Alias)
		}
	}
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// ways tells of each root field how it was answered.
func (c Config) ways(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	ctx, root := trace.With(ctx)
	answer := next(ctx)
	c.Metrics.RootField(root.Taken())
	return answer
}
