package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Limit answers what Requests ask for, each in the shortest way that the database allows.
type Limit struct {
	pool     *pgxpool.Pool
	verifier *auth.Verifier
	stores   map[uuid.UUID][]uuid.UUID
	queries  map[string]query
}

// query puts its statements into a batch behind the entry, and writes the answer from their rows.
type query func(b *pgx.Batch, s scope, v map[string]string) func(pgx.BatchResults) ([]byte, error)

// scope is on whose behalf a request is.
type scope struct {
	tenant, user uuid.UUID
	stores       []uuid.UUID
}

// NewLimit opens a pool like the server's own for reading, as the role that the server logs in as.
func NewLimit(ctx context.Context, url string, conns int, verifier *auth.Verifier, shops []*Shop) (*Limit, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's URL: %w", err)
	}
	config.MaxConns = int32(conns) //nolint:gosec // a handful
	run := config.ConnConfig.RuntimeParams
	run["default_transaction_read_only"], run["default_transaction_isolation"] = "on", "repeatable read"
	run["random_page_cost"], run["timezone"] = "1.1", "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("make a pool: %w", err)
	}
	l := &Limit{pool: pool, verifier: verifier, stores: map[uuid.UUID][]uuid.UUID{}, queries: map[string]query{}}
	for _, s := range shops {
		l.stores[s.Company] = s.Stores
	}
	for _, r := range Requests() {
		l.queries[r.Name] = r.limit
	}
	return l, nil
}

// Close ends the pool.
func (l *Limit) Close() { l.pool.Close() }

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
	q, ok := l.queries[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	answer, err := l.ask(r.Context(), q, scope{who.Tenant, who.User, l.stores[who.Tenant]}, asked.Variables)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

func (l *Limit) ask(ctx context.Context, q query, s scope, v map[string]string) (answer []byte, err error) {
	b := &pgx.Batch{}
	b.Queue("select tillgraph.enter($1, $2, $3, $4)", s.tenant, s.stores, s.user, (*uuid.UUID)(nil))
	read := q(b, s, v)
	results := l.pool.SendBatch(ctx, b)
	defer func() {
		if closed := results.Close(); err == nil && closed != nil {
			err = fmt.Errorf("finish the batch: %w", closed)
		}
	}()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("enter the scope: %w", err)
	}
	return read(results)
}

// wireID reads the id of any type out of a variable.
func wireID(text string) uuid.UUID {
	parsed, err := id.Parse(text)
	if err != nil {
		return uuid.Nil
	}
	return parsed.UUID
}
