package graph_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
)

// A manager's report is of their stores; asking for another store is asking for none that there is.
func TestReportsOfAManager(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	own, other := b.A.Stores[0].ID.String(), b.A.Stores[1].ID.String()
	all := vars{"from": "2026-01-01", "to": "2035-01-01", "groupBy": []string{"STORE"}}
	stores := func(token string, input vars) (ids []any) {
		rows, _ := b.report(t, token, input).at("salesReport", "report", "rows").([]any)
		for _, row := range rows {
			row, _ := row.(map[string]any)
			group, _ := row["group"].(map[string]any)
			store, _ := group["store"].(map[string]any)
			ids = append(ids, store["id"])
		}
		return ids
	}
	if got := stores(b.manager(t), all); !slices.Equal(got, []any{own}) {
		t.Errorf("a manager's stores: %v", got)
	}
	if got := stores(b.owner(t), all); len(got) != 2 {
		t.Errorf("an owner's stores: %v", got)
	}
	asked := vars{"from": "2026-01-01", "to": "2035-01-01", "storeIds": []string{own, other}}
	if got := stores(b.owner(t), vars{"from": "2026-01-01", "to": "2035-01-01", "groupBy": []string{"STORE"}, "storeIds": []string{other}}); !slices.Equal(got, []any{other}) {
		t.Errorf("an owner asked for one: %v", got)
	}
	a := b.post(t, b.manager(t), salesReport, vars{"input": asked}).ok(t)
	if got := a.codes("salesReport"); !slices.Equal(got, []string{"STORE_NOT_FOUND storeIds.1"}) || a.at("salesReport", "report") != nil {
		t.Error(a.Raw)
	}
	// An owner who narrows the request to a store has that one.
	a = b.post(t, b.owner(t), salesReport, vars{"input": asked}, "X-Store-ID", own).ok(t)
	if got := a.codes("salesReport"); !slices.Equal(got, []string{"STORE_NOT_FOUND storeIds.1"}) {
		t.Error(a.Raw)
	}
	for who, token := range map[string]string{"a cashier": b.cashier(t, 0), "a register": b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		if a := b.post(t, token, salesReport, vars{"input": all}); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", who, a.Raw)
		}
	}
	b.logs.quiet(t)
}

// TestReportsAtOnce: the rows of a report are in memory that another company's had before. Each answer is the asking
// company's, however many are made at once.
func TestReportsAtOnce(t *testing.T) {
	t.Parallel()
	const asking, rounds = 8, 15
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	input := vars{"from": "2026-01-01", "to": "2035-01-01", "groupBy": []string{"DAY", "STORE"}}
	tokens := []string{b.owner(t), b.token(t, b.B, b.B.Owner)}
	var wants []any
	for _, token := range tokens {
		a := b.report(t, token, input)
		if rows, _ := a.at("salesReport", "report", "rows").([]any); len(rows) == 0 {
			t.Fatalf("a report without rows: %s", a.Raw)
		}
		wants = append(wants, a.at("salesReport"))
	}
	if reflect.DeepEqual(wants[0], wants[1]) {
		t.Fatal("the two can't be told apart")
	}
	for range rounds {
		answers := together(t, asking, func(i int) (*answer, error) {
			return b.ask(t.Context(), tokens[i%2], salesReport, vars{"input": input})
		})
		for i, a := range answers {
			if got := a.at("salesReport"); !reflect.DeepEqual(got, wants[i%2]) {
				t.Errorf("%v instead of %v", got, wants[i%2])
			}
		}
	}
	b.logs.quiet(t)
}
