package seed

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// small makes a company in a database of a test's own.
func small(t *testing.T, keysBySet bool, before ...string) (db *pgtest.Database, super *pgx.Conn) {
	t.Helper()
	db = pgtest.New(t)
	super = connectTo(t, db.SuperURL)
	for _, statement := range before {
		if _, err := super.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	dial := func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, db.OwnerURL) }
	err := Bulk(t.Context(), dial, BulkOptions{
		Options: Options{
			Now:    func() time.Time { return time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC) },
			Logger: slog.New(slog.DiscardHandler), Seed: 7,
			HashPassword: func(context.Context, string) (string, error) { return "hash", nil },
		},
		Companies: 1, Sales: 300, KeysBySet: keysBySet,
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, super
}

func connectTo(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func lend(t *testing.T) {
	t.Helper()
	back, err := postgres.LendTriggers(t.Context(), pgtest.New(t).SuperURL, pgtest.OwnerRole)
	if err != nil || back == nil {
		t.Fatal(err)
	}
}

// rowByRow has the trail written as it is for whoever doesn't own the tables.
const rowByRow = `do $$
declare
    one record;
begin
    for one in select tgrelid::regclass as name, pg_get_triggerdef(oid) as made from pg_trigger
        where tgname = 'audited_new' and pg_get_triggerdef(oid) ~ 'SESSION_USER <>'
    loop
        execute format('alter table %s disable trigger audited_many; drop trigger audited_new on %s', one.name, one.name);
        execute regexp_replace(one.made, 'SESSION_USER <> ''[^'']*''::name', 'true');
    end loop;
end $$`

// TestBulkIsTheSameEitherWay: keys by set or by row, records of the trail by set or by row, the data is the same.
func TestBulkIsTheSameEitherWay(t *testing.T) {
	t.Parallel()
	lend(t)
	_, bySet := small(t, true)
	db, byRow := small(t, false, rowByRow)
	tables := tablesOf(t, bySet)
	if len(tables) < 20 {
		t.Fatalf("rows in %v alone", tables)
	}
	for _, table := range tables {
		query := `select md5(coalesce(string_agg(v, e'\n' order by v), '')) from (select ` + content(table) +
			` as v from ` + table + ` t) rows`
		if one, other := text(t, bySet, query), text(t, byRow, query); one != other {
			t.Errorf("%s differs", table)
		}
	}
	sealed(t, db, byRow)
}

// sealed waits until all of the trail is, as it can be when no transaction goes on that began before; other tests have such.
func sealed(t *testing.T, db *pgtest.Database, super *pgx.Conn) {
	t.Helper()
	owner := connectTo(t, db.OwnerURL)
	companies, err := bulkCompanies(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	for text(t, super, `select (select count(*) from audit_events) = (select coalesce(sum(cardinality(record_ids)), 0) from audit_seals)`) != "true" {
		time.Sleep(20 * time.Millisecond)
		if err := seal(t.Context(), owner, companies[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// tablesOf are those with rows, but for what says when something was written.
func tablesOf(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	return strings.Fields(text(t, conn, `select string_agg(relname, ' ' order by relname) from pg_class c
		where relnamespace = 'public'::regnamespace and relkind = 'r' and relname !~ '^(tillgraph_|audit_seals|audit_heads)'
			and (xpath('//n/text()', query_to_xml(format('select count(*) as n from %I', relname), false, true, '')))[1]::text <> '0'`))
}

// content is a row without what differs each time.
func content(table string) string {
	if table == "audit_events" {
		return "(to_jsonb(t) - '{id,at,xid}'::text[])::text"
	}
	return "(to_jsonb(t) - '{updated_at,last_seen_at}'::text[])::text"
}

func text(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	var value string
	if err := conn.QueryRow(t.Context(), "select ("+query+")::text").Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// TestCheckKeysFindsWhatDangles: what nobody checked when it was written is found.
func TestCheckKeysFindsWhatDangles(t *testing.T) {
	t.Parallel()
	lend(t)
	db, super := small(t, true)
	owner := connectTo(t, db.OwnerURL)
	companies, err := bulkCompanies(t.Context(), owner)
	if err != nil || len(companies) != 1 {
		t.Fatal(companies, err)
	}
	tenant := companies[0]
	rows, err := super.Query(t.Context(), "select id from stores where tenant_id = $1", tenant)
	if err != nil {
		t.Fatal(err)
	}
	stores, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	for damage, key := range map[string]string{
		"":                             "",
		"delete from sales":            "sale_id_fkey",
		"delete from users":            "cashier_id_fkey",
		"delete from products":         "product_id_fkey",
		"delete from inventory_levels": "level_id_fkey",
		"delete from sale_lines":       "sale_line_id_fkey",
		"delete from registers":        "register_id_fkey",
	} {
		err := inScope(t.Context(), owner, tenant, stores, func(tx pgx.Tx) error {
			if err := unsafely(t.Context(), tx, true); err != nil {
				return err
			}
			if damage != "" {
				if _, err := tx.Exec(t.Context(), damage); err != nil {
					return err
				}
			}
			if err := checkKeys(t.Context(), tx, tenant); err != nil {
				return err
			}
			return errWhole
		})
		switch {
		case key == "" && !errors.Is(err, errWhole):
			t.Errorf("of what was made: %v", err)
		case key != "" && (!errors.Is(err, errDangling) || !strings.Contains(err.Error(), key)):
			t.Errorf("%s: %v", damage, err)
		}
	}
}

var errWhole = errors.New("nothing dangles")
