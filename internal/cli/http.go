package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/explorer"
)

const (
	endpointPath = "/graphql"
	schemaPath   = "/schema.graphql"
	healthPath   = "/healthz"
	readyPath    = "/readyz"

	readyTimeout      = time.Second
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	// bodyTimeout is what a client on a slow line gets on top of the time that its request may take, to send it and
	// again to take the answer.
	bodyTimeout    = 10 * time.Second
	maxHeaderBytes = 32 << 10
)

// routes is what the server answers with.
type routes struct {
	api http.Handler
	// hooks are by path.
	hooks    map[string]http.Handler
	ready    func(context.Context) error
	explorer bool
	demo     *demo
	// origins are those whose pages may use the API.
	origins []string
}

func newMux(r routes) (http.Handler, error) {
	mux := http.NewServeMux()
	share := sharing(r.origins)
	mux.Handle(endpointPath, share(r.api))
	for path, hook := range r.hooks {
		mux.Handle(path, hook)
	}
	mux.Handle("GET "+schemaPath, share(published(sync.OnceValues(graph.SDL))))
	mux.HandleFunc("GET "+healthPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(serviceHeader, service)
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET "+readyPath, func(w http.ResponseWriter, req *http.Request) { readiness(w, req, r.ready) })
	mux.HandleFunc("/", notFound)
	if !r.explorer {
		return outermost(mux)
	}
	page, err := explorer.Handler(explorer.Options{Endpoint: endpointPath, Tokens: r.demo.buttons(), Examples: r.demo.examples()})
	if err != nil {
		return nil, fmt.Errorf("build the explorer: %w", err)
	}
	mux.Handle("GET "+explorer.PagePath+"{$}", page)
	mux.Handle("GET "+explorer.AssetsPath, page)
	return outermost(mux)
}

// published serves the schema with a tag, by which a build finds out that it hasn't changed. The tag is weak: the
// same schema may come compressed. It is rendered when it is asked for first, which most servers never are.
func published(schema func() (string, error)) http.Handler {
	tag := sync.OnceValue(func() string {
		text, _ := schema()
		sum := sha256.Sum256([]byte(text))
		return `W/"` + hex.EncodeToString(sum[:16]) + `"`
	})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, err := schema()
		if err != nil {
			http.Error(w, "The schema can't be rendered.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag())
		http.ServeContent(w, req, "", time.Time{}, strings.NewReader(text))
	})
}

// sharing lets the pages of some origins read answers. None comes with cookies: credentials are in a header.
func sharing(origins []string) func(http.Handler) http.Handler {
	if len(origins) == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Accept", "Authorization", "Content-Type", "If-None-Match", "X-App", "X-Request-Id", "X-Store-Id", "X-Tenant-Id", "X-Trace"},
		ExposedHeaders: []string{"ETag", "Retry-After", "X-Request-Id"},
		MaxAge:         int((2 * time.Hour).Seconds()),
	}).Handler
}

// outermost adds what every answer gets. A compressed answer's length varies a little from time to time, so that it
// doesn't tell whether a guess that a page has put into a request stands in the answer as well.
func outermost(mux http.Handler) (http.Handler, error) {
	const smallest, jitter = 1400, 32 // what fits a packet isn't made smaller
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(smallest), gzhttp.RandomJitter(jitter, 0, false))
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	return secured(compress(mux)), nil
}

func readiness(w http.ResponseWriter, req *http.Request, ready func(context.Context) error) {
	ctx, cancel := context.WithTimeout(req.Context(), readyTimeout)
	defer cancel()
	if err := ready(ctx); err != nil {
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": err.Error()})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

// notFound answers like the endpoint does, since it is mostly a client with a wrong address that gets here.
func notFound(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusNotFound, map[string]any{
		"errors": []map[string]any{{
			"message":    "There is nothing here: the endpoint is " + endpointPath + ".",
			"extensions": map[string]string{"code": "NOT_FOUND"},
		}},
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that left doesn't miss it.
	_ = json.NewEncoder(w).Encode(body)
}

// secured sets what every answer carries. What a browser heeds of a page alone is set by the one page that there is, the
// explorer's: an answer's headers are in a map, which is twice as large and slow to fill from the ninth on.
func secured(next http.Handler) http.Handler {
	always := http.Header{}
	always.Set("X-Content-Type-Options", "nosniff")
	always.Set("X-Frame-Options", "DENY")
	always.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'") // the explorer's page has its own
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), always) // who sets one of these puts a list of its own there
		next.ServeHTTP(w, r)
	})
}

func newHTTPServer(handler http.Handler, requestTimeout time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       requestTimeout + bodyTimeout,
		WriteTimeout:      requestTimeout + 2*bodyTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// What it has to say is about clients: broken connections, bad TLS.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
