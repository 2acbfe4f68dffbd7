package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// tableTrail is what the database says of a table and the trail.
type tableTrail struct {
	table, comment string
	// inserts, updates and deletes say that each such row makes a record.
	inserts, updates, deletes bool
	// arguments are those of the trigger: type, column of the id, part, what is masked, what is left out.
	arguments []string
	// changes says that the server may update or delete rows.
	changes bool
	// secrets are the columns of bytes, texts those of text and JSON.
	secrets, texts []string
}

const tableTrails = `
with many as (` + manyTrails + `)
select jsonb_build_array(c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''),
    coalesce(bool_or(g.tgtype & 4 > 0), false) or c.oid in (select tgrelid from many where condition = ''), coalesce(bool_or(g.tgtype & 16 > 0), false),
    coalesce(bool_or(g.tgtype & 8 > 0), false), coalesce(max(encode(g.tgargs, 'escape')), ''),
    has_any_column_privilege('tillgraph_app', c.oid, 'update') or has_table_privilege('tillgraph_app', c.oid, 'update, delete, truncate'),
    (select coalesce(string_agg(attname, ','), '') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and atttypid = 'bytea'::regtype),
    (select coalesce(string_agg(attname, ','), '') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        and atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)))
from pg_class c left join pg_trigger g on g.tgrelid = c.oid and g.tgenabled = 'O' and g.tgqual is null
    and g.tgfoid = 'tillgraph.audited()'::regprocedure and g.tgtype & 1 = 1
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
group by c.oid, c.relname order by c.relname`

// manyTrails are the tables with a record a row that two triggers write between them: who owns the tables has them written
// for all rows of a statement at once, whatever triggers fire otherwise, and everybody else for each row.
const manyTrails = `
select a.tgrelid, lower(coalesce(substring(pg_get_triggerdef(a.oid) from ' AND \(new\.(.*?)\)+ EXECUTE'), '')) as condition,
    encode(m.tgargs, 'escape') as many, encode(a.tgargs, 'escape') as one
from pg_trigger a join pg_trigger m on m.tgrelid = a.tgrelid
where a.tgfoid = 'tillgraph.audited()'::regprocedure and a.tgtype = 5 and a.tgenabled = 'O'
    and m.tgfoid = 'tillgraph.audited_many()'::regprocedure and m.tgtype = 4 and m.tgenabled = 'A'
    and pg_get_triggerdef(a.oid) like format('%%(SESSION_USER <> %L::name)%%',
        (select tableowner from pg_tables where tablename = 'sales'))
    and pg_get_triggerdef(m.oid) like format('%%WHEN ((SESSION_USER = %L::name))%%',
        (select tableowner from pg_tables where tablename = 'sales'))`

func trails(t *testing.T, d *pgtest.Database) []tableTrail {
	t.Helper()
	var list []tableTrail
	for _, row := range pgtest.Values[[]any](t, d, tableTrails) {
		text := func(i int) string { return row[i].(string) }
		one := tableTrail{
			table: text(0), comment: text(1), inserts: row[2].(bool), updates: row[3].(bool), deletes: row[4].(bool),
			arguments: strings.Split(text(5), `\000`), changes: row[6].(bool),
			secrets: strings.FieldsFunc(text(7), func(r rune) bool { return r == ',' }),
			texts:   strings.FieldsFunc(text(8), func(r rune) bool { return r == ',' }),
		}
		list = append(list, one)
	}
	return list
}

// partly are the tables of which only what people do makes a record, and not what follows from a sale: none of their
// rows is ever changed, but for what a level is the sum of.
var partly = []string{"inventory_levels", "ledger_entries", "stock_movements"}

// TestEveryTableIsOnTheTrail: or says why not.
func TestEveryTableIsOnTheTrail(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	all := trails(t, d)
	if len(all) < 60 {
		t.Fatalf("there are %d tables", len(all))
	}
	for _, one := range all {
		reason, off := strings.CutPrefix(one.comment, "no trail, ")
		kind, why, _ := strings.Cut(reason, ": ")
		switch {
		case slices.Contains(partly, one.table):
			if one.changes && one.table != "inventory_levels" {
				t.Errorf("%s: the server may change what makes no record", one.table)
			}
		case !off && (!one.inserts || !one.updates || !one.deletes):
			t.Errorf("%s: not all changes make a record: call tillgraph.trail or tillgraph.no_trail", one.table)
		case off && (one.inserts || one.updates || one.deletes):
			t.Errorf("%s makes records and says that it makes none", one.table)
		case off && !slices.Contains([]string{"part", "sum", "secret", "trail"}, kind), off && why == "":
			t.Errorf("%s: %q is no reason", one.table, one.comment)
		case off && (kind == "part" || kind == "trail") && one.changes:
			t.Errorf("%s: the server may change what is only ever added", one.table)
		}
	}
}

// TestSecretsAreMasked: no byte string, and of people no text, is in a record unless somebody has judged it.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	plain := map[string][]string{
		"users":               {"role", "status"},
		"user_invitations":    {},
		"user_credentials":    {},
		"user_pins":           {},
		"user_second_factors": {},
		"user_recovery_codes": {},
		"user_stores":         {"role"},
		"customers":           {"external_reference", "currency_code"},
		"account_payments":    {"method", "currency_code", "reference"},
		"time_entries":        {},
		"time_entry_changes":  {"reason"},
		"company_domains":     {"host"},
		"gift_cards":          {"last_four", "currency_code", "status", "note"},
		"register_keys":       {},
	}
	seen := 0
	for _, one := range trails(t, pgtest.New(t)) {
		if len(one.arguments) < 5 || slices.Contains(partly, one.table) {
			continue
		}
		unseen := append(list(one.arguments[3]), list(one.arguments[4])...)
		for _, column := range one.secrets {
			if !slices.Contains(unseen, column) {
				t.Errorf("%s.%s is in its records", one.table, column)
			}
		}
		judged, ofPeople := plain[one.table]
		about := one.arguments[0] == "User" || one.arguments[0] == "Customer" || one.arguments[0] == "TimeEntry"
		if about && !ofPeople && one.table != "time_breaks" {
			t.Errorf("%s is about people, and nobody has judged its columns", one.table)
		}
		if !ofPeople {
			continue
		}
		seen++
		for _, column := range one.texts {
			if !slices.Contains(unseen, column) && !slices.Contains(judged, column) {
				t.Errorf("%s.%s is in its records, and nobody has judged that", one.table, column)
			}
		}
	}
	if seen != len(plain) {
		t.Errorf("%d of %d tables are on the trail", seen, len(plain))
	}
}

// list reads a PostgreSQL array of plain words.
func list(array string) []string {
	return strings.FieldsFunc(array, func(r rune) bool { return r == '{' || r == '}' || r == ',' })
}
