package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"

	"github.com/tillgraph/tillgraph/migrations"
)

const (
	migrationsTable = "tillgraph_migrations"
	locksTable      = "tillgraph_migration_locks"

	// advisoryKey serialises whoever changes the schema or its roles; any number that nobody else uses.
	advisoryKey  = 0x7469_6c6c_6772_6170
	advisoryPoll = 100 * time.Millisecond
)

// Migrator moves the schema, as the role that owns it. It holds one connection, which must be a direct one: the
// lock that keeps migrators apart belongs to the session, and so a crash leaves nothing locked.
type Migrator struct {
	sql *sql.DB
	bun *migrate.Migrator
}

// MigrationStatus is a migration that this program knows.
type MigrationStatus struct {
	Name string
	// AppliedAt is zero for a migration that is still to be applied.
	AppliedAt time.Time
}

// OpenMigrator connects as the owner of the schema and waits until no other migrator is at work.
func OpenMigrator(ctx context.Context, ownerURL string) (*Migrator, error) {
	known, err := knownMigrations()
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		// The cause could show the password.
		return nil, errors.New("the URL of the database's owner can't be read")
	}
	// A migration is a file of several statements.
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	config.RuntimeParams["application_name"] = "tillgraph migrate"
	config.RuntimeParams["search_path"] = "public"
	db := sql.OpenDB(&single{Connector: stdlib.GetConnector(*config)})
	db.SetMaxOpenConns(1)
	m := &Migrator{sql: db}
	m.bun = migrate.NewMigrator(bun.NewDB(db, pgdialect.New()), known,
		migrate.WithTableName(migrationsTable), migrate.WithLocksTableName(locksTable),
		migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true), migrate.AfterMigration(record))
	if err := m.lock(ctx); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func knownMigrations() (*migrate.Migrations, error) {
	known := migrate.NewMigrations()
	if err := known.Discover(migrations.Files); err != nil {
		return nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	return known, nil
}

// newestMigration is the version that the schema must have for this program.
func newestMigration() (string, error) {
	known, err := knownMigrations()
	if err != nil {
		return "", err
	}
	sorted := known.Sorted()
	return sorted[len(sorted)-1].Name, nil
}

// Close gives the lock and the connection back.
func (m *Migrator) Close() { _ = m.sql.Close() }

// lock asks again and again rather than waiting in the database: a wait there is a transaction, and would hold
// up whatever the migrator that has the lock builds concurrently.
func (m *Migrator) lock(ctx context.Context) error {
	return advisoryLock(ctx, func(ctx context.Context, query string, got *bool) error {
		return m.sql.QueryRowContext(ctx, query).Scan(got)
	})
}

func advisoryLock(ctx context.Context, try func(ctx context.Context, query string, got *bool) error) error {
	query := fmt.Sprintf("select pg_try_advisory_lock(%d)", int64(advisoryKey))
	for {
		var got bool
		if err := try(ctx, query, &got); err != nil {
			return fmt.Errorf("lock the schema for migrating: %w", err)
		}
		if got {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migrator: %w", ctx.Err())
		case <-time.After(advisoryPoll):
		}
	}
}

type direction struct{}

// record notes a migration within its own transaction, so that no crash leaves one applied and not noted, and
// moves tillgraph.schema_version, by which the server, which can't read the table, learns where the schema is.
func record(ctx context.Context, db bun.IConn, migration *migrate.Migration) error {
	note := "insert into " + migrationsTable + " (name, group_id) values (?, ?) on conflict (name) do nothing"
	args := []any{migration.Name, migration.GroupID}
	if down, _ := ctx.Value(direction{}).(bool); down {
		note, args = "delete from "+migrationsTable+" where name = ?", args[:1]
	}
	if _, err := db.ExecContext(ctx, note, args...); err != nil {
		return fmt.Errorf("note the migration: %w", err)
	}
	if _, err := db.ExecContext(ctx, publishVersion); err != nil {
		return fmt.Errorf("publish the version of the schema: %w", err)
	}
	return nil
}

// publishVersion does nothing where the first migration has just been taken back, and its schema with it.
const publishVersion = `do $$
begin
    if to_regnamespace('tillgraph') is not null then
        execute format(
            'create or replace function tillgraph.schema_version() returns text language plpgsql stable as %L',
            format('begin return %L; end', (select coalesce(max(name), '') from ` + migrationsTable + `)));
        revoke all on function tillgraph.schema_version() from public;
    end if;
end $$`

// Up applies what is still to be applied and gives the names of it.
func (m *Migrator) Up(ctx context.Context) ([]string, error) {
	if err := m.bun.Init(ctx); err != nil {
		return nil, fmt.Errorf("make the table of migrations: %w", err)
	}
	group, err := m.bun.Migrate(ctx)
	if err != nil {
		applied := names(group.Migrations)
		return applied[:max(len(applied)-1, 0)], fmt.Errorf("migrate: %w", err)
	}
	return names(group.Migrations), nil
}

// Down takes back the migrations that were last applied together and gives the names of them, newest first.
func (m *Migrator) Down(ctx context.Context) ([]string, error) {
	if err := m.bun.Init(ctx); err != nil {
		return nil, fmt.Errorf("make the table of migrations: %w", err)
	}
	before, err := m.appliedNames(ctx)
	if err != nil {
		return nil, err
	}
	downErr := m.rollback(ctx)
	after, err := m.appliedNames(ctx)
	rolledBack := slices.DeleteFunc(before, func(name string) bool { return slices.Contains(after, name) })
	slices.Reverse(rolledBack)
	return rolledBack, errors.Join(downErr, err)
}

// rollback goes on where it was caught in a deadlock with servers that are still at work: each migration is one
// transaction, which was undone whole.
func (m *Migrator) rollback(ctx context.Context) error {
	const tries = 5
	for try := 1; ; try++ {
		_, err := m.bun.Rollback(context.WithValue(ctx, direction{}, true))
		if err == nil {
			return nil
		}
		if try == tries || !retriable(err) || ctx.Err() != nil {
			return fmt.Errorf("roll back: %w", err)
		}
	}
}

// Status tells of each migration whether it is applied, in their order. A database that was never migrated has
// none applied.
func (m *Migrator) Status(ctx context.Context) ([]MigrationStatus, error) {
	if err := m.bun.Init(ctx); err != nil {
		return nil, fmt.Errorf("make the table of migrations: %w", err)
	}
	all, err := m.bun.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the table of migrations: %w", err)
	}
	status := make([]MigrationStatus, len(all))
	for i := range all {
		status[i] = MigrationStatus{Name: all[i].String(), AppliedAt: all[i].MigratedAt}
	}
	return status, nil
}

func (m *Migrator) appliedNames(ctx context.Context) ([]string, error) {
	all, err := m.bun.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the table of migrations: %w", err)
	}
	return names(slices.DeleteFunc(all, func(one migrate.Migration) bool { return !one.IsApplied() })), nil
}

func names(group migrate.MigrationSlice) []string {
	list := make([]string, len(group))
	for i := range group {
		list[i] = group[i].String()
	}
	return list
}

// GrantLogin makes a role the one that the server logs in as: it may enter a scope and ask the gate, and do
// nothing else. It may be called again, and must be after the first migration was applied anew.
//
// Errors: a role that isn't there, that row-level security doesn't bind, or that owns tables, is refused.
func (m *Migrator) GrantLogin(ctx context.Context, role string) error {
	tx, err := m.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	inherits, err := checkLogin(ctx, tx, role)
	if err != nil {
		return err
	}
	name := pgx.Identifier{role}.Sanitize()
	if inherits {
		if _, err := tx.ExecContext(ctx, "alter role "+name+" noinherit"); err != nil {
			return fmt.Errorf("role %s must not inherit what tillgraph_app may do; have an administrator run "+
				"ALTER ROLE %s NOINHERIT: %w", role, name, err)
		}
	}
	if err := grantLogin(ctx, tx, name); err != nil {
		return fmt.Errorf("grant the way into a scope to %s: %w", role, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

const loginFacts = `select r.rolsuper, r.rolbypassrls, r.rolinherit, r.rolname = current_user,
    exists (select from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm', 'f'))
from pg_roles r where r.rolname = $1`

func checkLogin(ctx context.Context, tx *sql.Tx, role string) (inherits bool, err error) {
	var super, bypass, self, owner bool
	err = tx.QueryRowContext(ctx, loginFacts, role).Scan(&super, &bypass, &inherits, &self, &owner)
	if errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("there is no role %s: create it (LOGIN NOINHERIT), or name another one", role)
	}
	if err != nil {
		return false, fmt.Errorf("look at role %s: %w", role, err)
	}
	var faults []error
	refuse := func(fault bool, why string) {
		if fault {
			faults = append(faults, fmt.Errorf("the server must not log in as %s, which %s", role, why))
		}
	}
	refuse(super, "is a superuser: row-level security doesn't bind it")
	refuse(bypass, "has BYPASSRLS: row-level security doesn't bind it")
	refuse(self, "owns the schema: it could lift every rule")
	refuse(owner && !self, "owns tables: it could lift every rule of these")
	return inherits, errors.Join(faults...)
}

func grantLogin(ctx context.Context, tx *sql.Tx, name string) error {
	var version int
	if err := tx.QueryRowContext(ctx, "select current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	membership := "grant tillgraph_app to " + name
	if version >= 16_00_00 {
		// Since 16 the membership says, not the role, what is inherited.
		membership += " with inherit false, set true"
	}
	for _, statement := range []string{
		membership,
		"grant usage on schema tillgraph to " + name,
		"grant execute on function tillgraph.enter(uuid, text, uuid, uuid, text, uuid, uuid, uuid, bigint)" + //nolint:dupword // types
			", tillgraph.hold(uuid, uuid, uuid, uuid, bigint)" + //nolint:dupword // types
			", tillgraph.audit_seal(uuid, integer), tillgraph.audit_companies(uuid, integer)" +
			", tillgraph.audit_retain(uuid, integer)" +
			", tillgraph.audit_access(uuid, boolean, uuid[], uuid[], timestamptz[], uuid[], uuid[], text[], text[], text[], text[]" + //nolint:dupword // types
			", text[], text[], text[], text[], integer[], bigint[], text[], text[], bigint[])" + //nolint:dupword // types
			", tillgraph.signal_add(uuid, jsonb, jsonb), tillgraph.signal_operators(jsonb), tillgraph.signal_keep(uuid)" +
			", tillgraph.company_by_slug(text)" +
			", tillgraph.user_access(uuid, uuid, text, uuid)" +
			", tillgraph.register_access(uuid, uuid, bytea)" +
			", tillgraph.returnable_lines(uuid, uuid[], uuid, uuid[])" +
			", tillgraph.returnable_sale(uuid, uuid[], uuid, text, text, bigint)" + //nolint:dupword // two codes
			", tillgraph.session_register(uuid, uuid, uuid)" +
			", tillgraph.company_create(uuid, text, text, text, text, text, timestamptz, text)" + //nolint:dupword // types
			", tillgraph.company_bill(text, text, text, text, timestamptz, bytea)" + //nolint:dupword // types
			", tillgraph.companies_due(), tillgraph.company_purge(uuid)" +
			", tillgraph.company_config(uuid)" +
			", tillgraph.fold_reports(uuid, integer)" +
			", tillgraph.report_companies(uuid, integer)" +
			", tillgraph.take_attempts(timestamptz, bytea[], integer[], integer[], boolean[])" + //nolint:dupword // types
			", tillgraph.take_points(uuid, uuid[], bigint[], bigint[], bigint[], bigint[], bigint[])" + //nolint:dupword // types
			", tillgraph.reports_due(timestamptz, integer)" +
			", tillgraph.reports_rest(uuid)" +
			", tillgraph.company_by_host(text)" +
			", tillgraph.domains_due(timestamptz, integer)" +
			", tillgraph.domain_checked(uuid, uuid, text[], timestamptz, timestamptz)" +
			", tillgraph.support_access(uuid, uuid)" +
			", tillgraph.support_act(uuid, uuid, uuid, text, text)" + //nolint:dupword // two ids and two texts
			", tillgraph.schema_version() to " + name,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// CreateLocalRoles makes what a fresh server needs, as its superuser: the role that owns the schema, the role
// that the server logs in as, and the database. What is there already is left, with its attributes set right.
func CreateLocalRoles(ctx context.Context, superuserURL, ownerRole, loginRole, database string) error {
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return fmt.Errorf("connect as the superuser: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = advisoryLock(ctx, func(ctx context.Context, query string, got *bool) error {
		return conn.QueryRow(ctx, query).Scan(got)
	})
	if err != nil {
		return err
	}
	const plain = "login nosuperuser nobypassrls nocreatedb noreplication "
	if err := ensureRole(ctx, conn, ownerRole, plain+"createrole"); err != nil {
		return err
	}
	if err := ensureRole(ctx, conn, loginRole, plain+"nocreaterole noinherit"); err != nil {
		return err
	}
	return ensureDatabase(ctx, conn, database, ownerRole)
}

// LendTriggers lets a role turn off triggers in its own transactions, keys among them, as the superuser of a server of
// ours, until the function that it gives is called.
func LendTriggers(ctx context.Context, superuserURL, role string) (back func(context.Context) error, err error) {
	change := func(ctx context.Context, statement string) error {
		conn, err := pgx.Connect(ctx, superuserURL)
		if err != nil {
			return fmt.Errorf("connect as the superuser: %w", err)
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		if _, err := conn.Exec(ctx, statement+pgx.Identifier{role}.Sanitize()); err != nil {
			return fmt.Errorf("lend triggers to %s: %w", role, err)
		}
		return nil
	}
	return func(ctx context.Context) error {
		return change(ctx, "revoke set on parameter session_replication_role from ")
	}, change(ctx, "grant set on parameter session_replication_role to ")
}

func ensureRole(ctx context.Context, conn *pgx.Conn, role, attributes string) error {
	var there bool
	err := conn.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", role).Scan(&there)
	verb := "create"
	if there {
		verb = "alter"
	}
	if err == nil {
		_, err = conn.Exec(ctx, verb+" role "+pgx.Identifier{role}.Sanitize()+" "+attributes)
	}
	if err != nil {
		return fmt.Errorf("%s role %s: %w", verb, role, err)
	}
	return nil
}

func ensureDatabase(ctx context.Context, conn *pgx.Conn, database, owner string) error {
	var there bool
	err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there)
	if err == nil && !there {
		_, err = conn.Exec(ctx, "create database "+pgx.Identifier{database}.Sanitize()+
			" owner "+pgx.Identifier{owner}.Sanitize())
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", database, err)
	}
	return nil
}

// single connects once: a second connection would be one without the lock.
type single struct {
	driver.Connector
	used atomic.Bool
}

// Connect implements driver.Connector.
func (s *single) Connect(ctx context.Context) (driver.Conn, error) {
	if s.used.Swap(true) {
		return nil, errors.New("the migrator's connection was lost, and its lock with it: run it again")
	}
	return s.Connector.Connect(ctx)
}
