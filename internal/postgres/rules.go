package postgres

// rule is something that must hold of every object of a kind. Its check answers a row for each object that it looks at,
// and a sentence where the rule doesn't hold of it.
type rule struct {
	says, kind string
	check      string
	args       []any
}

func roleRules() []rule {
	return []rule{
		{says: "the server logs in as a role that row-level security binds, and that may enter a scope and become nothing else", kind: "role", check: loginCheck},
		{says: "a scope's role and the gate's are bound by row-level security, and nobody logs in as them", kind: "roles", check: scopeRolesCheck},
		{says: "the server's roles own nothing: they can't lift a rule", kind: "relations", check: ownershipCheck},
		{says: "the server's login has no grant on anything that holds rows", kind: "relations", check: grantCheck},
		{says: "a scope's role has grants on companies' tables alone, and none that goes past row-level security", kind: "relations", check: appGrantCheck},
		{says: "the server's login may call what enters a scope, and the gate; a scope's role what is on the list for it", kind: "functions", check: callCheck, args: []any{append(definers(Login), freeFunctions()...), definers(Scoped)}},
		{says: "the server's roles may create nothing", kind: "schemas", check: createCheck},
	}
}

func tableRules() []rule {
	return []rule{
		{says: "every table has tenant_id, or is on the list of those that are of no company", kind: "tables", check: strayCheck, args: []any{namesOf(SharedTables())}},
		{says: "tenant_id is a uuid and never null", kind: "tables", check: columnCheck},
		{says: "row-level security is enabled and forced", kind: "tables", check: securityCheck},
		{says: "a policy for all verbs binds the server's role", kind: "tables", check: policyCheck},
		{says: "every policy's USING and WITH CHECK say the company, and the store where a row has one, and nothing besides", kind: "policies", check: weakPolicyCheck, args: []any{policyForms()}},
		{says: "every primary key begins with tenant_id", kind: "keys", check: primaryKeyCheck},
		{says: "every other unique constraint and index begins with tenant_id", kind: "indexes", check: indexCheck},
		{says: "every foreign key is composite and begins with tenant_id on both sides", kind: "foreign keys", check: referenceCheck},
		{says: "every view reads as who asks, and there is no other relation that rows can be read from", kind: "views", check: viewCheck},
		{says: "no rule rewrites statements", kind: "relations", check: rewriteCheck},
		{says: "every SECURITY DEFINER function is on the list, its owner's and with a search_path of its own", kind: "functions", check: definerCheck, args: []any{definers(), companyPurge}},
	}
}

const loginCheck = `
select r.rolname::text, case when fault.found then format('the server logs in as %s, which %s', r.rolname, fault.why) end
from pg_roles r, lateral (values
    (r.rolsuper, 'is a superuser: row-level security does not bind it'),
    (r.rolbypassrls, 'has BYPASSRLS: row-level security does not bind it'),
    (r.rolinherit, 'is not NOINHERIT: it may do without a scope what is for a scope'),
    (not r.rolinherit and not r.rolsuper and exists (
        select from pg_roles app where app.rolname = 'tillgraph_app' and pg_has_role(r.oid, app.oid, 'usage')),
        'inherits tillgraph_app: it may do without a scope what is for a scope'),
    (exists (select from pg_roles app where app.rolname = 'tillgraph_app' and not pg_has_role(r.oid, app.oid, 'member')),
        'is not a member of tillgraph_app'),
    (not r.rolsuper and exists (select from pg_roles more where more.oid <> r.oid and pg_has_role(r.oid, more.oid, 'member')
        and (more.rolsuper or more.rolbypassrls or more.rolcreaterole or more.rolname ~ '^pg_' or more.rolname = 'tillgraph_gate')),
        'can become a role that may do more'),
    (r.rolcreaterole or r.rolreplication, 'has CREATEROLE or REPLICATION: it could get around every rule')
) fault (found, why)
where r.rolname = session_user`

const scopeRolesCheck = `
select one.name, case when fault.found then format('the role %s %s', one.name, fault.why) end
from (values ('tillgraph_app'), ('tillgraph_gate')) one (name) left join pg_roles r on r.rolname = one.name, lateral (values
    (r.oid is null, 'does not exist'),
    (r.rolsuper, 'is a superuser: row-level security does not bind it'),
    (r.rolbypassrls, 'has BYPASSRLS: row-level security does not bind it'),
    (r.rolcanlogin, 'can log in: nobody should be it without a scope'),
    (exists (select from pg_auth_members m where m.member = r.oid), 'is a member of another role')
) fault (found, why)`

// relations are all that holds rows, or shows some. Of temporary tables each session has its own.
const relations = `
with relation as (
    select c.oid, c.relname, c.relkind, c.relowner, c.reloptions, c.relnamespace, n.nspname,
        case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end as name,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as of_tenant
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')`

const ownershipCheck = relations + `
select t.name, case when not r.rolsuper and pg_has_role(r.oid, t.relowner, 'member') then
    format('%s owns %s (itself or by a role that it is a member of): it could lift every rule', r.rolname, t.name) end
from relation t join pg_roles r on r.rolname in (session_user, 'tillgraph_app', 'tillgraph_gate')
order by 1`

const grantCheck = relations + `
select t.name, case when not r.rolsuper and not pg_has_role(r.oid, t.relowner, 'usage')
    and (has_table_privilege(r.oid, t.oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(r.oid, t.oid, 'select, insert, update, references'))
    then format('the server logs in as %s, which has a grant on %s without a scope', r.rolname, t.name) end
from relation t join pg_roles r on r.rolname = session_user
order by 1`

// TRUNCATE asks no policy, a reference looks past them, and a trigger runs in others' transactions.
const appGrantCheck = relations + `
select t.name, case
    when has_table_privilege(r.oid, t.oid, 'truncate, references, trigger') or has_any_column_privilege(r.oid, t.oid, 'references')
        then format('%s has TRUNCATE, REFERENCES or TRIGGER on %s, which row-level security does not bind', r.rolname, t.name)
    when not t.of_tenant and (has_table_privilege(r.oid, t.oid, 'select, insert, update, delete')
        or has_any_column_privilege(r.oid, t.oid, 'select, insert, update'))
        then format('%s has a grant on %s, which is of no company', r.rolname, t.name) end
from relation t join pg_roles r on r.rolname = 'tillgraph_app'
where not pg_has_role(r.oid, t.relowner, 'member')
order by 1`

// A trigger's function can't be called. Extensions' functions are PostgreSQL's own affair.
const functions = `
with routine as (
    select p.oid, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.proowner
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'))`

const callCheck = functions + `
select f.name, case when not f.name = any (role.may) then format('%s, which may call %s', role.who, f.name) end
from routine f join pg_proc p on p.oid = f.oid cross join (values
    (session_user::name, format('the server logs in as %s', session_user), $1::text[]),
    ('tillgraph_app', 'a scope has the role tillgraph_app', $2::text[])) role (name, who, may)
    join pg_roles r on r.rolname = role.name
where has_function_privilege(r.oid, f.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and not r.rolsuper and has_schema_privilege(r.oid, p.pronamespace, 'usage')
order by 1`

const createCheck = `
select n.nspname::text, case when not r.rolsuper and has_schema_privilege(r.oid, n.oid, 'create') then
    format('%s may create in the schema %s what statements would take for ours', r.rolname, n.nspname) end
from pg_namespace n join pg_roles r on r.rolname in (session_user, 'tillgraph_app', 'tillgraph_gate')
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1`

// tenantTables are the tables that the checks after it speak of.
const tenantTables = `
with tenant_table as (
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum as tenant_column,
        a.attnotnull, a.atttypid,
        exists (select from pg_attribute s
            where s.attrelid = c.oid and s.attname = 'store_id' and s.attnotnull) as of_store
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p'))`

const strayCheck = relations + `
select name, case
    when nspname <> 'public' then format('table %s is outside of the schema public, where nothing looks after it', name)
    when not of_tenant and not relname = any ($1::text[])
        then format('table %s has no tenant_id, so that nothing keeps companies apart in it', name) end
from relation where relkind in ('r', 'p')
order by 1`

const columnCheck = tenantTables + `
select relname::text, case when not attnotnull or atttypid <> 'uuid'::regtype
    then format('table %s: tenant_id is not uuid not null', relname) end
from tenant_table
order by 1`

const securityCheck = tenantTables + `
select relname::text, case when not relrowsecurity or not relforcerowsecurity
    then format('table %s: row-level security is %s', relname, case when relrowsecurity then 'not forced' else 'off' end) end
from tenant_table
order by 1`

const policyCheck = tenantTables + `
select relname::text, case when not exists (select from pg_policies p
    where p.schemaname = 'public' and p.tablename = t.relname and p.permissive = 'PERMISSIVE' and p.cmd = 'ALL'
        and p.roles && '{public,tillgraph_app}')
    then format('table %s has no policy for all verbs that the server''s role is under', relname) end
from tenant_table t
order by 1`

// The words of a policy, without spaces, brackets, casts and the names that PostgreSQL gives to columns.
const (
	tenantForm   = `tenant_id=selectnullifcurrent_setting'app.tenant_id',true,''`
	storeForm    = tenantForm + `andstore_id=anyselectnullifcurrent_setting'app.store_ids',true,''<>0`
	storesForm   = tenantForm + `andid=anyselectnullifcurrent_setting'app.store_ids',true,''<>0`
	registerForm = storeForm + `andcoalesceregister_id=selectnullifcurrent_setting'app.register_id',true,'',true<>0`
)

func policyForms() []string { return []string{tenantForm, storeForm, storesForm, registerForm} }

// Permissive policies add up, so that each must hold alone. Those of the gate alone may leave the stores out. A form
// has no OR in it, so that what says each of the terms means each of them.
const weakPolicyCheck = tenantTables + `
select t.relname || '.' || p.policyname, case
    when missing.term is not null
        then format('table %s: policy %s: %s does not say %s', t.relname, p.policyname, side.name, missing.term)
    when not side.form = any ($1::text[]) or side.form like '%andid=%' and t.relname <> 'stores'
        then format('table %s: policy %s: %s says something else, too: %s', t.relname, p.policyname, side.name, side.text) end
from tenant_table t
    join pg_policies p on p.schemaname = 'public' and p.tablename = t.relname and p.permissive = 'PERMISSIVE'
    cross join lateral (values
        ('USING', p.qual, p.cmd <> 'INSERT'),
        ('WITH CHECK', p.with_check, p.cmd in ('ALL', 'INSERT', 'UPDATE'))) given (name, text, due)
    cross join lateral (select given.*, regexp_replace(regexp_replace(lower(coalesce(given.text, '')),
        '::[a-z]+(\[\])?|\sas "?[a-z_]+"?', '', 'g'), '[\s()]', '', 'g') as form) side
    left join lateral (select term.name as term from (values
        ('app.tenant_id', true),
        ('app.store_ids', (t.of_store or t.relname = 'stores') and p.roles <> '{tillgraph_gate}')) term (name, due)
        where term.due and coalesce(strpos(side.text, term.name), 0) = 0 limit 1) missing on true
where side.due
order by 1`

const indexCheck = tenantTables + `
select c.relname::text, case when i.indkey[0] <> t.tenant_column then format('table %s: %s %s does not begin with tenant_id',
    t.relname, case when i.indisunique then 'unique index' else 'index' end, c.relname) end
from tenant_table t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
where not i.indisprimary
order by 1`

const primaryKeyCheck = tenantTables + `
select t.relname::text, case
    when i.indkey is null then format('table %s has no primary key', t.relname)
    when i.indkey[0] <> t.tenant_column
        then format('table %s: unique index %s does not begin with tenant_id', t.relname, i.indexrelid::regclass) end
from tenant_table t left join pg_index i on i.indrelid = t.oid and i.indisprimary
order by 1`

// Referential checks are not under row-level security: the key itself must keep companies apart. A table of no company
// may name a company's row by its whole key; the other way round somebody's row would depend on what is everybody's.
const referenceCheck = tenantTables + `
select k.conrelid::regclass || '.' || k.conname, case
    when own.oid is not null and other.oid is null
        then format('table %s: foreign key %s refers to %s, which is of no company', own.relname, k.conname, k.confrelid::regclass)
    when k.confkey[1] <> other.tenant_column or k.conkey[1] <> own.tenant_column
        then format('table %s: foreign key %s does not begin with tenant_id on both sides', k.conrelid::regclass, k.conname)
    when cardinality(k.conkey) < 2 and other.relname <> 'companies'
        then format('table %s: foreign key %s is not composite', k.conrelid::regclass, k.conname) end
from pg_constraint k
    left join tenant_table own on own.oid = k.conrelid
    left join tenant_table other on other.oid = k.confrelid
where k.contype = 'f' and (own.oid is not null or other.oid is not null)
order by 1`

const viewCheck = relations + `
select name, case
    when relkind = 'm' then format('materialized view %s: row-level security can not be put on one', name)
    when relkind = 'f' then format('foreign table %s: row-level security can not be put on one', name)
    when not coalesce('security_invoker=true' = any (reloptions) or 'security_invoker=on' = any (reloptions), false)
        then format('view %s reads as its owner: it has no security_invoker', name) end
from relation where relkind not in ('r', 'p')
order by 1`

const rewriteCheck = relations + `
select t.name, case when w.oid is not null then format('table %s: rule %s rewrites what is asked of it', t.name, w.rulename) end
from relation t left join pg_rewrite w on w.ev_class = t.oid and w.rulename <> '_RETURN'
order by 1`

const definerCheck = functions + `
select f.name, case
    when not f.name = any ($1::text[]) then format('function %s is SECURITY DEFINER and not on the list of those that may be', f.name)
    when r.rolname <> 'tillgraph_gate' and f.name <> $2 then format('function %s is not the gate''s but %s''s', f.name, r.rolname)
    when r.rolsuper or r.rolbypassrls then format('function %s runs as %s, which row-level security does not bind', f.name, r.rolname)
    when not exists (select from unnest(f.proconfig) setting where setting like 'search_path=%')
        then format('function %s has no search_path of its own', f.name) end
from routine f join pg_roles r on r.oid = f.proowner
where f.prosecdef
order by 1`
