package cli

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestIsolationCheck looks at a sound database, and at one with faults: each of them is named under its rule.
func TestIsolationCheck(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	variables := map[string]string{"DATABASE_URL": d.URL}
	run(t, variables, "isolation", "check").want(t, exitOK,
		"row-level security is enabled and forced", "every foreign key is composite", "every model embeds the scoped base",
		"company_directory", "tillgraph.user_access(uuid,uuid,text,uuid)", "rules hold.")
	d.Exec(t, "alter table sales no force row level security; alter table users no force row level security")
	d.Exec(t, "create index stray on users (name)")
	run(t, variables, "isolation", "check").want(t, exitError,
		"FAILS", "table sales: row-level security is not forced, and 1 more", "index stray does not begin with tenant_id", "2 of")
	d.Exec(t, "drop schema tillgraph cascade")
	run(t, variables, "isolation", "check").want(t, exitError, "the schema is behind this program")
	run(t, map[string]string{"DATABASE_OWNER_URL": d.OwnerURL}, "isolation", "check").want(t, exitUsage, "DATABASE_URL")
}
