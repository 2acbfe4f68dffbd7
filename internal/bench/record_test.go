package bench

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/seed"
)

// TestLimitRecordsAsTheServer asks both for each kind of request: what is recorded of it is the same but for what names it and
// tells the time, and how many rows the one and the other needed.
func TestLimitRecordsAsTheServer(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	fill(t, d, seed.BulkOptions{Companies: 4, Sales: 400})
	w := open(t, d)
	r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // nothing is secret
	for _, q := range Requests() {
		for _, shop := range w.shops {
			list, err := prepare(q, []*Shop{shop}, 1, r)
			must(t, err)
			var made [2]*audit.Access
			for i, s := range []*side{w.server, w.limit} {
				_, err := s.post(t.Context(), q, shop, list[0].body)
				must(t, err)
				select {
				case made[i] = <-w.accessed[i]:
				case <-time.After(10 * time.Second):
					t.Fatalf("%s: the %s records nothing", q.Name, s.name)
				}
				if made[i].Rows == 0 || made[i].Micros < 0 || made[i].RequestID == "" || time.Since(made[i].At) > time.Minute {
					t.Errorf("%s: the %s records %+v", q.Name, s.name, made[i])
				}
				made[i].ID, made[i].At, made[i].RequestID, made[i].Rows, made[i].Micros = id.AuditAccess{}, time.Time{}, "", 0, 0
				made[i].Codes = nil
			}
			if !reflect.DeepEqual(made[0], made[1]) {
				t.Errorf("%s: the server records\n%+v\nand the limit\n%+v", q.Name, made[0], made[1])
			}
		}
	}
}
