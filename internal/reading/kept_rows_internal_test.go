package reading

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const cratesSchema = `
	directive @requires(permission: String!) on FIELD_DEFINITION
	scalar Decimal
	type Money { amount: Decimal! currencyCode: String! }
	type PageInfo { hasNextPage: Boolean! endCursor: String }
	type Query { crate: Crate crates: CrateConnection! }
	type CrateEdge { cursor: String! node: Crate! }
	type CrateConnection { edges: [CrateEdge!]! nodes: [Crate!]! pageInfo: PageInfo! totalCount: Int! }
	type Crate { id: ID! name: String! maker: Maker parts: [Part!]! secret: String @requires(permission: "COST_READ") size: Int! }
	type Maker { id: ID! name: String! }
	type Part { id: ID! name: String! }
`

type (
	crate struct {
		bun.BaseModel `bun:"table:crates,alias:crate"`

		ID      id.Product `bun:"id,pk"`
		Name    string     `bun:"name"`
		Secret  *string    `bun:"secret"`
		MakerID *id.Brand  `bun:"maker_id"`
	}
	maker struct {
		bun.BaseModel `bun:"table:makers,alias:maker"`

		ID   id.Brand `bun:"id,pk"`
		Name string   `bun:"name"`
	}
	part struct {
		bun.BaseModel `bun:"table:parts,alias:part"`

		ID      id.SaleLine `bun:"id,pk"`
		CrateID id.Product  `bun:"crate_id"`
		Name    string      `bun:"name"`
	}
)

// reached binds what a test never sends to who asks.
func reached[T any, K ~[16]byte](column string) func(context.Context, []K) ([]*T, error) {
	return func(ctx context.Context, keys []K) ([]*T, error) {
		h, err := (&postgres.DB{}).Bind(ctx)
		if err != nil {
			return nil, err
		}
		return page.ByKey[T](ctx, h, column, keys)
	}
}

func crates(t *testing.T) (*Table, *ast.Schema) {
	t.Helper()
	s := gqlparser.MustLoadSchema(&ast.Source{Input: cratesSchema})
	parts := reached[part, id.Product]("crate_id")
	table, err := New(s, reflect.TypeFor[none](), pgdialect.New().Tables().Get,
		Of("Crate", reached[crate, id.Product]("id"), One("maker"), Many("parts", parts),
			Together("size", With(parts, "id"), func(_ *crate, of []*part) int { return len(of) })),
		Of("Maker", reached[maker, id.Brand]("id")), Of("Part", reached[part, id.SaleLine]("id")))
	if err != nil {
		t.Fatal(err)
	}
	return table, s
}

// planned has a field planned for who asks, as rows of their own in an order.
func planned(t *testing.T, table *Table, doc *ast.QueryDocument, role tenancy.Role, order ...string) (*plan, *tenancy.Scope, error) {
	t.Helper()
	scope := tenancy.New(tenancy.Spec{Company: id.New[id.Company](), Role: role, Stores: []id.Store{id.New[id.Store]()}})
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]}
	ctx := tenancy.With(graphql.WithOperationContext(t.Context(), op), scope)
	h, err := (&postgres.DB{}).Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	a := table.Attempt(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})[0])
	source := page.Source{Row: reflect.TypeFor[crate](), Handle: h, Column: idColumn}
	if a.paged {
		source.Column, source.Page = "", &page.Slice{Size: 2, Columns: order, Cursor: func(any) string { return "secret" }}
	}
	p, err := a.plan(ctx, source)
	return p, scope, err
}

// answer writes rows as they would be read, with something of who asks in each column.
func answer(t *testing.T, p *plan) string {
	t.Helper()
	for _, l := range slices.Backward(p.levels) {
		l.begin()
		for n := range 2 {
			l.owner = [16]byte{7}
			for _, r := range append([]*record{l.main}, l.joins...) {
				r.Present = true
				for _, target := range r.Targets {
					switch at := target.(type) {
					case *string:
						*at = "secret"
					case *id.Product:
						*at = id.Product{7}
					default:
						v := reflect.ValueOf(at).Elem()
						if v.Kind() == reflect.Pointer {
							v.Set(reflect.New(v.Type().Elem()))
						}
					}
				}
			}
			if l.parent == nil && !l.shape.paged && n > 0 {
				break // there is one
			}
			if err := l.each(); err != nil {
				t.Fatal(err)
			}
		}
		l.counted = map[[16]byte]int64{{}: 2}
	}
	told, _ := p.write(nil)
	p.end()
	return string(told)
}

// left is what a plan has that is somebody's.
func left(p *plan) (all []string) {
	note := func(what string, is bool) {
		if is {
			all = append(all, what)
		}
	}
	source := func(s sought) bool {
		return s.Handle != nil || s.Base != nil || s.Page != nil || s.Keys != nil || s.Through != nil
	}
	note("scope", p.scope != nil || p.op != nil || p.collecting != nil || p.collected != nil)
	for _, l := range p.levels {
		note("source", source(l.source))
		note("groups", len(l.groups)+len(l.counted)+len(l.places)+len(l.wanted)+l.rows > 0 || l.draft != nil)
		note("key", l.owner != [16]byte{} || l.last != [16]byte{} || l.totalOf != [16]byte{} || l.totalNow != 0)
		note("cursors", slices.ContainsFunc(l.cursors[:cap(l.cursors)], func(c string) bool { return c != "" }))
		if others, is := l.holder.(*held[part]); is {
			note("others", slices.ContainsFunc(others.rows[:cap(others.rows)], func(row *part) bool { return row != nil }))
		}
		for _, r := range append([]*record{l.main}, l.joins...) {
			note("row", !r.value.IsZero() || r.Present)
			note("joined source", source(r.source))
		}
	}
	for _, r := range p.records {
		note("record", !r.value.IsZero())
	}
	for _, c := range p.cells {
		note("cell", !reflect.ValueOf(c).Elem().IsZero())
	}
	return all
}

// TestKeptRows: a plan of rows is used again by whoever asks for the same, reads what they reach, and keeps nothing of who
// asked before.
func TestKeptRows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{ crate { id name maker { name } parts { name } size } }`:                                 `"name":"secret","maker":{"name":"secret"},"parts":[{"name":"secret"},{"name":"secret"}],"size":2}`,
		`{ crates { nodes { name secret parts { id name } } pageInfo { endCursor } totalCount } }`: `"pageInfo":{"endCursor":"secret"},"totalCount":2}`,
	} {
		table, s := crates(t)
		doc := parsed(t, s, text)
		var before *plan
		again := 0
		for range 50 { // a pool may drop what it has
			p, scope, err := planned(t, table, doc, tenancy.Owner, "name")
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if p == before {
				again++
			}
			if p.scope != scope || p.levels[0].source.Handle.Scope() != scope {
				t.Errorf("%s: it is planned for somebody else", text)
			}
			for _, l := range p.levels {
				for _, r := range append([]*record{l.main}, l.joins...) {
					if r != l.main && r.source.Handle.Scope() != scope || l.source.Handle.Scope() != scope {
						t.Errorf("%s: %s is read for somebody else", text, r.of.name)
					}
				}
			}
			if got := answer(t, p); !strings.HasSuffix(got, want) {
				t.Errorf("%s: %s", text, got)
			}
			table.kept.giveBack(p)
			if some := left(p); some != nil {
				t.Errorf("%s: %v is left", text, some)
			}
			before = p
		}
		if again == 0 {
			t.Errorf("%s: it was planned each time", text)
		}
	}
}

// TestKeptRowsOfAnotherShape: a plan isn't used where it wouldn't be what is planned now: in another order, or for who may not
// see all of it.
func TestKeptRowsOfAnotherShape(t *testing.T) {
	t.Parallel()
	table, s := crates(t)
	doc := parsed(t, s, `{ crates { nodes { name secret } pageInfo { endCursor } } }`)
	keep := func() {
		p, _, err := planned(t, table, doc, tenancy.Owner, "name")
		if err != nil {
			t.Fatal(err)
		}
		table.kept.giveBack(p)
	}
	for range 20 {
		keep()
		p, _, err := planned(t, table, doc, tenancy.Owner, "maker_id", "name")
		if err != nil || !slices.Contains(p.levels[0].main.columns, "maker_id") {
			t.Fatalf("%v: in another order it reads %v", err, p.levels[0].main.columns)
		}
		keep()
		_, _, err = planned(t, table, doc, tenancy.Cashier, "name")
		if stood, ok := errors.AsType[*aside](err); !ok || stood.why != OfPermission || stood.where != "Crate.secret" {
			t.Fatalf("who may not see it: %v", err)
		}
	}
}
