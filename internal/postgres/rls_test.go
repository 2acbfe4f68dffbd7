package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const listTenantTables = `
select c.relname::text from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
order by 1`

// eachTable runs a test over every table that the database has, so that a new one is covered or fails.
func eachTable(t *testing.T, d *pgtest.Database, fn func(t *testing.T, table string, r tableRule)) {
	t.Helper()
	rules := tableRules()
	tables := pgtest.Values[string](t, d, listTenantTables)
	if len(tables) < len(rules) {
		t.Errorf("the database has %d tables and the tests rules for %d", len(tables), len(rules))
	}
	for _, table := range tables {
		t.Run(table, func(t *testing.T) {
			r, ok := rules[table]
			if !ok {
				t.Fatal("no rule says whose the rows of this table are")
			}
			fn(t, table, r)
		})
	}
}

// foreign is a set of rows that a scope must not reach, and how to move a row of one's own there.
type foreign struct {
	name  string
	where string // of the foreign rows
	own   string // of the scope's rows
	move  string
	scope *tenancy.Scope
	// theirs is a scope that has the foreign rows.
	theirs *tenancy.Scope
	// canary stands in the foreign rows that have a text.
	canary string
}

func foreigns(f *pgtest.Fixture, r tableRule) []foreign {
	a, b := &f.A, &f.B
	inA := fmt.Sprintf("tenant_id = '%s'", a.ID.UUID())
	list := []foreign{{
		name: "other company", where: fmt.Sprintf("tenant_id = '%s'", b.ID.UUID()), own: inA,
		move: fmt.Sprintf("tenant_id = '%s'", b.ID.UUID()), scope: a.OwnerScope(), canary: pgtest.CanaryB, theirs: b.OwnerScope(),
	}}
	if r.kind == byTenant {
		return list
	}
	inStore := func(i int) string { return fmt.Sprintf("%s = '%s'", r.storeColumn, a.Stores[i].ID.UUID()) }
	list = append(list, foreign{
		name: "other store", where: inA + " and " + inStore(1), own: inA + " and " + inStore(0),
		move: inStore(1), scope: a.CashierScope(0), canary: pgtest.CanaryA2, theirs: a.OwnerScope(),
	})
	if r.kind == byStore {
		return list
	}
	inRegister := func(i int) string {
		return fmt.Sprintf("register_id = '%s'", a.Stores[0].Registers[i].ID.UUID())
	}
	return append(list, foreign{
		name: "other register", where: inA + " and " + inStore(0) + " and " + inRegister(1),
		own: inA + " and " + inStore(0) + " and " + inRegister(0), move: inRegister(1), scope: a.RegisterScope(0, 0),
		canary: pgtest.CanaryA2, theirs: a.OwnerScope(),
	})
}

// within runs fn in a transaction that entered a scope as the server does, and rolls it back.
func within(t *testing.T, conn *pgx.Conn, s *tenancy.Scope, fn func(tx pgx.Tx)) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	stores := strings.Split(s.StoresText(), ",")
	if s.AllStores() {
		stores = append(stores, uuid.Nil.String()) // what is the company's
	}
	if _, err := tx.Exec(t.Context(), "select tillgraph.enter($1, $2, $3, $4)",
		s.Company.UUID(), "{"+strings.Join(stores, ",")+"}", orNull(s.User.UUID()), orNull(s.Register.UUID())); err != nil {
		t.Fatalf("enter: %v", err)
	}
	fn(tx)
}

func orNull(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func sqlState(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// rowJSON gives one row as JSON, with other values in it.
func rowJSON(t *testing.T, d *pgtest.Database, table, where string, change map[string]any) []byte {
	t.Helper()
	row := map[string]any{}
	text := pgtest.Value[string](t, d, "select to_jsonb(t)::text from "+table+" t where "+where+" limit 1")
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		t.Fatal(err)
	}
	maps.Copy(row, change)
	text2, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return text2
}

func freshRow(t *testing.T, d *pgtest.Database, table string, r tableRule, where string) []byte {
	t.Helper()
	change := maps.Clone(r.fresh)
	if change == nil {
		change = map[string]any{}
	}
	if has := pgtest.Value[bool](t, d, `select exists (select from pg_attribute
		where attrelid = $1::regclass and attname = 'id')`, table); has && r.storeColumn != "id" {
		change["id"] = uuid.Must(uuid.NewV7()).String()
	}
	return rowJSON(t, d, table, where, change)
}

// insertJSON gives a row to all columns but those that the database generates.
func insertJSON(t *testing.T, d *pgtest.Database, table string) string {
	t.Helper()
	columns := pgtest.Value[string](t, d, `select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
		where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`, table)
	return "insert into " + table + " (" + columns + ") select " + columns +
		" from jsonb_populate_record(null::" + table + ", $1)"
}

// TestRowLevelSecurityAlone is layer two without layer one, and without the grants, which it is lent: whatever
// statement reaches the database, the rows of others are out of its reach.
func TestRowLevelSecurityAlone(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	barePolicies(t, d)
	conn := connect(t, d.URL)
	eachTable(t, d, func(t *testing.T, table string, r tableRule) {
		for _, other := range foreigns(f, r) {
			t.Run(other.name, func(t *testing.T) { rowsAreOutOfReach(t, d, conn, table, r, other) })
		}
	})
}

func rowsAreOutOfReach(
	t *testing.T, d *pgtest.Database, conn *pgx.Conn, table string, r tableRule, other foreign,
) {
	t.Helper()
	for _, where := range []string{other.where, other.own} {
		if n := pgtest.Value[int](t, d, "select count(*) from "+table+" where "+where); n == 0 {
			t.Fatalf("the fixture has no row where %s: the test would prove nothing", where)
		}
	}
	own := pgtest.Value[int](t, d, "select count(*) from "+table+" where "+other.own)
	text := func(tx pgx.Tx, sql string) string {
		var v string
		if err := tx.QueryRow(t.Context(), sql).Scan(&v); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		return v
	}
	within(t, conn, other.scope, func(tx pgx.Tx) {
		for sql, want := range map[string]string{
			"select count(*)::text from " + table:                                           fmt.Sprint(own),
			"select count(*)::text from " + table + " where " + other.where:                 "0",
			"select exists (select from " + table + " where " + other.where + ")::text":     "false",
			"select exists (select from " + table + " where not (" + other.own + "))::text": "false",
		} {
			if got := text(tx, sql); got != want {
				t.Errorf("%s: got %s, want %s", sql, got, want)
			}
		}
		all := text(tx, "select coalesce(string_agg(to_jsonb(t)::text, ' '), '') from "+table+" t")
		if strings.Contains(all, other.canary) {
			t.Errorf("a canary came out: %s", all)
		}
	})
	for _, sql := range []string{
		"delete from " + table + " where " + other.where,
		"update " + table + " set tenant_id = tenant_id where " + other.where,
		fmt.Sprintf("update %s set tenant_id = '%s' where %s", table, other.scope.Company.UUID(), other.where),
	} {
		within(t, conn, other.scope, func(tx pgx.Tx) {
			if tag, err := tx.Exec(t.Context(), sql); err != nil || tag.RowsAffected() != 0 {
				t.Errorf("%s: %v, %v; want no row", sql, tag, err)
			}
		})
	}
	forged := freshRow(t, d, table, r, other.where)
	for _, sql := range []string{
		"update " + table + " set " + other.move + " where " + other.own,
		insertJSON(t, d, table),
		insertJSON(t, d, table) + " on conflict do nothing",
	} {
		var args []any
		if strings.HasPrefix(sql, "insert") {
			args = []any{forged}
		}
		within(t, conn, other.scope, func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), sql, args...); sqlState(err) != "42501" {
				t.Errorf("%s: %v; want it refused by the policy", sql, err)
			}
		})
	}
}

// TestRowLevelSecurityIsWhatHolds is the knock-out: with the policies off the same statements do reach the rows.
func TestRowLevelSecurityIsWhatHolds(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	barePolicies(t, d)
	disableRowLevelSecurity(t, d)
	conn := connect(t, d.URL)
	eachTable(t, d, func(t *testing.T, table string, r tableRule) {
		for _, other := range foreigns(f, r) {
			within(t, conn, other.scope, func(tx pgx.Tx) {
				tag, err := tx.Exec(t.Context(), "update "+table+" set tenant_id = tenant_id where "+other.where)
				if err != nil || tag.RowsAffected() == 0 {
					t.Errorf("%s: %v, %v; without the policies the rows should be in reach", other.name, tag, err)
				}
			})
		}
	})
}

// barePolicies takes away what would refuse a statement before the policies do: the grants' limits, and the rules of
// the trade in triggers and checks.
func barePolicies(t *testing.T, d *pgtest.Database) {
	t.Helper()
	d.Exec(t, "grant all on all tables in schema public to tillgraph_app")
	for _, table := range pgtest.Values[string](t, d, listTenantTables) {
		d.Exec(t, "alter table "+table+" disable trigger user")
	}
	for _, drop := range pgtest.Values[string](t, d, `select format('alter table %s drop constraint %I', conrelid::regclass, conname)
		from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`) {
		d.Exec(t, drop)
	}
}

func disableRowLevelSecurity(t *testing.T, d *pgtest.Database) {
	t.Helper()
	for _, table := range pgtest.Values[string](t, d, listTenantTables) {
		d.Exec(t, "alter table "+table+" disable row level security")
	}
}

// TestForeignKeysKeepCompaniesApart goes around every policy: the keys alone refuse a row of one company that
// refers to another's.
func TestForeignKeysKeepCompaniesApart(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	barePolicies(t, d)
	inA := fmt.Sprintf("tenant_id = '%s'", f.A.ID.UUID())
	inB := fmt.Sprintf("tenant_id = '%s'", f.B.ID.UUID())
	eachTable(t, d, func(t *testing.T, table string, r tableRule) {
		if r.fresh != nil && r.storeColumn != "id" {
			inRollback(t, d, func(tx pgx.Tx) { // the control: such a row is taken when it refers to its own
				if _, err := tx.Exec(t.Context(), insertJSON(t, d, table), freshRow(t, d, table, r, inA)); err != nil {
					t.Errorf("a row of one's own is refused: %v", err)
				}
			})
		}
		for _, k := range references(t, d, table) {
			change := map[string]any{}
			parent := map[string]any{}
			if err := json.Unmarshal(rowJSON(t, d, k.Parent, inB, nil), &parent); err != nil {
				t.Fatal(err)
			}
			for i := range k.Columns {
				if k.Columns[i] != "tenant_id" {
					change[k.Columns[i]] = parent[k.ParentColumns[i]]
				}
			}
			if len(change) == 0 {
				continue
			}
			row := map[string]any{}
			if err := json.Unmarshal(freshRow(t, d, table, r, inA), &row); err != nil {
				t.Fatal(err)
			}
			maps.Copy(row, change)
			inRollback(t, d, func(tx pgx.Tx) {
				if r.fresh == nil { // a copy meets the original: its key goes, to see the references alone
					if _, err := tx.Exec(t.Context(), "alter table "+table+" drop constraint "+table+"_pkey cascade"); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := tx.Exec(t.Context(), "set constraints all immediate"); err != nil {
					t.Fatal(err)
				}
				_, err := tx.Exec(t.Context(), insertJSON(t, d, table), row)
				if sqlState(err) != "23503" {
					t.Errorf("%s with another company's ids: %v; want it refused by the key", k.Name, err)
				}
			})
		}
	})
}

type reference struct {
	Name, Parent           string
	Columns, ParentColumns []string
}

func references(t *testing.T, d *pgtest.Database, table string) []reference {
	t.Helper()
	rows, err := d.Super().Query(t.Context(), `
		select k.conname::text, k.confrelid::regclass::text,
			array(select a.attname::text from unnest(k.conkey) with ordinality as c (num, i)
				join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.num order by c.i),
			array(select a.attname::text from unnest(k.confkey) with ordinality as c (num, i)
				join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.num order by c.i)
		from pg_constraint k where k.contype = 'f' and k.conrelid = $1::regclass`, table)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[reference])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func inRollback(t *testing.T, d *pgtest.Database, fn func(tx pgx.Tx)) {
	t.Helper()
	conn := connect(t, d.SuperURL)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fn(tx)
	_ = tx.Rollback(t.Context())
	_ = conn.Close(t.Context())
}

// TestLoginMayDoNothing is layer three: a statement that forgot the scope is refused, whatever it is.
func TestLoginMayDoNothing(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	refused := func(t *testing.T, sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); sqlState(err) != "42501" {
			t.Errorf("%s: %v; want permission denied", sql, err)
		}
	}
	all := func(t *testing.T, table string) {
		t.Helper()
		refused(t, "select from "+table)
		refused(t, "select count(*) from "+table)
		refused(t, "insert into "+table+" default values")
		refused(t, "delete from "+table)
		refused(t, "truncate "+table)
	}
	eachTable(t, d, func(t *testing.T, table string, _ tableRule) {
		all(t, table)
		refused(t, "update "+table+" set tenant_id = tenant_id")
		refused(t, "select tenant_id from "+table)
		// The settings alone open nothing: the role does.
		refused(t, fmt.Sprintf("set app.tenant_id = '%s'; select from %s", f.A.ID.UUID(), table))
		refused(t, "alter table "+table+" disable row level security")
		refused(t, "drop table "+table)
	})
	all(t, "company_directory")
	all(t, "tillgraph_migrations")
	refused(t, "create table public.stray ()")
	refused(t, "call tillgraph.protect('users', 'tenant')")
	refused(t, "set role tillgraph_gate")
	refused(t, "set role "+pgtest.OwnerRole)
}

// TestNothingIsLeftOfAScope: a connection that goes back to the pool remembers nobody.
func TestNothingIsLeftOfAScope(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	for _, end := range []string{"commit", "rollback"} {
		if _, err := conn.Exec(t.Context(), "begin"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "select tillgraph.enter($1, $2, null, null)", f.A.ID.UUID(),
			"{"+f.A.Stores[0].ID.UUID().String()+"}"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		var role, left string
		if err := conn.QueryRow(t.Context(), `select current_user::text, concat(current_setting('app.tenant_id', true),
			current_setting('app.store_ids', true), current_setting('app.user_id', true),
			current_setting('app.register_id', true))`).Scan(&role, &left); err != nil {
			t.Fatal(err)
		}
		if role != pgtest.LoginRole || left != "" {
			t.Errorf("after %s: role %s, settings %q", end, role, left)
		}
		if _, err := conn.Exec(t.Context(), "select from products"); sqlState(err) != "42501" {
			t.Errorf("after %s: %v; want permission denied", end, err)
		}
	}
	// As the restricted role itself, without a company: no row, and no error that would tell something.
	within(t, conn, f.A.OwnerScope(), func(tx pgx.Tx) {
		var n int
		if err := tx.QueryRow(t.Context(), "set local app.tenant_id = ''").Scan(); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		if err := tx.QueryRow(t.Context(), "select count(*) from products").Scan(&n); err != nil || n != 0 {
			t.Errorf("without a company: %d rows, %v", n, err)
		}
	})
}

// TestNobodyRaisesThemselves, whatever statement the application may be made to send.
func TestNobodyRaisesThemselves(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	own, other := f.A.Stores[0].Cashier.UUID(), f.A.Manager.UUID()
	for _, sql := range []string{
		fmt.Sprintf("update users set role = 'MANAGER' where id = '%s'", own),
		fmt.Sprintf("update users set all_stores = true where id = '%s'", own),
		fmt.Sprintf("update users set role = 'OWNER', all_stores = true where id = '%s'", other),
		fmt.Sprintf("update user_stores set role = 'MANAGER' where user_id = '%s'", own),
		fmt.Sprintf("delete from user_stores where user_id = '%s'", own),
		fmt.Sprintf("insert into user_stores (tenant_id, store_id, user_id) values ('%s', '%s', '%s')",
			f.A.ID.UUID(), f.A.Stores[0].ID.UUID(), own),
	} {
		within(t, conn, f.A.CashierScope(0), func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), sql); sqlState(err) != "42501" {
				t.Errorf("%s: %v; want permission denied", sql, err)
			}
		})
	}
	within(t, conn, f.A.OwnerScope(), func(tx pgx.Tx) { // the control
		tag, err := tx.Exec(t.Context(), fmt.Sprintf("update users set role = 'OWNER' where id = '%s'", other))
		if err != nil || tag.RowsAffected() != 1 {
			t.Errorf("an owner makes an owner: %v, %v", tag, err)
		}
	})
}

// TestGrants: what the server never does, it may not do.
func TestGrants(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	conn := connect(t, d.URL)
	for _, sql := range []string{
		"update sales set note = 'x'", "update sales set total = 0", "delete from returned_quantities", "delete from parked_sales",
		"delete from sales", "update sale_lines set total = 0", "delete from sale_lines",
		"update payments set amount = 1", "delete from payments", "update stock_movements set quantity = 1",
		"delete from stock_movements", "select key_hash from register_keys", "select from company_directory",
		"update companies set status = 'ACTIVE'",
		"update users set email = 'x@y.zz'", "delete from users", "truncate products", "create table public.x ()",
	} {
		within(t, conn, f.A.OwnerScope(), func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), sql); sqlState(err) != "42501" {
				t.Errorf("%s: %v; want permission denied", sql, err)
			}
		})
	}
}
