package reading

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// asking is one request for a document.
type asking struct {
	role      tenancy.Role
	variables map[string]any
}

// tell has a table write the first field of a document.
func (a asking) tell(t *testing.T, table *Table, doc *ast.QueryDocument, made any) (string, Way) {
	t.Helper()
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: a.variables}
	ctx := tenancy.With(graphql.WithOperationContext(t.Context(), op), tenancy.New(tenancy.Spec{
		Company: id.New[id.Company](), Role: a.role, Stores: []id.Store{id.New[id.Store]()},
	}))
	answer, way := table.Write(ctx, graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})[0], made)
	if json, ok := answer.(*written); ok {
		var told strings.Builder
		json.MarshalGQL(&told)
		return told.String(), way
	}
	return "", way
}

func parsed(t *testing.T, s *ast.Schema, text string) *ast.QueryDocument {
	t.Helper()
	doc, err := gqlparser.LoadQueryWithRules(s, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// taken is a plan that is kept of a document's first field. A pool may drop what it has, so that it is written again.
func taken(t *testing.T, table *Table, doc *ast.QueryDocument, again func()) *plan {
	t.Helper()
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"yes": false}}
	for range 50 {
		if p := table.kept.take(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})[0], op, nil); p != nil {
			return p
		}
		again()
	}
	return nil
}

// TestKeptPlans: what a document is answered with that comes again is what it would be answered with alone, whoever asks, with
// whatever variables, of whatever object, and whoever asked before.
func TestKeptPlans(t *testing.T) {
	t.Parallel()
	objects := []*shelf{
		{Name: "full", Box: &box{Label: "x", Due: civil.Date{Year: 2026, Month: 2, Day: 3}}, Spare: &box{}, Boxes: []*box{{Label: "y"}, {Label: "zz"}}, Secret: 7},
		{Name: "poor", Box: &box{}},
		{Name: "wrong", Boxes: []*box{{Label: "one"}, nil}},
	}
	var all []asking
	for _, role := range []tenancy.Role{tenancy.Owner, tenancy.Cashier} {
		for _, yes := range []bool{true, false} {
			for n := range int64(3) {
				all = append(all, asking{role, map[string]any{"yes": yes, "n": n}})
			}
		}
	}
	for text, keeps := range map[string]bool{
		`{ shelf { name } }`: true,
		`{ shelf { n: name box { label note day price { amount } worth { amount } } spare { weight count day worth { amount } __typename } boxes(first: 1) { due } } }`: true,
		`{ shelf { name secret } }`:                                                                                        true,
		`query($n: Int) { shelf { boxes(first: $n) { label } } }`:                                                          false,
		`query($yes: Boolean!) { shelf { name box { label @skip(if: $yes) } } }`:                                           false,
		`query($yes: Boolean!) { shelf { name } ...F @include(if: $yes) } fragment F on Query { shelf { box { label } } }`: true,
		`{ shelf { ... on Shelf { name } } }`:                                                                              false,
		`{ shelf { name odd } }`:                                                                                           false,
	} {
		table, s := shelves(t)
		doc := parsed(t, s, text)
		round := func(check bool) {
			for _, a := range all {
				for _, made := range objects {
					got, way := a.tell(t, table, doc, made)
					fresh, _ := shelves(t)
					if want, alone := a.tell(t, fresh, doc, made); check && (got != want || way != alone) {
						t.Errorf("%s, %+v: %s %+v\nwant %s %+v", text, a, got, way, want, alone)
					}
				}
			}
		}
		round(true)
		round(true)
		p := taken(t, table, doc, func() { round(false) })
		if (p != nil) != keeps {
			t.Errorf("%s: a plan is kept: %v", text, p != nil)
		}
		if p == nil {
			continue
		}
		for _, r := range p.records {
			if !r.value.IsZero() {
				t.Errorf("%s: %+v is left of %s", text, r.value, r.of.name)
			}
		}
	}
}

// TestKeptPlansAtOnce: two answers never share a plan.
func TestKeptPlansAtOnce(t *testing.T) {
	t.Parallel()
	table, s := shelves(t)
	doc := parsed(t, s, `{ shelf { name boxes { label } } }`)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			name := strconv.Itoa(n)
			made := &shelf{Name: name, Boxes: []*box{{Label: name}, {Label: name}}}
			want := `{"name":"` + name + `","boxes":[{"label":"` + name + `"},{"label":"` + name + `"}]}`
			for range 500 {
				if got, way := (asking{role: tenancy.Owner}).tell(t, table, doc, made); got != want {
					t.Errorf("%s %+v", got, way)
				}
			}
		})
	}
	all.Wait()
}

// TestKeptPlansGo with the documents that they are of.
func TestKeptPlansGo(t *testing.T) {
	t.Parallel()
	table, s := shelves(t)
	left := func() (n int) {
		table.kept.of.Range(func(any, any) bool { n++; return true })
		return n
	}
	const documents = 20
	for range documents {
		asking{role: tenancy.Owner}.tell(t, table, parsed(t, s, `{ shelf { name } }`), &shelf{Name: "x"})
	}
	for range 100 {
		if runtime.GC(); left() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("of %d documents that are gone the plans of %d are left", documents, left())
}
