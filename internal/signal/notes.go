package signal

import (
	"context"
	"slices"
	"sync"

	"github.com/tillgraph/tillgraph/internal/id"
)

// Found is one thing that was noticed of a request.
type Found struct {
	Kind Kind
	// Company is whom it is about where that isn't the request's own: what a credential claims may be made up.
	Company id.Company
	// User and Register are who it is about where that isn't who asks.
	User     id.User
	Register id.Register
}

// Notes are what was noticed of one request.
type Notes struct {
	mu   sync.Mutex
	list []Found
}

type notesKey struct{}

// WithNotes lets what comes with the context note what it notices.
func WithNotes(ctx context.Context) (context.Context, *Notes) {
	n := &Notes{}
	return context.WithValue(ctx, notesKey{}, n), n
}

// Forget forgets what was noted: the request begins again.
func (n *Notes) Forget() {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = nil
}

// mostNotes is how much is noted of one request.
const mostNotes = 20

// Note notes something of the request of ctx; nothing where nobody wants to know.
func Note(ctx context.Context, f Found) {
	n, ok := ctx.Value(notesKey{}).(*Notes)
	if !ok {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) < mostNotes {
		n.list = append(n.list, f)
	}
}

// List is what was noted so far.
func (n *Notes) List() []Found {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clip(n.list)
}
