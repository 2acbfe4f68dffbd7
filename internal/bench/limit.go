package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Limit answers what Requests ask for, each in the shortest way that the database allows.
type Limit struct {
	read, write *pgxpool.Pool
	verifier    *auth.Verifier
	scopes      map[uuid.UUID]scope
	kinds       map[string]*kind
	now         func() time.Time
	sold        func(id.Company)
	accessed    func(*audit.Access)
}

// LimitConfig is what a Limit needs.
type LimitConfig struct {
	// URL is the database, as the role that the server logs in as.
	URL string
	// Conns is how many connections each of its two pools has at most, one for reading and one for writing, as the server's.
	Conns    int
	Verifier *auth.Verifier
	Shops    []*Shop
	Now      func() time.Time
	// Sold is told of the company of each sale, and must not wait: what a sale leaves to be done is done for the limit's as it is
	// for the server's, and as often.
	Sold func(id.Company)
	// Accessed is told of each access that is answered, with the record that the server writes of it. It must not wait either.
	Accessed func(*audit.Access)
}

// change writes, and gives the answer and how many rows it read.
type change func(ctx context.Context, l *Limit, s scope, v map[string]string) (answer []byte, rows int, err error)

// query puts its statements into a batch behind the entry, and writes the answer from their rows.
type query func(b *pgx.Batch, s scope, v map[string]string) func(*counted) ([]byte, error)

// scope is on whose behalf a request is.
type scope struct {
	tenant, user uuid.UUID
	stores       []uuid.UUID
	// store is that of the register which sells.
	store uuid.UUID
	// entered are the stores as text, which is what a scope is entered with.
	entered string
}

func scopeOf(s *Shop) scope {
	texts := make([]string, len(s.Stores))
	for i, store := range s.Stores {
		texts[i] = store.String()
	}
	return scope{tenant: s.Company, stores: s.Stores, store: s.Store, entered: "{" + strings.Join(texts, ",") + "}"}
}

// NewLimit opens the pools.
func NewLimit(ctx context.Context, c LimitConfig) (*Limit, error) {
	l := &Limit{
		verifier: c.Verifier, scopes: map[uuid.UUID]scope{}, kinds: map[string]*kind{},
		now: c.Now, sold: c.Sold, accessed: c.Accessed,
	}
	var err error
	if l.read, err = limitPool(ctx, c, map[string]string{
		"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read",
	}); err != nil {
		return nil, err
	}
	// Otherwise its update of stock is planned anew for each sale, once the table is analyzed while it grows.
	if l.write, err = limitPool(ctx, c, map[string]string{"plan_cache_mode": "force_generic_plan"}); err != nil {
		l.read.Close()
		return nil, err
	}
	for _, s := range c.Shops {
		l.scopes[s.Company] = scopeOf(s)
	}
	for _, q := range Requests() {
		l.kinds[q.Name] = kindOf(q)
	}
	return l, nil
}

func limitPool(ctx context.Context, c LimitConfig, settings map[string]string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database's URL: %w", err)
	}
	config.MaxConns = int32(c.Conns) //nolint:gosec // a handful
	run := config.ConnConfig.RuntimeParams
	maps.Copy(run, settings)
	run["random_page_cost"], run["jit"], run["timezone"] = "1.1", "off", "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("make a pool: %w", err)
	}
	return pool, nil
}

// Close ends the pools.
func (l *Limit) Close() {
	l.read.Close()
	l.write.Close()
}

// ServeHTTP answers a request that is posted to the path of its name.
func (l *Limit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	who, err := l.verifier.Verify(r.Context(), token)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var asked struct {
		Variables map[string]string `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	k, s := l.kinds[strings.TrimPrefix(r.URL.Path, "/")], l.scopes[who.Tenant]
	if k == nil {
		http.NotFound(w, r)
		return
	}
	s.user = who.User
	var (
		answer []byte
		rows   int
		began  = l.now()
	)
	if k.change != nil {
		answer, rows, err = k.change(r.Context(), l, s, asked.Variables)
	} else {
		answer, rows, err = l.ask(r.Context(), k.limit, s, asked.Variables)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
	l.record(r, k, s, asked.Variables, rows, began)
}

func (l *Limit) ask(ctx context.Context, q query, s scope, v map[string]string) (answer []byte, rows int, err error) {
	b := &pgx.Batch{}
	b.Queue("select tillgraph.enter($1, $2, $3, $4)", s.tenant, s.entered, s.user, (*uuid.UUID)(nil))
	read := q(b, s, v)
	results := &counted{BatchResults: l.read.SendBatch(ctx, b)}
	defer func() {
		if closed := results.Close(); err == nil && closed != nil {
			err = fmt.Errorf("finish the batch: %w", closed)
		}
	}()
	if _, err := results.Exec(); err != nil {
		return nil, 0, fmt.Errorf("enter the scope: %w", err)
	}
	answer, err = read(results)
	return answer, results.rows, err
}

// wireID reads the id of any type out of a variable.
func wireID(text string) uuid.UUID {
	parsed, err := id.Parse(text)
	if err != nil {
		return uuid.Nil
	}
	return parsed.UUID
}
