package graph_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/signal"
)

const everySignal = `kind hour count usual lastAt user { name } register { name } operator address requestId operation`

func (b *bundle) readSignals(t *testing.T, ask asker) {
	a := ask(t, b.owner(t), `{ signals(filter: {kind: UNKNOWN_ID, from: "2026-01-02T03:00:00Z", to: "2026-01-02T04:00:00Z"}) { totalCount
		nodes { `+everySignal+` } edges { cursor node { kind } } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } }`)
	same(t, a.at("signals", "nodes"), []vars{{
		"kind": "UNKNOWN_ID", "hour": "2026-01-02T03:00:00Z", "count": 3, "usual": 1, "lastAt": "2026-01-02T03:04:05Z",
		"user": vars{"name": "owner of acme"}, "register": vars{"name": "Register 1 acme"}, "operator": "", "address": "192.0.2.1",
		"requestId": "r", "operation": "op acme",
	}})
	same(t, a.at("signals", "totalCount"), 1)
}

// noticing is a server that watches for signals, which the test writes.
func noticing(t *testing.T) (*bundle, *signal.Watch) {
	t.Helper()
	var watch *signal.Watch
	b := setupLogin(t, func(c *graph.Config) {
		var err error
		watch, err = signal.New(signal.Config{DB: c.DB, Log: slog.New(slog.DiscardHandler), Models: graph.Models()})
		must(t, err)
		c.Signals = watch
	})
	b.db.Exec(t, "delete from signals")
	return b, watch
}

// TestSignals: what each kind of attempt is counted as, for whom, and what of it is told to whom.
func TestSignals(t *testing.T) {
	t.Parallel()
	b, watch := noticing(t)
	node := `query Peek($id: ID!) { node(id: $id) { id } }`
	one := b.A.Stores[0]
	cashier, other := b.cashier(t, 0), b.token(t, b.B, b.B.Owner)
	// The company of who asks is B: it names two things of A, one of them in its document, and one that is nobody's.
	a := b.post(t, other, node, vars{"id": b.A.Products[0]}).ok(t)
	made := b.post(t, other, node, vars{"id": id.New[id.Product]()}).ok(t)
	if a.cost != made.cost || a.Raw != made.Raw {
		t.Errorf("%+v %s; made up: %+v %s", a.cost, a.Raw, made.cost, made.Raw)
	}
	b.post(t, other, `{ node(id: "`+one.Registers[0].Sale.String()+`") { id } }`, nil, "X-Request-Id", "peek-3").ok(t)
	b.post(t, other, node, vars{"id": b.B.Products[0]}).ok(t)
	// Of A: another store's register, by an id and by a header; no permission; another company's header.
	b.post(t, cashier, node, vars{"id": b.A.Stores[1].Registers[0].ID}).ok(t)
	b.post(t, b.owner(t), node, vars{"id": b.A.Stores[1].Registers[0].ID}).ok(t)
	b.post(t, cashier, node, vars{"id": one.Registers[0].ID}).ok(t)
	b.post(t, cashier, node, vars{"id": b.A.Stores[1].Registers[1].ID}, "X-Store-ID", b.A.Stores[1].ID.String())
	b.post(t, cashier, `query Users { users { nodes { name } } }`, nil, "X-Request-Id", "users-1")
	b.post(t, cashier, node, nil, "X-Tenant-ID", b.B.ID.String())
	b.post(t, cashier, node, nil, "X-Tenant-ID", b.B.ID.String())
	// Credentials: an old device key, a wrong PIN, a wrong password, a refresh token twice, a token of somebody who is out, and ones
	// that nobody made.
	old := b.device(t, b.A, one.Registers[0])
	device := b.device(t, b.A, one.Registers[0])
	b.post(t, old, `{ viewer { role } }`, nil)
	b.post(t, device, pinLogin, vars{"input": vars{"staffNumber": "99", "pin": "2580"}}).ok(t)
	b.login(t, "acme", "owner@acme.example", "wrong").ok(t)
	b.login(t, "acme", "nobody@acme.example", "wrong").ok(t)
	b.login(t, "nobody", "nobody@acme.example", "wrong").ok(t)
	p := b.loggedIn(t, "owner")
	b.post(t, "", refresh, vars{"token": p.refresh}).ok(t)
	b.post(t, "", refresh, vars{"token": p.refresh}).ok(t)
	b.post(t, p.access, `{ viewer { role } }`, nil)
	b.post(t, "garbage", `{ viewer { role } }`, nil)
	b.post(t, "", `{ viewer { role } }`, nil)
	must(t, watch.Look(t.Context()))
	must(t, watch.Flush(t.Context()))
	must(t, watch.Flush(t.Context()))

	counts := func(company any, table string) vars {
		found := vars{}
		column := map[string]string{"signals": "tenant_id", "operator_signals": "company_id"}[table]
		for _, row := range pgtest.Values[[]any](t, b.db, "select jsonb_build_array(kind, occurrences) from "+table+" where "+column+
			" is not distinct from $1", company) {
			found[row[0].(string)] = row[1]
		}
		return found
	}
	wantA := vars{
		"OTHER_STORE": 2, "PERMISSION_DENIED": 1, "OTHER_COMPANY": 2, "DEVICE_KEY_REFUSED": 1, "PIN_REFUSED": 1, "LOGIN_REFUSED": 2,
		"REFRESH_TOKEN_REUSED": 1, "TOKEN_REFUSED": 1,
	}
	same(t, counts(b.A.ID.UUID(), "signals"), wantA)
	same(t, counts(b.B.ID.UUID(), "signals"), vars{"UNKNOWN_ID": 3})
	// Operators alone are told that two of the three were another company's: whose attempts they were, not whose ids.
	same(t, counts(b.B.ID.UUID(), "operator_signals"), vars{"FOREIGN_ID": 2})
	same(t, counts(b.A.ID.UUID(), "operator_signals"), vars{})
	same(t, counts(nil, "operator_signals"), vars{"LOGIN_REFUSED": 1, "TOKEN_REFUSED": 1})

	b.post(t, b.owner(t), `{ viewer { role } }`, nil).ok(t) // keys of registers were made since the owner was known
	a = b.post(t, b.owner(t), `{ signals(filter: {kind: PERMISSION_DENIED}) { totalCount nodes { `+everySignal+` } } }`, nil).ok(t)
	told, _ := a.at("signals", "nodes", 0).(map[string]any)
	delete(told, "hour")
	delete(told, "lastAt")
	same(t, told, vars{
		"kind": "PERMISSION_DENIED", "count": 1, "usual": nil, "user": vars{"name": "cashier1 of acme"}, "register": nil, "operator": "",
		"address": "127.0.0.1", "requestId": "users-1", "operation": "Users",
	})
	if a.cost != (cost{Statements: 5, RoundTrips: 2}) {
		t.Errorf("%+v", a.cost)
	}
	a = b.post(t, b.owner(t), `{ signals { nodes { kind user { name } register { id } } } }`, nil).ok(t)
	if !strings.Contains(a.Raw, `{"kind":"DEVICE_KEY_REFUSED","user":null,"register":{"id":"`+one.Registers[0].ID.String()) ||
		!strings.Contains(a.Raw, `{"kind":"REFRESH_TOKEN_REUSED","user":{"name":"owner of acme"}`) || strings.Contains(a.Raw, "FOREIGN") {
		t.Error(a.Raw)
	}
	a = b.post(t, other, `{ signals { nodes { kind requestId count } } }`, nil).ok(t)
	same(t, a.at("signals", "nodes"), []vars{{"kind": "UNKNOWN_ID", "requestId": "peek-3", "count": 3}})
	for _, who := range []string{b.manager(t), cashier} {
		if a := b.post(t, who, `{ signals { totalCount } }`, nil); a.code() != "FORBIDDEN" {
			t.Error(a.Raw)
		}
	}

	// Another server's counts add up, and what the database wouldn't take is written when it does.
	second, err := signal.New(signal.Config{DB: b.db.Open(t, graph.Models()), Log: slog.New(slog.DiscardHandler), Models: graph.Models()})
	must(t, err)
	second.Request(&signal.Request{
		Evidence: signal.Evidence{LastAt: time.Now(), RequestID: "second"},
		Found:    []signal.Found{{Kind: signal.DeviceKeyRefused, Company: b.A.ID}, {Kind: signal.TokenRefused}, {Kind: signal.DeviceKeyRefused, Company: id.New[id.Company]()}},
	})
	b.db.Exec(t, "revoke insert on signals from tillgraph_gate")
	if err := second.Flush(t.Context()); err == nil {
		t.Error("it was written without a grant")
	}
	b.db.Exec(t, "grant insert on signals to tillgraph_gate")
	must(t, second.Flush(t.Context()))
	wantA["DEVICE_KEY_REFUSED"] = 2
	wantA["PERMISSION_DENIED"] = 1 // the manager's and the cashier's wait in the other server
	same(t, counts(b.A.ID.UUID(), "signals"), wantA)
	same(t, counts(nil, "operator_signals"), vars{"LOGIN_REFUSED": 1, "TOKEN_REFUSED": 2, "DEVICE_KEY_REFUSED": 1})
	watch.Close(t.Context())
	if got := counts(b.A.ID.UUID(), "signals")["PERMISSION_DENIED"]; got != 3.0 {
		t.Errorf("%v after the stop", got)
	}
	b.logs.quiet(t)
}
