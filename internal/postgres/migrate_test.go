package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func late() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 10*time.Second)
}

func connectLate(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	ctx, cancel := late()
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Errorf("connect: %v", err)
		return nil
	}
	return conn
}

func migrator(t *testing.T, d *pgtest.Database) *postgres.Migrator {
	t.Helper()
	m, err := postgres.OpenMigrator(t.Context(), d.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestMigrateDownAndUp(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	m := migrator(t, d)
	down, err := m.Down(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left := pgtest.Values[string](t, d, listTenantTables); len(left) != 0 {
		t.Errorf("tables are left: %v", left)
	}
	if err := d.Open(t, nil).Verify(t.Context()); !errors.Is(err, postgres.ErrSchemaBehind) {
		t.Errorf("Verify of an empty database: %v", err)
	}
	status, err := m.Status(t.Context())
	if err != nil || len(status) != len(down) || !status[0].AppliedAt.IsZero() {
		t.Errorf("status %v, %v", status, err)
	}
	up, err := m.Up(t.Context())
	if err != nil || len(up) != len(down) || up[0] != down[len(down)-1] {
		t.Errorf("down %v, up %v, %v", down, up, err)
	}
	if again, err := m.Up(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("a second up applied %v, %v", again, err)
	}
	if err := m.GrantLogin(t.Context(), pgtest.LoginRole); err != nil {
		t.Error(err)
	}
	if status, err := m.Status(t.Context()); err != nil || status[len(status)-1].AppliedAt.IsZero() {
		t.Errorf("status %v, %v", status, err)
	}
	if err := d.Open(t, models()).Verify(t.Context()); err != nil {
		t.Errorf("after down and up: %v", err)
	}
}

func TestMigratorsTakeTurns(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	first := migrator(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if m, err := postgres.OpenMigrator(ctx, d.OwnerURL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second migrator: %v, %v", m, err)
	}
	first.Close()
	migrator(t, d).Close()

	// One that was killed leaves nothing locked, and says so when it goes on.
	killed := migrator(t, d)
	d.Exec(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'tillgraph migrate'", d.Name)
	if _, err := killed.Status(t.Context()); err == nil {
		t.Error("a migrator without its lock goes on")
	}
	migrator(t, d).Close()
}

func TestGrantLoginRefuses(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	m := migrator(t, d)
	d.Exec(t, "create role refused_bypass login noinherit bypassrls")
	t.Cleanup(func() { dropRole(t, d, "refused_bypass") })
	d.Exec(t, "create role refused_owner login noinherit")
	t.Cleanup(func() { dropRole(t, d, "refused_owner") })
	d.Exec(t, "create schema theirs authorization refused_owner; create table theirs.x (); alter table theirs.x owner to refused_owner")
	for role, want := range map[string]string{
		"nobody": "there is no role nobody", "postgres": "is a superuser", pgtest.OwnerRole: "owns the schema",
		"refused_bypass": "BYPASSRLS", "refused_owner": "owns tables",
	} {
		if err := m.GrantLogin(t.Context(), role); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", role, err, want)
		}
	}
}

func TestCreateLocalRolesAtOnce(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	t.Cleanup(func() {
		conn := connectLate(t, d.SuperURL)
		ctx, cancel := late()
		defer cancel()
		for _, sql := range []string{"drop database local_db", "drop role local_owner", "drop role local_login"} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				t.Error(err)
			}
		}
		_ = conn.Close(ctx)
	})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := postgres.CreateLocalRoles(t.Context(), d.SuperURL, "local_owner", "local_login", "local_db"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}
