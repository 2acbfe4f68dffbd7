package graph_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/graph"
)

// TestIsolationWithoutTheHeaderCheck is the attack of TestIsolation with every request naming another company and its
// store in the headers and by the host, and nobody comparing them: the credential alone says whose the answer is.
func TestIsolationWithoutTheHeaderCheck(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.BaseDomain, c.ProveWithoutHeaders = "shop.test", true })
	actors := b.actors(t)
	plain := map[string]string{}
	for _, who := range actors {
		plain[who.name] = b.post(t, who.token, whatIsThere, nil).ok(t).seen()
	}
	books := b.books(t)
	b.headers = []string{"X-Tenant-ID", b.B.ID.String(), "X-Store-ID", b.B.Stores[0].ID.String(), "Host", "bistro.shop.test"}
	for _, who := range actors {
		if a := b.post(t, who.token, whatIsThere, nil); a.seen() != plain[who.name] {
			t.Errorf("%s: %s", who.name, a.Raw)
		}
	}
	for _, l := range b.leaks(t, actors, true) {
		t.Errorf("%s learns of %s %s at %s: %s", l.actor, l.whose, l.kind, l.place, l.told)
	}
	b.unchanged(t, books)
	b.logs.quiet(t)
}
