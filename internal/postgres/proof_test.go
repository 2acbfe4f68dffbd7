package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestProve is the proof of a sound database: every rule holds, each of something, and nothing is on a list of
// exceptions that isn't there.
func TestProve(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	proofs, err := d.Open(t, models()).Prove(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables := len(pgtest.Values[string](t, d, listTenantTables))
	covered := map[string]int{}
	for _, p := range proofs {
		if len(p.Findings) > 0 {
			t.Errorf("%s: %v", p.Rule, p.Findings)
		}
		if p.Objects == 0 && p.Kind != "views" {
			t.Errorf("%s: it covers nothing", p.Rule)
		}
		covered[p.Rule] = p.Objects
	}
	// Those between tables that are of no company are nobody's.
	references := pgtest.Value[int](t, d, `select count(*) from pg_constraint k where contype = 'f' and exists (select from pg_attribute a
		where a.attrelid in (k.conrelid, k.confrelid) and a.attname = 'tenant_id' and not a.attisdropped)`)
	for rule, want := range map[string]int{
		"row-level security is enabled and forced":                                     tables,
		"tenant_id is a uuid and never null":                                           tables,
		"every primary key begins with tenant_id":                                      tables,
		"every table with tenant_id has a model, by which statements are scoped":       tables,
		"every model embeds the scoped base that its table's policy asks for":          tables,
		"every foreign key is composite and begins with tenant_id on both sides":       references,
		"every table has tenant_id, or is on the list of those that are of no company": tables + len(postgres.SharedTables()),
	} {
		if covered[rule] != want {
			t.Errorf("%s: it covers %d of %d", rule, covered[rule], want)
		}
	}
	for _, one := range postgres.SharedTables() {
		if !pgtest.Value[bool](t, d, "select to_regclass($1) is not null", one.Name) {
			t.Errorf("there is no table %s", one.Name)
		}
	}
	there := pgtest.Values[string](t, d, "select oid::regprocedure::text from pg_proc where prosecdef and pronamespace = 'tillgraph'::regnamespace")
	for _, one := range postgres.DefinerFunctions() {
		if !slices.Contains(there, one.Name) {
			t.Errorf("there is no function %s that runs as its owner", one.Name)
		}
	}
	if len(there) != len(postgres.DefinerFunctions()) {
		t.Errorf("%d functions run as their owner, %d are on the list", len(there), len(postgres.DefinerFunctions()))
	}
}

// TestProofFindsPlantedFaults plants what the server's start-up check must find beside the faults of
// TestVerifyFindsPlantedFaults, one at a time, and names the rule that finds it.
func TestProofFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	const tenant = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"
	const store = tenant + " and (store_id = any ((select nullif(current_setting('app.store_ids', true), '')::uuid[])::uuid[]))::integer <> 0"
	weaken := func(table, rule string) string {
		return fmt.Sprintf("drop policy scope on %[1]s; create policy scope on %[1]s using (%[2]s) with check (%[2]s)", table, rule)
	}
	for name, tt := range map[string]struct{ plant, rule, want string }{
		"weakened by an or":    {weaken("users", tenant+" or true"), "every policy's USING", "policy scope: USING says something else, too"},
		"weakened by a term":   {weaken("users", "("+tenant+") is not null"), "every policy's USING", "policy scope: USING says something else, too"},
		"weakened by coalesce": {weaken("users", "coalesce("+tenant+", true)"), "every policy's USING", "policy scope: USING says something else, too"},
		"store or everybody":   {weaken("registers", store+" or "+tenant), "every policy's USING", "policy scope: USING says something else, too"},
		"not of the company":   {weaken("users", "not "+tenant), "every policy's USING", "policy scope: USING says something else, too"},
		"store or another":     {weaken("registers", strings.TrimSuffix(store, "0")+"2"), "every policy's USING", "policy scope: USING says something else, too"},
		"another's column":     {weaken("registers", strings.ReplaceAll(store, "store_id =", "id =")), "every policy's USING", "says something else, too"},
		"another setting":      {weaken("users", strings.ReplaceAll(tenant, "app.tenant_id", "app.tenant_id_too")), "every policy's USING", "says something else, too"},
		"index by another":     {"create index stray on sales (id, tenant_id)", "every other unique constraint", "index stray does not begin with tenant_id"},
		"exclusion":            {"alter table users add constraint stray exclude using btree (email with =)", "every other unique constraint", "stray does not begin"},
		"reference to everybody's": {
			"alter table users add constraint loose foreign key (email) references domain_directory (host) not valid",
			"every foreign key", "foreign key loose refers to domain_directory, which is of no company",
		},
		"reference by the company alone": {
			"create unique index stray on company_settings (tenant_id); alter table users add constraint loose foreign key (tenant_id) references company_settings (tenant_id)",
			"every foreign key", "foreign key loose is not composite",
		},
		"reference that crosses": {
			"alter table users add column other uuid, add constraint loose foreign key (other, tenant_id) references stores (tenant_id, id)",
			"every foreign key", "foreign key loose does not begin with tenant_id on both sides",
		},
		"view as its owner":  {"create view sold as select * from sales", "every view", "view sold reads as its owner"},
		"view that says off": {"create view sold with (security_invoker = false) as select * from sales", "every view", "view sold reads as its owner"},
		"materialized view":  {"create materialized view sold as select * from sales", "every view", "materialized view sold"},
		"foreign table": {
			"create foreign data wrapper w; create server s foreign data wrapper w; create foreign table elsewhere (tenant_id uuid) server s",
			"every view", "foreign table elsewhere",
		},
		"rule":                  {"create rule also as on update to users do also select 1", "no rule rewrites", "table users: rule also rewrites"},
		"table in another room": {"create schema annex; create table annex.notes (tenant_id uuid)", "every table has tenant_id", "table annex.notes is outside"},
		"stray definer": {
			"create function tillgraph.peek() returns bigint language sql security definer set search_path = public as 'select count(*) from users'",
			"every SECURITY DEFINER", "function tillgraph.peek() is SECURITY DEFINER and not on the list",
		},
		"stray definer in public": {
			"create function public.peek() returns bigint language sql security definer set search_path = public as 'select count(*) from users'",
			"every SECURITY DEFINER", "function peek() is SECURITY DEFINER and not on the list",
		},
		"overloaded definer": {
			"create function tillgraph.company_by_slug(p text, q text) returns uuid language sql security definer as 'select null::uuid'",
			"every SECURITY DEFINER", "function tillgraph.company_by_slug(text,text) is SECURITY DEFINER and not on the list",
		},
		"definer of a superuser": {
			"alter function tillgraph.company_by_slug(text) owner to postgres",
			"every SECURITY DEFINER", "function tillgraph.company_by_slug(text) is not the gate's but postgres's",
		},
		"purge of a superuser": {
			"alter function tillgraph.company_purge(uuid) owner to postgres",
			"every SECURITY DEFINER", "runs as postgres, which row-level security does not bind",
		},
		"definer with anybody's path": {
			"alter function tillgraph.company_by_slug(text) reset search_path",
			"every SECURITY DEFINER", "function tillgraph.company_by_slug(text) has no search_path of its own",
		},
		"callable by everybody": {
			"create function tillgraph.peek() returns bigint language sql as 'select count(*) from users'",
			"the server's login may call", "which may call tillgraph.peek()",
		},
		"callable by the login": {
			"grant execute on function tillgraph.stores_of(uuid) to " + pgtest.LoginRole,
			"the server's login may call", "which may call tillgraph.stores_of(uuid)",
		},
		"callable in a scope": {
			"grant execute on function tillgraph.company_purge(uuid) to tillgraph_app",
			"the server's login may call", "tillgraph_app, which may call tillgraph.company_purge(uuid)",
		},
		"truncate":         {"grant truncate on users to tillgraph_app", "a scope's role has grants", "tillgraph_app has TRUNCATE, REFERENCES or TRIGGER on users"},
		"column reference": {"grant references (id) on users to public", "a scope's role has grants", "tillgraph_app has TRUNCATE, REFERENCES or TRIGGER on users"},
		"the directory":    {"grant select (slug) on company_directory to tillgraph_app", "a scope's role has grants", "tillgraph_app has a grant on company_directory"},
		"may create":       {"grant create on schema public to tillgraph_app", "the server's roles may create nothing", "tillgraph_app may create in the schema public"},
		"owned by a scope": {
			"grant create on schema public to tillgraph_app; alter table payments owner to tillgraph_app",
			"the server's roles own nothing", "tillgraph_app owns payments",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pgtest.New(t)
			d.Exec(t, tt.plant)
			proofs, err := d.Open(t, models()).Prove(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, p := range proofs {
				for _, finding := range p.Findings {
					found = found || strings.HasPrefix(p.Rule, tt.rule) && strings.Contains(finding.Error(), tt.want)
				}
			}
			if !found {
				t.Errorf("no rule that begins with %q finds %q: %v", tt.rule, tt.want, proofs)
			}
		})
	}
}

// TestProofLetsPass is what must not be taken for a fault.
func TestProofLetsPass(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	d.Exec(t, "create view sold with (security_invoker) as select * from sales")
	d.Exec(t, "create index good on sales (tenant_id, note)")
	d.Exec(t, "create temporary table notes (id uuid)")
	if err := d.Open(t, models()).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
