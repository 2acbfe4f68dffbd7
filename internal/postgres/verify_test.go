package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	if err := d.Open(t, models()).Verify(t.Context()); err != nil {
		t.Errorf("a sound database is refused: %v", err)
	}
}

// TestVerifyFindsPlantedFaults plants one fault at a time in a database of its own.
func TestVerifyFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	const tenant = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"
	const store = tenant + " and (store_id = any ((select nullif(current_setting('app.store_ids', true), '')::uuid[])::uuid[]))::integer <> 0"
	for name, tt := range map[string]struct{ plant, want string }{
		"table grant":  {"grant select on products to %[1]s", "has a grant on products"},
		"column grant": {"grant select (name) on products to %[1]s", "has a grant on products"},
		"public grant": {"grant select on products to public", "has a grant on products"},
		"RLS off":      {"alter table sales disable row level security", "table sales: row-level security is off"},
		"not forced":   {"alter table sales no force row level security", "table sales: row-level security is not forced"},
		"weakened": {
			"drop policy scope on users; create policy scope on users using (true) with check (true)",
			"table users: policy scope: USING does not say app.tenant_id",
		},
		"weak beside a good one": {
			"create policy more on users for select using (true)", "policy more: USING does not say app.tenant_id",
		},
		"weak check": {
			"drop policy scope on users; create policy scope on users using (" + tenant + ") with check (true)",
			"table users: policy scope: WITH CHECK does not say app.tenant_id",
		},
		"no check": {
			"drop policy scope on users; create policy scope on users using (" + tenant + ")",
			"WITH CHECK does not say app.tenant_id",
		},
		"without the stores": {
			"drop policy scope on sales; create policy scope on sales using (" + tenant + ") with check (" + tenant + ")",
			"table sales: policy scope: USING does not say app.store_ids",
		},
		"no policy":   {"drop policy scope on products", "table products has no policy"},
		"for reading": {"drop policy scope on products; create policy scope on products for select using (" + tenant + ")", "table products has no policy"},
		"for others": {
			"drop policy scope on products; create policy scope on products to tillgraph_gate using (" + tenant +
				") with check (" + tenant + ")", "table products has no policy",
		},
		"stray tenant table": {
			"create table coupons (tenant_id uuid not null, store_id uuid not null, id uuid, primary key (tenant_id, id))",
			"table coupons: row-level security is off\ntable coupons has no policy",
		},
		"no model": {
			"create table coupons (tenant_id uuid not null, store_id uuid not null, id uuid, primary key (tenant_id, id));" +
				"alter table coupons enable row level security; alter table coupons force row level security;" +
				"create policy scope on coupons using (" + store + ") with check (" + store + ")",
			"table coupons has tenant_id and no model",
		},
		"table of nobody": {"create table notes (id uuid primary key)", "table notes has no tenant_id"},
		"view":            {"create view notes as select 1 as one", "view notes reads as its owner"},
		"nullable tenant": {"alter table sale_lines drop constraint sale_lines_pkey cascade, alter tenant_id drop not null", "tenant_id is not uuid not null"},
		"no primary key":  {"alter table sale_lines drop constraint sale_lines_pkey cascade", "table sale_lines has no primary key"},
		"key without the company": {
			"alter table sale_lines drop constraint sale_lines_pkey cascade, add primary key (id)",
			"table sale_lines: unique index sale_lines_pkey does not begin with tenant_id",
		},
		"unique without the company": {"create unique index stray on users (email)", "unique index stray does not begin"},
		"index without the company":  {"create index stray on users (name)", "index stray does not begin"},
		"reference without the company": {
			"create unique index stray on products (id); alter table store_prices add constraint loose foreign key (product_id) references products (id)",
			"table store_prices: foreign key loose does not begin",
		},
		"column gone":    {"alter table products drop column description", "table products has no column description"},
		"table gone":     {"drop table payments", "there is no table payments"},
		"no way in":      {"revoke execute on function tillgraph.schema_version() from %[1]s", "may not ask for the version"},
		"schema behind":  {"create or replace function tillgraph.schema_version() returns text language plpgsql as 'begin return ''2020''; end'", "run `migrate up`"},
		"schema ahead":   {"create or replace function tillgraph.schema_version() returns text language plpgsql as 'begin return ''9''; end'", "ahead of this program"},
		"never migrated": {"drop schema tillgraph cascade", "run `migrate up`"},
		"owns a table": {
			"grant create on schema public to %[1]s; alter table payments owner to %[1]s", "owns payments",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pgtest.New(t)
			plant := tt.plant
			if strings.Contains(plant, "%[1]s") {
				plant = fmt.Sprintf(plant, pgtest.LoginRole)
			}
			d.Exec(t, plant)
			wantFinding(t, d.Open(t, models()), tt.want)
		})
	}
}

func wantFinding(t *testing.T, db *postgres.DB, want string) {
	t.Helper()
	err := db.Verify(t.Context())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Verify says %v; want %q", err, want)
	}
	behind := strings.Contains(want, "migrate up`") && !strings.Contains(want, "may not")
	if behind != errors.Is(err, postgres.ErrSchemaBehind) {
		t.Errorf("ErrSchemaBehind: %v, want %v", !behind, behind)
	}
}

// TestVerifyFindsBadRoles has logins of its own: roles belong to all the databases of the server.
func TestVerifyFindsBadRoles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ attributes, want string }{
		"superuser": {"superuser noinherit", "is a superuser"},
		"bypassrls": {"bypassrls noinherit", "has BYPASSRLS"},
		"inherit":   {"inherit", "is not NOINHERIT"},
		"stranger":  {"noinherit", "is not a member of tillgraph_app"},
		"owner":     {"noinherit", "owns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pgtest.New(t)
			role := "bad_" + name
			d.Exec(t, "create role "+role+" login "+tt.attributes)
			t.Cleanup(func() { dropRole(t, d, role) })
			d.Exec(t, "grant usage on schema tillgraph to "+role+
				"; grant execute on function tillgraph.schema_version() to "+role)
			switch name {
			case "stranger":
			case "owner":
				d.Exec(t, "grant tillgraph_app, "+pgtest.OwnerRole+" to "+role)
			default:
				d.Exec(t, "grant tillgraph_app to "+role)
			}
			url := strings.Replace(d.URL, pgtest.LoginRole, role, 1)
			db := d.Open(t, models(), func(c *postgres.Config) { c.URL = url })
			wantFinding(t, db, tt.want)
		})
	}
}

func dropRole(t *testing.T, d *pgtest.Database, role string) {
	t.Helper()
	conn := connectLate(t, d.SuperURL)
	if conn == nil {
		return
	}
	ctx, cancel := late()
	defer cancel()
	if _, err := conn.Exec(ctx, "drop owned by "+role+"; drop role "+role); err != nil {
		t.Errorf("drop the test's role: %v", err)
	}
	_ = conn.Close(ctx)
}

type (
	baseless struct {
		bun.BaseModel `bun:"table:products,alias:product"`
		TenantID      string
	}
	tenantless struct {
		bun.BaseModel `bun:"table:notes"`
		ID            string
	}
	wrongBase struct {
		bun.BaseModel `bun:"table:sales,alias:sale"`
		postgres.TenantOwned
		StoreID string
	}
	wideBase struct {
		bun.BaseModel `bun:"table:sales,alias:sale"`
		postgres.TenantOwned
		ID string
	}
)

func TestModelsWithoutTheirBase(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	for _, model := range []any{(*baseless)(nil), (*tenantless)(nil), (*wrongBase)(nil)} {
		db, err := postgres.Open(t.Context(), postgres.Config{URL: d.URL, Models: []any{model}})
		if err == nil {
			db.Close()
			t.Errorf("%T is taken", model)
		}
	}
	wantFinding(t, d.Open(t, []any{(*wideBase)(nil)}), "which must be RegisterOwned")
	wantFinding(t, d.Open(t, []any{(*wideBase)(nil)}), "which must be StoreOwned")
}
