package graph

import (
	"context"
	"io"
	"maps"
	"net/http"
	"sync"

	"github.com/tillgraph/tillgraph/internal/id"
)

// answered answers a request, and gives the context in which it did.
//
// Who is known from an earlier request has a scope at once, which is a tenancy.Claim until the database has said that
// it holds: with the request's first statements, or by itself before the first byte of an answer. Where it doesn't hold
// the answer is thrown away, and the request begins again with a look-up. It has changed nothing by then: a
// transaction asks before anything else, and nothing happens in it unless the claim holds. Where that isn't known,
// because the database can't be asked or its answer got lost, the request fails.
func (c Config) answered(ctx context.Context, w *statusWriter, r *http.Request, next http.Handler) context.Context {
	body := &keptBody{ReadCloser: http.MaxBytesReader(w, r.Body, c.MaxBody)}
	scoped, err := c.admit(ctx, r, false)
	if req := requestOf(ctx); req.asked.Claim() != nil {
		if err == nil {
			again, failed := c.claiming(scoped, w, r, body, next)
			if failed != nil {
				w.refuse(scoped, c.Logger, failed)
			}
			if !again {
				return scoped
			}
		}
		req.again()
		scoped, err = c.admit(ctx, r, true)
	}
	if err != nil {
		w.refuse(scoped, c.Logger, err)
		return scoped
	}
	c.attempt(w, r.WithContext(scoped), body, next)
	return scoped
}

// claiming answers a request whose scope is a claim, and says whether it is to begin again because that doesn't hold. An
// error is why it can't be said.
func (c Config) claiming(
	ctx context.Context, w *statusWriter, r *http.Request, body *keptBody, next http.Handler,
) (again bool, err error) {
	scope, db := requestOf(ctx).asked, c.DB // and not all of c with each request
	w.settle = func() bool {
		err = db.Settle(ctx, scope)
		return err == nil
	}
	before := maps.Clone(w.Header())
	body.keep(min(r.ContentLength, c.MaxBody, roomForBody))
	c.attempt(w, r.WithContext(ctx), body, next) //nolint:contextcheck // the request carries it
	w.settle = nil
	if !w.void {
		return false, nil
	}
	w.void = false
	clear(w.Header())
	maps.Copy(w.Header(), before)
	body.rewind()
	if claim := scope.Claim(); claim.Broken() && !claim.Doubted() {
		return true, nil
	}
	return false, err
}

// void says that what is being answered will be thrown away.
func (r *request) void() bool { return r != nil && r.asked.Claim().Broken() }

// again makes a request one that hasn't begun. What it has cost so far stays.
func (r *request) again() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused, r.status, r.retryAfter = nil, 0, 0
	r.asked, r.self, r.codes = nil, id.User{}, nil
	r.once, r.loaders = sync.Once{}, nil
	r.notes.Forget()
	r.ids = nil
}

// roomForBody is what is set aside for a body whose length a client tells; longer ones take more as they come.
const roomForBody = 16 << 10

// keptBody is a request's body, which can be read twice.
type keptBody struct {
	io.ReadCloser

	keeping      bool
	kept, replay []byte
}

// Read implements io.Reader.
func (b *keptBody) Read(p []byte) (int, error) {
	if len(b.replay) > 0 {
		n := copy(p, b.replay)
		b.replay = b.replay[n:]
		return n, nil
	}
	n, err := b.ReadCloser.Read(p)
	if b.keeping {
		b.kept = append(b.kept, p[:n]...)
	}
	return n, err //nolint:wrapcheck // as it is
}

// keep has what is read kept; length is how much that may be, where it is known.
func (b *keptBody) keep(length int64) {
	b.keeping, b.kept = true, make([]byte, 0, max(length, 0))
}

// rewind has what was kept read once more.
func (b *keptBody) rewind() { b.keeping, b.replay = false, b.kept }
