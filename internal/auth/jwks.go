package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// How old an issuer's keys may get. A key that the issuer withdrew is to be
// forgotten soon; a short failure of the issuer is not to close our shops.
const (
	renewAfter = 5 * time.Minute  // then renew them beside the request that noticed
	waitAfter  = 10 * time.Minute // then renew them before use, unless the last try failed
	staleAfter = time.Hour        // then don't use them any more

	// fetchEvery is the least time between two fetches. Anybody can send tokens
	// with made-up kids; that must not become a stream of requests to the issuer.
	fetchEvery   = 15 * time.Second
	fetchTimeout = 5 * time.Second
)

// errNoKeys is behind every [ErrKeysUnavailable].
var errNoKeys = errors.New("no keys of the issuer are at hand")

// remoteKeys is one issuer's key set, fetched when it is needed and kept.
// keyfunc and jwkset read the keys and choose among them; the fetching is ours,
// because theirs starts at construction or by a timer of its own, bounds neither
// the answer's size nor the wait of a token with an unknown kid, and doesn't
// tell an issuer that is down from a key that isn't there.
type remoteKeys struct {
	url    string
	client *http.Client
	now    func() time.Time

	storage *jwkset.MemoryJWKSet
	choose  keyfunc.Keyfunc

	// ctx ends the fetch that is under way when the verifier is closed; a fetch
	// serves many requests, so it can't live in the context of any.
	ctx    context.Context //nolint:containedctx // the lifetime of the whole
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu      sync.Mutex
	fetched time.Time // when the last good fetch began; zero before the first
	tried   time.Time // when the last fetch of any outcome began
	failure error     // the last fetch's outcome
	flight  *flight   // the fetch under way
	closed  bool
}

// flight is a fetch that any number of requests may wait for.
type flight struct {
	done chan struct{}
	err  error // to be read once done is closed
}

func newRemoteKeys(url string, client *http.Client, now func() time.Time) (*remoteKeys, error) {
	storage := jwkset.NewMemoryStorage()
	choose, err := keyfunc.New(keyfunc.Options{
		Storage: storage,
		// A key for encryption verifies nothing; most issuers leave use out.
		UseWhitelist: []jwkset.USE{jwkset.UseSig, ""},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &remoteKeys{
		url: url, client: keysClient(client), now: now,
		storage: storage, choose: choose, ctx: ctx, cancel: cancel,
	}, nil
}

// find gives the key that a token's header names. Its error wraps errNoKeys when
// the issuer, and not the token, is to blame.
func (r *remoteKeys) find(ctx context.Context, token *jwt.Token) (any, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	key, err := r.choose.KeyfuncCtx(ctx)(token)
	if !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	// Perhaps the issuer has a new key since we last looked.
	if err := r.renew(ctx); err != nil {
		return nil, err
	}
	return r.choose.KeyfuncCtx(ctx)(token)
}

// ready makes sure that there are keys of a tolerable age.
func (r *remoteKeys) ready(ctx context.Context) error {
	r.mu.Lock()
	age := r.now().Sub(r.fetched) // saturates before the first fetch
	failing := r.failure != nil
	r.mu.Unlock()
	switch {
	case age >= staleAfter:
		return r.renew(ctx)
	case age >= waitAfter && !failing:
		_ = r.renew(ctx) // its failure is borne: the old keys are good for a while yet
	case age >= renewAfter:
		_, _ = r.begin() //nolint:contextcheck // nobody waits for it
	}
	return nil
}

// renew waits for a fetch, or answers as the last one did if that was a moment ago.
func (r *remoteKeys) renew(ctx context.Context) error {
	f, last := r.begin() //nolint:contextcheck // it outlives the request that began it
	if f == nil {
		return last
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
	case <-f.done:
		return f.err
	}
}

// begin joins the fetch that is under way, or starts one. When it is too soon
// for another it gives no flight but the last one's outcome.
func (r *remoteKeys) begin() (*flight, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("%w: the verifier is closed", errNoKeys)
	}
	if r.flight != nil {
		return r.flight, nil
	}
	now := r.now()
	if since := now.Sub(r.tried); since >= 0 && since < fetchEvery {
		return nil, r.failure
	}
	f := &flight{done: make(chan struct{})}
	r.flight, r.tried = f, now
	r.tasks.Go(func() { r.land(f, now, r.fetch()) })
	return f, nil
}

// land records how a fetch that began at a certain time ended, and wakes those
// who wait for it.
func (r *remoteKeys) land(f *flight, began time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.fetched = began
	}
	r.failure, r.flight, f.err = err, nil, err
	close(f.done)
}

// close ends the fetch under way and waits until its goroutine is gone.
func (r *remoteKeys) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.tasks.Wait()
}
