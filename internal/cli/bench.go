package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/bench"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// benchCommands measure.
type benchCommands struct {
	Run   benchCommand      `cmd:"" default:"withargs" help:"Measure the server against handlers that are written by hand."`
	Limit benchLimitCommand `cmd:"" hidden:"" help:"Serve the handlers that are written by hand."`
}

// benchCommand measures.
//
//nolint:lll // a tag can't be broken over lines
type benchCommand struct {
	Connections []int         `default:"1,16,64" help:"How many requests are under way at once; one measurement each."`
	Slice       time.Duration `default:"2s" help:"How long one side is measured before it is the other's turn, best in steps of 2s."`
	Turns       int           `default:"3" help:"How often each has its turn."`
	Shops       int           `default:"200" help:"For how many companies requests are made."`
	Only        []string      `placeholder:"NAME" help:"Measure only these requests, such as Q1,M1; all unless given."`
	Unrecorded  bool          `help:"Measure against a limit that keeps no records of accesses, though the server does."`
	Plot        string        `placeholder:"FILE" help:"Also draw the shares of the limit, as an SVG image."`

	databaseCommand `embed:""`
}

// Help says what is compared.
func (*benchCommand) Help() string {
	return "It starts the server, and beside it a limit: for each kind of request a handler written by hand on pgx, without " +
		"GraphQL, which verifies the same tokens and enters the same scope under the same policies. Both must answer alike; " +
		"then they take turns. The ratios count, and not the times. Fill a database first, such as with " +
		"seed --companies 200 --sales 1000000, in a DATA_DIR of its own. It needs the database on this machine to tell " +
		"its processor time. It records sales, and so refuses a database with companies that seed didn't make."
}

func (c *benchCommand) validate() error {
	if c.Slice <= 0 || c.Turns <= 0 || c.Shops <= 0 || len(c.Connections) == 0 {
		return usagef("--slice, --turns, --shops and --connections must be above zero")
	}
	for _, n := range c.Connections {
		if n <= 0 {
			return usagef("--connections must be above zero")
		}
	}
	for _, name := range c.Only {
		if !slices.ContainsFunc(bench.Requests(), func(q bench.Request) bool { return q.Name == name }) {
			return usagef("--only knows no request %s", name)
		}
	}
	return nil
}

// Run measures, and prints a line for each kind of request.
func (c *benchCommand) Run(ctx context.Context, p *process) error {
	if err := c.validate(); err != nil {
		return err
	}
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		if err := t.ready(ctx); err != nil {
			return err
		}
		return c.measure(ctx, p, t)
	})
}

func (c *benchCommand) measure(ctx context.Context, p *process, t *target) (err error) {
	key, err := auth.NewKey(p.rand)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	o := bench.Options{Connections: c.Connections, Slice: c.Slice, Turns: c.Turns, Only: c.Only, Out: p.stdout, Now: p.now}
	if o.Shops, o.PostgresPID, err = shopsOf(ctx, t, c.Shops); err != nil {
		return err
	}
	if err := mintFor(key, p, o.Shops); err != nil {
		return err
	}
	conns := strconv.Itoa(runtime.GOMAXPROCS(0) * connsPerCore)
	env := []string{
		"DATABASE_URL=" + t.loginURL, "DATABASE_OWNER_URL=" + t.ownerURL, "SIGNING_KEYS=" + key, "SIGN_UP=off",
		"TOKEN_ISSUER=" + benchIssuer, "TOKEN_AUDIENCE=" + benchIssuer,
		"LOG_LEVEL=error", "DATABASE_MAX_CONNS=" + conns, "MAX_COMPLEXITY=1000000",
	}
	server, err := startChild(ctx, p, env, "serve", "--listen")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	limit, err := startChild(ctx, p, env, "bench", "limit", "--shops", strconv.Itoa(c.Shops), "--max-conns", conns,
		"--unrecorded="+strconv.FormatBool(c.Unrecorded), "--listen")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, limit.stop()) }()
	o.ServerURL, o.LimitURL = server.url+"/graphql", limit.url
	o.ServerPID, o.LimitPID, o.Counts = server.cmd.Process.Pid, limit.cmd.Process.Pid, server.counts
	o.Settled = settledIn(t, o.Shops)
	result, err := bench.Run(ctx, o)
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	if err := plotTo(c.Plot, result.Lines); err != nil {
		return err
	}
	return say(p.stdout, "the server held at most %d MiB\n", result.Resident>>20)
}

// plotTo draws into a file, where one is named.
func plotTo(file string, lines []bench.Line) error {
	if file == "" {
		return nil
	}
	var image bytes.Buffer
	if err := bench.Plot(&image, lines); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	const readable = 0o644
	return wrap("write the image", os.WriteFile(file, image.Bytes(), readable))
}

// benchIssuer signs the tokens that are measured with.
const benchIssuer = "tillgraph-bench"

// connsPerCore is how many connections to the database are worth having for each core.
const connsPerCore = 8

// shopsOf reads for whom requests are made, and the process that all of PostgreSQL's are children of.
func shopsOf(ctx context.Context, t *target, most int) (shops []*bench.Shop, postmaster int, err error) {
	err = t.owner(ctx, func(conn *pgx.Conn) error {
		if shops, err = bench.Shops(ctx, conn, most); err != nil {
			return fmt.Errorf("choose companies: %w", err)
		}
		postmaster = bench.Parent(int(conn.PgConn().PID()))
		return nil
	})
	return shops, postmaster, err
}

// settledIn asks whether reports have all receipts.
func settledIn(t *target, shops []*bench.Shop) func(context.Context) (bool, error) {
	return func(ctx context.Context) (settled bool, err error) {
		err = t.owner(ctx, func(conn *pgx.Conn) error {
			settled, err = bench.Settled(ctx, conn, shops)
			return err //nolint:wrapcheck // it says itself what it does
		})
		return settled, err
	}
}

func mintFor(key string, p *process, shops []*bench.Shop) error {
	keys, err := auth.ParseKeySet(key)
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	issuer, err := (tokenSettings{TokenIssuer: benchIssuer, TokenAudience: benchIssuer}).issuer(keys, p)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if s.Token, err = mint(issuer, s.Company, s.Owner, p.now(), time.Hour); err != nil {
			return err
		}
	}
	return nil
}

// child is this program once more, which serves.
type child struct {
	cmd          *exec.Cmd
	url, metrics string
}

// startChild starts a command whose last argument is where it listens, and waits until it takes connections.
func startChild(ctx context.Context, p *process, env []string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	var ports [2]string
	for i := range ports {
		if ports[i], err = freePort(ctx); err != nil {
			return nil, err
		}
	}
	c := &child{url: "http://" + ports[0], metrics: "http://" + ports[1] + "/metrics"}
	c.cmd = exec.CommandContext(ctx, self, append(args, ports[0])...) //nolint:gosec // this program, with arguments of ours
	c.cmd.Env = append(append(os.Environ(), env...), "METRICS_LISTEN="+ports[1])
	c.cmd.Stderr = p.stderr
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", strings.Join(args, " "), err)
	}
	const tries, pause = 200, 100 * time.Millisecond
	for range tries {
		var dialer net.Dialer
		if conn, err := dialer.DialContext(ctx, "tcp", ports[0]); err == nil {
			_ = conn.Close()
			return c, nil
		}
		time.Sleep(pause)
	}
	return nil, errors.Join(fmt.Errorf("%s takes no connections", strings.Join(args, " ")), c.stop())
}

func freePort(ctx context.Context) (string, error) {
	l, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	return address, wrap("find a free port", l.Close())
}

func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.cmd, err)
	}
	_ = c.cmd.Wait() // how it ended is of no interest
	return nil
}

// counts adds up what the server's metrics say of its statements.
func (c *child) counts(ctx context.Context) (bench.Counts, error) {
	var counts bench.Counts
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.metrics, nil)
	if err != nil {
		return counts, fmt.Errorf("ask for the metrics: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return counts, fmt.Errorf("ask for the metrics: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case strings.HasPrefix(name, "tillgraph_operation_statements_sum"):
			counts.Statements += n
		case strings.HasPrefix(name, "tillgraph_operation_round_trips_sum"):
			counts.RoundTrips += n
		}
	}
	return counts, wrap("read the metrics", lines.Err())
}

// benchLimitCommand serves the limit.
type benchLimitCommand struct {
	Listen   string `required:"" help:"Where."`
	Shops    int    `required:"" help:"For how many companies."`
	MaxConns int    `required:"" help:"How many connections to the database."`

	Unrecorded bool `help:"Keep no records of accesses."`

	tokenSettings   `embed:""`
	databaseCommand `embed:""`
}

// Run serves until ctx ends.
func (c *benchLimitCommand) Run(ctx context.Context, p *process) error {
	return c.with(ctx, p, func(ctx context.Context, t *target) error {
		shops, _, err := shopsOf(ctx, t, c.Shops)
		if err != nil {
			return err
		}
		keys, err := c.keys(c.databaseSettings, p)
		if err != nil {
			return err
		}
		verifier, err := auth.NewVerifier(auth.VerifierConfig{
			Keys: keys, Issuer: c.TokenIssuer, Audience: c.TokenAudience,
			Leeway: auth.DefaultLeeway, CacheSize: auth.DefaultCacheSize, Now: p.now,
		})
		if err != nil {
			return fmt.Errorf("verify tokens: %w", err)
		}
		defer verifier.Close()
		aside, err := c.aside(ctx, t, p.now)
		if err != nil {
			return err
		}
		defer aside.stop()
		limit, err := bench.NewLimit(ctx, bench.LimitConfig{
			URL: t.loginURL, Conns: c.MaxConns, Verifier: verifier, Shops: shops, Now: p.now,
			Sold: aside.sold, Accessed: aside.accessed,
		})
		if err != nil {
			return fmt.Errorf("make the limit: %w", err)
		}
		defer limit.Close()
		listener, err := listen(ctx, c.Listen)
		if err != nil {
			return err
		}
		const patience = 10 * time.Second
		srv := &http.Server{Handler: limit, ReadHeaderTimeout: patience}
		go func() {
			<-ctx.Done()
			_ = srv.Close() // nobody waits for what is under way
		}()
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the limit: %w", err)
		}
		return nil
	})
}

// aside is what is done beside the limit's requests.
type aside struct {
	sold     func(id.Company)
	accessed func(*audit.Access)
	stop     func()
}

// aside does what the limit's requests leave to be done as the server does it for its own. Left to the server's look at all
// companies, which is once a minute, the sums of what the limit has sold would be added up between its turns.
func (c *benchLimitCommand) aside(ctx context.Context, t *target, now func() time.Time) (*aside, error) {
	const statements, patience = 512, time.Second
	db, err := postgres.Open(ctx, postgres.Config{
		URL: t.loginURL, MaxConns: c.MaxConns, StatementCache: statements, Models: graph.Models(),
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	u := newUpkeep(db, t.log)
	endUpkeep := u.run(ctx)
	recorder := audit.NewRecorder(audit.RecorderConfig{DB: db, Log: t.log, Now: now})
	endRecords := record(ctx, recorder, patience)
	a := &aside{
		sold:     func(company id.Company) { u.sold(company); u.changed(company) },
		accessed: recorder.Add,
		stop:     func() { endRecords(); endUpkeep(); db.Close() },
	}
	if c.Unrecorded {
		a.accessed = func(*audit.Access) {}
	}
	return a, nil
}
