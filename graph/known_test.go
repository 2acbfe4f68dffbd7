package graph_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// twoServers are servers of their own over one database, each of which knows whom it has met.
func twoServers(t *testing.T) []*bundle {
	t.Helper()
	var first graph.Config
	one := setup(t, func(c *graph.Config) { first = *c })
	two := serveOn(t, one.db, one.Fixture, func(c *graph.Config) {
		c.Issuer, c.Verifier, c.Keys = first.Issuer, first.Verifier, first.Keys
	})
	two.issuer = one.issuer
	return []*bundle{one, two}
}

// TestWhoIsKnownMayDoWhatTheyMayNow takes rights away, and gives them back, between two requests to servers that both
// know who asks: the very next request to either must see it.
func TestWhoIsKnownMayDoWhatTheyMayNow(t *testing.T) {
	t.Parallel()
	servers := twoServers(t)
	b := servers[0]
	a, store, other := b.A.ID.UUID(), b.A.Stores[0], b.A.Stores[1]
	manager, cashier := b.A.Manager.UUID(), store.Cashier.UUID()
	const me = `{ viewer { role stores { nodes { id } } } `
	each := func(t *testing.T, token func(*bundle) string, query string, variables vars, check func(*testing.T, *answer), headers ...string) {
		t.Helper()
		for _, server := range servers {
			a := server.post(t, token(server), query, variables, headers...)
			check(t, a)
			if len(a.Header.Values("Vary")) > 1 {
				t.Errorf("headers of two answers: %v", a.Header)
			}
		}
	}
	byManager, byCashier := (*bundle).manager, func(b *bundle) string { return b.cashier(t, 0) }
	fine := func(t *testing.T, a *answer) { t.Helper(); a.ok(t) }
	code := func(want string) func(*testing.T, *answer) {
		return func(t *testing.T, a *answer) {
			t.Helper()
			if a.code() != want {
				t.Errorf("%q instead of %s: %s", a.code(), want, a.Raw)
			}
		}
	}
	as := func(b *bundle) string { return byManager(b, t) }

	// Known, one round trip is all.
	each(t, as, `{ users { nodes { id } } }`, nil, func(t *testing.T, a *answer) {
		t.Helper()
		if a.ok(t); a.cost != (cost{Statements: 2, RoundTrips: 1}) {
			t.Errorf("who is known costs %+v", a.cost)
		}
	})

	t.Run("role", func(t *testing.T) {
		b.db.Exec(t, "update users set role = 'CASHIER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, `{ users { nodes { id } } }`, nil, code("FORBIDDEN"))
		each(t, as, me+`}`, nil, func(t *testing.T, a *answer) {
			t.Helper()
			same(t, a.ok(t).at("viewer", "role"), "CASHIER")
		})
		b.db.Exec(t, "update users set role = 'MANAGER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, `{ users { nodes { id } } }`, nil, fine)
		// With no read of its own, and before a read.
		b.db.Exec(t, "update users set role = 'CASHIER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, `{ viewer { role } }`, nil, func(t *testing.T, a *answer) {
			t.Helper()
			same(t, a.ok(t).at("viewer", "role"), "CASHIER")
		})
		b.db.Exec(t, "update users set role = 'MANAGER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, `{ viewer { role } users { totalCount } }`, nil, fine)
	})

	t.Run("write", func(t *testing.T) {
		amount := func(amount string) vars {
			return vars{"input": vars{"storeId": store.ID, "productId": b.A.Products[0], "price": amount}}
		}
		now := func() int64 {
			return pgtest.Value[int64](t, b.db, "select price from store_prices where tenant_id = $1 and store_id = $2 and product_id = $3 and valid_from is null",
				a, store.ID.UUID(), b.A.Products[0].UUID())
		}
		each(t, as, setPrice, amount("7.50"), fine)
		b.db.Exec(t, "update users set role = 'CASHIER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, setPrice, amount("0.50"), code("FORBIDDEN"))
		if now() != 750 {
			t.Errorf("a cashier made it %d", now())
		}
		b.db.Exec(t, "update users set role = 'MANAGER' where tenant_id = $1 and id = $2", a, manager)
		each(t, as, setPrice, amount("8.50"), fine)
		if now() != 850 {
			t.Errorf("a manager's price is %d", now())
		}
	})

	t.Run("stores", func(t *testing.T) {
		sees := func(want ...any) func(*testing.T, *answer) {
			return func(t *testing.T, a *answer) {
				t.Helper()
				a.ok(t)
				var seen []any
				for _, id := range []any{a.at("one", "id"), a.at("two", "id")} {
					if id != nil {
						seen = append(seen, id)
					}
				}
				if !slices.Equal(seen, want) {
					t.Errorf("sees %v, and not %v", seen, want)
				}
			}
		}
		both := `query($one: ID!, $two: ID!) { one: store(id: $one) { id } two: store(id: $two) { id } }`
		ids, at := vars{"one": store.ID, "two": other.ID}, []string{"X-Store-Id", other.ID.String()}
		each(t, byCashier, both, ids, sees(store.ID.String()))
		each(t, byCashier, both, ids, code("FORBIDDEN"), at...)
		b.db.Exec(t, "insert into user_stores (tenant_id, user_id, store_id) values ($1, $2, $3)", a, cashier, other.ID.UUID())
		each(t, byCashier, both, ids, sees(other.ID.String()), at...)
		each(t, byCashier, both, ids, sees(store.ID.String(), other.ID.String()))
		b.db.Exec(t, "delete from user_stores where tenant_id = $1 and user_id = $2 and store_id = $3", a, cashier, store.ID.UUID())
		each(t, byCashier, both, ids, sees(other.ID.String()))
		each(t, byCashier, both, ids, code("FORBIDDEN"), "X-Store-Id", store.ID.String())
	})

	t.Run("deactivated", func(t *testing.T) {
		b.db.Exec(t, "update users set status = 'DEACTIVATED' where tenant_id = $1 and id = $2", a, cashier)
		each(t, byCashier, `{ stores { nodes { id } } }`, nil, code("UNAUTHENTICATED"))
		each(t, byCashier, `{ nothing }`, nil, func(t *testing.T, a *answer) {
			t.Helper()
			if a.code() != "GRAPHQL_VALIDATION_FAILED" {
				t.Error(a.Raw)
			}
		})
	})

	t.Run("device", func(t *testing.T) {
		register := store.Registers[1]
		old := b.device(t, b.A, register)
		byOld := func(*bundle) string { return old }
		each(t, byOld, `{ sales { totalCount } }`, nil, fine)
		b.device(t, b.A, register)
		each(t, byOld, `{ sales { totalCount } }`, nil, code("UNAUTHENTICATED"))
	})

	t.Run("suspended company", func(t *testing.T) {
		b.db.Exec(t, "update company_directory set plan = 'STANDARD' where company_id = $1", a)
		each(t, as, `{ company { plan } }`, nil, func(t *testing.T, a *answer) {
			t.Helper()
			same(t, a.ok(t).at("company", "plan"), "STANDARD")
		})
	})
	for _, server := range servers {
		server.logs.quiet(t)
	}
}

// TestALogoutEndsAKnownSession logs out at one server while another one knows the session, and has both asked with a body
// that doesn't come at once.
func TestALogoutEndsAKnownSession(t *testing.T) {
	t.Parallel()
	servers := twoServers(t)
	one := servers[0]
	hash, err := passwordHash()
	must(t, err)
	one.db.Exec(t, "update user_credentials set password_hash = $1", hash)
	access := one.loggedIn(t, "owner").access
	for _, server := range servers {
		for range 2 {
			server.post(t, access, `{ viewer { role } stores { nodes { id } } }`, nil).ok(t)
		}
	}
	one.post(t, access, logout, nil).ok(t)
	for _, server := range servers {
		if a := slowly(t, server, access, `{"query": "{ stores { nodes { id } } }"}`); a.code() != "UNAUTHENTICATED" {
			t.Errorf("logged out, and answered: %s", a.Raw)
		}
	}
}

// slowly posts a body in pieces, whose length isn't told.
func slowly(t *testing.T, b *bundle, token, body string) *answer {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, b.url, struct{ *strings.Reader }{strings.NewReader(body)})
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	return send(t, r)
}
