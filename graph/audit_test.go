package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// seal seals the trail of company A. Transactions of other tests in the same cluster hold it up.
func (b *bundle) seal(t *testing.T) {
	t.Helper()
	sealer := audit.NewSealer(b.db.Open(t, graph.Models()), slog.New(slog.DiscardHandler))
	b.eventually(t, "the trail is sealed", func() bool {
		must(t, sealer.Seal(t.Context(), b.A.ID))
		return pgtest.Value[bool](t, b.db, `select not exists (select from audit_events e where tenant_id = $1
			and not exists (select from audit_seals s where s.tenant_id = e.tenant_id and e.id = any (s.record_ids)))`, b.A.ID.UUID())
	})
}

const everyEvent = `id at user { name } register { name } operator store { name } address requestId operation objectType objectId
	part verb changes { field before after } reason`

func (b *bundle) readAudit(t *testing.T, ask asker) {
	const page = `totalCount nodes { id } edges { cursor node { ` + everyEvent + ` } } pageInfo { endCursor startCursor hasNextPage hasPreviousPage }`
	a := ask(t, b.owner(t), `{ auditEvents(filter: {objectType: "Store", objectId: "`+b.A.Stores[1].ID.String()+`", verb: CHANGED,
		userId: "`+b.A.Stores[1].Cashier.String()+`", registerId: "`+b.A.Stores[1].Registers[0].ID.String()+`", storeId: "`+b.A.Stores[1].ID.String()+`",
		from: "2020-01-01T00:00:00Z", to: "2090-01-01T00:00:00Z"}, last: 5) { `+page+` } }`)
	if a.at("auditEvents", "totalCount") != 1.0 {
		t.Error(a.Raw)
	}
	node, _ := a.at("auditEvents", "edges", 0, "node").(map[string]any)
	delete(node, "at")
	same(t, node, vars{
		"id": b.A.Stores[1].AuditEvent, "user": vars{"name": "cashier2 of acme"}, "register": vars{"name": "Register 1 acme " + pgtest.CanaryA2}, "store": vars{"name": "acme " + pgtest.CanaryA2}, "operator": "", "address": "192.0.2.1", "requestId": "r", "operation": "op",
		"objectType": "Store", "objectId": b.A.Stores[1].ID, "part": "", "verb": "CHANGED",
		"reason":  "reason acme " + pgtest.CanaryA2,
		"changes": []vars{{"field": "name", "before": "old acme " + pgtest.CanaryA2, "after": "acme " + pgtest.CanaryA2}},
	})
	s := b.A.Stores[0]
	a = ask(t, b.owner(t), `{ accessEvents(filter: {userId: "`+s.Cashier.String()+`", storeId: "`+s.ID.String()+`", outcome: REFUSED, operation: "op acme",
		type: "Store", from: "2020-01-01T00:00:00Z", to: "2090-01-01T00:00:00Z"}) { totalCount pageInfo { endCursor } edges { cursor node { id } }
		nodes { id at user { name } register { name } operator address requestId operation kind document types stores { name } rows micros
			outcome codes lost } } }`)
	access, _ := a.at("accessEvents", "nodes", 0).(map[string]any)
	delete(access, "at")
	same(t, access, vars{
		"id": s.AuditAccess, "user": vars{"name": "cashier1 of acme"}, "register": vars{"name": "Register 1 acme"}, "operator": "",
		"address": "192.0.2.1", "requestId": "r", "operation": "op acme", "kind": "QUERY", "document": "d", "types": []string{"Store"},
		"stores": []vars{{"name": "acme"}}, "rows": 1, "micros": 1000, "outcome": "REFUSED", "codes": []string{"FORBIDDEN"}, "lost": 0,
	})
	const history = `history(first: 3) { totalCount nodes { objectType verb } }`
	a = ask(t, b.owner(t), `{ company { `+history+` } stores { nodes { `+history+` } } registers { nodes { `+history+` } }
		users { nodes { `+history+` } } products { nodes { `+history+` } } sales { nodes { `+history+` } }
		customers { nodes { `+history+` } } store(id: "`+s.ID.String()+`") { `+history+` } }`)
	for _, list := range []string{"stores", "registers", "users", "products", "sales", "customers"} {
		if n, _ := a.at(list, "nodes", 0, "history", "totalCount").(float64); n == 0 {
			t.Errorf("%s have no history: %s", list, a.Raw)
		}
	}
	b.seal(t)
	const verify = `{ intact records firstPosition lastPosition head waiting broken { fault position recordId message } }`
	a = ask(t, b.owner(t), `{ auditVerify(from: "2020-01-01T00:00:00Z", to: "2090-01-01T00:00:00Z") `+verify+` all: auditVerify `+verify+` }`)
	if a.at("auditVerify", "intact") != true || a.at("all", "intact") != true || a.at("all", "broken") != nil {
		t.Error(a.Raw)
	}
	b.db.Exec(t, "update audit_events set operator = 'x' where id = $1", s.AuditEvent.UUID())
	a = ask(t, b.owner(t), `{ auditVerify `+verify+` }`)
	same(t, a.at("auditVerify", "broken"), vars{
		"fault": "CHANGED", "position": 1, "recordId": s.AuditEvent, "message": "The record is not the one that was sealed.",
	})
	b.db.Exec(t, "update audit_events set operator = '' where id = $1", s.AuditEvent.UUID())
}

// TestEveryChangeIsARecord makes changes through the graph, and reads what is written of them.
func TestEveryChangeIsARecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	product := b.A.Products[0]
	b.post(t, b.owner(t), `mutation Rename($id: ID!) { productUpdate(id: $id, input: {version: 1, name: "Tea", basePrice: "120"}) {
		userErrors { message } } }`, vars{"id": product}, "X-Request-Id", "rename-1").ok(t)
	a := b.post(t, b.owner(t), `query($id: ID!) { product(id: $id) { history(first: 1) { nodes { `+everyEvent+` } } } }`, vars{"id": product}).ok(t)
	event, _ := a.at("product", "history", "nodes", 0).(map[string]any)
	delete(event, "id")
	delete(event, "at")
	same(t, event, vars{
		"user": vars{"name": "owner of acme"}, "register": nil, "operator": "", "store": nil, "address": "127.0.0.1",
		"requestId": "rename-1", "operation": "Rename", "objectType": "Product", "objectId": product, "part": "", "verb": "CHANGED",
		"changes": []vars{{"field": "name", "before": "Cola 1 acme", "after": "Tea"}, {"field": "price", "before": "10000", "after": "12000"}},
		"reason":  "",
	})
	// A change that is refused leaves no record.
	before := pgtest.Value[int](t, b.db, "select count(*) from audit_events")
	b.post(t, b.owner(t), `mutation($id: ID!) { productUpdate(id: $id, input: {version: 1, name: "Coffee"}) { userErrors { message } } }`, vars{"id": product}).ok(t)
	if n := pgtest.Value[int](t, b.db, "select count(*) from audit_events"); n != before {
		t.Errorf("%d records of what was refused", n-before)
	}
	// A person: what tells who they are is masked.
	made := b.post(t, b.owner(t), `mutation { customerCreate(input: {name: "Wanjiru Secret", phone: "0700111222", email: "w@secret.example"}) {
		customer { id } userErrors { message } } }`, nil).ok(t)
	customer, _ := made.at("customerCreate", "customer", "id").(string)
	a = b.post(t, b.owner(t), `query($id: ID!) { auditEvents(filter: {objectId: $id}) { nodes { verb changes { field before after } } } }`, vars{"id": customer}).ok(t)
	if strings.Contains(a.Raw, "Secret") || strings.Contains(a.Raw, "0700111222") || strings.Contains(a.Raw, "secret.example") || !strings.Contains(a.Raw, `"***"`) {
		t.Error(a.Raw)
	}
	// Past the server.
	b.db.Exec(t, "update products set name = 'Milk' where id = $1", product.UUID())
	a = b.post(t, b.owner(t), `query($id: ID!) { product(id: $id) { history(first: 1) { nodes { operator user { name } changes { after } } } } }`, vars{"id": product}).ok(t)
	if a.at("product", "history", "nodes", 0, "operator") == "" || a.at("product", "history", "nodes", 0, "changes", 0, "after") != "Milk" {
		t.Error(a.Raw)
	}
}

// TestSalesAreRecords: a sale is one record, with its person and register, and a void another, with its reason.
func TestSalesAreRecords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	before := pgtest.Value[int](t, b.db, "select count(*) from audit_events")
	a := b.sell(t, b.cashier(t, 0), order(store.Registers[0].ID, "k", "1000", item(b.A.Products[0], "1"), item(b.A.Products[1], "2")))
	if n := pgtest.Value[int](t, b.db, "select count(*) from audit_events"); n != before+1 {
		t.Errorf("a sale is %d records", n-before)
	}
	sale, _ := a.at("saleRecord", "sale", "id").(string)
	b.post(t, b.manager(t), `mutation($id: ID!) { saleVoid(id: $id, input: {reason: "by mistake"}) { userErrors { message } } }`, vars{"id": sale}).ok(t)
	a = b.post(t, b.manager(t), `query($id: ID!) { sale(id: $id) { history { nodes { verb reason user { id } store { id } } } } }`, vars{"id": sale}).ok(t)
	same(t, a.at("sale", "history", "nodes"), []vars{
		{"verb": "CHANGED", "reason": "by mistake", "user": vars{"id": b.A.Manager}, "store": vars{"id": store.ID}},
		{"verb": "CREATED", "reason": "", "user": vars{"id": store.Cashier}, "store": vars{"id": store.ID}},
	})
}

// TestManagersSeeTheirStores: nothing of another store, and nothing of the company as a whole.
func TestManagersSeeTheirStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := pgtest.Value[int](t, b.db, "select count(*) from audit_events where tenant_id = $1", b.A.ID.UUID())
	own := pgtest.Value[int](t, b.db, "select count(*) from audit_events where tenant_id = $1 and store_id = $2", b.A.ID.UUID(), b.A.Stores[0].ID.UUID())
	for _, test := range []struct {
		name, token string
		headers     []string
		want        int
	}{
		{"the owner", b.owner(t), nil, all},
		{"the owner, narrowed", b.owner(t), []string{"X-Store-ID", b.A.Stores[0].ID.String()}, own},
		{"the manager", b.manager(t), nil, own},
	} {
		a := b.post(t, test.token, `{ auditEvents(first: 250) { totalCount nodes { store { id } } } }`, nil, test.headers...).ok(t)
		if a.at("auditEvents", "totalCount") != float64(test.want) || a.cost != (cost{Statements: 5, RoundTrips: 2}) {
			t.Errorf("%s: %v, %+v", test.name, a.at("auditEvents", "totalCount"), a.cost)
		}
		if test.want == own && (strings.Contains(a.Raw, b.A.Stores[1].ID.String()) || strings.Contains(a.Raw, "null")) {
			t.Errorf("%s: %s", test.name, a.Raw)
		}
	}
	if a := b.post(t, b.cashier(t, 0), `{ auditEvents { totalCount } }`, nil); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	if a := b.post(t, b.owner(t), `{ auditVerify { intact } }`, nil, "X-Store-ID", b.A.Stores[0].ID.String()); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
}

// TestHistoriesAreReadAtOnce: the histories of a list cost as much as one.
func TestHistoriesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyProducts(t, b.A, 40)
	var costs []cost
	for _, first := range []int{1, 40} {
		a := b.post(t, b.owner(t), fmt.Sprintf(`{ products(first: %d) { nodes { history(first: 2) { nodes { verb } } } } }`, first), nil).ok(t)
		costs = append(costs, a.cost)
	}
	if costs[0] != costs[1] || costs[0] != (cost{Statements: 4, RoundTrips: 2}) {
		t.Errorf("%+v", costs)
	}
}

// TestRecordsAreOnlyAdded: the server's role can neither write a record itself nor change one.
func TestRecordsAreOnlyAdded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.WithoutCancel(t.Context())
	for _, table := range []string{"audit_events", "audit_accesses", "audit_seals", "audit_heads"} {
		for _, sql := range []string{
			"insert into " + table + " select * from " + table, "update " + table + " set tenant_id = tenant_id", "delete from " + table,
			"truncate " + table, "alter table " + table + " disable trigger all",
		} {
			tx, err := b.db.Super().Begin(ctx)
			must(t, err)
			_, err = tx.Exec(ctx, "set local role tillgraph_app")
			must(t, err)
			if _, err = tx.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s: %v", sql, err)
			}
			must(t, tx.Rollback(ctx))
		}
	}
}

// TestCostsAreNotInTheTrail of who may not see them.
func TestCostsAreNotInTheTrail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	role, user := id.New[id.CustomRole](), id.New[id.User]()
	b.db.Exec(t, `insert into custom_roles (tenant_id, id, name, permissions) values ($1, $2, 'Reader', '{AUDIT_READ}')`, b.A.ID.UUID(), role.UUID())
	b.db.Exec(t, `insert into users (tenant_id, id, email, name, role, all_stores, custom_role_id)
		values ($1, $2, 'reader@acme.example', 'Reader', 'CUSTOM', true, $3)`, b.A.ID.UUID(), user.UUID(), role.UUID())
	b.db.Exec(t, "update products set cost = 4321 where id = $1", b.A.Products[0].UUID())
	const ask = `query($id: ID!) { auditEvents(filter: {objectId: $id}, first: 1) { nodes { changes { field before after } } } }`
	for token, want := range map[string]any{b.owner(t): "4321", b.token(t, b.A, user): "***"} {
		a := b.post(t, token, ask, vars{"id": b.A.Products[0]}).ok(t)
		same(t, a.at("auditEvents", "nodes", 0, "changes"), []vars{{"field": "cost", "before": nil, "after": want}})
	}
}

// TestTheTrailIsIntactWhenManySell while two servers seal.
func TestTheTrailIsIntactWhenManySell(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	stop, done := make(chan struct{}), make(chan error)
	sealers := []*audit.Sealer{}
	for range 2 {
		sealers = append(sealers, audit.NewSealer(b.db.Open(t, graph.Models()), slog.New(slog.DiscardHandler)))
	}
	for _, sealer := range sealers {
		go func() {
			for {
				select {
				case <-stop:
					done <- nil
					return
				case <-time.After(time.Millisecond):
					if err := sealer.Seal(t.Context(), b.A.ID); err != nil {
						done <- err
						return
					}
				}
			}
		}()
	}
	token := b.cashier(t, 0)
	for _, a := range together(t, 60, func(i int) (*answer, error) {
		return b.ask(t.Context(), token, recordBare, vars{"input": order(register, fmt.Sprint(i), "1000", item(b.A.Products[0], "1"))})
	}) {
		a.ok(t)
	}
	close(stop)
	for range sealers {
		must(t, <-done)
	}
	b.seal(t)
	a := b.post(t, b.owner(t), `{ auditVerify { intact records broken { fault position message } } }`, nil).ok(t)
	n := pgtest.Value[int](t, b.db, `select (select count(*) from audit_events where tenant_id = $1)
		+ (select count(*) from audit_accesses where tenant_id = $1 and id in (select unnest(record_ids) from audit_seals))`, b.A.ID.UUID())
	if a.at("auditVerify", "intact") != true || a.at("auditVerify", "records") != float64(n) {
		t.Errorf("of %d: %s", n, a.Raw)
	}
}
