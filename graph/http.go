package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/scratch"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// throughHTTP does what comes before GraphQL: it names the request, bounds it, finds out on whose behalf it runs,
// and writes one line about it to the log.
func (c Config) throughHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := &request{id: requestID(r), logged: c.DB.SupportAct}
		if c.SlowPlans && c.SlowAfter > 0 {
			req.stats.KeepTexts()
		}
		ctx, cancel := context.WithTimeout(r.Context(), c.Timeout)
		defer cancel()
		ctx = context.WithValue(postgres.WithStats(ctx, &req.stats), requestKey{}, req)
		if c.Signals != nil {
			ctx, req.notes = signal.WithNotes(ctx)
		}
		client := c.clientOf(r)
		req.address = client.Address
		ctx = staff.WithClient(ctx, client)
		w.Header().Set("X-Request-Id", req.id)
		w.Header().Set("Cache-Control", "no-store")
		answer := &statusWriter{ResponseWriter: w, request: req}
		started := c.Now()
		ctx = c.answered(ctx, answer, r, next)
		c.devices.Seen(ctx)
		c.account(ctx, req, answer.sent, c.Now().Sub(started))
		answer.send()
		req.end()
	})
}

// attempt has a request answered once.
func (c Config) attempt(w *statusWriter, r *http.Request, body io.ReadCloser, next http.Handler) {
	r.Body = body
	defer func() {
		if thrown := recover(); thrown != nil {
			c.Logger.ErrorContext(r.Context(), "the handler panicked", "panic", thrown, "stack", string(debug.Stack()))
			w.refuse(r.Context(), c.Logger, errs.New(errs.Internal, "the handler panicked"))
		}
	}()
	next.ServeHTTP(w, r)
}

func who(ctx context.Context) []slog.Attr {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil
	}
	return []slog.Attr{slog.String("company", scope.CompanySlug), slog.String("role", string(scope.Role))}
}

// requestID takes the caller's own id where it is harmless in a log, or makes one.
func requestID(r *http.Request) string {
	const most = 64
	given := r.Header.Get("X-Request-Id")
	plain := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	if given != "" && len(given) <= most && strings.IndexFunc(given, func(c rune) bool { return !plain(c) }) < 0 {
		return given
	}
	return uuid.NewString()
}

// admit makes the request's scope: the one that is known of its credential, unless it is to be fresh. A credential that
// is refused is remembered, because logging in needs none; a header or host that doesn't agree with the credential ends
// the request.
func (c Config) admit(ctx context.Context, r *http.Request, fresh bool) (context.Context, error) {
	req := requestOf(ctx)
	var err error
	if req.hostSlug, err = c.slugOf(ctx, r.Host); err != nil {
		if errs.CodeOf(err) == errs.Forbidden {
			signal.Note(ctx, signal.Found{Kind: signal.OtherCompany})
		}
		return ctx, err
	}
	credential, err := bearer(r)
	if err != nil || credential == "" {
		req.refused = err
		return ctx, nil //nolint:nilerr // the operation is told, unless it is public
	}
	scope, err := c.scopeOf(ctx, credential, fresh)
	if err != nil {
		if errs.CodeOf(err) == errs.Unauthenticated || errs.CodeOf(err) == errs.Unavailable {
			req.refused = err
			return ctx, nil
		}
		return ctx, err
	}
	req.asked = scope
	if !c.ProveWithoutHeaders {
		if scope, err = narrow(ctx, scope, r.Header, req.hostSlug); err != nil {
			return ctx, err
		}
	}
	if !req.paid {
		if err := c.spend(ctx, scope, perRequest); err != nil {
			return ctx, err
		}
		req.paid = true
	}
	return tenancy.With(ctx, scope), nil
}

func bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return "", nil
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if len(values) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return "", errs.New(errs.Unauthenticated, "Authorization must be one header of the form Bearer <token>.")
	}
	return strings.TrimSpace(token), nil
}

// scopeOf asks the database who a credential's owner is as of now, unless that is known and needs not be fresh.
func (c Config) scopeOf(ctx context.Context, credential string, fresh bool) (*tenancy.Scope, error) {
	scope, err := c.identify(ctx, credential, fresh)
	switch {
	case errors.Is(err, postgres.ErrNoAccess):
		return nil, errs.Wrap(err, errs.Unauthenticated, "This token or key works no more.")
	case errors.Is(err, auth.ErrTokenExpired):
		return nil, errs.Wrap(err, errs.Unauthenticated, "The token has expired. Refresh it or log in again.")
	case errors.Is(err, auth.ErrTokenInvalid), errors.Is(err, auth.ErrSecretInvalid):
		return nil, errs.Wrap(err, errs.Unauthenticated, "The token or key is not valid.")
	case errors.Is(err, auth.ErrKeysUnavailable):
		return nil, errs.Wrap(err, errs.Unavailable, "The identity provider can't be reached. Try again in a moment.")
	}
	return scope, err
}

func (c Config) identify(ctx context.Context, credential string, fresh bool) (*tenancy.Scope, error) {
	if kind, ok := auth.KindOf(credential); ok {
		if kind != auth.KindRegisterKey {
			return nil, auth.ErrSecretInvalid
		}
		tenant, register, hash, err := auth.ParseSecret(kind, credential)
		if err != nil {
			signal.Note(ctx, signal.Found{Kind: signal.DeviceKeyRefused})
			return nil, err
		}
		if known := c.DB.KnownRegister(id.Company(tenant), id.Register(register), hash); known != nil && !fresh {
			return known, nil
		}
		scope, err := c.DB.RegisterScope(ctx, id.Company(tenant), id.Register(register), hash)
		if errors.Is(err, postgres.ErrNoAccess) {
			signal.Note(ctx, signal.Found{
				Kind: signal.DeviceKeyRefused, Company: id.Company(tenant), Register: id.Register(register),
			})
		}
		return scope, err
	}
	who, err := c.Verifier.Verify(ctx, credential)
	if err != nil {
		if errors.Is(err, auth.ErrTokenInvalid) && !errors.Is(err, auth.ErrTokenExpired) {
			signal.Note(ctx, signal.Found{Kind: signal.TokenRefused})
		}
		return nil, err
	}
	scope, err := c.scopeOfToken(ctx, who, fresh)
	if errors.Is(err, postgres.ErrNoAccess) {
		signal.Note(ctx, signal.Found{Kind: signal.TokenRefused, Company: id.Company(who.Tenant), User: userOf(who)})
	}
	return scope, err
}

// userOf is the person of a token, nobody for an operator's.
func userOf(who auth.Identity) id.User {
	if who.Support {
		return id.User{}
	}
	return id.User(who.User)
}

func (c Config) scopeOfToken(ctx context.Context, who auth.Identity, fresh bool) (*tenancy.Scope, error) {
	if who.Support {
		return c.DB.SupportScope(ctx, id.Company(who.Tenant), id.SupportAccess(who.User))
	}
	person := postgres.Person{
		Company: id.Company(who.Tenant), User: id.User(who.User), ExternalSubject: who.ExternalSubject,
		Session: id.Session(who.Session),
	}
	register := id.Register(who.Register)
	if known := c.DB.KnownPerson(person, register); known != nil && !fresh {
		return known, nil
	}
	if !register.IsZero() {
		return c.DB.PersonAtRegister(ctx, person, register)
	}
	return c.DB.PersonScope(ctx, person)
}

// clientOf says where a request comes from, as far as can be known: behind a proxy, what the proxy adds at the end of
// a header.
func (c Config) clientOf(r *http.Request) staff.Client {
	const longestAddress, longestAgent = 64, 300
	address := r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if c.ClientAddressHeader != "" {
		if values := r.Header.Values(c.ClientAddressHeader); len(values) > 0 {
			list := strings.Split(values[len(values)-1], ",")
			if ip := net.ParseIP(strings.TrimSpace(list[len(list)-1])); ip != nil {
				address = ip.String()
			}
		}
	}
	return staff.Client{Address: clipped(address, longestAddress), UserAgent: clipped(r.UserAgent(), longestAgent)}
}

// clipped makes a header fit a column: valid, without control characters, of so many characters.
func clipped(text string, most int) string {
	if len(text) <= most && strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) < 0 {
		return text // as nearly all are
	}
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	return string(clean[:min(len(clean), most)])
}

// narrow applies the headers and the host: each must agree with the credential, and none widens it. Whatever is
// wrong with one, the answer is the same.
func narrow(ctx context.Context, scope *tenancy.Scope, h http.Header, hostSlug string) (*tenancy.Scope, error) {
	if hostSlug != "" && hostSlug != scope.CompanySlug {
		signal.Note(ctx, signal.Found{Kind: signal.OtherCompany})
		return nil, errNotYours()
	}
	if tenant := h.Get("X-Tenant-Id"); tenant != "" && tenant != scope.Company.String() {
		signal.Note(ctx, signal.Found{Kind: signal.OtherCompany})
		return nil, errs.New(errs.Forbidden, "X-Tenant-ID does not name your company.")
	}
	named := h.Get("X-Store-Id")
	if named == "" {
		return scope, nil
	}
	ref, err := id.Parse(named)
	if err != nil || ref.Type() != "Store" || !scope.HasStore(id.Store(ref.UUID)) {
		signal.Note(ctx, signal.Found{Kind: signal.OtherStore})
		return nil, tenancy.ErrNoSuchStore()
	}
	return scope.Narrow(id.Store(ref.UUID))
}

// errNotYours is the answer at the address of another company, of none, and of one that didn't prove it: nobody learns
// which of these it is.
func errNotYours() error {
	return errs.New(errs.Forbidden, "The address of this server is not your company's.")
}

// slugOf gives the company that a host names: by the label before the base domain, or by a host of its own.
func (c Config) slugOf(ctx context.Context, host string) (string, error) {
	if c.BaseDomain == "" {
		return "", nil
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	// A bare address, or a name without a dot, is how a machine of one's own asks.
	if host == c.BaseDomain || net.ParseIP(strings.Trim(host, "[]")) != nil || !strings.Contains(host, ".") {
		return "", nil
	}
	slug, ok := strings.CutSuffix(host, "."+c.BaseDomain)
	switch {
	case !ok:
		return c.slugByHost(ctx, host)
	case slug == "www" || slug == "api" || slug == "app":
		return "", nil
	case strings.Contains(slug, "."):
		return "", errNotYours()
	}
	return slug, nil
}

func (c Config) slugByHost(ctx context.Context, host string) (string, error) {
	const longest = 253
	if len(host) > longest || !utf8.ValidString(host) {
		return "", errNotYours()
	}
	slug, err := c.DB.SlugByHost(ctx, host)
	if errors.Is(err, postgres.ErrNoAccess) {
		return "", errNotYours()
	}
	return slug, err
}

// statusWriter lets the operation choose the status, which gqlgen would make 200.
type statusWriter struct {
	http.ResponseWriter
	request *request
	sent    int
	// settle says whether what the request rests on holds, nil where nothing is open. Nothing is sent before, and where it
	// doesn't hold all that was to be sent is void.
	settle func() bool
	void   bool
	// held is a body that is sent once the request is over.
	held *scratch.Text
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.begin(status) {
		w.ResponseWriter.WriteHeader(w.sent)
	}
}

// begin decides what is told before a body; false where that was done before, or isn't to be.
func (w *statusWriter) begin(status int) bool {
	if w.sent != 0 || w.void {
		return false
	}
	if w.settle != nil && !w.settle() {
		w.void = true
		return false
	}
	if status == http.StatusOK && w.request.status != 0 {
		status = w.request.status
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("Www-Authenticate", "Bearer")
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", retryAfter(w.request))
	}
	w.sent = status
	return true
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.void {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Hold implements wire.Holder: whoever has the whole answer finds its request counted, and what is written at once needs
// fewer calls of the system than a body in chunks, which long ones are where nobody tells their length.
func (w *statusWriter) Hold(body *scratch.Text) {
	if !w.begin(http.StatusOK) {
		if w.sent != 0 {
			_, _ = w.Write(body.Bytes)
		}
		body.GiveBack()
		return
	}
	w.held = body
}

// send writes what is held.
func (w *statusWriter) send() {
	if w.held == nil {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(w.held.Bytes)))
	w.ResponseWriter.WriteHeader(w.sent)
	_, _ = w.ResponseWriter.Write(w.held.Bytes)
	w.held.GiveBack()
	w.held = nil
}

// refuse answers a request that doesn't reach GraphQL, in GraphQL's form.
func (w *statusWriter) refuse(ctx context.Context, logger *slog.Logger, err error) {
	if w.sent != 0 || w.void {
		return
	}
	shown := presented(ctx, err)
	status := http.StatusInternalServerError
	switch errs.CodeOf(err) {
	case errs.Forbidden:
		status = http.StatusForbidden
	case errs.Throttled:
		status = http.StatusTooManyRequests
	case errs.Unavailable:
		status = http.StatusServiceUnavailable
	case errs.Timeout:
		status = http.StatusGatewayTimeout
	default:
		if !errors.Is(err, context.Canceled) {
			logger.ErrorContext(ctx, "a request failed", "error", err)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": gqlerror.List{shown}})
}
