package closure

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// Path is where exports are fetched from, with the token behind it.
const Path = "GET /export/{token}"

// LinkPath is the path of a link.
func LinkPath(token string) string { return "/export/" + token }

// exportsAtOnce is how many a server writes at the same time: each takes a connection for as long as it lasts.
const exportsAtOnce = 2

// Exports answers links to exports.
type Exports struct {
	*Closures

	busy chan struct{}
}

// NewExports makes Exports.
func NewExports(c *Closures) *Exports {
	return &Exports{Closures: c, busy: make(chan struct{}, exportsAtOnce)}
}

// ServeHTTP implements http.Handler. What is wrong with a link isn't told.
func (e *Exports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, err := e.Follow(r.Context(), r.PathValue("token"))
	switch {
	case errors.Is(err, ErrLink):
		http.Error(w, "This link works no more. Ask for another.", http.StatusNotFound)
		return
	case err != nil:
		e.Logger.ErrorContext(r.Context(), "an export failed", "error", err)
		http.Error(w, "Try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	select {
	case e.busy <- struct{}{}:
		defer func() { <-e.busy }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Others are being written. Try again in a minute.", http.StatusServiceUnavailable)
		return
	}
	e.send(ctx, w)
}

// send writes the archive. What fails in the middle of it breaks the connection, so that nobody takes a part for the
// whole.
func (e *Exports) send(ctx context.Context, w http.ResponseWriter) {
	// Where a server can't take back its deadline, a large company's archive breaks off.
	_ = http.NewResponseController(w).SetWriteDeadline(e.Now().Add(longestExport + time.Minute))
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="company.zip"`)
	if err := e.Export(ctx, w); err != nil {
		e.Logger.LogAttrs(ctx, level(err), "an export broke off", slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
}

func level(err error) slog.Level {
	if errors.Is(err, context.Canceled) || errs.CodeOf(err) == errs.Timeout {
		return slog.LevelInfo
	}
	return slog.LevelError
}
