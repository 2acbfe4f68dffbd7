package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestOperating does what an operator may to a company, as the owner of the database: each command does its own, says
// so, and stands in that company's log alone.
func TestOperating(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	key := run(t, nil, "key")
	key.want(t, 0)
	variables := map[string]string{
		"DATABASE_URL": d.URL, "DATABASE_OWNER_URL": d.OwnerURL, "OPERATOR": "jo", "SIGNING_KEYS": strings.TrimSpace(key.stdout),
	}
	d.Exec(t, "delete from support_acts")
	d.Exec(t, "delete from support_accesses")
	d.Exec(t, "delete from company_features")
	state := func() string {
		t.Helper()
		return pgtest.Value[string](t, d, `select concat_ws(' ', c.status, d.plan, (select f.feature || f.enabled from company_features f
			where f.tenant_id = c.tenant_id)) from companies c join company_directory d on d.company_id = c.tenant_id where c.tenant_id = $1`, f.A.ID.UUID())
	}
	run(t, variables, "company", "list").want(t, 0, "acme", "bistro", "ENTERPRISE", "an operator's command", `"operator":"jo"`)
	for _, step := range []struct {
		args       []string
		says, want string
	}{
		{[]string{"company", "show", "acme"}, "RETAIL", "ACTIVE ENTERPRISE"},
		{[]string{"company", "suspend", "acme", "--reason", "Unpaid"}, "SUSPENDED", "SUSPENDED ENTERPRISE"},
		{[]string{"company", "reinstate", "acme"}, "ACTIVE", "ACTIVE ENTERPRISE"},
		{[]string{"company", "plan", "acme", "starter"}, "STARTER", "ACTIVE STARTER"},
		{[]string{"company", "feature", "acme", "gift-cards", "on", "--reason", "Trial"}, "GIFT_CARDS on", "ACTIVE STARTER GIFT_CARDStrue"},
		{[]string{"company", "feature", "acme", "GIFT_CARDS", "default", "--reason", "Over"}, "GIFT_CARDS default", "ACTIVE STARTER"},
		{[]string{"support", "open", "acme", "--reason", "Ticket 7", "--for", "30m"}, "is open until", "ACTIVE STARTER"},
		{[]string{"support", "list", "acme"}, "OPEN  reads", "ACTIVE STARTER"},
	} {
		run(t, variables, step.args...).want(t, 0, step.says)
		if got := state(); got != step.want {
			t.Errorf("%v: %s, want %s", step.args, got, step.want)
		}
	}
	if n := pgtest.Value[int](t, d, "select count(*) from support_acts where tenant_id = $1 and operator = 'jo'", f.A.ID.UUID()); n != 8 {
		t.Errorf("%d of 8 commands are in the log", n)
	}
	if n := pgtest.Value[int](t, d, "select count(*) from support_acts where tenant_id <> $1", f.A.ID.UUID()); n != 0 {
		t.Errorf("%d are in another company's", n)
	}
	d.Exec(t, "update company_settings set support_consent_required = true")
	run(t, variables, "support", "open", "acme", "--reason", "Ticket 8", "--write").want(t, 0, "waits for the company's consent")
	if open := pgtest.Values[bool](t, d, "select opened_at is not null from support_accesses order by requested_at"); len(open) != 2 || !open[0] || open[1] {
		t.Errorf("open: %v", open)
	}
	// What is refused leaves nothing, not even in the log.
	acts := pgtest.Value[int](t, d, "select count(*) from support_acts")
	for _, args := range [][]string{
		{"company", "suspend", "acme"},
		{"company", "suspend", "nobody", "--reason", "x"},
		{"company", "plan", "acme", "golden"},
		{"company", "feature", "acme", "FLYING", "on", "--reason", "x"},
		{"support", "open", "acme", "--reason", "x", "--for", "169h"},
		{"support", "end", "acme", "store_1"},
	} {
		if r := run(t, variables, args...); r.code == 0 {
			t.Errorf("%v: %s", args, r.stdout)
		}
	}
	delete(variables, "OPERATOR")
	if r := run(t, variables, "company", "suspend", "acme", "--reason", "x"); r.code == 0 {
		t.Error("without a name")
	}
	if n := pgtest.Value[int](t, d, "select count(*) from support_acts"); n != acts {
		t.Errorf("%d acts became %d", acts, n)
	}
}
