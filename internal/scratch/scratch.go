// Package scratch keeps the memory in which texts are written, for the next ones. How long a text gets isn't known before,
// and memory that grows with it takes several times what it ends with: for the answers and the statements of requests that
// was a third of all that the server allocated.
package scratch

import "sync"

const (
	// usual is how much there is at first.
	usual = 8 << 10
	// mostKept is how much is kept: what a very long text had would hardly be used up again.
	mostKept = 128 << 10
)

// Text is one that is being written.
type Text struct{ Bytes []byte }

var texts = sync.Pool{New: func() any { return &Text{make([]byte, 0, usual)} }}

// New begins a text. Give it back once nobody looks at it any more.
func New() *Text {
	t, _ := texts.Get().(*Text)
	t.Bytes = t.Bytes[:0]
	return t
}

// GiveBack ends a text: its memory is another one's from now on, so that nobody may look at it, or give it back again.
func (t *Text) GiveBack() {
	if cap(t.Bytes) <= mostKept {
		texts.Put(t)
	}
}
