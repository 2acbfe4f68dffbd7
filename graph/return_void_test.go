package graph_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// A return is voided several times at once: one does it, and the others find it done.
func TestReturnVoidTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, token := b.A.Stores[0], b.manager(t)
	_, lines := b.sold(t, token, order(store.Registers[0].ID, "k", "300", item(b.A.Products[0], "3")))
	for round := range 6 {
		back := b.post(t, token, recordReturn, vars{
			"input": returning(store.Registers[0].ID, fmt.Sprint(round), "90", back(lines[0], "1", true)),
		}).ok(t).at("saleRecord", "sale", "id")
		answers := together(t, 4, func(int) (*answer, error) {
			return b.ask(t.Context(), token, voidSale, vars{"id": back, "reason": "x"})
		})
		for _, a := range answers {
			if a.ok(t); !reflect.DeepEqual(a.Data, answers[0].Data) || a.at("saleVoid", "sale", "status") != "VOIDED" {
				t.Errorf("%s\nand %s", a.Raw, answers[0].Raw)
			}
		}
		if n := pgtest.Value[int](t, b.db, "select sum(returned)::int from returned_quantities"); n != 0 {
			t.Fatalf("round %d: %d thousandths are back", round, n)
		}
		if got := b.stock(t, store.ID, b.A.Products[0]); got != 47000 {
			t.Fatalf("round %d: the level is %d", round, got)
		}
	}
}
