package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signal"
)

// serveCommand serves.
type serveCommand struct {
	httpSettings     `embed:""`
	webSettings      `embed:""`
	watchSettings    `embed:""`
	anchorSettings   `embed:""`
	databaseSettings `embed:""`
	poolSettings     `embed:""`
	tokenSettings    `embed:""`
	sessionSettings  `embed:""`
	jwksSettings     `embed:""`
	peopleSettings   `embed:""`
	limitSettings    `embed:""`
	logSettings      `embed:""`
}

// sessionSettings say how long a login lasts.
//
//nolint:lll // a tag can't be broken over lines
type sessionSettings struct {
	AccessTTL  time.Duration `name:"access-token-ttl" env:"ACCESS_TOKEN_TTL" group:"Tokens" default:"15m" help:"How long an access token from a login works."`
	RefreshTTL time.Duration `name:"refresh-token-ttl" env:"REFRESH_TOKEN_TTL" group:"Tokens" default:"720h" help:"How long a refresh token works."`
}

// Help explains the two ways to start.
func (*serveCommand) Help() string {
	return "With no database configured, a private PostgreSQL is started (and fetched, where none is installed), " +
		"migrated and filled with demo data, and ready tokens are printed.\n\nWith DATABASE_URL, nothing is migrated or " +
		"seeded. The server doesn't start when the role that it logs in as is a superuser, has BYPASSRLS or owns tables, " +
		"when the schema is behind, or when no signing key is configured."
}

func (c *serveCommand) validate() error {
	faults := []error{
		c.databaseSettings.validate(), c.tokenSettings.validate(), c.jwksSettings.validate(), c.peopleSettings.validate(),
		c.webSettings.validate(),
		positive(map[string]int64{
			"--access-token-ttl (ACCESS_TOKEN_TTL)":     int64(c.AccessTTL),
			"--refresh-token-ttl (REFRESH_TOKEN_TTL)":   int64(c.RefreshTTL),
			"--shutdown-timeout (SHUTDOWN_TIMEOUT)":     int64(c.ShutdownTimeout),
			"--request-timeout (REQUEST_TIMEOUT)":       int64(c.RequestTimeout),
			"--max-body-bytes (MAX_BODY_BYTES)":         int64(c.MaxBody),
			"--max-depth (MAX_DEPTH)":                   int64(c.MaxDepth),
			"--max-complexity (MAX_COMPLEXITY)":         int64(c.MaxComplexity),
			"--database-max-conns (DATABASE_MAX_CONNS)": int64(c.MaxConns),
		}),
	}
	if c.StatementCache < 0 {
		faults = append(faults, usagef("--statement-cache (STATEMENT_CACHE) can't be below zero"))
	}
	if c.ShutdownDelay < 0 {
		faults = append(faults, usagef("--shutdown-delay (SHUTDOWN_DELAY) can't be below zero"))
	}
	if c.DatabaseURL == "" && c.DatabaseOwnerURL != "" {
		faults = append(faults, usagef("--database-url (DATABASE_URL) is missing: the server doesn't log in as the owner"))
	}
	return errors.Join(faults...)
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, p *process) (err error) {
	if err := c.validate(); err != nil {
		return err
	}
	log := c.logger(p.stderr, !c.configured())
	tuneMemory(log)
	listener, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	// The server closes it too, and earlier.
	defer func() { _ = listener.Close() }()
	t, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close(ctx)) }()
	return c.serve(ctx, p, t, listener)
}

// serve assembles the server over its database and runs it.
func (c *serveCommand) serve(ctx context.Context, p *process, t *target, listener net.Listener) (err error) {
	keys, err := c.keys(c.databaseSettings, p)
	if err != nil {
		return err
	}
	issuer, err := c.issuer(keys, p)
	if err != nil {
		return err
	}
	sender, err := c.sender(t.log, t.local())
	if err != nil {
		return err
	}
	documents, err := c.documents()
	if err != nil {
		return err
	}
	verifier, err := c.verifier(keys, p)
	if err != nil {
		return err
	}
	defer verifier.Close()
	demo, err := prepareDemo(ctx, p, t, issuer)
	if err != nil {
		return err
	}
	w, err := c.watch(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx, c.ShutdownTimeout)) }()
	db, err := c.database(ctx, t, w)
	if err != nil {
		return err
	}
	defer db.Close()
	demo.sale = saleVariables(ctx, p, db, demo, t.log)
	upkeep := newUpkeep(db, t.log)
	db.OnWrite(upkeep.changed)
	defer upkeep.run(ctx)()
	defer inBackground(ctx, func(ctx context.Context) { upkeep.sealer.Keep(ctx, retainEvery) })()
	anchors, err := c.anchors()
	if err != nil {
		return err
	}
	if anchors != nil {
		anchorer := audit.NewAnchorer(db, t.log, anchors, p.now)
		defer inBackground(ctx, func(ctx context.Context) { anchorer.Run(ctx, anchorEvery) })()
	}
	recorder := audit.NewRecorder(audit.RecorderConfig{
		DB: db, Log: t.log, Now: p.now, Dropped: w.metrics.AccessLost,
	})
	defer record(ctx, recorder, c.ShutdownTimeout)()
	signals, err := signal.New(signal.Config{
		DB: db, Log: t.log, Models: graph.Models(),
		Counted: w.metrics.Signals, Lost: w.metrics.SignalsLost, Unchecked: w.metrics.IDsUnchecked,
	})
	if err != nil {
		return fmt.Errorf("watch for signals: %w", err)
	}
	defer c.notice(ctx, signals)()
	queue := later.New(t.log)
	defer c.finish(ctx, queue)
	config := c.graph(p, t, db, issuer, verifier)
	config.Keys, config.Mail, config.Later = keys, sender, queue
	config.Metrics, config.Traces, config.SlowAfter = w.metrics, w.traces, c.SlowAfter
	config.SlowPlans = c.SlowPlans
	config.Documents, config.DocumentsOnly = documents, c.DocumentsOnly
	config.Sold, config.Accessed, config.Signals = upkeep.sold, recorder.Add, signals
	server, err := graph.New(config) //nolint:contextcheck // documents are checked once, before anybody asks
	if err != nil {
		return fmt.Errorf("make the graph: %w", err)
	}
	if err := w.show(ctx, db, t.log); err != nil {
		return err
	}
	stop := inBackground(ctx, func(ctx context.Context) { server.Closures.Keep(ctx, purgeEvery) })
	defer stop()
	if c.BaseDomain != "" {
		domains := company.NewDomains(company.DomainsConfig{DB: db, BaseDomain: c.BaseDomain, TXT: config.TXT, Now: p.now})
		defer inBackground(ctx, func(ctx context.Context) { domains.Keep(ctx, domainsEvery, t.log) })()
	}
	defer inBackground(ctx, func(ctx context.Context) { server.Reports.Run(ctx, reportEvery) })()
	defer inBackground(ctx, func(ctx context.Context) { forget(ctx, t.log) })()
	return c.run(ctx, p, t, listener, routes{api: w.traces.Handler(server), hooks: server.Hooks, origins: c.CORSOrigins}, db, demo)
}

const (
	// purgeEvery is how often companies are looked for that are to be deleted.
	purgeEvery = 10 * time.Minute
	// domainsEvery is how often hosts of companies' own are looked for that are due to be proved again.
	domainsEvery = time.Hour
	// forgetEvery is how often pages of the program are given back that may not be needed any more.
	forgetEvery = 30 * time.Second
	// reportEvery is how often reports are looked for that are due.
	reportEvery = 5 * time.Second
	// retainEvery is how often records are removed that companies don't keep any longer.
	retainEvery = time.Hour
	// anchorEvery is how often heads of the trail are anchored.
	anchorEvery = 5 * time.Minute
	// signalEvery is how often signals are written, and activityEvery what requests took; lookEvery how often the ids are
	// looked up that requests named, and signalKeep how often signals are removed that are too old.
	signalEvery, activityEvery, lookEvery, signalKeep = time.Second, 10 * time.Second, 10 * time.Second, 6 * time.Hour
)

// inBackground runs do until it is told to stop, and waits for it.
func inBackground(ctx context.Context, do func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); do(ctx) }()
	return func() { cancel(); <-done }
}

// notice writes signals until it is told to stop, and then what waits.
func (c *serveCommand) notice(ctx context.Context, signals *signal.Watch) (stop func()) {
	end := inBackground(ctx, func(ctx context.Context) {
		signals.Run(ctx, signal.Every{Signals: signalEvery, Activity: activityEvery, Look: lookEvery, Keep: signalKeep})
	})
	return func() {
		end()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
		defer cancel()
		signals.Close(ctx)
	}
}

// finish gives what was put off, mail above all, the time that requests get.
func (c *serveCommand) finish(ctx context.Context, queue *later.Queue) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()
	queue.Close(ctx)
}

func (c *serveCommand) run(
	ctx context.Context, p *process, t *target, listener net.Listener, r routes, db *postgres.DB, demo *demo,
) error {
	// The page hands its visitor the demo's tokens: to somebody at this machine, and to nobody else.
	here := loopback(listener.Addr())
	explorer := on(c.Explorer, t.local() && here)
	offered := demo
	if !here {
		offered = noDemo()
	}
	s := &server{
		listener: listener, died: t.keepAlive(ctx, p.now), log: t.log, delay: c.ShutdownDelay, timeout: c.ShutdownTimeout,
		ping: db.Ping,
	}
	r.ready, r.explorer, r.demo = s.ready, explorer, offered
	mux, err := newMux(r)
	if err != nil {
		return err
	}
	s.http = newHTTPServer(mux, c.RequestTimeout, t.log)
	return s.run(ctx, func(address string) error {
		return banner{address: address, local: t.local(), reused: t.reused(), explorer: explorer, demo: demo}.print(p.stdout)
	})
}

func loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func (c *serveCommand) verifier(keys *auth.KeySet, p *process) (*auth.Verifier, error) {
	v, err := auth.NewVerifier(auth.VerifierConfig{
		Keys: keys, Issuer: c.TokenIssuer, Audience: c.TokenAudience, External: c.issuers(),
		Leeway: auth.DefaultLeeway, CacheSize: auth.DefaultCacheSize, Now: p.now,
	})
	if err != nil {
		return nil, fmt.Errorf("verify tokens: %w", err)
	}
	return v, nil
}

// database opens the database as the server's role, and refuses one in which the isolation doesn't hold.
func (c *serveCommand) database(ctx context.Context, t *target, w *watch) (*postgres.DB, error) {
	db, err := postgres.Open(ctx, postgres.Config{
		URL: t.loginURL, MaxConns: c.MaxConns, StatementCache: c.StatementCache,
		StatementTimeout: c.RequestTimeout, Models: graph.Models(), Tracer: w.statements(),
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := db.Verify(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("the server won't start on this database: %w", err)
	}
	return db, nil
}

func (c *serveCommand) graph(
	p *process, t *target, db *postgres.DB, issuer *auth.Issuer, verifier *auth.Verifier,
) graph.Config {
	return graph.Config{
		DB: db, Issuer: issuer, Verifier: verifier, Passwords: newPasswords(p),
		Logger: t.log, Now: p.now, Rand: p.rand,
		AccessTTL: c.AccessTTL, RefreshTTL: c.RefreshTTL, PINTTL: c.PINTokenTTL, PublicURL: c.PublicURL,
		ClientAddressHeader: c.ClientHeader, SeenEvery: time.Minute, BaseDomain: c.BaseDomain, TXT: net.DefaultResolver,
		Introspection: on(c.Introspection, t.local()), SignUp: on(c.SignUp, t.local()), BillingSecrets: c.BillingSecret, DeletionGrace: c.DeletionGrace,
		MaxBody: int64(c.MaxBody), MaxDepth: c.MaxDepth, MaxComplexity: c.MaxComplexity, Timeout: c.RequestTimeout,
		ResolversOnly: c.ReadPlanner == "off",
	}
}

// server is the listening server.
type server struct {
	listener net.Listener
	http     *http.Server
	log      *slog.Logger
	ping     func(context.Context) error
	// died is closed when the private PostgreSQL ended by itself and doesn't start again.
	died           <-chan struct{}
	delay, timeout time.Duration
	draining       atomic.Bool
}

var errDied = errors.New("the private PostgreSQL ended by itself and doesn't start again; postgres.log in its folder says why")

// run serves until ctx ends, PostgreSQL dies or serving fails, and lets the requests under way finish. started is
// told the address once connections are taken.
func (s *server) run(ctx context.Context, started func(address string) error) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	address := s.listener.Addr().String()
	s.log.InfoContext(ctx, "serving", "address", address)
	if err := started(address); err != nil {
		return errors.Join(err, s.drain(ctx, 0))
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", address, err)
	case <-s.died:
		if ctx.Err() != nil {
			return s.drain(ctx, s.delay)
		}
		return errors.Join(errDied, s.drain(ctx, 0))
	case <-ctx.Done():
		return s.drain(ctx, s.delay)
	}
}

// drain answers /readyz with no, then takes no more connections, and waits for the requests under way.
func (s *server) drain(ctx context.Context, delay time.Duration) error {
	ctx = context.WithoutCancel(ctx)
	s.draining.Store(true)
	s.log.InfoContext(ctx, "stopping", "delay", delay, "timeout", s.timeout)
	time.Sleep(delay)
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(errors.New("requests were cut off: they didn't finish in time"), s.http.Close())
	}
	s.log.InfoContext(ctx, "stopped")
	return nil
}

// ready says whether requests can be answered.
func (s *server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("stopping")
	}
	if err := s.ping(ctx); err != nil {
		s.log.WarnContext(ctx, "the database doesn't answer", "error", err)
		return errors.New("the database doesn't answer")
	}
	return nil
}
