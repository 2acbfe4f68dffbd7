package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/later"
)

// TestTrace: who may see it learns what each field took; everybody else gets the answer as though they hadn't asked.
func TestTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const query = `query($n: Int) { list: stores(first: $n) { nodes { name registers { nodes { code sales { nodes { customer { id } } } } } } }
		whole: stores(first: $n) { nodes { name registers { nodes { code } } } } viewer { role } }`
	plain := b.post(t, b.owner(t), query, vars{"n": 2}).ok(t)
	if plain.Extensions["trace"] != nil {
		t.Errorf("nobody asked: %v", plain.Extensions)
	}
	for _, header := range []string{"1", "true"} {
		a := b.post(t, b.owner(t), query, vars{"n": 2}, "X-Trace", header).ok(t)
		told, _ := a.Extensions["trace"].(vars)
		if told == nil {
			t.Fatalf("no trace: %v", a.Extensions)
		}
		same(t, a.Data, plain.Data)
		if a.Statements != plain.Statements {
			t.Errorf("traced it takes %d statements, else %d", a.Statements, plain.Statements)
		}
		fields := map[string]vars{}
		list, _ := told["fields"].([]any)
		for _, f := range list {
			field, _ := f.(vars)
			fields[field["path"].(string)] = field
		}
		stores, registers := fields["list"], fields["list.nodes.registers"]
		if stores == nil || registers == nil || fields["viewer"] == nil || len(fields) > 6 {
			t.Fatalf("fields: %v", told)
		}
		same(t, stores["way"], "resolvers")
		same(t, stores["because"], "field")
		same(t, fields["whole"]["way"], "planner")
		same(t, stores["calls"], 1)
		same(t, registers["calls"], 2)
		number := func(of vars, name string) float64 { n, _ := of[name].(float64); return n }
		if number(stores, "statements") == 0 || number(stores, "rows") < 2 || number(told, "rows") < 2 {
			t.Errorf("nothing is counted: %v", told)
		}
		sum := 0.0
		for _, f := range fields {
			sum += number(f, "statements")
			if number(f, "milliseconds") < 0 || number(f, "start") < 0 {
				t.Errorf("before it began: %v", f)
			}
		}
		if sum > number(told, "statements") {
			t.Errorf("the fields took %v statements of %v", sum, told["statements"])
		}
	}
	asked := `{"query": "{ stores { totalCount } }", "extensions": {"trace": true}}`
	if a := b.named(t, b.owner(t), asked).ok(t); a.Extensions["trace"] == nil {
		t.Errorf("by the extension: %v", a.Extensions)
	}
	for _, token := range []string{b.manager(t), b.cashier(t, 0)} {
		a := b.post(t, token, query, vars{"n": 1}, "X-Trace", "1").ok(t)
		if a.Extensions["trace"] != nil || b.named(t, token, asked).ok(t).Extensions["trace"] != nil {
			t.Errorf("without the permission: %v", a.Extensions)
		}
	}
	if a := b.named(t, "", asked, "X-Trace", "1"); a.Extensions["trace"] != nil || a.code() != "UNAUTHENTICATED" {
		t.Errorf("logged out: %s", a.Raw)
	}
	b.logs.quiet(t)
}

// TestPlansOfSlowOperations: they stand in the log once for a document, without what the client sent.
func TestPlansOfSlowOperations(t *testing.T) {
	t.Parallel()
	var queue *later.Queue
	b := setup(t, func(c *graph.Config) { c.SlowAfter, c.SlowPlans, queue = time.Nanosecond, true, c.Later })
	const query = `query($word: String!) { products(filter: {search: $word}) { totalCount nodes { name barcodes storePrices { nodes { price { amount } } } } } }`
	for range 3 {
		b.post(t, b.cashier(t, 0), query, vars{"word": "zanzibar"}).ok(t)
	}
	b.post(t, "", query, vars{"word": "zanzibar"})
	b.post(t, b.owner(t), `mutation { categoryCreate(input: {name: "zanzibar"}) { userErrors { code } } }`, nil).ok(t)
	queue.Close(t.Context())
	log := b.logs.String()
	var plans []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, `msg="the plan of a slow operation"`) {
			plans = append(plans, line)
		}
	}
	if len(plans) < 3 || !strings.Contains(log, `statement="INSERT INTO \"categories\"`) {
		t.Fatalf("%d plans: %s", len(plans), log)
	}
	seen := map[string]bool{}
	for _, plan := range plans {
		_, statement, _ := strings.Cut(plan, "statement=")
		switch {
		case strings.Contains(plan, "error=") || !strings.Contains(plan, "cost="):
			t.Errorf("no plan: %s", plan)
		case strings.Contains(plan, "zanzibar") || strings.Contains(plan, b.A.ID.UUID().String()):
			t.Errorf("a value is in the log: %s", plan)
		case !strings.Contains(plan, "company=acme"):
			t.Errorf("whose is it: %s", plan)
		case seen[statement]:
			t.Errorf("twice: %s", plan)
		}
		seen[statement] = true
	}
	b.logs.quiet(t)
}
