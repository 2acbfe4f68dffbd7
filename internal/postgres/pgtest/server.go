// Package pgtest gives each test a database of its own: a clone of one that was migrated once, on a private
// PostgreSQL that lives as long as the test process. A test that gets none fails; it is never skipped.
//
// A package that uses it stops the server at its end:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillgraph/tillgraph/internal/localpg"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// The roles of every test database, and the database that the others are clones of.
const (
	OwnerRole = "tillgraph_owner"
	LoginRole = "tillgraph_login"

	superuser = "postgres"
	template  = "tillgraph_template"
	dirPrefix = "tillgraph-pgtest-"
)

type server struct {
	local *localpg.Server
	dir   string
	admin *pgxpool.Pool
}

// The server belongs to the process, as TestMain does.
var (
	once     sync.Once
	started  *server
	startErr error
)

// Main runs a package's tests and stops what New started, also when tests failed. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(code, 1)
	}
	return code
}

func shared() (*server, error) {
	once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		started, startErr = start(ctx)
	})
	return started, startErr
}

func start(ctx context.Context) (*server, error) {
	sweep()
	dir, err := os.MkdirTemp("", dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	local, err := localpg.Start(ctx, localpg.Options{
		Dir:    dir,
		Logger: slog.New(slog.DiscardHandler),
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"shared_buffers": "64MB", "max_connections": "300", "autovacuum": "off",
		},
		Download: true,
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &server{local: local, dir: dir}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) prepare(ctx context.Context) error {
	super := s.local.URL(superuser, "postgres")
	if err := postgres.CreateLocalRoles(ctx, super, OwnerRole, LoginRole, template); err != nil {
		return err
	}
	m, err := postgres.OpenMigrator(ctx, s.local.URL(OwnerRole, template))
	if err != nil {
		return err
	}
	defer m.Close()
	if _, err := m.Up(ctx); err != nil {
		return err
	}
	if err := m.GrantLogin(ctx, LoginRole); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(super)
	if err != nil {
		return fmt.Errorf("read the superuser's URL: %w", err)
	}
	config.MaxConns = 4
	s.admin, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("make the superuser's pool: %w", err)
	}
	return nil
}

func stop() error {
	if started == nil {
		return nil
	}
	return started.stop()
}

func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if s.admin != nil {
		s.admin.Close()
	}
	return errors.Join(s.local.Stop(ctx), os.RemoveAll(s.dir))
}

// sweep removes the folders of test processes that were killed before they could.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, dir := range left {
		text, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirPrefix), "-")
		pid, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		process, err := os.FindProcess(pid)
		if err != nil || errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			_ = os.RemoveAll(dir)
		}
	}
}
