package trace_test

import (
	"context"
	"testing"

	"github.com/tillgraph/tillgraph/internal/trace"
)

func TestWay(t *testing.T) {
	t.Parallel()
	trace.Field(t.Context()).Way(trace.Planner, "")
	if way, _ := trace.Field(t.Context()).Taken(); way != trace.Resolvers {
		t.Errorf("outside of a field: %s", way)
	}
	ctx, root := trace.With(t.Context())
	other, second := trace.With(ctx)
	inside := func(ctx context.Context, way, because string) { trace.Field(ctx).Way(way, because) }
	inside(ctx, trace.Resolvers, "a union")
	inside(other, trace.Planner, "")
	if way, because := root.Taken(); way != trace.Resolvers || because != "a union" {
		t.Errorf("the first: %s, because %q", way, because)
	}
	if way, because := second.Taken(); way != trace.Planner || because != "" {
		t.Errorf("the second: %s, because %q", way, because)
	}
}
