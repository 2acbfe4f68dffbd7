package graph_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const readFeatures = `{ company { plan businessType quotas { stores registers users requestPoints requestPointsPerSecond }
	features { name enabled decidedBy plans } } }`

func (b *bundle) setPlan(t testing.TB, plan string) {
	t.Helper()
	b.db.Exec(t, "update company_directory set plan = $2 where company_id = $1", b.A.ID.UUID(), plan)
}

func (b *bundle) readPlan(t *testing.T, ask asker) {
	a := ask(t, b.cashier(t, 0), readFeatures)
	same(t, a.at("company", "plan"), "ENTERPRISE")
	same(t, a.at("company", "businessType"), "RETAIL")
	same(t, a.at("company", "quotas"), vars{"stores": nil, "registers": nil, "users": nil, "requestPoints": nil, "requestPointsPerSecond": nil})
	b.setPlan(t, "STARTER")
	a = ask(t, b.cashier(t, 0), readFeatures)
	same(t, a.at("company", "quotas"), vars{"stores": 1, "registers": 2, "users": 5, "requestPoints": 100_000, "requestPointsPerSecond": 2000})
	b.setPlan(t, "ENTERPRISE")
	b.decide(t, vars{"taxNumber": "P9"})
	a = ask(t, b.owner(t), `{ company { settingsChanges(first: 1) { totalCount edges { cursor node { version } } nodes { version changedAt
		changedBy { id } changes { setting before after } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`)
	change, _ := a.at("company", "settingsChanges", "nodes", 0).(vars)
	same(t, change["changes"], []vars{{"setting": "taxNumber", "before": "P051234567X", "after": "P9"}})
	same(t, change["changedBy"], vars{"id": b.A.Owner.String()})
}

// TestFeaturesByPlan asks every field of every feature on each plan, in each trade, and with the feature switched for
// the company alone: it answers FEATURE_OFF exactly where company.features says that it is off.
func TestFeaturesByPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := schemaOf(t)
	b.db.Exec(t, "delete from company_features")
	on := func(name string) (bool, string) {
		a := b.post(t, b.owner(t), readFeatures, nil).ok(t)
		for _, f := range a.at("company", "features").([]any) {
			if f := f.(vars); f["name"] == name {
				return f["enabled"].(bool), f["decidedBy"].(string)
			}
		}
		t.Fatalf("no feature %s", name)
		return false, ""
	}
	answered := map[bool]int{}
	check := func(name, place string) {
		t.Helper()
		enabled, _ := on(name)
		for _, d := range []*ast.Definition{s.Query, s.Mutation} {
			for _, f := range fieldsOf(d) {
				of := f.Directives.ForName("feature")
				if of == nil || of.Arguments.ForName("name").Value.Raw != name {
					continue
				}
				query := strings.ToLower(d.Name) + " { " + (&examples{schema: s}).call(f) + " }"
				a := b.post(t, b.owner(t), query, nil)
				if off := a.code() == "FEATURE_OFF"; off == enabled {
					t.Errorf("%s, enabled %v: %s: %s", place, enabled, query, a.Raw)
				}
				answered[enabled]++
			}
		}
	}
	for _, feature := range tenancy.Features() {
		for _, plan := range tenancy.Plans() {
			b.setPlan(t, string(plan))
			enabled, by := on(string(feature))
			if want := slices.Contains(feature.Plans(), plan); enabled != want || by != "PLAN" {
				t.Errorf("%s on %s: %v by %s", feature, plan, enabled, by)
			}
			check(string(feature), string(plan))
		}
		b.setPlan(t, "ENTERPRISE")
		for _, trade := range tenancy.BusinessTypes() {
			b.db.Exec(t, "update companies set business_type = $2 where tenant_id = $1", b.A.ID.UUID(), string(trade))
			if enabled, _ := on(string(feature)); enabled != slices.Contains(feature.BusinessTypes(), trade) {
				t.Errorf("%s in %s: %v", feature, trade, enabled)
			}
			check(string(feature), string(trade))
		}
		b.db.Exec(t, "update companies set business_type = 'RETAIL' where tenant_id = $1", b.A.ID.UUID())
		for _, enabled := range []bool{false, true} {
			b.setPlan(t, map[bool]string{false: "ENTERPRISE", true: "STARTER"}[enabled])
			b.db.Exec(t, `insert into company_features (tenant_id, feature, enabled) values ($1, $2, $3)
				on conflict (tenant_id, feature) do update set enabled = excluded.enabled`, b.A.ID.UUID(), string(feature), enabled)
			if got, by := on(string(feature)); got != enabled || by != "OVERRIDE" {
				t.Errorf("%s switched %v: %v by %s", feature, enabled, got, by)
			}
			check(string(feature), fmt.Sprint("switched ", enabled))
		}
		b.db.Exec(t, "delete from company_features")
	}
	if answered[true] < 30 || answered[false] < 30 {
		t.Errorf("%v", answered)
	}
	b.logs.quiet(t)
}

// TestFeaturesSaySoInTheDocs: each feature's description names the plans and the trades that have it, and the plans'
// descriptions their quotas.
func TestFeaturesSaySoInTheDocs(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	values := s.Types["Feature"].EnumValues
	if len(values) != len(tenancy.Features()) {
		t.Fatalf("%d features in the schema, %d in the program", len(values), len(tenancy.Features()))
	}
	for i, feature := range tenancy.Features() {
		if values[i].Name != string(feature) {
			t.Errorf("%s instead of %s", values[i].Name, feature)
		}
		var plans, trades []string
		for _, plan := range feature.Plans() {
			plans = append(plans, string(plan))
		}
		for _, trade := range feature.BusinessTypes() {
			trades = append(trades, string(trade))
		}
		if len(trades) == len(tenancy.BusinessTypes()) {
			trades = []string{"all"}
		}
		for _, says := range []string{"Plans: " + strings.Join(plans, ", ") + ".", "Business types: " + strings.Join(trades, ", ") + "."} {
			if !strings.Contains(values[i].Description, says) {
				t.Errorf("%s does not say %q", feature, says)
			}
		}
	}
	for _, value := range s.Types["Plan"].EnumValues {
		q := tenancy.Plan(value.Name).Quotas()
		if says := fmt.Sprintf("%d points a second", deref(q.RequestPointsPerSecond)); q.RequestPointsPerSecond != nil && !strings.Contains(value.Description, says) {
			t.Errorf("%s does not say %q", value.Name, says)
		}
	}
}

func deref(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

const (
	makeStore = `mutation($code: String!) { storeCreate(input: {code: $code, name: "N", timeZone: "UTC", taxRate: "0", pricesIncludeTax: true}) {
		store { id } userErrors { code field message } } }`
	makeRegister = `mutation($store: ID!, $code: String!) { registerCreate(input: {storeId: $store, code: $code, name: "N"}) {
		register { id } userErrors { code field message } } }`
	makeUser = `mutation($email: String!) { userInvite(input: {email: $email, name: "N", role: OWNER}) {
		invitation { id } userErrors { code field message } } }`
)

// TestQuotas fills up each quota of a plan with many at once: exactly as many are made as there is room for, and not
// one more by any other way.
func TestQuotas(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.setPlan(t, "STANDARD")
	q := tenancy.Standard.Quotas()
	owner, store := b.owner(t), b.A.Stores[0].ID.String()
	for _, c := range []struct {
		field, count string
		limit        int
		ask          func(ctx context.Context, i int) (*answer, error)
	}{
		{"storeCreate", "select count(*) from stores where tenant_id = $1 and status = 'OPEN'", *q.Stores, func(ctx context.Context, i int) (*answer, error) {
			return b.ask(ctx, owner, makeStore, vars{"code": fmt.Sprint("Q", i)})
		}},
		{"registerCreate", "select count(*) from registers where tenant_id = $1 and status = 'OPEN'", *q.Registers, func(ctx context.Context, i int) (*answer, error) {
			return b.ask(ctx, owner, makeRegister, vars{"store": store, "code": fmt.Sprint("Q", i)})
		}},
		{"userInvite", "select count(*) from users where tenant_id = $1 and status <> 'DEACTIVATED'", *q.Users, func(ctx context.Context, i int) (*answer, error) {
			return b.ask(ctx, owner, makeUser, vars{"email": fmt.Sprintf("q%d@acme.example", i)})
		}},
	} {
		has := func() int { return pgtest.Value[int](t, b.db, c.count, b.A.ID.UUID()) }
		// All but three places are taken beforehand.
		for i := has(); i < c.limit-3; i++ {
			a, err := c.ask(t.Context(), i)
			must(t, err)
			a.done(t, c.field)
		}
		made := 0
		for _, a := range together(t, 6, func(i int) (*answer, error) { return c.ask(t.Context(), 1000+i) }) {
			switch codes := a.ok(t).codes(c.field); {
			case len(codes) == 0:
				made++
			case !slices.Equal(codes, []string{"QUOTA_EXCEEDED "}):
				t.Errorf("%s: %v", c.field, codes)
			}
		}
		if made != 3 || has() != c.limit {
			t.Errorf("%s: %d of 3 places were given, and there are %d of %d", c.field, made, has(), c.limit)
		}
	}
	// A manager, who sees one store, is held to what the company has in all.
	b.post(t, b.manager(t), makeRegister, vars{"store": store, "code": "M"}).refused(t, "registerCreate", "register", "QUOTA_EXCEEDED ")
	// Neither reopening nor reactivating is a way around.
	b.db.Exec(t, "update stores set status = 'CLOSED' where id = $1", b.A.Stores[1].ID.UUID())
	b.post(t, owner, makeStore, vars{"code": "LAST"}).done(t, "storeCreate")
	b.post(t, owner, `mutation($id: ID!) { storeUpdate(id: $id, input: {version: 1, status: OPEN}) { store { id } userErrors { code field } } }`,
		vars{"id": b.A.Stores[1].ID.String()}).refused(t, "storeUpdate", "store", "QUOTA_EXCEEDED ")
	cashier := b.A.Stores[1].Cashier
	b.db.Exec(t, "update users set status = 'DEACTIVATED', external_subject = 'sub' where id = $1", cashier.UUID())
	b.post(t, owner, makeUser, vars{"email": "last@acme.example"}).done(t, "userInvite")
	b.post(t, owner, `mutation($id: ID!) { userReactivate(id: $id) { user { id } userErrors { code field } } }`, vars{"id": cashier.String()}).refused(t, "userReactivate", "user", "QUOTA_EXCEEDED ")
	// The other company is another one.
	b.post(t, b.token(t, b.B, b.B.Owner), makeStore, vars{"code": "OTHER"}).done(t, "storeCreate")
	b.logs.quiet(t)
}
