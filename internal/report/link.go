package report

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	// Path is where files are fetched from, with the token behind it.
	Path = "GET /report/{token}"
	// linkTTL is how long a link works.
	linkTTL = 15 * time.Minute
	// longestDownload bounds what a large file takes on a slow line.
	longestDownload = 15 * time.Minute
	// downloadsAtOnce is how many a server writes at the same time.
	downloadsAtOnce = 4
)

var linkOwner = []byte("report")

// claim is what a link says; it is sealed.
type claim struct {
	Company, User, Session, Export uuid.UUID
	Until                          time.Time
}

// Link is a link to a file.
type Link struct {
	Path      string
	ExpiresAt time.Time
}

// Link makes a link to an export of the caller's; nil where it isn't ready. It works as long as the caller's login does.
func (f *Files) Link(ctx context.Context, e *Export) (*Link, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if e.Status != ExportReady || !e.may(scope) {
		return nil, nil //nolint:nilnil // there is none
	}
	until := f.Now().Add(linkTTL).Truncate(time.Second)
	if until.After(e.ExpiresAt) {
		until = e.ExpiresAt
	}
	text, err := json.Marshal(claim{scope.Company.UUID(), scope.User.UUID(), scope.Session.UUID(), e.ID.UUID(), until})
	if err != nil {
		return nil, fmt.Errorf("make a link: %w", err)
	}
	sealed, err := f.Sealer.Seal(text, linkOwner)
	if err != nil {
		return nil, fmt.Errorf("make a link: %w", err)
	}
	return &Link{Path: "/report/" + base64.RawURLEncoding.EncodeToString(sealed), ExpiresAt: until}, nil
}

// ErrLink says that a link is none, or works no more.
var ErrLink = errors.New("this link works no more")

func (f *Files) open(token string) (*claim, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrLink
	}
	text, _, err := f.Sealer.Open(sealed, linkOwner)
	if err != nil {
		return nil, ErrLink
	}
	var said claim
	if err := json.Unmarshal(text, &said); err != nil || !f.Now().Before(said.Until) {
		return nil, ErrLink
	}
	return &said, nil
}

// Follow gives the file that a link is to, and the scope of who made it, as of now.
//
// Errors: ErrLink, also where the person logged out, is deactivated, has another role or no longer all of the stores.
func (f *Files) Follow(ctx context.Context, token string) (context.Context, *Export, error) {
	said, err := f.open(token)
	if err != nil {
		return nil, nil, err
	}
	scope, err := f.DB.PersonScope(ctx, postgres.Person{
		Company: id.Company(said.Company), User: id.User(said.User), Session: id.Session(said.Session),
	})
	if errors.Is(err, postgres.ErrNoAccess) {
		return nil, nil, ErrLink
	}
	if err != nil {
		return nil, nil, err
	}
	ctx = tenancy.With(ctx, scope)
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, nil, err
	}
	var e *Export
	if err := h.Read(ctx, postgres.Row(&e, f.exports(h, scope).Where("export.id = ?", id.ReportExport(said.Export)))); err != nil {
		return nil, nil, err
	}
	if e == nil || e.Status != ExportReady || !e.may(scope) {
		return nil, nil, ErrLink
	}
	return ctx, e, nil
}

// Downloads answers links.
type Downloads struct {
	*Files

	busy chan struct{}
}

// NewDownloads makes Downloads.
func NewDownloads(f *Files) *Downloads {
	return &Downloads{Files: f, busy: make(chan struct{}, downloadsAtOnce)}
}

// ServeHTTP implements http.Handler. What is wrong with a link isn't told.
func (d *Downloads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, e, err := d.Follow(r.Context(), r.PathValue("token"))
	switch {
	case errors.Is(err, ErrLink):
		http.Error(w, "This link works no more. Ask for another.", http.StatusNotFound)
		return
	case err != nil:
		d.failed(r.Context(), w, err, false)
		return
	}
	select {
	case d.busy <- struct{}{}:
		defer func() { <-d.busy }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "Others are being written. Try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, longestDownload)
	defer cancel()
	// Where a server can't take back its deadline, a large file breaks off.
	_ = http.NewResponseController(w).SetWriteDeadline(d.Now().Add(longestDownload + time.Minute))
	begun := false
	err = d.Write(ctx, e, w, func() {
		begun = true
		w.Header().Set("Content-Type", e.Format.contentType())
		of := e.Subject.of.span()
		w.Header().Set("Content-Disposition", `attachment; filename="`+e.Kind().name()+"-"+of.from.String()+"-"+of.to.String()+"."+
			e.Format.extension()+`"`)
	})
	if err != nil {
		d.failed(ctx, w, err, begun)
	}
}

// failed answers what went wrong before the first byte. After it the connection breaks, so that nobody takes a part for
// the whole.
func (d *Downloads) failed(ctx context.Context, w http.ResponseWriter, err error, begun bool) {
	problems, expected := errors.AsType[errs.Problems](err)
	switch {
	case begun:
		if !expected && !errors.Is(err, context.Canceled) {
			d.Logger.LogAttrs(ctx, slog.LevelError, "a report's file broke off", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler)
	case expected:
		http.Error(w, problems[0].Message, http.StatusUnprocessableEntity)
	default:
		d.Logger.ErrorContext(ctx, "a report's file failed", "error", err)
		http.Error(w, "Try again in a moment.", http.StatusServiceUnavailable)
	}
}
