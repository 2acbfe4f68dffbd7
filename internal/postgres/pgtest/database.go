package pgtest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Database is one test's own database, migrated and empty.
type Database struct {
	Name string
	// URL is the server's way in, as a role that may only enter a scope.
	URL string
	// OwnerURL is the migrations' way in.
	OwnerURL string
	// SuperURL is the way around every rule, for what a test plants or looks at.
	SuperURL string

	super *pgxpool.Pool
}

var databases atomic.Int64

// New makes an empty database for a test, and drops it when the test ends.
func New(t testing.TB) *Database {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("start a PostgreSQL for the tests: %v", err)
	}
	return s.clone(t, template)
}

// clone makes a database for a test, and drops it when the test ends.
func (s *server) clone(t testing.TB, template string) *Database {
	t.Helper()
	name := fmt.Sprintf("t%d", databases.Add(1))
	ctx := t.Context()
	// Without fsync the checkpoints of FILE_COPY cost less than the write-ahead log of a whole database.
	clone := "create database " + name + " owner " + OwnerRole + " template " + template + " strategy file_copy"
	if _, err := s.admin.Exec(ctx, clone); err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	d := &Database{
		Name: name, URL: s.local.URL(LoginRole, name), OwnerURL: s.local.URL(OwnerRole, name),
		SuperURL: s.local.URL(superuser, name),
	}
	var err error
	d.super, err = superPool(ctx, d.SuperURL)
	if err != nil {
		t.Fatalf("make the superuser's pool: %v", err)
	}
	t.Cleanup(func() {
		d.super.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := s.admin.Exec(ctx, "drop database if exists "+name+" with (force)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return d
}

func superPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 2
	return pgxpool.NewWithConfig(ctx, config)
}

// Open opens the database as the server does, with the given models, and closes it when the test ends. Each of
// change may alter the configuration first.
func (d *Database) Open(t testing.TB, models []any, change ...func(*postgres.Config)) *postgres.DB {
	t.Helper()
	config := postgres.Config{
		URL: d.URL, MaxConns: 4, StatementCache: 64, StatementTimeout: 20 * time.Second, Models: models,
	}
	for _, fn := range change {
		fn(&config)
	}
	db, err := postgres.Open(t.Context(), config)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Exec runs a statement as the superuser and gives the number of rows that it touched.
func (d *Database) Exec(t testing.TB, sql string, args ...any) int64 {
	t.Helper()
	tag, err := d.super.Exec(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("run %q as the superuser: %v", sql, err)
	}
	return tag.RowsAffected()
}

// Super is the superuser's pool.
func (d *Database) Super() *pgxpool.Pool { return d.super }

// Value reads one value as the superuser.
func Value[V any](t testing.TB, d *Database, sql string, args ...any) V {
	t.Helper()
	var v V
	if err := d.super.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("read %q as the superuser: %v", sql, err)
	}
	return v
}

// Values reads a column of values as the superuser.
func Values[V any](t testing.TB, d *Database, sql string, args ...any) []V {
	t.Helper()
	rows, err := d.super.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("read %q as the superuser: %v", sql, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[V])
	if err != nil {
		t.Fatalf("read %q as the superuser: %v", sql, err)
	}
	return values
}
