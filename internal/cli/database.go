package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/localpg"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// The private PostgreSQL's roles and database.
const (
	localSuperuser = "postgres"
	localOwner     = "tillgraph_owner"
	localLogin     = "tillgraph_server"
	localDatabase  = "tillgraph"

	// localStopTimeout is for the last checkpoint.
	localStopTimeout = 30 * time.Second
)

// target is the database that a command works on.
type target struct {
	loginURL, ownerURL string
	// login is the role that the server logs in as; empty where that isn't known.
	login string
	// server is the private PostgreSQL, nil where a database is configured.
	server  *localpg.Server
	options localpg.Options
	log     *slog.Logger

	// mu guards server, which keepAlive replaces, and closed.
	mu     sync.Mutex
	closed bool
}

// open finds the configured database, or starts the private one and makes its roles.
func (s databaseSettings) open(ctx context.Context, log *slog.Logger) (*target, error) {
	if s.configured() {
		return &target{loginURL: s.DatabaseURL, ownerURL: s.DatabaseOwnerURL, login: s.login(), log: log}, nil
	}
	dir, err := s.dir()
	if err != nil {
		return nil, err
	}
	options := localpg.Options{Dir: dir, Logger: log, Download: true}
	server, err := localpg.Start(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("start a private PostgreSQL; --database-url (DATABASE_URL) names another one: %w", err)
	}
	t := &target{
		loginURL: server.URL(localLogin, localDatabase), ownerURL: server.URL(localOwner, localDatabase),
		login: localLogin, server: server, options: options, log: log,
	}
	superuser := server.URL(localSuperuser, "postgres")
	if err := postgres.CreateLocalRoles(ctx, superuser, localOwner, localLogin, localDatabase); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the private PostgreSQL: %w", err), t.close(ctx))
	}
	return t, nil
}

func (t *target) local() bool { return t.current() != nil }

// reused says that the private PostgreSQL is another process's.
func (t *target) reused() bool { return t.local() && t.current().Reused() }

// close stops the private PostgreSQL, where it is ours, whatever became of ctx.
func (t *target) close(ctx context.Context) error {
	if !t.local() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), localStopTimeout)
	defer cancel()
	t.mu.Lock()
	t.closed = true
	server := t.server
	t.mu.Unlock()
	if err := server.Stop(ctx); err != nil {
		return fmt.Errorf("stop the private PostgreSQL: %w", err)
	}
	return nil
}

// ready prepares the private PostgreSQL's schema; a configured database is left as it is.
func (t *target) ready(ctx context.Context) error {
	if !t.local() {
		return nil
	}
	_, err := t.migrate(ctx)
	return err
}

// migrate brings the schema up to date and lets the server's role in.
func (t *target) migrate(ctx context.Context) ([]string, error) {
	var applied []string
	err := t.migrator(ctx, func(m *postgres.Migrator) error {
		var err error
		if applied, err = m.Up(ctx); err != nil {
			return fmt.Errorf("apply the migrations: %w", err)
		}
		if t.login == "" {
			return nil
		}
		if err := m.GrantLogin(ctx, t.login); err != nil {
			return fmt.Errorf("let the server's role in: %w", err)
		}
		return nil
	})
	if len(applied) > 0 {
		t.log.InfoContext(ctx, "migrated the schema", "migrations", len(applied))
	}
	return applied, err
}

func (t *target) migrator(ctx context.Context, do func(*postgres.Migrator) error) error {
	if err := t.needOwner(); err != nil {
		return err
	}
	m, err := postgres.OpenMigrator(ctx, t.ownerURL)
	if err != nil {
		return fmt.Errorf("open the database as its owner: %w", err)
	}
	defer m.Close()
	return do(m)
}

// connect opens a connection as the owner of the schema.
func (t *target) connect(ctx context.Context) (*pgx.Conn, error) {
	if err := t.needOwner(); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, t.ownerURL)
	if err != nil {
		return nil, fmt.Errorf("open the database as its owner: %w", err)
	}
	return conn, nil
}

// owner runs do on a connection as the owner of the schema.
func (t *target) owner(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := t.connect(ctx)
	if err != nil {
		return err
	}
	// What was done is committed by now.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return do(conn)
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (t *target) needOwner() error {
	if t.ownerURL == "" {
		return usagef("this needs --database-owner-url (DATABASE_OWNER_URL): the server's own role may not do it")
	}
	return nil
}

// databaseCommand is what the commands beside serve have in common.
type databaseCommand struct {
	databaseSettings `embed:""`
	logSettings      `embed:""`
}

// with runs do on the database and closes it.
func (c databaseCommand) with(ctx context.Context, p *process, do func(context.Context, *target) error) (err error) {
	if err := c.databaseSettings.validate(); err != nil {
		return err
	}
	t, err := c.open(ctx, c.logger(p.stderr, !c.configured()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close(ctx)) }()
	return do(ctx, t)
}
