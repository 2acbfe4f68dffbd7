package telemetry

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// Traces sends what requests do to a collector. A nil one sends nothing, and costs nothing.
type Traces struct {
	provider *trace.TracerProvider
	tracer   api.Tracer
}

// Asked says whether the environment names a collector.
func Asked(env func(name string) (string, bool)) bool {
	if sdk, _ := env("OTEL_SDK_DISABLED"); sdk == "true" {
		return false
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		if endpoint, ok := env(name); ok && endpoint != "" {
			return true
		}
	}
	return false
}

// NewTraces sends to the collector that the environment's standard variables name, by OTLP over HTTP.
func NewTraces(ctx context.Context) (*Traces, error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach the collector of traces: %w", err)
	}
	described, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "tillgraph")), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("describe the server to the collector of traces: %w", err)
	}
	return newTraces(trace.WithBatcher(exporter), trace.WithResource(described)), nil
}

func newTraces(options ...trace.TracerProviderOption) *Traces {
	provider := trace.NewTracerProvider(options...)
	return &Traces{provider: provider, tracer: provider.Tracer("github.com/tillgraph/tillgraph")}
}

// Close sends what is left.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Provider is for libraries that trace themselves; nil without a collector.
func (t *Traces) Provider() api.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// Handler traces requests, and goes on with the trace that a caller has begun.
func (t *Traces) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "HTTP", otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.URL.Path }))
}

// Start begins a part of a request, which ends with the error that the part had.
func (t *Traces) Start(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name, api.WithAttributes(attributes...)) //nolint:spancheck // the caller ends it
	return ctx, func(err error) {                                             //nolint:spancheck // the caller ends it
		if err != nil {
			span.SetStatus(codes.Error, "failed") // what it says may quote what a client sent
		}
		span.End()
	}
}
