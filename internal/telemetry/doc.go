// Package telemetry tells operators how the server does: Prometheus metrics and pprof on a port of their own, which is
// never the one that clients reach, and OpenTelemetry traces where the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT
// and its like) name a collector.
//
// A metric's labels are bounded: operations are known by their kind alone, since clients make names up, and the
// companies that are seen first have a label of their own, all others one together. No metric and no trace holds a
// value that a client sent.
package telemetry
