package signal_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TestWhatIsNoticedDoesNotWaitForSums: it is written with what its company's requests took; what others took is written
// when its time comes, at the end at the latest, and nothing is counted twice.
func TestWhatIsNoticedDoesNotWaitForSums(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	written := make(chan struct{})
	w, err := signal.New(signal.Config{
		DB: d.Open(t, models()), Log: slog.New(slog.DiscardHandler), Models: models(),
		Counted: func(string, string, int64) { close(written) },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, "delete from company_activity")
	d.Exec(t, "delete from signals")
	request := func(company id.Company, found ...signal.Found) {
		scope := tenancy.New(tenancy.Spec{Company: company, Role: tenancy.Owner})
		w.Request(&signal.Request{Scope: scope, Evidence: signal.Evidence{LastAt: time.Now()}, Found: found})
	}
	requests := func(company id.Company) int {
		t.Helper()
		return pgtest.Value[int](t, d, "select coalesce(sum(requests), 0)::int from company_activity where tenant_id = $1", company.UUID())
	}
	request(f.B.ID)
	request(f.A.ID)
	request(f.A.ID, signal.Found{Kind: signal.PermissionDenied})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		w.Run(ctx, signal.Every{Signals: time.Millisecond, Activity: time.Hour, Look: time.Hour, Keep: time.Hour})
		close(ended)
	}()
	<-written
	cancel()
	<-ended
	if a, b := requests(f.A.ID), requests(f.B.ID); a != 2 || b != 0 {
		t.Errorf("%d and %d requests, of 2 and none yet", a, b)
	}
	request(f.B.ID)
	w.Close(t.Context())
	if a, b := requests(f.A.ID), requests(f.B.ID); a != 2 || b != 2 {
		t.Errorf("%d and %d requests, of 2 and 2", a, b)
	}
	// The sums have their own time.
	request(f.B.ID)
	ctx, cancel = context.WithCancel(t.Context())
	ended = make(chan struct{})
	go func() {
		w.Run(ctx, signal.Every{Signals: time.Hour, Activity: time.Millisecond, Look: time.Hour, Keep: time.Hour})
		close(ended)
	}()
	for deadline := time.Now().Add(time.Minute); requests(f.B.ID) != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what requests took isn't written")
		}
	}
	cancel()
	<-ended
}
