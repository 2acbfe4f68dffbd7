package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Config says how to reach the database.
type Config struct {
	URL string
	// MaxConns bounds each of the two pools.
	MaxConns int
	// StatementCache is how many prepared statements a connection keeps; 0 keeps nothing at all with a connection, as a
	// pooler in transaction mode needs: no statement, and no setting, which goes with each transaction then.
	StatementCache int
	// StatementTimeout ends a statement in the database, whatever became of who asked.
	StatementTimeout time.Duration
	// Tracer is told of connections and statements; nil is nobody.
	Tracer pgx.QueryTracer
	// Models are all the bun models of all the domains, as pointers to their zero values.
	Models []any
	// ProveWithoutScoping turns layer one off. It exists for the proof that the other layers hold without it.
	ProveWithoutScoping bool
}

// DB is the database of all companies. It does nothing but through a request's scope.
type DB struct {
	read, write *pgxpool.Pool
	bun         *bun.DB
	tables      map[string]bool
	models      []any
	scoping     bool
	kept        keptRows
	texts       statementTexts
	// passed are the texts of statements that were inspected, by their shapes.
	passed statementTexts
	known  *lru.Cache[holder, *tenancy.Scope]
	// pooled says that a pooler gives each transaction another connection, and settings are what each then begins with.
	pooled   bool
	settings string
	written  atomic.Pointer[func(id.Company)]
}

// Open makes the pools. It doesn't connect: Verify and Ping do.
func Open(ctx context.Context, c Config) (*DB, error) {
	db := &DB{tables: map[string]bool{}, models: c.Models, scoping: !c.ProveWithoutScoping, pooled: c.StatementCache == 0}
	db.settings = local(c.session())
	db.known, _ = lru.New[holder, *tenancy.Scope](mostKnown) // fails for a size below one
	db.bun = bun.NewDB(sql.OpenDB(refuser{}), pgdialect.New(), bun.WithDiscardUnknownColumns())
	for _, model := range c.Models {
		table, err := register(db.bun.Dialect().Tables(), model, db.scoping)
		if err != nil {
			return nil, err
		}
		db.tables[table.Name] = true
	}
	var err error
	reading := map[string]string{"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read"}
	if db.read, err = pool(ctx, c, reading); err != nil {
		return nil, err
	}
	if db.write, err = pool(ctx, c, nil); err != nil {
		db.read.Close()
		return nil, err
	}
	return db, nil
}

// OnWrite has fn told of the company of each transaction that changed something. It must not wait.
func (db *DB) OnWrite(fn func(id.Company)) { db.written.Store(&fn) }

func (h *Handle) changed() {
	if fn := h.db.written.Load(); fn != nil {
		(*fn)(h.scope.Company)
	}
}

// PoolStats are how the pool for reading and the one for writing do.
func (db *DB) PoolStats() (read, write *pgxpool.Stat) { return db.read.Stat(), db.write.Stat() }

func pool(ctx context.Context, c Config, params map[string]string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		// The cause could show the password.
		return nil, errors.New("the database's URL can't be read")
	}
	config.MaxConns = int32(max(c.MaxConns, 2)) //nolint:gosec // a handful
	config.MaxConnIdleTime = 5 * time.Minute
	config.MaxConnLifetimeJitter = time.Minute
	config.ConnConfig.StatementCacheCapacity = c.StatementCache
	config.ConnConfig.Tracer = tracer{}
	if c.Tracer != nil {
		config.ConnConfig.Tracer = multitracer.New(tracer{}, c.Tracer)
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	run := config.ConnConfig.RuntimeParams
	run["application_name"] = "tillgraph"
	run["timezone"] = "UTC"
	if c.StatementCache == 0 {
		// Settings beyond these two are what a pooler refuses, or forgets.
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	} else {
		maps.Copy(run, c.session())
		maps.Copy(run, params)
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	p, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("make a pool: %w", err)
	}
	return p, nil
}

// session are the settings of a session.
func (c Config) session() map[string]string {
	settings := map[string]string{
		// What is asked for is in memory or on a solid-state disk. With the default of a turning disk the planner rather
		// reads all of a company's products than four hundred of them by their ids.
		"random_page_cost": "1.1",
		// Compiling a statement takes longer than adding up what a report of two years does, each time anew, and half a second
		// more the first time on a connection.
		"jit": "off",
	}
	if c.StatementTimeout > 0 {
		settings["statement_timeout"] = strconv.FormatInt(c.StatementTimeout.Milliseconds(), 10)
		settings["idle_in_transaction_session_timeout"] = settings["statement_timeout"]
	}
	return settings
}

// local is the statement that makes settings a transaction's.
func local(settings map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		list = append(list, fmt.Sprintf("set_config('%s', '%s', true)", name, settings[name]))
	}
	return "select " + strings.Join(list, ", ")
}

// Close waits for the connections in use and closes all.
func (db *DB) Close() {
	db.read.Close()
	db.write.Close()
}

// Ping asks both pools for a connection that answers.
func (db *DB) Ping(ctx context.Context) error {
	return translate(errors.Join(db.read.Ping(ctx), db.write.Ping(ctx)))
}

// refuser is the connection that bun doesn't have: it builds statements and carries none.
type refuser struct{}

var errCarried = errors.New("bun builds statements here and pgx carries them: use Handle.Read or DB.Write")

// Connect implements driver.Connector.
func (refuser) Connect(context.Context) (driver.Conn, error) { return nil, errCarried }

// Driver implements driver.Connector.
func (refuser) Driver() driver.Driver { return refuser{} }

// Open implements driver.Driver.
func (refuser) Open(string) (driver.Conn, error) { return nil, errCarried }
