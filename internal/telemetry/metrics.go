package telemetry

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// mostCompanies bounds the companies that have figures of their own.
const mostCompanies = 500

// others stands for the companies beyond them, and nobody for none.
const others, nobody = "other", "none"

// Metrics are the server's figures. A nil one takes what it is told and forgets it.
type Metrics struct {
	registry *prometheus.Registry

	requests   *prometheus.CounterVec
	took       *prometheus.HistogramVec
	errors     *prometheus.CounterVec
	cost       *prometheus.HistogramVec
	statements *prometheus.HistogramVec
	roundTrips *prometheus.HistogramVec
	batches    prometheus.Histogram

	accessesLost, signalsLost, idsUnchecked prometheus.Counter
	rootFields                              *prometheus.CounterVec

	companyRequests, companySeconds, companyStatements, companyRows, signals *prometheus.CounterVec

	operations known[ofOperation]
	labelled   known[ofCompany]

	mu        sync.Mutex
	companies map[string]bool
	reasons   map[string]bool
}

// New makes the figures, those of the Go runtime and of the process among them.
func New() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tillgraph", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "tillgraph", Name: name, Help: help, Buckets: buckets,
		}, labels)
	}
	few := []float64{1, 2, 3, 4, 5, 8, 12, 20, 35, 60, 100, 200}
	m := &Metrics{
		registry:  prometheus.NewRegistry(),
		companies: map[string]bool{}, reasons: map[string]bool{},
		requests: counter("requests_total", "Requests by what they asked for and the status of the answer.", "operation", "status"),
		took: histogram("request_duration_seconds", "How long requests took.",
			[]float64{.001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, "operation"),
		errors: counter("errors_total", "Errors in answers, by their code; user errors in payloads are data.", "code"),
		cost: histogram("operation_cost", "What operations could cost at most, by the schema.",
			prometheus.ExponentialBuckets(1, 4, 9), "operation"),
		statements: histogram("operation_statements", "Statements that an operation ran.", few, "operation"),
		roundTrips: histogram("operation_round_trips", "How often an operation waited for the database.", few, "operation"),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "tillgraph", Name: "loader_batch_keys", Help: "Keys that a loader looked up at once.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		accessesLost: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "tillgraph", Name: "accesses_lost_total", Help: "Accesses without a record in the trail.",
		}),
		signalsLost: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "tillgraph", Name: "signals_lost_total", Help: "Signals that weren't counted, since too many waited for the database.",
		}),
		idsUnchecked: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "tillgraph", Name: "ids_unchecked_total", Help: "Ids of requests that weren't looked up for signals, since too many waited.",
		}),
		signals: counter("signals_total", "What was noticed of requests, by its kind and the company; none is nobody known.",
			"company", "kind"),
		companyRows:       counter("company_rows_total", "Rows that requests of a company read.", "company"),
		rootFields:        counter("root_fields_total", "Root fields by how they were answered, and why not otherwise.", "way", "because"),
		companyRequests:   counter("company_requests_total", "Requests of a company.", "company"),
		companySeconds:    counter("company_seconds_total", "Time that requests of a company took.", "company"),
		companyStatements: counter("company_statements_total", "Statements that requests of a company ran.", "company"),
	}
	m.registry.MustRegister(
		m.requests, m.took, m.errors, m.cost, m.statements, m.roundTrips, m.batches, m.accessesLost, m.signalsLost, m.idsUnchecked,
		m.rootFields,
		m.companyRequests, m.companySeconds, m.companyStatements, m.companyRows, m.signals,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Request is what became of one.
type Request struct {
	// Operation is query or mutation, and none where no operation began.
	Operation string
	// Company is the slug of whom it was for, "" for nobody.
	Company string
	Status  int
	Took    time.Duration
	// Cost is what it could cost at most.
	Cost                         int
	Statements, RoundTrips, Rows int64
	// Codes are those of the answer's errors.
	Codes []string
}

// Request counts a request. What a client may choose freely is no label.
func (m *Metrics) Request(r *Request) {
	if m == nil {
		return
	}
	operation := r.Operation
	if operation == "" {
		operation = "none"
	}
	m.requests.WithLabelValues(operation, strconv.Itoa(r.Status)).Inc()
	for _, code := range r.Codes {
		m.errors.WithLabelValues(code).Inc()
	}
	if r.Operation == "" {
		m.took.WithLabelValues(operation).Observe(r.Took.Seconds())
	} else {
		of := m.operations.of(operation, m.operation)
		of.took.Observe(r.Took.Seconds())
		of.cost.Observe(float64(r.Cost))
		of.statements.Observe(float64(r.Statements))
		of.roundTrips.Observe(float64(r.RoundTrips))
	}
	if r.Company != "" {
		of := m.labelled.of(m.label(r.Company), m.company)
		of.requests.Inc()
		of.seconds.Add(r.Took.Seconds())
		of.statements.Add(float64(r.Statements))
		of.rows.Add(float64(r.Rows))
	}
}

// AccessLost counts an access that has no record of its own, since too many waited for the database.
func (m *Metrics) AccessLost() {
	if m != nil {
		m.accessesLost.Inc()
	}
}

// Signals counts what was noticed of a company's requests, "" for nobody known. Kinds are few.
func (m *Metrics) Signals(company, kind string, n int64) {
	if m == nil {
		return
	}
	label := nobody
	if company != "" {
		label = m.label(company)
	}
	m.signals.WithLabelValues(label, kind).Add(float64(n))
}

// SignalsLost counts signals that weren't written.
func (m *Metrics) SignalsLost(n int64) {
	if m != nil {
		m.signalsLost.Add(float64(n))
	}
}

// IDsUnchecked counts ids that weren't looked up.
func (m *Metrics) IDsUnchecked(n int64) {
	if m != nil {
		m.idsUnchecked.Add(float64(n))
	}
}

// RootField counts a root field by how it was answered, and why not otherwise.
func (m *Metrics) RootField(way, because string) {
	if m == nil {
		return
	}
	const mostReasons = 50
	m.mu.Lock()
	if !m.reasons[because] && len(m.reasons) >= mostReasons {
		because = others
	} else {
		m.reasons[because] = true
	}
	m.mu.Unlock()
	m.rootFields.WithLabelValues(way, because).Inc()
}

// Batch counts a loader's batch.
func (m *Metrics) Batch(keys int) {
	if m != nil {
		m.batches.Observe(float64(keys))
	}
}

func (m *Metrics) label(company string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.companies[company] {
		return company
	}
	if len(m.companies) >= mostCompanies {
		return others
	}
	m.companies[company] = true
	return company
}

// Pool is how a pool of connections does.
type Pool struct {
	Name string
	// Total are open, Busy of them in use, Most the limit.
	Total, Busy, Most int32
	// Waited is how often a request had to wait for one.
	Waited int64
}

// Pools shows the database's pools whenever the figures are asked for.
func (m *Metrics) Pools(now func() []Pool) { m.registry.MustRegister(poolCollector{now: now}) }

type poolCollector struct{ now func() []Pool }

func pools(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("tillgraph_pool_"+name, help, []string{"pool"}, nil)
}

//nolint:gochecknoglobals // descriptions are constants that Go can't declare so
var (
	poolTotal  = pools("connections", "Open connections.")
	poolBusy   = pools("connections_busy", "Connections in use.")
	poolMost   = pools("connections_max", "The most connections.")
	poolWaited = pools("waits_total", "How often a request waited for a connection.")
)

// Describe implements prometheus.Collector.
func (poolCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolTotal, poolBusy, poolMost, poolWaited} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c poolCollector) Collect(ch chan<- prometheus.Metric) {
	for _, p := range c.now() {
		ch <- prometheus.MustNewConstMetric(poolTotal, prometheus.GaugeValue, float64(p.Total), p.Name)
		ch <- prometheus.MustNewConstMetric(poolBusy, prometheus.GaugeValue, float64(p.Busy), p.Name)
		ch <- prometheus.MustNewConstMetric(poolMost, prometheus.GaugeValue, float64(p.Most), p.Name)
		ch <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, float64(p.Waited), p.Name)
	}
}
