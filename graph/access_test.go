package graph_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// recorded is a server that records accesses, which the test writes.
func recorded(t *testing.T) (*bundle, *audit.Recorder) {
	t.Helper()
	var recorder *audit.Recorder
	b := setup(t, func(c *graph.Config) {
		recorder = audit.NewRecorder(audit.RecorderConfig{DB: c.DB, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		c.Accessed = recorder.Add
	})
	b.strangers = true // each access is a record
	b.db.Exec(t, "delete from audit_seals")
	b.db.Exec(t, "delete from audit_heads")
	b.db.Exec(t, "delete from audit_accesses")
	return b, recorder
}

// TestAccessesAreRecords: answered and refused ones, with who asked for what.
func TestAccessesAreRecords(t *testing.T) {
	t.Parallel()
	b, recorder := recorded(t)
	const document = `query Look { products { nodes { name category { name } } } }`
	answered := b.post(t, b.manager(t), document, nil, "X-Request-Id", "look-1").ok(t)
	b.post(t, b.cashier(t, 0), `{ users { nodes { name } } }`, nil)
	b.post(t, b.cashier(t, 0), `{ stores { nodes { id } } }`, nil, "X-Store-ID", b.A.Stores[1].ID.String())
	b.post(t, b.device(t, b.A, b.A.Stores[0].Registers[0]), `mutation { saleVoid(id: "`+b.A.Stores[0].Registers[0].Sale.String()+`", input: {reason: "x"}) { sale { id } } }`, nil)
	b.post(t, b.owner(t), `{ nothing }`, nil)
	b.post(t, b.token(t, b.B, b.B.Owner), `{ company { name } }`, nil).ok(t)
	b.post(t, "", `{ company { name } }`, nil)
	if err := recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := b.post(t, b.owner(t), `{ accessEvents(first: 10) { totalCount nodes { user { name } register { name } requestId operation kind document types
		stores { name } rows outcome codes address } } }`, nil).ok(t)
	if a.at("accessEvents", "totalCount") != 5.0 || a.cost != (cost{Statements: 7, RoundTrips: 3}) {
		t.Errorf("%+v: %s", a.cost, a.Raw)
	}
	sum := sha256.Sum256([]byte(document))
	same(t, a.at("accessEvents", "nodes", 4), vars{
		"user": vars{"name": "manager of acme"}, "register": nil, "requestId": "look-1", "operation": "Look", "kind": "QUERY",
		"document": hex.EncodeToString(sum[:]), "types": []string{"Category", "Product"}, "stores": []vars{},
		"outcome": "ANSWERED", "codes": []string{}, "address": "127.0.0.1", "rows": 4, // a category stands with each product
	})
	if products, _ := answered.at("products", "nodes").([]any); len(products) != 2 {
		t.Error(answered.Raw)
	}
	for i, want := range []vars{
		{"outcome": "FAILED", "codes": []string{"GRAPHQL_VALIDATION_FAILED"}, "kind": "NONE", "user": vars{"name": "owner of acme"}, "register": nil},
		{"outcome": "REFUSED", "codes": []string{"FORBIDDEN"}, "kind": "MUTATION", "user": nil, "register": vars{"name": "Register 1 acme"}},
		{"outcome": "REFUSED", "codes": []string{"FORBIDDEN"}, "kind": "NONE", "user": vars{"name": "cashier1 of acme"}, "register": nil},
		{"outcome": "REFUSED", "codes": []string{"FORBIDDEN"}, "kind": "QUERY", "user": vars{"name": "cashier1 of acme"}, "register": nil},
	} {
		node, _ := a.at("accessEvents", "nodes", i).(map[string]any)
		got := vars{}
		for key := range want {
			got[key] = node[key]
		}
		same(t, got, want)
	}
	if manager := b.post(t, b.manager(t), `{ accessEvents { totalCount } }`, nil).ok(t); manager.at("accessEvents", "totalCount") != 4.0 {
		t.Errorf("the manager of the store: %s", manager.Raw)
	}
	b.seal(t)
	if a := b.post(t, b.owner(t), `{ auditVerify { intact } }`, nil).ok(t); a.at("auditVerify", "intact") != true {
		t.Error(a.Raw)
	}
	b.operatorsAreNamed(t, recorder)
	b.storesAreTouched(t, recorder)
	b.throttledAreRefused(t, recorder)
}

// storesAreTouched whose rows were read or written, and all that were reached where a figure doesn't say of which it is.
func (b *bundle) storesAreTouched(t *testing.T, recorder *audit.Recorder) {
	first, second := b.A.Stores[0], b.A.Stores[1]
	for _, test := range []struct {
		token, query string
		variables    vars
		want         []id.Store
	}{
		{b.owner(t), `query($id: ID!) { node(id: $id) { id } }`, vars{"id": second.Registers[0].ID}, []id.Store{second.ID}},
		{b.owner(t), `query($id: ID!) { store(id: $id) { name } }`, vars{"id": first.ID}, []id.Store{first.ID}},
		{b.owner(t), `{ sales(first: 50) { nodes { total { amount } } } }`, nil, []id.Store{first.ID, second.ID}},
		{b.owner(t), `{ sales(first: 1) { totalCount } }`, nil, []id.Store{first.ID, second.ID}},
		{b.owner(t), `{ products { totalCount nodes { name } } }`, nil, []id.Store{}},
		{b.cashier(t, 0), `{ products { nodes { name } } }`, nil, []id.Store{}},
		{b.cashier(t, 1), recordBare, vars{"input": order(second.Registers[0].ID, "touched", "1000", item(b.A.Products[0], "1"))}, []id.Store{second.ID}},
	} {
		b.post(t, test.token, test.query, test.variables).ok(t)
		if err := recorder.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := b.post(t, b.owner(t), `{ accessEvents(first: 1) { nodes { stores { id } } } }`, nil).ok(t)
		got, _ := a.at("accessEvents", "nodes", 0, "stores").([]any)
		var ids []string
		for _, one := range got {
			store, _ := one.(map[string]any)
			text, _ := store["id"].(string)
			ids = append(ids, text)
		}
		want := []string{}
		for _, one := range test.want {
			want = append(want, one.String())
		}
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("%s touched %v, want %v", test.query, ids, want)
		}
	}
	a := b.post(t, b.owner(t), `query($id: ID!) { accessEvents(filter: {storeId: $id}, last: 250) { nodes { stores { id } } } }`, vars{"id": second.ID}).ok(t)
	if nodes, _ := a.at("accessEvents", "nodes").([]any); len(nodes) < 4 {
		t.Errorf("of the second store: %s", a.Raw)
	}
}

// throttledAreRefused: who has spent their points asked for something, and didn't get it.
func (b *bundle) throttledAreRefused(t *testing.T, recorder *audit.Recorder) {
	b.setPlan(t, "STARTER")
	user := b.A.Stores[1].Cashier
	b.db.Exec(t, `insert into company_points (tenant_id, holder, points, counted_at) values ($1, $2, 0, now() + interval '1 day')`,
		b.A.ID.UUID(), user.UUID())
	b.post(t, b.cashier(t, 1), `{ viewer { role } }`, nil)
	b.db.Exec(t, "update company_directory set plan = 'ENTERPRISE' where company_id = $1", b.A.ID.UUID())
	if err := recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := b.post(t, b.owner(t), `query($id: ID!) { accessEvents(first: 1, filter: {userId: $id}) { nodes { outcome codes } } }`, vars{"id": user}).ok(t)
	same(t, a.at("accessEvents", "nodes", 0), vars{"outcome": "REFUSED", "codes": []string{"THROTTLED"}})
}

// operatorsAreNamed in the records of what they do and of what they look at: by their access, which says who they are.
func (b *bundle) operatorsAreNamed(t *testing.T, recorder *audit.Recorder) {
	access := b.opened(t, true)
	const rename = `mutation($id: ID!) { productUpdate(id: $id, input: {version: 1, name: "Tea"}) { userErrors { message } } }`
	b.post(t, b.operator(t, access), rename, vars{"id": b.A.Products[0]}).ok(t)
	if err := recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := b.post(t, b.owner(t), `{ accessEvents(first: 1) { nodes { operator user { id } kind outcome } }
		auditEvents(first: 1) { nodes { operator user { id } objectType verb } } }`, nil).ok(t)
	same(t, a.at("accessEvents", "nodes", 0), vars{"operator": access, "user": nil, "kind": "MUTATION", "outcome": "ANSWERED"})
	same(t, a.at("auditEvents", "nodes", 0), vars{"operator": access, "user": nil, "objectType": "Product", "verb": "CHANGED"})
}

// TestAccessesWaitForTheDatabase: they are written when it is back, and what was too much is counted.
func TestAccessesWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dropped := 0
	recorder := audit.NewRecorder(audit.RecorderConfig{
		DB: b.db.Open(t, graph.Models()), Log: slog.New(slog.DiscardHandler), Now: time.Now, Most: 1200, Dropped: func() { dropped++ },
	})
	b.db.Exec(t, "delete from audit_accesses")
	b.db.Exec(t, "revoke insert on audit_accesses from tillgraph_gate")
	add := func(c pgtest.Company, n int) {
		for range n {
			a := &audit.Access{At: time.Now(), Kind: audit.Query, Outcome: audit.Answered}
			a.TenantID = c.ID
			recorder.Add(a)
		}
	}
	add(b.A, 1100)
	add(b.B, 150)
	add(b.A, 7)
	if err := recorder.Flush(t.Context()); err == nil || recorder.Waiting() != 1200 || dropped != 57 {
		t.Errorf("%v: %d wait, %d are lost", err, recorder.Waiting(), dropped)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	recorder.Close(ctx)
	if recorder.Waiting() != 1200 {
		t.Errorf("%d wait", recorder.Waiting())
	}
	time.AfterFunc(200*time.Millisecond, func() {
		_, err := b.db.Super().Exec(context.Background(), "grant insert on audit_accesses to tillgraph_gate")
		must(t, err)
	})
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	recorder.Close(ctx)
	for _, test := range []struct {
		company       id.Company
		written, lost int
	}{{b.A.ID, 1100, 7}, {b.B.ID, 100, 50}} {
		written := pgtest.Value[int](t, b.db, "select count(*) from audit_accesses where tenant_id = $1 and kind = 'QUERY'", test.company.UUID())
		lost := pgtest.Value[int](t, b.db, "select coalesce(sum(lost), 0)::int from audit_accesses where tenant_id = $1 and kind = 'LOST'", test.company.UUID())
		if written != test.written || lost != test.lost {
			t.Errorf("%d written, %d lost; want %d and %d", written, lost, test.written, test.lost)
		}
	}
	if recorder.Waiting() != 0 {
		t.Errorf("%d wait", recorder.Waiting())
	}
	// What was written and whose answer was lost is written once.
	if err := b.db.Open(t, graph.Models()).RecordAccesses(t.Context(), false, &postgres.AccessRecords{Company: id.New[id.Company]()}); err != nil {
		t.Errorf("of a company that is gone: %v", err)
	}
}
