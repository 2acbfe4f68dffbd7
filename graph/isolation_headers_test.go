package graph_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
)

const whatIsThere = `{ company { slug } stores { nodes { code } totalCount } registers { totalCount } sales { totalCount } }`

// alike asks with each of the wrong values, all of which must be refused alike.
func (b *bundle) alike(t testing.TB, token, header string, wrong map[string]string) {
	t.Helper()
	first := ""
	for name, value := range wrong {
		a := b.post(t, token, whatIsThere, nil, header, value)
		if a.Status != http.StatusForbidden || a.code() != "FORBIDDEN" || a.Data != nil || a.Statements > 1 {
			t.Errorf("%s, %s: %d %+v %s", header, name, a.Status, a.cost, a.Raw)
		}
		if first == "" {
			first = a.seen()
		}
		if a.seen() != first {
			t.Errorf("%s, %s: %s; another wrong one is answered by %s", header, name, a.seen(), first)
		}
	}
}

func TestTenantHeader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, who := range b.everyRole(t) {
		plain := b.post(t, who.token, whatIsThere, nil).ok(t)
		right := b.post(t, who.token, whatIsThere, nil, "X-Tenant-ID", b.A.ID.String())
		if right.seen() != plain.seen() {
			t.Errorf("a %s with the right header: %s", who.role, right.Raw)
		}
		b.alike(t, who.token, "X-Tenant-ID", map[string]string{
			"another's": b.B.ID.String(), "made up": fresh[id.Company](), "garbage": "garbage", "the slug": "acme",
			"in another form": b.A.ID.UUID().String(), "a store": b.A.Stores[0].ID.String(), "a list": b.A.ID.String() + "," + b.B.ID.String(),
		})
	}
	// Without a credential there is nothing that a header could agree with.
	b.refused(t, b.post(t, "", whatIsThere, nil, "X-Tenant-ID", b.A.ID.String(), "X-Store-ID", b.A.Stores[0].ID.String()), "a header alone")
	b.logs.quiet(t)
}

func TestStoreHeader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.A.Stores[0].ID.String(), b.A.Stores[1].ID.String()
	wrong := map[string]string{
		"another company's": b.B.Stores[0].ID.String(), "made up": fresh[id.Store](), "garbage": "garbage", "the code": "S1",
		"in another form": b.A.Stores[0].ID.UUID().String(), "a register": b.A.Stores[0].Registers[0].ID.String(), "two": one + "," + two,
	}
	for _, who := range b.everyRole(t) {
		values := map[string]string{}
		maps.Copy(values, wrong)
		if who.role != "OWNER" {
			values["another store of the company"] = two
		}
		b.alike(t, who.token, "X-Store-ID", values)
		a := b.post(t, who.token, whatIsThere, nil, "X-Store-ID", one).ok(t)
		if a.at("stores", "totalCount") != 1.0 || a.at("stores", "nodes", 0, "code") != "S1" || a.at("registers", "totalCount") != 2.0 {
			t.Errorf("a %s in store 1: %s", who.role, a.Raw)
		}
	}
	b.logs.quiet(t)
}

// TestANarrowedOwner sees one store as if there were no other; what the others have is attacked in TestGeneratedAttack.
func TestANarrowedOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	two := b.A.Stores[1]
	narrow := []string{"X-Store-ID", two.ID.String()}
	a := b.post(t, b.owner(t), whatIsThere, nil, narrow...).ok(t)
	same(t, a.Data, vars{
		"company": vars{"slug": "acme"}, "stores": vars{"nodes": []vars{{"code": "S2"}}, "totalCount": 1},
		"registers": vars{"totalCount": 2}, "sales": vars{"totalCount": 2},
	})
	const create = `mutation { storeCreate(input: {code: "N", name: "N", timeZone: "UTC", taxRate: "0", pricesIncludeTax: true}) { store { id } userErrors { code } } }`
	if a := b.post(t, b.owner(t), create, nil, narrow...); a.code() != "FORBIDDEN" {
		t.Errorf("a store from within another: %s", a.Raw)
	}
	if a := b.post(t, b.owner(t), whatIsThere, nil).ok(t); a.at("stores", "totalCount") != 2.0 {
		t.Errorf("afterwards: %s", a.Raw)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.BaseDomain = "shop.test" })
	for _, who := range b.everyRole(t) {
		plain := b.post(t, who.token, whatIsThere, nil).ok(t)
		for _, host := range []string{
			"acme.shop.test", "ACME.Shop.Test:8080", "acme.shop.test.", "shop.test", "www.shop.test", "api.shop.test", "app.shop.test",
			"10.0.0.7:8080", "[::1]:8080", "localhost:8080",
		} {
			if a := b.post(t, who.token, whatIsThere, nil, "Host", host); a.seen() != plain.seen() {
				t.Errorf("a %s at %s: %s", who.role, host, a.Raw)
			}
		}
		b.alike(t, who.token, "Host", map[string]string{
			"another company's": "bistro.shop.test", "another's with a port": "bistro.shop.test:443", "elsewhere": "elsewhere.example", "nearly": "notshop.test", "unknown": "nobody.shop.test",
			"below the company's": "x.acme.shop.test", "above it": "acme.www.shop.test", "in capitals": "BISTRO.SHOP.TEST", "no slug": "-.shop.test",
		})
	}
	// Everything at once has to agree.
	all := []string{"Host", "acme.shop.test", "X-Tenant-ID", b.A.ID.String(), "X-Store-ID", b.A.Stores[0].ID.String()}
	b.post(t, b.owner(t), whatIsThere, nil, all...).ok(t)
	for i, wrong := range map[int]string{1: "bistro.shop.test", 3: b.B.ID.String(), 5: b.B.Stores[0].ID.String()} {
		some := append([]string{}, all...)
		some[i] = wrong
		if a := b.post(t, b.owner(t), whatIsThere, nil, some...); a.code() != "FORBIDDEN" {
			t.Errorf("%v: %s", some, a.Raw)
		}
	}
	b.refused(t, b.post(t, "", whatIsThere, nil, "Host", "acme.shop.test"), "a host alone")
	b.logs.quiet(t)
}

// TestHostsWithoutABaseDomain: then a host means nothing.
func TestHostsWithoutABaseDomain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.post(t, b.owner(t), whatIsThere, nil, "Host", "bistro.shop.test").ok(t)
}
