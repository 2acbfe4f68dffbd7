package telemetry

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestTraces(t *testing.T) {
	t.Parallel()
	seen := tracetest.NewInMemoryExporter()
	traces := newTraces(trace.WithSyncer(seen))
	handler := traces.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, end := traces.Start(r.Context(), "GraphQL query")
		_, inner := traces.Start(ctx, "look up")
		inner(errors.New("S3CRET"))
		end(nil)
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", http.NoBody)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	spans := seen.GetSpans()
	if len(spans) != 3 || spans[0].Name != "look up" || spans[1].Name != "GraphQL query" || spans[2].Name != "POST /graphql" {
		t.Fatalf("%d spans: %+v", len(spans), spans)
	}
	if spans[0].Parent.SpanID() != spans[1].SpanContext.SpanID() || spans[1].Parent.SpanID() != spans[2].SpanContext.SpanID() {
		t.Error("the parts are not in each other")
	}
	if got := spans[2].SpanContext.TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("the caller's trace doesn't go on: %s", got)
	}
	if spans[0].Status.Code != codes.Error || spans[0].Status.Description != "failed" || len(spans[0].Events) != 0 {
		t.Errorf("a part that failed: %+v", spans[0].Status)
	}
}
