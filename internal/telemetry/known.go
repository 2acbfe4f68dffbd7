package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// known are figures by what they are of, found once for all requests: finding each by its labels takes longer than
// counting does.
type known[F any] struct{ all sync.Map }

func (k *known[F]) of(name string, find func(name string) *F) *F {
	if found, ok := k.all.Load(name); ok {
		return found.(*F) //nolint:forcetypeassert // nothing else is put there
	}
	found, _ := k.all.LoadOrStore(name, find(name))
	return found.(*F) //nolint:forcetypeassert // as above
}

// ofOperation are the figures of one kind of operations, ofCompany those of one label.
type (
	ofOperation struct{ took, cost, statements, roundTrips prometheus.Observer }
	ofCompany   struct{ requests, seconds, statements, rows prometheus.Counter }
)

func (m *Metrics) operation(name string) *ofOperation {
	return &ofOperation{
		m.took.WithLabelValues(name), m.cost.WithLabelValues(name), m.statements.WithLabelValues(name),
		m.roundTrips.WithLabelValues(name),
	}
}

func (m *Metrics) company(label string) *ofCompany {
	return &ofCompany{
		m.companyRequests.WithLabelValues(label), m.companySeconds.WithLabelValues(label),
		m.companyStatements.WithLabelValues(label), m.companyRows.WithLabelValues(label),
	}
}
