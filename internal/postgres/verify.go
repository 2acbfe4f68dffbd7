package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/schema"
)

// ErrSchemaBehind says that migrations of this program are still to be applied.
var ErrSchemaBehind = errors.New("the schema is behind this program: run `migrate up`")

// Verify looks, as the server itself, whether the isolation holds: the role, the policies, the keys, the models.
// The server must not start where it doesn't. All findings come at once.
//
// Errors: ErrSchemaBehind among the findings; a code of errs where the database couldn't be asked.
func (db *DB) Verify(ctx context.Context) error {
	roles, err := db.find(ctx, roleChecks)
	if err != nil {
		return err
	}
	version, err := db.checkVersion(ctx)
	if err != nil {
		return err
	}
	if version != nil {
		// What else differs follows from that.
		return errors.Join(append(roles, version)...)
	}
	tables, err := db.find(ctx, tableChecks)
	if err != nil {
		return err
	}
	models, err := db.checkModels(ctx)
	if err != nil {
		return err
	}
	return errors.Join(slices.Concat(roles, tables, models)...)
}

// find runs checks, each a query that answers a sentence for everything that is wrong.
func (db *DB) find(ctx context.Context, checks []string) ([]error, error) {
	var findings []error
	for _, check := range checks {
		rows, err := db.read.Query(ctx, check)
		if err != nil {
			return nil, translate(fmt.Errorf("check the database: %w", err))
		}
		sentences, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, translate(fmt.Errorf("check the database: %w", err))
		}
		for _, sentence := range sentences {
			findings = append(findings, errors.New(sentence))
		}
	}
	return findings, nil
}

var roleChecks = []string{loginCheck, appCheck, membershipCheck, ownershipCheck, grantCheck}

const loginCheck = `
select format('the server logs in as %s, which %s', r.rolname, fault.why)
from pg_roles r, lateral (values
    (r.rolsuper, 'is a superuser: row-level security does not bind it'),
    (r.rolbypassrls, 'has BYPASSRLS: row-level security does not bind it'),
    (r.rolinherit, 'is not NOINHERIT: it may do without a scope what is for a scope'),
    (not r.rolinherit and not r.rolsuper and exists (
        select from pg_roles app where app.rolname = 'tillgraph_app' and pg_has_role(r.oid, app.oid, 'usage')),
        'inherits tillgraph_app: it may do without a scope what is for a scope')
) fault (found, why)
where r.rolname = session_user and fault.found`

const appCheck = `
select format('the role tillgraph_app %s', fault.why)
from (values (1)) one left join pg_roles r on r.rolname = 'tillgraph_app', lateral (values
    (r.oid is null, 'does not exist'),
    (r.rolsuper, 'is a superuser: row-level security does not bind it'),
    (r.rolbypassrls, 'has BYPASSRLS: row-level security does not bind it'),
    (exists (select from pg_auth_members m where m.member = r.oid), 'is a member of another role')
) fault (found, why)
where fault.found`

const membershipCheck = `
select format('the server logs in as %s, which is not a member of tillgraph_app', session_user)
from pg_roles app
where app.rolname = 'tillgraph_app' and not pg_has_role(session_user, app.oid, 'member')`

const ownershipCheck = `
select format('%s owns %s (itself or by a role that it is a member of): it could lift every rule',
    r.rolname, string_agg(c.relname, ', ' order by c.relname))
from pg_roles r
    join pg_class c on c.relkind in ('r', 'p', 'v', 'm', 'f')
        and c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'tillgraph'))
        and pg_has_role(r.oid, c.relowner, 'member')
where r.rolname in (session_user, 'tillgraph_app') and not r.rolsuper
group by r.rolname`

const grantCheck = `
select format('the server logs in as %s, which has a grant on %s without a scope',
    r.rolname, string_agg(c.relname, ', ' order by c.relname))
from pg_roles r
    join pg_class c on c.relkind in ('r', 'p', 'v', 'm', 'f')
        and c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'tillgraph'))
        and (has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')
            or has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references'))
where r.rolname = session_user and not r.rolsuper and not pg_has_role(r.oid, c.relowner, 'usage')
group by r.rolname`

// tenantTables are the tables that the checks after it speak of.
const tenantTables = `
with tenant_table as (
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum as tenant_column,
        a.attnotnull, a.atttypid,
        exists (select from pg_attribute s
            where s.attrelid = c.oid and s.attname = 'store_id' and s.attnotnull) as of_store
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p'))`

var tableChecks = []string{
	strayCheck, columnCheck, securityCheck, policyCheck, weakPolicyCheck, indexCheck, primaryKeyCheck, referenceCheck,
}

const strayCheck = `
select format('table %s has no tenant_id, so that nothing keeps companies apart in it', c.relname)
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relname not in ('company_directory', 'domain_directory', '` + migrationsTable + `', '` + locksTable + `')
    and (c.relkind not in ('r', 'p') or not exists (select from pg_attribute a
        where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
order by 1`

const columnCheck = tenantTables + `
select format('table %s: tenant_id is not uuid not null', relname)
from tenant_table where not attnotnull or atttypid <> 'uuid'::regtype
order by 1`

const securityCheck = tenantTables + `
select format('table %s: row-level security is %s', relname, case when relrowsecurity then 'not forced' else 'off' end)
from tenant_table where not relrowsecurity or not relforcerowsecurity
order by 1`

const policyCheck = tenantTables + `
select format('table %s has no policy for all verbs that the server''s role is under', relname)
from tenant_table t
where not exists (select from pg_policies p
    where p.schemaname = 'public' and p.tablename = t.relname and p.permissive = 'PERMISSIVE' and p.cmd = 'ALL'
        and p.roles && '{public,tillgraph_app}')
order by 1`

// Permissive policies add up, so that each must hold alone. Those of the gate alone may leave the stores out.
const weakPolicyCheck = tenantTables + `
select format('table %s: policy %s: %s does not say %s', t.relname, p.policyname, side.name, term.name)
from tenant_table t
    join pg_policies p on p.schemaname = 'public' and p.tablename = t.relname and p.permissive = 'PERMISSIVE'
    cross join lateral (values
        ('USING', p.qual, p.cmd <> 'INSERT'),
        ('WITH CHECK', p.with_check, p.cmd in ('ALL', 'INSERT', 'UPDATE'))) side (name, text, due)
    cross join lateral (values
        ('app.tenant_id', true),
        ('app.store_ids', (t.of_store or t.relname = 'stores') and p.roles <> '{tillgraph_gate}')) term (name, due)
where side.due and term.due and coalesce(strpos(side.text, term.name), 0) = 0
order by 1`

const indexCheck = tenantTables + `
select format('table %s: %s %s does not begin with tenant_id',
    t.relname, case when i.indisunique then 'unique index' else 'index' end, c.relname)
from tenant_table t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
where i.indkey[0] <> t.tenant_column
order by 1`

const primaryKeyCheck = tenantTables + `
select format('table %s has no primary key', relname)
from tenant_table t where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)
order by 1`

// Referential checks are not under row-level security: the key itself must keep companies apart.
const referenceCheck = tenantTables + `
select format('table %s: foreign key %s does not begin with tenant_id on both sides', t.relname, k.conname)
from tenant_table t
    join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
    join tenant_table other on other.oid = k.confrelid
where k.conkey[1] <> t.tenant_column or k.confkey[1] <> other.tenant_column
order by 1`

// checkVersion gives a finding where the schema isn't the one that this program was built with.
func (db *DB) checkVersion(ctx context.Context) (finding, err error) {
	newest, err := newestMigration()
	if err != nil {
		return nil, err
	}
	var version string
	err = db.read.QueryRow(ctx, "select tillgraph.schema_version()").Scan(&version)
	switch {
	case state(err) == undefinedFunction || state(err) == invalidSchemaName:
		return ErrSchemaBehind, nil
	case state(err) == insufficientPrivilege:
		return errors.New("the server's role may not ask for the version of the schema: " +
			"run `migrate up`, which grants it its way in"), nil
	case err != nil:
		return nil, translate(fmt.Errorf("ask for the version of the schema: %w", err))
	case version < newest:
		return fmt.Errorf("%w (it is at %s, this program needs %s)", ErrSchemaBehind, version, newest), nil
	case version > newest:
		return fmt.Errorf("the schema is at %s, ahead of this program, which knows %s", version, newest), nil
	}
	return nil, nil
}

// catalogTable is what the database says of a table.
type catalogTable struct {
	tenant  bool
	columns []string
	// policy is the text of its policies: which settings narrow a row.
	policy  string
	ofStore bool
}

const tableQuery = `
select c.relname,
    coalesce(bool_or(a.attname = 'tenant_id'), false),
    coalesce(array_agg(a.attname::text) filter (where a.attname is not null), '{}'),
    coalesce((select string_agg(p.qual, ' ') from pg_policies p
        where p.schemaname = 'public' and p.tablename = c.relname and p.roles && '{public,tillgraph_app}'), ''),
    coalesce(bool_or(a.attname = 'store_id' and a.attnotnull), false)
from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
group by c.oid, c.relname`

func (db *DB) catalog(ctx context.Context) (map[string]catalogTable, error) {
	rows, err := db.read.Query(ctx, tableQuery)
	if err != nil {
		return nil, translate(fmt.Errorf("read the catalog: %w", err))
	}
	tables := map[string]catalogTable{}
	var name string
	var t catalogTable
	_, err = pgx.ForEachRow(rows, []any{&name, &t.tenant, &t.columns, &t.policy, &t.ofStore}, func() error {
		tables[name] = t
		t.columns = nil
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("read the catalog: %w", err))
	}
	return tables, nil
}

// checkModels compares the models with the tables: a table that layer one doesn't know is one that it can't keep.
func (db *DB) checkModels(ctx context.Context) ([]error, error) {
	tables, err := db.catalog(ctx)
	if err != nil {
		return nil, err
	}
	var findings []error
	known := map[string]bool{}
	for _, model := range db.models {
		table := db.table(model)
		known[table.Name] = true
		row, _ := table.ZeroIface.(owned)
		findings = append(findings, checkModel(table, row, tables)...)
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if tables[name].tenant && !known[name] {
			findings = append(findings, fmt.Errorf("table %s has tenant_id and no model", name))
		}
	}
	return findings, nil
}

func (db *DB) table(model any) *schema.Table {
	return db.bun.Dialect().Tables().Get(reflect.TypeOf(model).Elem())
}

func checkModel(model *schema.Table, row owned, tables map[string]catalogTable) []error {
	table, ok := tables[model.Name]
	if !ok {
		return []error{fmt.Errorf("model %s: there is no table %s", model.TypeName, model.Name)}
	}
	var findings []error
	for _, field := range model.Fields {
		if !slices.Contains(table.columns, field.Name) {
			findings = append(findings, fmt.Errorf("model %s: table %s has no column %s",
				model.TypeName, model.Name, field.Name))
		}
	}
	rule := row.predicate("")
	for _, narrowing := range []struct {
		due        bool
		argument   string
		wantedBase string
	}{
		{table.ofStore || strings.Contains(table.policy, "app.store_ids"), "?app_stores", "StoreOwned"},
		{strings.Contains(table.policy, "app.register_id"), "?app_register", "RegisterOwned"},
	} {
		if narrowing.due && !strings.Contains(rule, narrowing.argument) {
			findings = append(findings, fmt.Errorf("model %s: the rows of table %s are narrower than its base, "+
				"which must be %s", model.TypeName, model.Name, narrowing.wantedBase))
		}
	}
	return findings
}
